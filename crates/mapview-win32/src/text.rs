//! Text on the way in: A functions take UTF-8 (code page 65001), W functions UTF-16; inside everything is UTF-16.

use std::ffi::CStr;

use mapview::Name;

use crate::abi::{LPCSTR, LPCWSTR};
use crate::code::{Code, Result};

/// Characters of a path or name that an A function takes, with the NUL.
pub(crate) const MAX_PATH: usize = 260;

/// The units before the NUL; `None` for NULL.
///
/// # Safety
/// `text` is NULL, or NUL-terminated and stays as it is while the slice lives.
pub(crate) unsafe fn wide<'a>(text: LPCWSTR) -> Option<&'a [u16]> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller says so.
    Some(unsafe { wide_up_to(text, usize::MAX) })
}

/// The units before the NUL, or the first `most`.
///
/// # Safety
/// So many are there, and stay as they are while the slice lives.
pub(crate) unsafe fn wide_up_to<'a>(text: *const u16, most: usize) -> &'a [u16] {
    let mut len = 0;
    // SAFETY: until the NUL or the last that counts, all units are there.
    while len < most && unsafe { *text.add(len) } != 0 {
        len += 1;
    }
    // SAFETY: so many units were just read.
    unsafe { std::slice::from_raw_parts(text, len) }
}

/// The bytes before the NUL, or the first `most`.
///
/// # Safety
/// So many are there, and stay as they are while the slice lives.
pub(crate) unsafe fn bytes_up_to<'a>(text: *const u8, most: usize) -> &'a [u8] {
    // SAFETY: the caller says so.
    let len = unsafe { libc::strnlen(text.cast(), most) };
    // SAFETY: so many bytes were just read.
    unsafe { std::slice::from_raw_parts(text, len) }
}

/// The same text in UTF-16; bytes that are no UTF-8 become U+FFFD, as `MultiByteToWideChar` makes them. `None` for NULL.
///
/// # Safety
/// `text` is NULL or NUL-terminated.
pub(crate) unsafe fn narrow(text: LPCSTR) -> Option<Vec<u16>> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller says so.
    let bytes = unsafe { CStr::from_ptr(text) };
    Some(bytes.to_string_lossy().encode_utf16().collect())
}

/// An object's name given to an A function.
///
/// # Safety
/// `text` is NULL or NUL-terminated.
pub(crate) unsafe fn narrow_name(text: LPCSTR) -> Result<Option<Vec<u16>>> {
    // SAFETY: the caller says so.
    let name = unsafe { narrow(text) };
    match name {
        Some(name) if name.len() >= MAX_PATH => Err(Code::FILENAME_EXCED_RANGE),
        name => Ok(name),
    }
}

/// The name of an object to create; NULL and "" make one without a name.
pub(crate) fn name_to_create(units: Option<&[u16]>) -> Result<Option<Name>> {
    match units {
        None | Some([]) => Ok(None),
        Some(units) => Ok(Some(Name::from_utf16(units)?)),
    }
}

/// The name of an object to open; there must be one.
pub(crate) fn name_to_open(units: Option<&[u16]>) -> Result<Name> {
    Ok(Name::from_utf16(units.ok_or(Code::INVALID_PARAMETER)?)?)
}
