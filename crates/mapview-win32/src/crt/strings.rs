//! Multibyte to wide and back: UTF-8 and UTF-16, in place of the locale's and 32 bits.

use std::ffi::{c_char, c_int, c_void};

use crate::crt::wide::units;
use crate::crt::{secure, set_errno};
use crate::text;

const FAILED: usize = usize::MAX;

fn illegal() -> usize {
    set_errno(libc::EILSEQ);
    FAILED
}

/// # Safety
/// `from` is NUL-terminated; `to` is NULL or has `size` places.
#[no_mangle]
unsafe extern "C" fn mapview_mbstowcs(to: *mut u16, from: *const c_char, size: usize) -> usize {
    // SAFETY: the caller says so.
    let bytes = unsafe { text::bytes_up_to(from.cast(), usize::MAX) };
    let Ok(text) = std::str::from_utf8(bytes) else { return illegal() };
    let units: Vec<u16> = text.encode_utf16().collect();
    if to.is_null() {
        return units.len();
    }
    let kept = units.len().min(size);
    // SAFETY: that fits.
    unsafe {
        std::ptr::copy_nonoverlapping(units.as_ptr(), to, kept);
        if kept < size {
            to.add(kept).write(0);
        }
    }
    kept
}

/// Whole characters only.
///
/// # Safety
/// `from` is NUL-terminated; `to` is NULL or has `size` places.
#[no_mangle]
unsafe extern "C" fn mapview_wcstombs(to: *mut c_char, from: *const u16, size: usize) -> usize {
    // SAFETY: the caller says so.
    let Ok(text) = String::from_utf16(unsafe { units(from) }) else { return illegal() };
    if to.is_null() {
        return text.len();
    }
    let most = size.min(text.len());
    let kept = (0..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    // SAFETY: that fits.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), to.cast(), kept);
        if kept < size {
            to.add(kept).write(0);
        }
    }
    kept
}

/// A character of two units cannot be given back here.
#[no_mangle]
unsafe extern "C" fn mapview_mbtowc(to: *mut u16, from: *const c_char, most: usize) -> c_int {
    if from.is_null() {
        return 0; // there is no state
    }
    // SAFETY: the caller's, as for mbtowc.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), most) };
    let length = (1..=most.min(4)).find(|&length| std::str::from_utf8(&bytes[..length]).is_ok());
    let character =
        length.and_then(|length| std::str::from_utf8(&bytes[..length]).ok()?.chars().next());
    let Some(unit) = character.and_then(|character| u16::try_from(u32::from(character)).ok())
    else {
        illegal();
        return -1;
    };
    if !to.is_null() {
        // SAFETY: the caller's, as for mbtowc.
        unsafe { to.write(unit) };
    }
    if unit == 0 {
        0
    } else {
        length.unwrap_or(0) as c_int
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_wctomb(to: *mut c_char, unit: u16) -> c_int {
    if to.is_null() {
        return 0; // there is no state
    }
    let Some(character) = char::from_u32(u32::from(unit)) else {
        illegal();
        return -1;
    };
    let mut buffer = [0; 4];
    let bytes = character.encode_utf8(&mut buffer).as_bytes();
    // SAFETY: the caller's: MB_CUR_MAX places; a unit has three bytes at most.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to.cast(), bytes.len()) };
    bytes.len() as c_int
}

/// `mbstowcs_s`: `done` gets the units with the NUL.
#[no_mangle]
unsafe extern "C" fn mapview_mbstowcs_s(
    done: *mut usize,
    to: *mut u16,
    size: usize,
    from: *const c_char,
    count: usize,
) -> c_int {
    if from.is_null() || to.is_null() && size > 0 {
        return secure::fail(libc::EINVAL);
    }
    // SAFETY: the caller's, as for mbstowcs_s.
    unsafe {
        let bytes = text::bytes_up_to(from.cast(), usize::MAX);
        let Ok(text) = std::str::from_utf8(bytes) else { return secure::fail(libc::EILSEQ) };
        let units: Vec<u16> = text.encode_utf16().collect();
        store(done, to, size, &units, count)
    }
}

/// `wcstombs_s`: `done` gets the bytes with the NUL.
#[no_mangle]
unsafe extern "C" fn mapview_wcstombs_s(
    done: *mut usize,
    to: *mut c_char,
    size: usize,
    from: *const u16,
    count: usize,
) -> c_int {
    if from.is_null() || to.is_null() && size > 0 {
        return secure::fail(libc::EINVAL);
    }
    // SAFETY: the caller's, as for wcstombs_s.
    unsafe {
        let Ok(text) = String::from_utf16(units(from)) else { return secure::fail(libc::EILSEQ) };
        store(done, to.cast(), size, text.as_bytes(), count)
    }
}

/// # Safety
/// `to` is NULL or has `size` places, `done` is NULL or one.
unsafe fn store<T: Copy + Default>(
    done: *mut usize,
    to: *mut T,
    size: usize,
    units: &[T],
    count: usize,
) -> c_int {
    let wanted = &units[..units.len().min(count)];
    // SAFETY: the caller says so.
    unsafe {
        if to.is_null() {
            if let Some(done) = done.as_mut() {
                *done = units.len() + 1;
            }
            return 0;
        }
        let result = secure::append(to, size, 0, Some(wanted), count == secure::TRUNCATE);
        if let Some(done) = done.as_mut() {
            *done = match result {
                0 => wanted.len() + 1,
                secure::STRUNCATE => size,
                _ => 0,
            };
        }
        result
    }
}

/// The four that keep a state between calls: there is none, since a character is read and written whole.
#[no_mangle]
unsafe extern "C" fn mapview_mbrtowc(
    to: *mut u16,
    from: *const c_char,
    most: usize,
    _state: *mut c_void,
) -> usize {
    // SAFETY: the caller's, as for mbrtowc.
    unsafe { mapview_mbtowc(to, from, most) as isize as usize }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcrtomb(to: *mut c_char, unit: u16, _state: *mut c_void) -> usize {
    if to.is_null() {
        return 1;
    }
    // SAFETY: the caller's, as for wcrtomb.
    unsafe { mapview_wctomb(to, unit) as isize as usize }
}

/// Afterwards `from` is NULL, or what did not fit.
#[no_mangle]
unsafe extern "C" fn mapview_mbsrtowcs(
    to: *mut u16,
    from: *mut *const c_char,
    size: usize,
    _state: *mut c_void,
) -> usize {
    // SAFETY: the caller's, as for mbsrtowcs.
    unsafe {
        let length = mapview_mbstowcs(to, *from, size);
        if !to.is_null() && length < size {
            *from = std::ptr::null();
        } else if !to.is_null() && length != FAILED {
            let written = String::from_utf16_lossy(std::slice::from_raw_parts(to, length));
            *from = (*from).add(written.len());
        }
        length
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsrtombs(
    to: *mut c_char,
    from: *mut *const u16,
    size: usize,
    _state: *mut c_void,
) -> usize {
    // SAFETY: the caller's, as for wcsrtombs.
    unsafe {
        let whole = mapview_wcstombs(std::ptr::null_mut(), *from, 0);
        let length = mapview_wcstombs(to, *from, size);
        if !to.is_null() && length == whole && length < size {
            *from = std::ptr::null();
        } else if !to.is_null() && length != FAILED {
            let written = std::slice::from_raw_parts(to.cast(), length);
            *from = (*from).add(String::from_utf8_lossy(written).encode_utf16().count());
        }
        length
    }
}
