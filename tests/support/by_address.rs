//! Calls on memory by address, for tests that touch only what they allocated themselves.
#![allow(dead_code)] // each test uses some

use mapview::memory::{self, Allocate, Free};
use mapview::{MemoryState, Protect, Result};

pub const PAGE: usize = 4096;
pub const GRAIN: usize = 0x1_0000;

/// Addresses that no other test, and not the system by itself, has anything at.
pub fn own(test: usize) -> usize {
    0x3300_0000_0000 + (test << 32)
}

pub fn reserve(size: usize) -> usize {
    reserve_at(0, size).unwrap()
}

pub fn reserve_at(address: usize, size: usize) -> Result<usize> {
    allocate(Allocate { address, size, reserve: true, ..Allocate::default() })
}

pub fn commit(address: usize, size: usize, protect: Protect) -> Result<usize> {
    allocate(Allocate { address, size, commit: true, protect, ..Allocate::default() })
}

pub fn allocate(wanted: Allocate) -> Result<usize> {
    // SAFETY: every test touches only what it allocated itself, and only where it committed.
    unsafe { memory::allocate(&wanted) }.map(|base| base.expose_provenance())
}

pub fn protect(address: usize, size: usize, new: Protect) -> Result<Protect> {
    // SAFETY: as above.
    unsafe { memory::protect(address, size, new) }
}

pub fn free(address: usize, size: usize, how: Free) -> Result<()> {
    // SAFETY: as above.
    unsafe { memory::free(address, size, how) }
}

pub fn release(base: usize) {
    free(base, 0, Free::Release).unwrap();
}

pub fn byte(address: usize) -> *mut u8 {
    std::ptr::with_exposed_provenance_mut(address)
}

pub fn put(address: usize, value: u8) {
    // SAFETY: the test committed the page for writing.
    unsafe { byte(address).write_volatile(value) };
}

pub fn get(address: usize) -> u8 {
    // SAFETY: the test committed the page for reading.
    unsafe { byte(address).read_volatile() }
}

#[track_caller]
pub fn fails<T: std::fmt::Debug>(code: u32, outcome: Result<T>) {
    let error = outcome.expect_err("it must fail");
    assert_eq!(error.win32_code(), code, "{error}");
}

/// State and protection of a page.
pub fn page(address: usize) -> (MemoryState, Option<Protect>) {
    let info = memory::query(address).unwrap();
    (info.state, info.protect)
}
