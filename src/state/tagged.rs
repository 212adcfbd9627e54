//! Firing and planning anew a timer whose word is that of an auto-reset event: as setting and resetting the event, in one step
//! with a change of the tag. For the other word see [`super::manual`].

use super::count::Released;
use super::parts::{parts, tag_bits, Parts, Tagged};
use crate::prim::{AtomicU64, Ordering};

/// Signals a timer that has the tag `from`, as setting an event, and gives it the tag `to`. `None`: its tag is another by now.
pub(crate) fn fire(word: &AtomicU64, from: u32, to: u32) -> Option<Released> {
    let (from, to) = (tag_bits(from), tag_bits(to));
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let now = parts(seen);
        if now.tag != from {
            return None;
        }
        if now.claim != 0 {
            return Some(Released::Claimed(now.claim));
        }
        let add = u32::from(now.count == 0);
        let next = Parts { tag: to, ..now.with(add) }.word();
        match word.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return Some(now.released(add)),
            Err(now) => seen = now,
        }
    }
}

/// Gives a timer that has the tag `from` the tag `to`, and resets it if `reset`. What is kept for sleepers stays theirs.
pub(crate) fn retag(word: &AtomicU64, from: u32, to: u32, reset: bool) -> Tagged {
    let (from, to) = (tag_bits(from), tag_bits(to));
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let now = parts(seen);
        if now.tag != from {
            return Tagged::Changed;
        }
        if now.claim != 0 {
            return Tagged::Claimed(now.claim);
        }
        if reset && now.unsettled() {
            return Tagged::Unsettled;
        }
        let count = if reset { 0 } else { now.count };
        let next = Parts { tag: to, count, ..now }.word();
        match word.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return Tagged::Done,
            Err(now) => seen = now,
        }
    }
}
