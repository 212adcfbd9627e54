//! `strcpy_s` and its kin, which know how long the place is. Where Windows would call the handler for invalid parameters,
//! they return the error as they do there when the handler comes back.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::null_mut;

use crate::crt::set_errno;
use crate::text;

/// `_TRUNCATE`: as much as fits.
pub(super) const TRUNCATE: usize = usize::MAX;
/// `STRUNCATE`: it was cut.
pub(super) const STRUNCATE: c_int = 80;

pub(super) fn fail(error: c_int) -> c_int {
    set_errno(error);
    error
}

/// What `strncpy_s` and `strncat_s` of both widths do: `before` units of text stand there, and `from` comes after them.
///
/// # Safety
/// `to` is NULL or has `size` places.
pub(super) unsafe fn append<T: Copy + Default>(
    to: *mut T,
    size: usize,
    before: usize,
    from: Option<&[T]>,
    truncate: bool,
) -> c_int {
    if to.is_null() || size == 0 {
        return fail(libc::EINVAL);
    }
    let mut result = 0;
    let mut start = before;
    let mut taken = from.unwrap_or_default();
    if from.is_none() || before >= size {
        (result, start, taken) = (fail(libc::EINVAL), 0, &[]);
    } else if taken.len() >= size - before {
        if truncate {
            (result, taken) = (STRUNCATE, &taken[..size - before - 1]);
        } else {
            (result, start, taken) = (fail(libc::ERANGE), 0, &[]);
        }
    }
    // SAFETY: what is taken and a NUL fit behind `start`.
    unsafe {
        std::ptr::copy(taken.as_ptr(), to.add(start), taken.len());
        to.add(start + taken.len()).write(T::default());
    }
    result
}

/// # Safety
/// NULL, or so many bytes or a NUL before.
unsafe fn bytes<'a>(text: *const c_char, most: usize) -> Option<&'a [u8]> {
    // SAFETY: the caller says so.
    (!text.is_null()).then(|| unsafe { text::bytes_up_to(text.cast(), most) })
}

#[no_mangle]
unsafe extern "C" fn mapview_strcpy_s(to: *mut c_char, size: usize, from: *const c_char) -> c_int {
    // SAFETY: the caller's, as for strcpy_s.
    unsafe { append(to.cast(), size, 0, bytes(from, usize::MAX), false) }
}

#[no_mangle]
unsafe extern "C" fn mapview_strncpy_s(
    to: *mut c_char,
    size: usize,
    from: *const c_char,
    count: usize,
) -> c_int {
    if count == 0 && to.is_null() && size == 0 {
        return 0;
    }
    // SAFETY: the caller's, as for strncpy_s.
    unsafe { append(to.cast(), size, 0, bytes(from, count), count == TRUNCATE) }
}

#[no_mangle]
unsafe extern "C" fn mapview_strcat_s(to: *mut c_char, size: usize, from: *const c_char) -> c_int {
    // SAFETY: the caller's, as for strcat_s.
    unsafe {
        let before = bytes(to, size).map_or(0, <[u8]>::len);
        append(to.cast(), size, before, bytes(from, usize::MAX), false)
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_strncat_s(
    to: *mut c_char,
    size: usize,
    from: *const c_char,
    count: usize,
) -> c_int {
    // SAFETY: the caller's, as for strncat_s.
    unsafe {
        let before = bytes(to, size).map_or(0, <[u8]>::len);
        append(to.cast(), size, before, bytes(from, count), count == TRUNCATE)
    }
}

/// `memcpy_s` and `memmove_s`: bytes that overlap are copied right by both.
#[no_mangle]
unsafe extern "C" fn mapview_memmove_s(
    to: *mut c_void,
    size: usize,
    from: *const c_void,
    count: usize,
) -> c_int {
    if count == 0 {
        return 0;
    }
    if to.is_null() {
        return fail(libc::EINVAL);
    }
    if from.is_null() || count > size {
        // SAFETY: the caller's, as for memcpy_s.
        unsafe { to.cast::<u8>().write_bytes(0, size) };
        return fail(if from.is_null() { libc::EINVAL } else { libc::ERANGE });
    }
    // SAFETY: the caller's, as for memcpy_s.
    unsafe { std::ptr::copy(from.cast::<u8>(), to.cast(), count) };
    0
}

/// Changes the bytes of a text in place.
///
/// # Safety
/// `text` is NUL-terminated and nobody else uses it.
unsafe fn change<'a>(text: *mut c_char) -> &'a mut [u8] {
    // SAFETY: the caller says so.
    unsafe { std::slice::from_raw_parts_mut(text.cast(), libc::strlen(text)) }
}

#[no_mangle]
unsafe extern "C" fn mapview_strlwr(text: *mut c_char) -> *mut c_char {
    // SAFETY: the caller's, as for _strlwr.
    unsafe { change(text) }.make_ascii_lowercase();
    text
}

#[no_mangle]
unsafe extern "C" fn mapview_strupr(text: *mut c_char) -> *mut c_char {
    // SAFETY: the caller's, as for _strupr.
    unsafe { change(text) }.make_ascii_uppercase();
    text
}

#[no_mangle]
unsafe extern "C" fn mapview_strrev(text: *mut c_char) -> *mut c_char {
    // SAFETY: the caller's, as for _strrev.
    unsafe { change(text) }.reverse();
    text
}

/// An environment variable, copied as `getenv_s` does.
#[no_mangle]
unsafe extern "C" fn mapview_getenv_s(
    needed: *mut usize,
    buffer: *mut c_char,
    size: usize,
    name: *const c_char,
) -> c_int {
    if needed.is_null() || name.is_null() || buffer.is_null() && size > 0 {
        return fail(libc::EINVAL);
    }
    // SAFETY: the caller's, as for getenv_s.
    unsafe {
        let value = bytes(libc::getenv(name), usize::MAX);
        *needed = value.map_or(0, |value| value.len() + 1);
        if size > 0 {
            buffer.write(0);
        }
        match value {
            None => 0,
            Some(_) if size == 0 => 0,
            Some(value) if value.len() >= size => libc::ERANGE,
            value => append(buffer.cast(), size, 0, value, false),
        }
    }
}

/// A copy in new memory, as `_dupenv_s` makes it; NULL and 0 for a variable that does not exist.
#[no_mangle]
unsafe extern "C" fn mapview_dupenv_s(
    buffer: *mut *mut c_char,
    length: *mut usize,
    name: *const c_char,
) -> c_int {
    if buffer.is_null() || name.is_null() {
        return fail(libc::EINVAL);
    }
    // SAFETY: the caller's, as for _dupenv_s.
    unsafe {
        let value = libc::getenv(name);
        *buffer = if value.is_null() { null_mut() } else { libc::strdup(value) };
        if let Some(length) = length.as_mut() {
            *length = bytes(value, usize::MAX).map_or(0, |value| value.len() + 1);
        }
    }
    0
}
