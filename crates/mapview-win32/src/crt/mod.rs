//! The part of Microsoft's C runtime that programs for Windows expect and glibc does not have, or has for a `wchar_t` of
//! 32 bits. The headers in `include/mapview` give these functions their names; here all begin with `mapview_`.

mod file;
mod format;
mod keys;
mod memory;
mod numbers;
mod path;
mod printf;
mod scan_format;
mod scanf;
mod secure;
mod start;
mod strings;
pub(crate) mod va_list;
mod wide;
mod wide_numbers;
mod wide_secure;
mod wide_stdio;

pub(crate) use format::{format, Text};

/// Sets `errno`.
pub(crate) fn set_errno(code: libc::c_int) {
    // SAFETY: glibc gives each thread a place for it.
    unsafe { *libc::__errno_location() = code };
}
