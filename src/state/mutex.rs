//! The word of a mutex, in the protocol of the kernel's robust futexes.
//!
//! ```text
//!   bit 31 WAITERS   bit 30 OWNER_DIED   bits 0-29 thread id of the owner, 0 for none
//!
//!   0                        free
//!   owner                    locked; unlocking is one compare-and-swap
//!   owner | WAITERS          locked; unlocking must wake somebody
//!   WAITERS                  handed over: free, but kept for the waiter that is being woken
//!   OWNER_DIED (| WAITERS)   the kernel found the owner dead, and woke a waiter if there was one
//! ```
//!
//! That is the low half of the word, which the kernel knows. The high half is 0 unless a wait-all has claimed the mutex:
//! then bits 0-29 are its claim, bit 30 says that the mutex was abandoned before, and the low half names the claimer as
//! the owner, so that its death is marked.
//!
//! *Fairness.* A waiter that went to sleep is served before newcomers: they may not take a word that says `WAITERS`. A
//! woken waiter can be killed before it takes what was kept for it; the kernel then wakes the next one, and a newcomer
//! that was kept waiting longer than the caller thinks right passes `served` and takes it.
//!
//! *Ordering.* Taking acquires, releasing releases; nothing else is read through the word. Setting `WAITERS` needs no
//! order: the kernel compares the word again before it puts a waiter to sleep.

use crate::prim::{AtomicU64, Ordering};

pub(crate) const WAITERS: u64 = 1 << 31;
pub(crate) const OWNER_DIED: u64 = 1 << 30;
pub(crate) const OWNER: u64 = OWNER_DIED - 1;
const LOW: u64 = u32::MAX as u64;
const CLAIM_AT: u32 = 32;
const DIED_BEFORE: u64 = OWNER_DIED << CLAIM_AT;
const CLAIM: u64 = OWNER << CLAIM_AT;

/// The mutex is the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Clean,
    /// The last owner ended without unlocking.
    Abandoned,
}

/// What a waiter is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Taken(Taken),
    /// Sleep while the low half is this; the owner will wake a sleeper.
    Sleep(u32),
    /// Sleep while the low half is this, but not long: it is kept for a waiter who may be dead.
    SleepBriefly(u32),
    /// A wait-all has claimed it: find out what came of that first.
    Claimed(u32),
}

/// The thread that owns the mutex, or 0.
pub(crate) fn owner(word: u64) -> u32 {
    (word & OWNER) as u32
}

/// The claim of a wait-all, or 0.
pub(crate) fn claim_of(word: u64) -> u32 {
    ((word & CLAIM) >> CLAIM_AT) as u32
}

/// Free, but kept for the waiter that is being woken. After the death of an owner it is not: the kernel does not tell
/// whether it found anybody to wake.
pub(crate) fn is_kept(word: u64) -> bool {
    word & (OWNER | OWNER_DIED) == 0 && word & WAITERS != 0
}

/// Free, while somebody may sleep who was not woken.
pub(crate) fn owes_a_wake(word: u64) -> bool {
    word & OWNER == 0 && word & WAITERS != 0
}

/// Takes a free mutex at once, or not at all.
#[inline]
pub(crate) fn try_take(word: &AtomicU64, me: u32) -> Option<Taken> {
    // Sequentially consistent, for the owner that the caller keeps beside the word; see `Page::owner`.
    match word.compare_exchange(0, me.into(), Ordering::SeqCst, Ordering::Relaxed) {
        Ok(_) => Some(Taken::Clean),
        Err(OWNER_DIED) => word
            .compare_exchange(OWNER_DIED, me.into(), Ordering::SeqCst, Ordering::Relaxed)
            .is_ok()
            .then_some(Taken::Abandoned),
        Err(_) => None,
    }
}

