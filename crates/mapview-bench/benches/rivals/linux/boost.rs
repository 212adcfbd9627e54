//! Boost.Interprocess, where the build found it; else nothing here is called for more than nothing.
//!
//! The functions that take an address want 256 aligned bytes of shared memory that last, in which a `make_` function has
//! made what they use, in whatever process.

#[cfg(boost)]
mod found {
    use std::ffi::{c_char, CString};

    extern "C" {
        fn mapview_bench_boost_open(name: *const c_char, count: u64);
        fn mapview_bench_boost_create(name: *const c_char, count: u64);
        fn mapview_bench_boost_lock(name: *const c_char, count: u64);
        fn mapview_bench_boost_remove_mutex(name: *const c_char);
        fn mapview_bench_boost_make_semaphore(at: *mut u8);
        fn mapview_bench_boost_post(at: *mut u8);
        fn mapview_bench_boost_wait(at: *mut u8);
        fn mapview_bench_boost_post_and_wait(at: *mut u8, count: u64);
        fn mapview_bench_boost_make_flag(at: *mut u8);
        fn mapview_bench_boost_set(at: *mut u8, all: bool);
        fn mapview_bench_boost_await(at: *mut u8, take: bool);
        fn mapview_bench_boost_reset(at: *mut u8) -> u32;
    }

    fn c(name: &str) -> CString {
        CString::new(name).expect("no NUL inside")
    }

    pub fn open(name: &str, count: u64) {
        // SAFETY: the name ends in NUL. All functions here end the program if Boost throws.
        unsafe { mapview_bench_boost_open(c(name).as_ptr(), count) }
    }

    pub fn create(name: &str, count: u64) {
        // SAFETY: as above.
        unsafe { mapview_bench_boost_create(c(name).as_ptr(), count) }
    }

    pub fn lock(name: &str, count: u64) {
        // SAFETY: as above.
        unsafe { mapview_bench_boost_lock(c(name).as_ptr(), count) }
    }

    pub fn remove_mutex(name: &str) {
        // SAFETY: as above.
        unsafe { mapview_bench_boost_remove_mutex(c(name).as_ptr()) }
    }

    pub fn make_semaphore(at: *mut u8) {
        // SAFETY: what the head of this file asks for, here and below.
        unsafe { mapview_bench_boost_make_semaphore(at) }
    }

    pub fn post(at: *mut u8) {
        // SAFETY: as above.
        unsafe { mapview_bench_boost_post(at) }
    }

    pub fn wait(at: *mut u8) {
        // SAFETY: as above.
        unsafe { mapview_bench_boost_wait(at) }
    }

    pub fn post_and_wait(at: *mut u8, count: u64) {
        // SAFETY: as above.
        unsafe { mapview_bench_boost_post_and_wait(at, count) }
    }

    pub fn make_flag(at: *mut u8) {
        // SAFETY: as above.
        unsafe { mapview_bench_boost_make_flag(at) }
    }

    pub fn set_flag(at: *mut u8, all: bool) {
        // SAFETY: as above.
        unsafe { mapview_bench_boost_set(at, all) }
    }

    pub fn await_flag(at: *mut u8, take: bool) {
        // SAFETY: as above.
        unsafe { mapview_bench_boost_await(at, take) }
    }

    pub fn reset_flag(at: *mut u8) -> u32 {
        // SAFETY: as above.
        unsafe { mapview_bench_boost_reset(at) }
    }
}

#[cfg(boost)]
pub use found::*;

pub const FOUND: bool = cfg!(boost);

#[cfg(not(boost))]
mod missing {
    pub fn open(_: &str, _: u64) {}
    pub fn create(_: &str, _: u64) {}
    pub fn lock(_: &str, _: u64) {}
    pub fn remove_mutex(_: &str) {}
    pub fn make_semaphore(_: *mut u8) {}
    pub fn post(_: *mut u8) {}
    pub fn wait(_: *mut u8) {}
    pub fn post_and_wait(_: *mut u8, _: u64) {}
    pub fn make_flag(_: *mut u8) {}
    pub fn set_flag(_: *mut u8, _: bool) {}
    pub fn await_flag(_: *mut u8, _: bool) {}
    pub fn reset_flag(_: *mut u8) -> u32 {
        0
    }
}

#[cfg(not(boost))]
pub use missing::*;
