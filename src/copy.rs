//! Copies of bytes that somebody else may be writing.
//!
//! A plain `ptr::copy` would be a data race, which the compiler may exploit. The C library's `memcpy` runs at full speed
//! and is machine code that the compiler never sees *if it cannot tell that it is `memcpy`*: the function's address is
//! read with `read_volatile`, so the call is one to an unknown function. What that function does to the shared bytes is
//! what a loop of relaxed one-byte atomics could do: each byte is some value that was stored there, old or new.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};

type Copy = unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> *mut c_void;
type Fill = unsafe extern "C" fn(*mut c_void, c_int, usize) -> *mut c_void;

extern "C" {
    fn memcpy(to: *mut c_void, from: *const c_void, len: usize) -> *mut c_void;
    fn memset(to: *mut c_void, byte: c_int, len: usize) -> *mut c_void;
}

static COPY: Copy = memcpy;
static FILL: Fill = memset;

/// Copies `len` bytes that may be written meanwhile.
///
/// # Safety
/// * `from` can be read and `to` written for `len` bytes.
/// * The two ranges do not overlap.
#[inline]
pub(crate) unsafe fn opaque_copy(to: *mut u8, from: *const u8, len: usize) {
    // SAFETY: reading a static that is never written; the ranges are the caller's promise.
    unsafe { std::ptr::read_volatile(&raw const COPY)(to.cast(), from.cast(), len) };
}

/// Sets `len` bytes that may be read or written meanwhile.
///
/// # Safety
/// `to` can be written for `len` bytes.
pub(crate) unsafe fn opaque_fill(to: *mut u8, byte: u8, len: usize) {
    // SAFETY: as above.
    unsafe { std::ptr::read_volatile(&raw const FILL)(to.cast(), byte.into(), len) };
}
