//! The word of a manual-reset event or a notification timer.
//!
//! ```text
//!   bit 63 ASLEEP   bits 54-62 tag of a timer   bits 31-53 how often it was set or pulsed   bit 30 SET
//!   bits 0-29 claim of a wait-all, 0 for none
//! ```
//!
//! A waiter notes the number of times when it begins to wait. Finds it another one there, the event was set in between,
//! and the waiter goes on even if the event was reset since: who waited when it was set is let through.
//!
//! Waiters sleep on the low half, and the kernel compares that alone. It has the lowest bit of the number, so that a waiter
//! who is about to sleep does not, when the event is set and reset at that moment. (Twice at that moment looks as before;
//! more bits there are not to be had, because the kernel passes a dead setter's wake on only while bits 0-29 are 0.)
//!
//! Whoever sets wakes all, and only then takes `ASLEEP` away. If it dies in between, the kernel wakes one sleeper, who sees
//! the flag and wakes the others ([`must_help`]).

use super::count::{Bed, Look};
use super::parts::Tagged;
use crate::prim::{AtomicU64, Ordering};

const ASLEEP: u64 = 1 << 63;
const SET: u64 = 1 << 30;
const CLAIM: u64 = SET - 1;
const TIMES_AT: u32 = 31;
pub(crate) const MOST_TIMES: u32 = (1 << 23) - 1;
const TAG_AT: u32 = 54;
const MOST_TAG: u32 = 0x1FF;

/// The word of a new event.
pub(crate) fn initial(set: bool) -> u64 {
    if set {
        SET
    } else {
        0
    }
}

/// Whether the event is set.
pub(crate) fn is_set(word: u64) -> bool {
    word & SET != 0
}

/// The claim of a wait-all, or 0.
pub(crate) fn claim_of(word: u64) -> u32 {
    (word & CLAIM) as u32
}

/// What a waiter notes when it begins to wait.
pub(crate) fn times(word: u64) -> u32 {
    (word >> TIMES_AT) as u32 & MOST_TIMES
}

fn one_time_more(word: u64) -> u64 {
    let others = word & !(u64::from(MOST_TIMES) << TIMES_AT);
    others | u64::from(times(word).wrapping_add(1) & MOST_TIMES) << TIMES_AT
}

/// The tag of a timer, see [`super::timer`].
pub(crate) fn tag(word: u64) -> u32 {
    (word >> TAG_AT) as u32 & MOST_TAG
}

fn with_tag(word: u64, tag: u32) -> u64 {
    word & !(u64::from(MOST_TAG) << TAG_AT) | u64::from(tag) << TAG_AT
}

/// Signals a timer that has the tag `from`, as [`set`], and gives it the tag `to`. `None`: its tag is another by now.
/// Else, if there is a word, wake all sleepers and then pass it to [`woke`].
pub(crate) fn fire(word: &AtomicU64, from: u32, to: u32) -> Option<Option<u64>> {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        if tag(seen) != from {
            return None;
        }
        let set = if is_set(seen) { seen } else { one_time_more(seen | SET) };
        let next = with_tag(set, to);
        match word.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return Some((next & ASLEEP != 0).then_some(next)),
            Err(now) => seen = now,
        }
    }
}

/// Gives a timer that has the tag `from` the tag `to`, and resets it if `reset`.
pub(crate) fn retag(word: &AtomicU64, from: u32, to: u32, reset: bool) -> Tagged {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        if tag(seen) != from {
            return Tagged::Changed;
        }
        if seen & CLAIM != 0 {
            return Tagged::Claimed(claim_of(seen));
        }
        let next = with_tag(if reset { seen & !SET } else { seen }, to);
        match word.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return Tagged::Done,
            Err(now) => seen = now,
        }
    }
}

/// Whether a waiter that noted `times` may go on.
pub(crate) fn lets_through(word: u64, noted: u32) -> bool {
    is_set(word) || times(word) != noted
}

/// Whether a waiter that goes on must wake all others, because whoever should have done so may be dead.
pub(crate) fn must_help(word: u64) -> bool {
    word & ASLEEP != 0
}

/// Announces a sleeper.
pub(crate) fn lie_down(word: &AtomicU64, noted: u32) -> Bed {
    let mut seen = word.load(Ordering::Acquire);
    loop {
        if lets_through(seen, noted) {
            return Bed::LookAgain;
        }
        let next = seen | ASLEEP;
        if next == seen {
            return Bed::Sleep(next as u32);
        }
        match word.compare_exchange_weak(seen, next, Ordering::Relaxed, Ordering::Acquire) {
            Ok(_) => return Bed::Sleep(next as u32),
            Err(now) => seen = now,
        }
    }
}

/// Sets the event. If there is a word to return, wake all sleepers and then pass it to [`woke`].
#[inline]
pub(crate) fn set(word: &AtomicU64) -> Option<u64> {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let next = if is_set(seen) { seen } else { one_time_more(seen | SET) };
        match word.compare_exchange_weak(seen, next, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return (next & ASLEEP != 0).then_some(next),
            Err(now) => seen = now,
        }
    }
}

/// All sleepers were woken after the word was seen like this. Nobody went to sleep since if it still is.
pub(crate) fn woke(word: &AtomicU64, seen: u64) {
    if is_set(seen) {
        let _ = word.compare_exchange(seen, seen & !ASLEEP, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// Resets the event; a claim on it must be settled first.
#[inline]
pub(crate) fn reset(word: &AtomicU64) -> Look {
    unset(word, |word| word).0
}

/// Lets through who waits, and leaves the event not set. The flag says to wake all sleepers.
pub(crate) fn pulse(word: &AtomicU64) -> (Look, bool) {
    unset(word, one_time_more)
}

fn unset(word: &AtomicU64, then: fn(u64) -> u64) -> (Look, bool) {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        if seen & CLAIM != 0 {
            return (Look::Claimed(claim_of(seen)), false);
        }
        let next = then(seen & !SET);
        match word.compare_exchange_weak(seen, next, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return (Look::Nothing, seen & ASLEEP != 0),
            Err(now) => seen = now,
        }
    }
}

/// What a wait-all does first: marks the event, if it is set.
pub(crate) fn claim(word: &AtomicU64, claim: u32) -> Look {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        if seen & CLAIM != 0 {
            return Look::Claimed(claim_of(seen));
        }
        if !is_set(seen) {
            return Look::Nothing;
        }
        let next = seen | u64::from(claim);
        match word.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return Look::Ready,
            Err(now) => seen = now,
        }
    }
}

/// Ends a claim, if it is still there; the event stays set either way.
pub(crate) fn settle(word: &AtomicU64, claim: u32) {
    let mut seen = word.load(Ordering::Relaxed);
    while claim_of(seen) == claim {
        match word.compare_exchange_weak(seen, seen & !CLAIM, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return,
            Err(now) => seen = now,
        }
    }
}
