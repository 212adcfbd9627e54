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
//! *Fairness.* A waiter that went to sleep is served before newcomers: they may not take a word that says `WAITERS`. A
//! woken waiter can be killed before it takes what was kept for it; the kernel then wakes the next one, and a newcomer
//! that was kept waiting longer than the caller thinks right passes `served` and takes it.
//!
//! *Ordering.* Taking acquires, releasing releases; nothing else is read through the word. Setting `WAITERS` needs no
//! order: the kernel compares the word again before it puts a waiter to sleep.

use crate::prim::{AtomicU32, Ordering};

pub(crate) const WAITERS: u32 = 1 << 31;
pub(crate) const OWNER_DIED: u32 = 1 << 30;
pub(crate) const OWNER: u32 = OWNER_DIED - 1;

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
    /// Sleep while the word is this; the owner will wake a sleeper.
    Sleep(u32),
    /// Sleep while the word is this, but not long: it is kept for a waiter who may be dead.
    SleepBriefly(u32),
}

/// Takes a free mutex at once, or not at all.
#[inline]
pub(crate) fn try_take(word: &AtomicU32, me: u32) -> Option<Taken> {
    match word.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed) {
        Ok(_) => Some(Taken::Clean),
        Err(OWNER_DIED) => word
            .compare_exchange(OWNER_DIED, me, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
            .then_some(Taken::Abandoned),
        Err(_) => None,
    }
}

/// One look of a thread that is prepared to sleep. `served`: it was woken, or has been kept waiting too long.
pub(crate) fn approach(word: &AtomicU32, me: u32, served: bool) -> Step {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let kept = seen & OWNER == 0 && seen & WAITERS != 0;
        if kept && !served {
            return Step::SleepBriefly(seen);
        }
        let locked = seen & OWNER != 0;
        if locked && seen & WAITERS != 0 {
            return Step::Sleep(seen);
        }
        // Others may sleep besides the one that is served, so `WAITERS` stays.
        let next = if locked { seen | WAITERS } else { me | seen & WAITERS };
        match word.compare_exchange(seen, next, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) if locked => return Step::Sleep(next),
            Ok(_) if seen & OWNER_DIED != 0 => return Step::Taken(Taken::Abandoned),
            Ok(_) => return Step::Taken(Taken::Clean),
            Err(now) => seen = now,
        }
    }
}

/// Gives the mutex back. Returns whether a waiter must be woken; see [`nobody_slept`].
#[inline]
pub(crate) fn release(word: &AtomicU32, me: u32) -> bool {
    if word.compare_exchange(me, 0, Ordering::Release, Ordering::Relaxed).is_ok() {
        return false;
    }
    word.swap(WAITERS, Ordering::Release);
    true
}

/// After a release that woke nobody, because the waiters had given up: keeps the mutex for nobody. Returns whether
/// somebody who sleeps briefly must be woken to see that.
pub(crate) fn nobody_slept(word: &AtomicU32) -> bool {
    word.compare_exchange(WAITERS, 0, Ordering::Relaxed, Ordering::Relaxed).is_ok()
}
