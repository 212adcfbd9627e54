//! The atomics that `state/` is written with: one place to swap them. `tests/loom.rs` compiles the same state machines
//! with loom's.

pub(crate) use std::sync::atomic::{AtomicU32, Ordering};
