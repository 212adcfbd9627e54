//! Who is measured, each by the name that orders give it. The function `make` of a way makes in the first process what both need, and
//! keeps it; `sender` and `receiver` open one direction each, in any process.

#[cfg(feature = "aeron")]
pub mod aeron;
mod boost;
mod fifo;
mod futex;
pub mod iceoryx;
mod ipc;
pub mod own;
mod raw;
pub mod service;
pub mod topic;

use std::any::Any;

use crate::message::Spec;
use crate::slice::{ends, Ends};

/// Messages that are handed over together by the ways that end in `-16`.
pub const BATCH: u64 = 16;

/// Which of the two processes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    First,
    Second,
}

/// Whether this way can be measured here.
pub fn is_there(way: &str) -> bool {
    match way.split('-').next() {
        Some("boost") => boost::FOUND,
        Some("aeron") => cfg!(feature = "aeron"),
        _ => true,
    }
}

/// Room for some messages in a ring of this kind, in bytes.
pub fn capacity(spec: &Spec) -> usize {
    (8 * spec.bytes).next_power_of_two().max(1 << 16)
}

/// Messages that are many beside what a way holds.
fn block(spec: &Spec) -> u64 {
    (4 * capacity(spec) / spec.bytes) as u64
}

/// What must be there before anybody opens a direction of this name.
pub fn make(spec: &Spec, name: &str) -> Box<dyn Any> {
    match spec.way.as_str() {
        "lines" | "raw-ring" | "raw-ring-16" | "futex" | "futex-spin" => {
            Box::new(raw::make(spec, name))
        }
        "pipe" => {
            fifo::make(name);
            Box::new(())
        }
        "boost" | "boost-busy" => Box::new(boost::make(spec, name)),
        _ => Box::new(()), // who comes first makes it
    }
}

/// One process's ends of both directions, which have been made. The other one opens its own at the same time.
pub fn open(spec: &Spec, place: Place, [there, back]: [&str; 2]) -> Ends {
    macro_rules! both {
        ($sender:expr, $receiver:expr) => {
            match place {
                Place::First => {
                    let send = $sender(spec, there);
                    ends(send, $receiver(spec, back), block(spec))
                }
                Place::Second => {
                    let receive = $receiver(spec, there);
                    ends($sender(spec, back), receive, block(spec))
                }
            }
        };
    }
    match spec.way.as_str() {
        "lines" => both!(raw::line_sender, raw::line_receiver),
        "raw-ring" => both!(raw::sender::<1>, raw::receiver::<1>),
        "raw-ring-16" => both!(raw::sender::<16>, raw::receiver::<16>),
        "futex" => both!(futex::sender, futex::receiver::<0>),
        "futex-spin" => both!(futex::sender, futex::receiver::<10_000>),
        "pipe" => both!(fifo::sender, fifo::receiver),
        "boost" => both!(boost::sender, boost::receiver),
        "boost-busy" => both!(boost::busy_sender, boost::busy_receiver),
        "ipc-channel" => both!(ipc::sender, ipc::receiver),
        "iceoryx2" => both!(iceoryx::sender, iceoryx::receiver),
        "iceoryx2-event" => both!(iceoryx::notifying_sender, iceoryx::listening_receiver),
        #[cfg(feature = "aeron")]
        "aeron" => both!(aeron::sender, aeron::receiver),
        "ring" => both!(own::sender, own::receiver),
        "topic" => both!(topic::sender, topic::receiver),
        "service" => service::open(spec, place, there),
        "ring-16" => both!(own::batch_sender, own::batch_receiver),
        way => panic!("no such way: {way}"),
    }
}

/// A sender beside others, and the receiver of them all.
pub fn one_of_many(spec: &Spec, name: &str) -> Box<dyn FnMut(u64) -> u64> {
    match spec.way.as_str() {
        "pipe" => Box::new(fifo::sender(spec, name)),
        "boost" => Box::new(boost::sender(spec, name)),
        "iceoryx2" => Box::new(iceoryx::sender(spec, name)),
        "ring" => Box::new(own::one_of_many(spec, name)),
        way => panic!("not for several senders: {way}"),
    }
}

/// Receives from all of them.
pub fn from_many(spec: &Spec, name: &str) -> Box<dyn FnMut() -> u64> {
    match spec.way.as_str() {
        "pipe" => Box::new(fifo::receiver(spec, name)),
        "boost" => Box::new(boost::receiver(spec, name)),
        "iceoryx2" => Box::new(iceoryx::receiver(spec, name)),
        "ring" => Box::new(own::from_many(spec, name)),
        way => panic!("not for several senders: {way}"),
    }
}
