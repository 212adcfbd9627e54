//! The word of something that is done once, by callers that hold a lock and may die with it.
//!
//! ```text
//!   bit 0 DONE   bits 1-63 how often it was begun
//! ```
//!
//! Only the holder of the lock writes the word; anybody reads it. *Ordering.* Finishing releases, looking acquires: who
//! sees `DONE` sees what was done, without the lock.

use crate::prim::{AtomicU64, Ordering};

const DONE: u64 = 1;
const ATTEMPT: u64 = 2;

/// Whether it is done.
#[inline]
pub(crate) fn is_done(word: u64) -> bool {
    word & DONE != 0
}

/// Begins an attempt, under the lock. Returns its number, from 1 on; `None` when it is done.
pub(crate) fn begin(word: &AtomicU64) -> Option<u64> {
    let seen = word.load(Ordering::Acquire);
    if is_done(seen) {
        return None;
    }
    // Wraps only where somebody scribbled on the word: then the number is as wrong as it was before.
    let next = seen.wrapping_add(ATTEMPT);
    word.store(next, Ordering::Relaxed);
    Some(next / ATTEMPT)
}

/// Ends the attempt with success, still under the lock.
pub(crate) fn finish(word: &AtomicU64) {
    let seen = word.load(Ordering::Relaxed);
    word.store(seen | DONE, Ordering::Release);
}
