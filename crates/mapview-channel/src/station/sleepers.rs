//! Who sleeps: one bit for each member, in a word that everybody looks at who stores what others wait for.

use crate::prim::{fence, light_fence, AtomicU64, Ordering};

/// Says that a member is going to sleep; after it, it looks once more.
pub(crate) fn announce(word: &AtomicU64, bit: u64) {
    word.fetch_or(bit, Ordering::SeqCst);
    fence(Ordering::SeqCst);
}

/// Says that a member does not sleep.
pub(crate) fn retire(word: &AtomicU64, bit: u64) {
    word.fetch_and(!bit, Ordering::SeqCst);
}

/// Who sleeps, for one who has just stored what they may wait for.
#[inline]
pub(crate) fn asleep(word: &AtomicU64) -> u64 {
    light_fence();
    word.load(Ordering::Relaxed)
}

/// Takes out the bit of a member that has ended, so that it costs nobody anything any more. `false` if its place has another member
/// by now: the bit may have been that one's, and it must be rung.
pub(super) fn strike(word: &AtomicU64, bit: u64, is_same: impl Fn() -> bool) -> bool {
    word.fetch_and(!bit, Ordering::SeqCst);
    if is_same() {
        return true;
    }
    word.fetch_or(bit, Ordering::SeqCst);
    false
}
