//! The functions of the `printf` family. Those that take `...` are in the headers.

use std::ffi::{c_char, c_int};

use libc::FILE;

use crate::crt::va_list::VaList;
use crate::crt::{format, set_errno, Text};
use crate::text;

/// What happens if the text does not fit.
#[derive(Clone, Copy, PartialEq)]
enum Overflow {
    /// It is cut and ended, and the length that it would have had is returned (C99).
    Cut,
    /// It is cut, not ended, and -1 is returned (`_snprintf`).
    CutOpen,
    /// Nothing of it is written, and -1 is returned (`sprintf_s`).
    Refuse,
    /// It is cut and ended, and -1 is returned (`_snprintf_s`, and C99's `swprintf`).
    CutAndFail,
}

impl Overflow {
    fn of(mode: c_int) -> Overflow {
        match mode {
            0 => Overflow::Cut,
            1 => Overflow::CutOpen,
            2 => Overflow::Refuse,
            _ => Overflow::CutAndFail,
        }
    }
}

const FAILED: c_int = -1;

fn length(units: usize) -> c_int {
    c_int::try_from(units).unwrap_or(FAILED)
}

fn invalid() -> c_int {
    set_errno(libc::EINVAL);
    FAILED
}

/// Writes text of `units` into `size` places and returns what the function shall return.
///
/// # Safety
/// There are `size` places.
unsafe fn store<T: Copy + Default>(
    units: &[T],
    buffer: *mut T,
    size: usize,
    overflow: Overflow,
) -> c_int {
    let fits = units.len() < size;
    if buffer.is_null() || size == 0 {
        // Windows' _snprintf(NULL, 0, ...) returns the length too.
        return match overflow {
            Overflow::Cut | Overflow::CutOpen => length(units.len()),
            Overflow::Refuse | Overflow::CutAndFail => invalid(),
        };
    }
    let kept = match overflow {
        _ if fits => units.len(),
        Overflow::Cut | Overflow::CutAndFail => size - 1,
        Overflow::CutOpen => size.min(units.len()),
        Overflow::Refuse => 0,
    };
    // SAFETY: `kept` is at most `size`.
    unsafe {
        std::ptr::copy_nonoverlapping(units.as_ptr(), buffer, kept);
        if kept < size {
            buffer.add(kept).write(T::default());
        }
    }
    match overflow {
        _ if fits => length(units.len()),
        Overflow::Cut => length(units.len()),
        Overflow::CutOpen if units.len() == size => length(size),
        Overflow::CutOpen => FAILED,
        Overflow::Refuse | Overflow::CutAndFail => {
            set_errno(libc::ERANGE);
            FAILED
        }
    }
}

/// # Safety
/// As for `printf`: a NUL-terminated format and its arguments.
unsafe fn narrow(form: *const c_char, arguments: *mut VaList) -> Option<Text> {
    // SAFETY: the caller says so.
    unsafe {
        if form.is_null() || arguments.is_null() {
            return None;
        }
        let bytes = text::bytes_up_to(form.cast(), usize::MAX);
        let units: Vec<u16> = bytes.iter().map(|&byte| u16::from(byte)).collect();
        format(&units, &mut *arguments, false)
    }
}

/// # Safety
/// As for `wprintf`: a NUL-terminated format and its arguments.
unsafe fn wide(form: *const u16, arguments: *mut VaList) -> Option<Text> {
    // SAFETY: the caller says so.
    unsafe {
        if arguments.is_null() {
            return None;
        }
        format(text::wide(form)?, &mut *arguments, true)
    }
}

/// # Safety
/// `file` is open.
pub(super) unsafe fn write(bytes: &[u8], file: *mut FILE) -> bool {
    // SAFETY: the caller says so.
    unsafe { libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), file) == bytes.len() }
}

#[no_mangle]
unsafe extern "C" fn mapview_vfprintf(
    file: *mut FILE,
    form: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the caller's, as for vfprintf.
    let Some(text) = (unsafe { narrow(form, arguments) }) else { return invalid() };
    // SAFETY: the same.
    match unsafe { write(&text.bytes(), file) } {
        true => length(text.units.len()),
        false => FAILED,
    }
}

/// Wide text goes to the file as UTF-8.
#[no_mangle]
unsafe extern "C" fn mapview_vfwprintf(
    file: *mut FILE,
    form: *const u16,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the caller's, as for vfwprintf.
    let Some(text) = (unsafe { wide(form, arguments) }) else { return invalid() };
    // SAFETY: the same.
    match unsafe { write(String::from_utf16_lossy(&text.units).as_bytes(), file) } {
        true => length(text.units.len()),
        false => FAILED,
    }
}

/// All functions that format into `size` bytes; `mode` is a number of [`Overflow`].
#[no_mangle]
unsafe extern "C" fn mapview_vsprintf(
    mode: c_int,
    buffer: *mut c_char,
    size: usize,
    form: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the caller's, as for vsnprintf.
    let Some(text) = (unsafe { narrow(form, arguments) }) else { return invalid() };
    // SAFETY: the same.
    unsafe { store(&text.bytes(), buffer.cast(), size, Overflow::of(mode)) }
}

/// All functions that format into `size` units; `mode` is a number of [`Overflow`].
#[no_mangle]
unsafe extern "C" fn mapview_vswprintf(
    mode: c_int,
    buffer: *mut u16,
    size: usize,
    form: *const u16,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the caller's, as for vswprintf.
    let Some(text) = (unsafe { wide(form, arguments) }) else { return invalid() };
    // SAFETY: the same.
    unsafe { store(&text.units, buffer, size, Overflow::of(mode)) }
}
