//! The atomics that the state machines are written with: one place to swap them. `tests/loom*.rs` compile the same files with
//! loom's.

pub(crate) use std::sync::atomic::{fence, AtomicU32, AtomicU64, Ordering};

/// Keeps the compiler from moving the look at the sleepers before the store that they wait for. The processor may still do it; the
/// sleeper makes up for that, see `wait/`. Loom knows no such fence, so for it this is a full one.
#[inline]
pub(crate) fn light_fence() {
    std::sync::atomic::compiler_fence(Ordering::SeqCst);
}

/// Stores, and lets no later load of this thread come before the store.
#[inline]
pub(crate) fn store_first(word: &AtomicU64, value: u64) {
    // An exchange is one, in C11 together with a sequentially consistent load after it, and half the price of a fence. Loom knows
    // no such order of accesses, so for it this is a store and a fence.
    word.swap(value, Ordering::SeqCst);
}

/// No load of this thread after it comes before a store of this thread ahead of it.
#[inline]
pub(crate) fn full_fence() {
    std::sync::atomic::fence(Ordering::SeqCst);
}
