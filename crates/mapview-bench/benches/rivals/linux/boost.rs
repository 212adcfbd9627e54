//! Boost.Interprocess, where the build found it.

#[cfg(boost)]
mod found {
    use std::ffi::{c_char, CString};

    extern "C" {
        fn mapview_bench_boost_open(name: *const c_char, count: u64);
        fn mapview_bench_boost_create(name: *const c_char, count: u64);
        fn mapview_bench_boost_lock(name: *const c_char, count: u64);
        fn mapview_bench_boost_remove_mutex(name: *const c_char);
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
}

#[cfg(not(boost))]
pub use missing::*;
