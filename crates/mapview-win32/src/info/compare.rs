//! Comparison of text: as dictionaries order it, roughly, and by code unit.

use std::cmp::Ordering;
use std::ffi::c_int;

use crate::abi::{BOOL, DWORD, FALSE, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::{last_error, text};

const CSTR_LESS_THAN: c_int = 1;

const NORM_IGNORECASE: DWORD = 1;
const LINGUISTIC_IGNORECASE: DWORD = 0x10;
/// All flags that `CompareString` takes.
const KNOWN: DWORD = 0x3801_103F | 0x0800_0000;

/// Marks and blanks come before digits, and these before letters, without regard to case.
fn key(char: char) -> (u8, char) {
    let class = match char {
        _ if char.is_alphabetic() => 2,
        _ if char.is_numeric() => 1,
        _ => 0,
    };
    (class, char.to_lowercase().next().unwrap_or(char))
}

fn chars(units: &[u16]) -> impl Iterator<Item = char> + '_ {
    let chars = char::decode_utf16(units.iter().copied());
    chars.map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn compare(a: &[u16], b: &[u16], ignore_case: bool) -> Ordering {
    let letters = chars(a).map(key).cmp(chars(b).map(key));
    if ignore_case {
        return letters;
    }
    // The same letters: small ones come first.
    letters.then_with(|| {
        chars(a).map(|char| char.is_uppercase()).cmp(chars(b).map(|char| char.is_uppercase()))
    })
}

/// What `lstrcmp` returns.
pub(super) fn order(a: Option<&[u16]>, b: Option<&[u16]>, ignore_case: bool) -> c_int {
    match (a, b) {
        (Some(a), Some(b)) => compare(a, b, ignore_case) as c_int,
        (a, b) => a.is_some().cmp(&b.is_some()) as c_int,
    }
}

/// The text, of which a negative length means that a NUL ends it.
///
/// # Safety
/// `text` is NULL or has so many units.
unsafe fn counted<'a>(text: LPCWSTR, length: c_int) -> Result<&'a [u16]> {
    // SAFETY: the caller says so.
    match usize::try_from(length) {
        _ if text.is_null() => Err(Code::INVALID_PARAMETER),
        // SAFETY: the same.
        Ok(length) => Ok(unsafe { std::slice::from_raw_parts(text, length) }),
        // SAFETY: the same.
        Err(_) => Ok(unsafe { text::wide_up_to(text, usize::MAX) }),
    }
}

#[no_mangle]
unsafe extern "C" fn CompareStringOrdinal(
    a: LPCWSTR,
    a_length: c_int,
    b: LPCWSTR,
    b_length: c_int,
    ignore_case: BOOL,
) -> c_int {
    let upper = |unit: u16| match char::from_u32(u32::from(unit)).map(char::to_uppercase) {
        Some(mut upper) if upper.len() == 1 => {
            upper.next().and_then(|char| u16::try_from(u32::from(char)).ok()).unwrap_or(unit)
        }
        _ => unit,
    };
    // SAFETY: the caller's, as Win32 documents.
    let compare = || unsafe {
        if a_length < -1 || b_length < -1 {
            return Err(Code::INVALID_PARAMETER);
        }
        let (a, b) = (counted(a, a_length)?, counted(b, b_length)?);
        let ordering = match ignore_case {
            FALSE => a.cmp(b),
            _ => a.iter().map(|&unit| upper(unit)).cmp(b.iter().map(|&unit| upper(unit))),
        };
        Ok(ordering as c_int + CSTR_LESS_THAN + 1)
    };
    last_error::or(compare(), 0)
}

/// One order for all languages; flags that ask for finer distinctions change nothing.
#[no_mangle]
unsafe extern "C" fn CompareStringW(
    _locale: DWORD,
    flags: DWORD,
    a: LPCWSTR,
    a_length: c_int,
    b: LPCWSTR,
    b_length: c_int,
) -> c_int {
    // SAFETY: the caller's, as Win32 documents.
    let compare = || unsafe {
        if flags & !KNOWN != 0 {
            return Err(Code(1004));
        }
        let (a, b) = (counted(a, a_length)?, counted(b, b_length)?);
        let ignore_case = flags & (NORM_IGNORECASE | LINGUISTIC_IGNORECASE) != 0;
        Ok(compare(a, b, ignore_case) as c_int + CSTR_LESS_THAN + 1)
    };
    last_error::or(compare(), 0)
}

#[no_mangle]
unsafe extern "C" fn CompareStringA(
    locale: DWORD,
    flags: DWORD,
    a: LPCSTR,
    a_length: c_int,
    b: LPCSTR,
    b_length: c_int,
) -> c_int {
    let units = |text: LPCSTR, length: c_int| {
        if text.is_null() {
            return None;
        }
        // SAFETY: the caller's, as Win32 documents.
        let bytes = unsafe {
            match usize::try_from(length) {
                Ok(length) => std::slice::from_raw_parts(text.cast(), length),
                Err(_) => text::bytes_up_to(text.cast(), usize::MAX),
            }
        };
        Some(String::from_utf8_lossy(bytes).encode_utf16().collect::<Vec<u16>>())
    };
    match (units(a, a_length), units(b, b_length)) {
        // SAFETY: both are that long.
        (Some(a), Some(b)) => unsafe {
            let lengths = (a.len() as c_int, b.len() as c_int);
            CompareStringW(locale, flags, a.as_ptr(), lengths.0, b.as_ptr(), lengths.1)
        },
        _ => last_error::or(Err(Code::INVALID_PARAMETER), 0),
    }
}
