//! In place of `fault_code.rs` for processors for which there is no such machine code: nothing is guarded there.
#![allow(unsafe_code)]

use crate::copy::{opaque_copy, opaque_fill};

/// Whether copies can be guarded on this processor.
pub(super) const SUPPORTED: bool = false;

pub(super) fn has_wide_moves() -> bool {
    false
}

pub(super) unsafe fn copy(to: *mut u8, from: *const u8, len: usize, _: u32) -> usize {
    // SAFETY: the caller's promise.
    unsafe { opaque_copy(to, from, len) };
    0
}

pub(super) unsafe fn fill(to: *mut u8, byte: u32, len: usize, _: u32) -> usize {
    // SAFETY: the caller's promise.
    unsafe { opaque_fill(to, byte as u8, len) };
    0
}

pub(super) fn landing(_: usize) -> Option<usize> {
    None
}
