//! The word of a value in two slots: which slot counts, and whether somebody went in who has not come out.
//!
//! ```text
//!   bit 0 SLOT   which slot holds the value      bit 1 INSIDE   a locker is inside, or ended inside
//! ```
//!
//! Only the holder of the lock touches word and slots. A new value goes into the slot that does not count, then one store
//! makes that slot count: whoever is killed before the store leaves the old value whole, after it the new one.
//! *Ordering.* The lock orders its holders; the releasing store orders the bytes before the word also for those who get
//! the lock without a release, because its holder was killed.

use crate::prim::{AtomicU64, Ordering};

const SLOT: u64 = 1;
const INSIDE: u64 = 2;

/// The holder of the lock is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entered {
    /// 0 or 1: the slot that holds the value.
    pub slot: usize,
    /// Somebody went in before and never came out.
    pub abandoned: bool,
}

/// Goes in. `told`: the lock itself reported a dead owner.
#[inline]
pub(crate) fn enter(word: &AtomicU64, told: bool) -> Entered {
    let seen = word.load(Ordering::Acquire);
    word.store(seen & SLOT | INSIDE, Ordering::Relaxed);
    Entered { slot: (seen & SLOT) as usize, abandoned: told || seen & INSIDE != 0 }
}

/// The slot for the next value: 0 or 1.
#[inline]
pub(crate) fn spare(word: &AtomicU64) -> usize {
    (word.load(Ordering::Relaxed) & SLOT ^ SLOT) as usize
}

/// Makes the spare slot count; its bytes are written.
#[inline]
pub(crate) fn flip(word: &AtomicU64) {
    let seen = word.load(Ordering::Relaxed);
    word.store(seen & INSIDE | seen & SLOT ^ SLOT, Ordering::Release);
}

/// Comes out; the value is sound.
#[inline]
pub(crate) fn leave(word: &AtomicU64) {
    let seen = word.load(Ordering::Relaxed);
    word.store(seen & SLOT, Ordering::Release);
}
