//! The atomics that the state machines are written with: one place to swap them. `tests/loom*.rs` compile the same files with
//! loom's.

pub(crate) use std::sync::atomic::{fence, AtomicU32, AtomicU64, Ordering};

/// Keeps the compiler from moving the look at the sleepers before the store that they wait for. The processor may still do it; the
/// sleeper makes up for that, see `wait/`. Loom knows no such fence, so for it this is a full one.
#[inline]
pub(crate) fn light_fence() {
    std::sync::atomic::compiler_fence(Ordering::SeqCst);
}
