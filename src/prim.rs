//! The atomics that `state/` is written with: one place to swap them. `tests/loom*.rs` compile the same state machines
//! with loom's.

pub(crate) use std::sync::atomic::{fence, AtomicU32, AtomicU64, Ordering};