/// One look of a thread that is prepared to sleep. `served`: it was woken, or has been kept waiting too long.
pub(crate) fn approach(word: &AtomicU64, me: u32, served: bool) -> Step {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        if claim_of(seen) != 0 {
            return Step::Claimed(claim_of(seen));
        }
        if is_kept(seen) && !served {
            return Step::SleepBriefly(seen as u32);
        }
        let locked = seen & OWNER != 0;
        if locked && seen & WAITERS != 0 {
            return Step::Sleep(seen as u32);
        }
        // Others may sleep besides the one that is served, so `WAITERS` stays.
        let next = if locked { seen | WAITERS } else { u64::from(me) | seen & WAITERS };
        match word.compare_exchange(seen, next, Ordering::SeqCst, Ordering::Relaxed) {
            Ok(_) if locked => return Step::Sleep(next as u32),
            Ok(_) if seen & OWNER_DIED != 0 => return Step::Taken(Taken::Abandoned),
            Ok(_) => return Step::Taken(Taken::Clean),
            Err(now) => seen = now,
        }
    }
}

/// As [`approach`], for a waiter who does not want to take the mutex now: `None` if it could.
pub(crate) fn lie_down(word: &AtomicU64, served: bool) -> Option<Step> {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        if claim_of(seen) != 0 {
            return Some(Step::Claimed(claim_of(seen)));
        }
        if seen & OWNER == 0 {
            return (is_kept(seen) && !served).then_some(Step::SleepBriefly(seen as u32));
        }
        let next = seen | WAITERS;
        match word.compare_exchange(seen, next, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return Some(Step::Sleep(next as u32)),
            Err(now) => seen = now,
        }
    }
}

/// Gives the mutex back. Returns whether a waiter must be woken; see [`nobody_slept`].
#[inline]
pub(crate) fn release(word: &AtomicU64, me: u32) -> bool {
    if word.compare_exchange(me.into(), 0, Ordering::Release, Ordering::Relaxed).is_ok() {
        return false;
    }
    word.swap(WAITERS, Ordering::Release);
    true
}

/// After a release that woke nobody, because the waiters had given up: keeps the mutex for nobody. Returns whether
/// somebody who sleeps briefly must be woken to see that.
pub(crate) fn nobody_slept(word: &AtomicU64) -> bool {
    [0, OWNER_DIED].into_iter().any(|free| {
        word.compare_exchange(free | WAITERS, free, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    })
}

/// What a wait-all does first: marks a mutex that it could take. Returns whether it did, and, if not, whose claim is in
/// the way, or 0.
pub(crate) fn claim(word: &AtomicU64, me: u32, claim: u32, served: bool) -> Result<Taken, u32> {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        if claim_of(seen) != 0 || seen & OWNER != 0 || is_kept(seen) && !served {
            return Err(claim_of(seen));
        }
        let died = seen & OWNER_DIED != 0;
        let next = u64::from(me) | seen & WAITERS | u64::from(claim) << CLAIM_AT;
        let next = if died { next | DIED_BEFORE } else { next };
        match word.compare_exchange(seen, next, Ordering::SeqCst, Ordering::Relaxed) {
            Ok(_) if died => return Ok(Taken::Abandoned),
            Ok(_) => return Ok(Taken::Clean),
            Err(now) => seen = now,
        }
    }
}

/// Ends a claim, if it is still there: the claimer owns the mutex, or it is as it was. Returns whether a waiter must be
/// woken; see [`nobody_slept`].
pub(crate) fn settle(word: &AtomicU64, claim: u32, taken: bool) -> bool {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        if claim_of(seen) != claim {
            return false;
        }
        let untouched = seen & WAITERS | (seen & DIED_BEFORE) >> CLAIM_AT;
        let next = if taken { seen & LOW } else { untouched };
        match word.compare_exchange(seen, next, Ordering::SeqCst, Ordering::Relaxed) {
            Ok(_) => return owes_a_wake(next),
            Err(now) => seen = now,
        }
    }
}
