//! `_itoa` and its kin: numbers to text.

use std::ffi::{c_char, c_int};

use crate::crt::set_errno;
use crate::crt::wide::put;

/// The digits of a number in a base from 2 to 36; `None` for other bases. Only in base 10 numbers have a sign.
fn digits(value: i64, signed: bool, base: c_int) -> Option<Vec<u8>> {
    let base = u64::try_from(base).ok().filter(|base| (2..=36).contains(base))?;
    let negative = signed && base == 10 && value < 0;
    let mut rest = if negative { value.unsigned_abs() } else { value as u64 };
    let mut digits = Vec::new();
    loop {
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(rest % base) as usize]);
        rest /= base;
        if rest == 0 {
            break;
        }
    }
    if negative {
        digits.push(b'-');
    }
    digits.reverse();
    Some(digits)
}

/// Writes the number and a NUL into `size` places; what does not fit leaves an empty text.
///
/// # Safety
/// There are so many places; each is of `wide` units or bytes.
unsafe fn store(digits: Option<Vec<u8>>, buffer: *mut u8, size: usize, wide: bool) -> c_int {
    if buffer.is_null() || size == 0 {
        set_errno(libc::EINVAL);
        return libc::EINVAL;
    }
    let result = match &digits {
        None => libc::EINVAL,
        Some(digits) if digits.len() >= size => libc::ERANGE,
        Some(_) => 0,
    };
    let digits = digits.filter(|_| result == 0).unwrap_or_default();
    // SAFETY: the caller says so, and they fit.
    unsafe {
        if wide {
            let units: Vec<u16> = digits.iter().map(|&digit| u16::from(digit)).collect();
            put(&units, buffer.cast());
        } else {
            std::ptr::copy_nonoverlapping(digits.as_ptr(), buffer, digits.len());
            buffer.add(digits.len()).write(0);
        }
    }
    if result != 0 {
        set_errno(result);
    }
    result
}

/// The value is extended to 64 bits as its type says: for a base other than 10, without the sign.
#[no_mangle]
unsafe extern "C" fn mapview_itoa(
    value: i64,
    signed: c_int,
    buffer: *mut c_char,
    size: usize,
    base: c_int,
) -> c_int {
    // SAFETY: the caller's, as for _i64toa_s.
    unsafe { store(digits(value, signed != 0, base), buffer.cast(), size, false) }
}

#[no_mangle]
unsafe extern "C" fn mapview_itow(
    value: i64,
    signed: c_int,
    buffer: *mut u16,
    size: usize,
    base: c_int,
) -> c_int {
    // SAFETY: the caller's, as for _i64tow_s.
    unsafe { store(digits(value, signed != 0, base), buffer.cast(), size, true) }
}

/// `itoa`, whose buffer is as large as it must be.
#[no_mangle]
unsafe extern "C" fn mapview_itoa_of_int(
    value: c_int,
    buffer: *mut c_char,
    base: c_int,
) -> *mut c_char {
    let value = if base == 10 { i64::from(value) } else { i64::from(value as u32) };
    // SAFETY: the caller's, as for itoa: 33 digits and a NUL are the most.
    unsafe { store(digits(value, true, base), buffer.cast(), 34, false) };
    buffer
}
