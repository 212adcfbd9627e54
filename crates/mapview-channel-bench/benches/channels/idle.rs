//! What a receiver costs that waits for a message that does not come.

use std::fs;
use std::time::Duration;

use crate::contenders::own;
use crate::measured::{Effort, Measured, Unit};
use crate::message::{Handling, Spec};
use crate::peer::{say, Peer};
use crate::stage::Stage;

/// The group's name.
pub const IDLE: &str = "idle";
pub const PARKED: &str = "processor time of a parked receiver in 3 s";
const SECONDS: u64 = 3;

pub fn measure(_: &mut Stage, effort: &Effort) -> Vec<Measured> {
    let spec = Spec::new("", 64, Handling::Whole);
    let name = format!("idle-{}", std::process::id());
    let mut sender = own::ring_sender(&spec, &name);
    let mut peer = Peer::start(&["parked", &name]);
    assert_eq!(peer.hear(), "waiting");
    std::thread::sleep(Duration::from_secs(1)); // what it does before it sleeps for good
    let before = usage(peer.pid());
    std::thread::sleep(Duration::from_secs(if effort.short { 1 } else { SECONDS }));
    let after = usage(peer.pid());
    sender.send(&[0; 64]).expect("sent");
    peer.end();
    let mut parked = Measured::new(IDLE, PARKED, crate::latency::RING);
    parked.unit = Unit::Microseconds;
    parked.rounds.push((after.nanoseconds - before.nanoseconds) as f64 / 1e3);
    parked.note = format!("woke up {} times", after.switches - before.switches);
    vec![parked]
}

/// What all threads of a process have used.
struct Usage {
    nanoseconds: u64,
    switches: u64,
}

fn usage(pid: u32) -> Usage {
    let mut usage = Usage { nanoseconds: 0, switches: 0 };
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("it is there");
    for task in tasks.map(|task| task.expect("an entry").path()) {
        let read = |file: &str| fs::read_to_string(task.join(file)).expect("a file of the kernel");
        let first = |text: &str| text.split_whitespace().next().and_then(|word| word.parse().ok());
        usage.nanoseconds += first(&read("schedstat")).unwrap_or(0);
        for line in read("status").lines() {
            if let Some((_, count)) = line.split_once("ctxt_switches:") {
                usage.switches += first(count).unwrap_or(0);
            }
        }
    }
    usage
}

/// As the receiver: waits for one message.
pub fn be_parked(name: &str) {
    let mut receiver = own::ring_receiver(&Spec::new("", 64, Handling::Whole), name);
    say("waiting");
    receiver.recv().expect("received");
}
