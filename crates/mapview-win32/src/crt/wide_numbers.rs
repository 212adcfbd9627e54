//! `wcstol` and its kin for UTF-16, through the functions for bytes: what is no ASCII ends a number in both.

use std::ffi::{c_char, c_double, c_int, c_long, c_longlong, c_ulong, c_ulonglong, CString};

use crate::crt::wide::{put, units};

/// Reads a number with a function of the C library and says where it ended.
///
/// # Safety
/// `text` is NUL-terminated; `end` is NULL or a place.
unsafe fn read<T>(
    text: *const u16,
    end: *mut *mut u16,
    read: impl FnOnce(*const c_char, *mut *mut c_char) -> T,
) -> T {
    // SAFETY: the caller says so.
    let units = unsafe { units(text) };
    let ascii = units.iter().map_while(|&unit| u8::try_from(unit).ok().filter(u8::is_ascii));
    let mut bytes: Vec<u8> = ascii.collect();
    bytes.push(0);
    let mut stopped: *mut c_char = std::ptr::null_mut();
    let number = read(bytes.as_ptr().cast(), &mut stopped);
    if !end.is_null() {
        let length = stopped as usize - bytes.as_ptr() as usize;
        // SAFETY: the caller says so.
        unsafe { *end = text.add(length).cast_mut() };
    }
    number
}

#[no_mangle]
unsafe extern "C" fn mapview_wcstol(text: *const u16, end: *mut *mut u16, base: c_int) -> c_long {
    // SAFETY: the caller's, as for wcstol.
    unsafe { read(text, end, |bytes, stopped| libc::strtol(bytes, stopped, base)) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcstoul(text: *const u16, end: *mut *mut u16, base: c_int) -> c_ulong {
    // SAFETY: the caller's, as for wcstoul.
    unsafe { read(text, end, |bytes, stopped| libc::strtoul(bytes, stopped, base)) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcstoll(
    text: *const u16,
    end: *mut *mut u16,
    base: c_int,
) -> c_longlong {
    // SAFETY: the caller's, as for wcstoll.
    unsafe { read(text, end, |bytes, stopped| libc::strtoll(bytes, stopped, base)) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcstoull(
    text: *const u16,
    end: *mut *mut u16,
    base: c_int,
) -> c_ulonglong {
    // SAFETY: the caller's, as for wcstoull.
    unsafe { read(text, end, |bytes, stopped| libc::strtoull(bytes, stopped, base)) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcstod(text: *const u16, end: *mut *mut u16) -> c_double {
    // SAFETY: the caller's, as for wcstod.
    unsafe { read(text, end, |bytes, stopped| libc::strtod(bytes, stopped)) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcstof(text: *const u16, end: *mut *mut u16) -> f32 {
    // SAFETY: the caller's, as for wcstof.
    unsafe { read(text, end, |bytes, stopped| libc::strtof(bytes, stopped)) }
}

/// `wcsftime`, through `strftime`: what stands in the format is UTF-8 on the way.
#[no_mangle]
unsafe extern "C" fn mapview_wcsftime(
    to: *mut u16,
    size: usize,
    format: *const u16,
    time: *const libc::tm,
) -> usize {
    // SAFETY: the caller's, as for wcsftime.
    unsafe {
        let Ok(format) = CString::new(String::from_utf16_lossy(units(format))) else { return 0 };
        let mut buffer = vec![0u8; size.saturating_mul(3).clamp(64, 1 << 20)];
        let length =
            libc::strftime(buffer.as_mut_ptr().cast(), buffer.len(), format.as_ptr(), time);
        let text: Vec<u16> = String::from_utf8_lossy(&buffer[..length]).encode_utf16().collect();
        if text.len() >= size {
            return 0;
        }
        put(&text, to);
        text.len()
    }
}
