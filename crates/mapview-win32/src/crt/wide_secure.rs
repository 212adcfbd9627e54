//! `wcscpy_s` and its kin for UTF-16.

use std::ffi::c_int;

use crate::crt::secure::{append, TRUNCATE};
use crate::text;

/// # Safety
/// NULL, or so many units or a NUL before.
unsafe fn units<'a>(text: *const u16, most: usize) -> Option<&'a [u16]> {
    // SAFETY: the caller says so.
    (!text.is_null()).then(|| unsafe { text::wide_up_to(text, most) })
}

#[no_mangle]
unsafe extern "C" fn mapview_wcscpy_s(to: *mut u16, size: usize, from: *const u16) -> c_int {
    // SAFETY: the caller's, as for wcscpy_s.
    unsafe { append(to, size, 0, units(from, usize::MAX), false) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsncpy_s(
    to: *mut u16,
    size: usize,
    from: *const u16,
    count: usize,
) -> c_int {
    if count == 0 && to.is_null() && size == 0 {
        return 0;
    }
    // SAFETY: the caller's, as for wcsncpy_s.
    unsafe { append(to, size, 0, units(from, count), count == TRUNCATE) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcscat_s(to: *mut u16, size: usize, from: *const u16) -> c_int {
    // SAFETY: the caller's, as for wcscat_s.
    unsafe {
        let before = units(to, size).map_or(0, <[u16]>::len);
        append(to, size, before, units(from, usize::MAX), false)
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsncat_s(
    to: *mut u16,
    size: usize,
    from: *const u16,
    count: usize,
) -> c_int {
    // SAFETY: the caller's, as for wcsncat_s.
    unsafe {
        let before = units(to, size).map_or(0, <[u16]>::len);
        append(to, size, before, units(from, count), count == TRUNCATE)
    }
}
