//! What the processor allows: two cache lines, each written by one process and read by the other.

use std::sync::atomic::{AtomicU64, Ordering};

use mapview::{Deadline, Mapping, View};

use super::measure::{self, give_up, lost, Latency};
use super::peer::{say, Part, Peer, PeerArgs};
use super::{Job, Subject};
use crate::failure::Failure;

/// Far enough from each other that no processor fetches both at once.
const LINES: [usize; 2] = [0, 1024];

pub fn latency(job: &Job) -> Result<Latency, Failure> {
    let mapping = Mapping::create(&job.name, 4096)?;
    let _peer = Peer::start(job, Subject::Lines, Part::Echo)?;
    let view = mapping.view()?;
    let (ours, theirs) = (word(&view, 0)?, word(&view, 1)?);
    let (mut number, give_up) = (0, give_up(job.time));
    measure::latency(job.time, || {
        number += 1;
        ours.store(number, Ordering::Release);
        until(theirs, number, give_up)
    })
}

pub fn serve(args: &PeerArgs) -> Result<(), Failure> {
    let view = Mapping::open(&args.name)?.view()?;
    let (theirs, ours) = (word(&view, 0)?, word(&view, 1)?);
    say(0)?;
    for number in 1.. {
        until(theirs, number, Deadline::never())?;
        ours.store(number, Ordering::Release);
    }
    Ok(())
}

fn word(view: &View, line: usize) -> Result<&AtomicU64, Failure> {
    Ok(view.atomic(LINES[line])?)
}

fn until(word: &AtomicU64, number: u64, give_up: Deadline) -> Result<(), Failure> {
    const LOOKS: u32 = 1 << 16;
    loop {
        for _ in 0..LOOKS {
            if word.load(Ordering::Acquire) == number {
                return Ok(());
            }
            std::hint::spin_loop();
        }
        // Both may have to share a processor.
        std::thread::yield_now();
        if give_up.passed() {
            return Err(lost());
        }
    }
}
