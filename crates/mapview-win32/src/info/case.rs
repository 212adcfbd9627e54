//! `CharUpper` and its kin.

use std::ffi::c_char;

use crate::abi::{BOOL, DWORD};
use crate::text;

/// The same unit in the other case; units that would become several stay.
fn changed(unit: u16, upper: bool) -> u16 {
    let Some(char) = char::from_u32(u32::from(unit)) else { return unit };
    let single = |mut chars: Box<dyn Iterator<Item = char>>| match (chars.next(), chars.next()) {
        (Some(char), None) => u16::try_from(u32::from(char)).ok(),
        _ => None,
    };
    let other = match upper {
        true => single(Box::new(char.to_uppercase())),
        false => single(Box::new(char.to_lowercase())),
    };
    other.unwrap_or(unit)
}

/// Changes text in place, or returns the other case of the character whose number stands in place of the pointer.
///
/// # Safety
/// `text` is a number below 65536 or NUL-terminated.
unsafe fn wide(text: *mut u16, upper: bool) -> *mut u16 {
    match u16::try_from(text.addr()) {
        Ok(unit) => std::ptr::without_provenance_mut(usize::from(changed(unit, upper))),
        Err(_) => {
            // SAFETY: the caller says so.
            unsafe { wide_units(text, text::wide_up_to(text, usize::MAX).len(), upper) };
            text
        }
    }
}

/// # Safety
/// There are so many units.
unsafe fn wide_units(text: *mut u16, length: usize, upper: bool) {
    for index in 0..length {
        // SAFETY: the caller says so.
        unsafe { *text.add(index) = changed(*text.add(index), upper) };
    }
}

/// In text of bytes only A to Z change: others could need another number of bytes.
///
/// # Safety
/// `text` is a number below 65536 or NUL-terminated.
unsafe fn narrow(text: *mut c_char, upper: bool) -> *mut c_char {
    let changed =
        |byte: u8| if upper { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
    match u16::try_from(text.addr()) {
        Ok(byte) => std::ptr::without_provenance_mut(usize::from(changed(byte as u8))),
        Err(_) => {
            // SAFETY: the caller says so.
            unsafe { narrow_bytes(text, libc::strlen(text), upper) };
            text
        }
    }
}

/// # Safety
/// There are so many bytes.
unsafe fn narrow_bytes(text: *mut c_char, length: usize, upper: bool) {
    // SAFETY: the caller says so.
    let bytes = unsafe { std::slice::from_raw_parts_mut(text.cast::<u8>(), length) };
    match upper {
        true => bytes.make_ascii_uppercase(),
        false => bytes.make_ascii_lowercase(),
    }
}

#[no_mangle]
unsafe extern "C" fn CharUpperW(text: *mut u16) -> *mut u16 {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { wide(text, true) }
}

#[no_mangle]
unsafe extern "C" fn CharUpperA(text: *mut c_char) -> *mut c_char {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { narrow(text, true) }
}

#[no_mangle]
unsafe extern "C" fn CharUpperBuffW(text: *mut u16, length: DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { wide_units(text, length as usize, true) };
    length
}

#[no_mangle]
unsafe extern "C" fn CharUpperBuffA(text: *mut c_char, length: DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { narrow_bytes(text, length as usize, true) };
    length
}

#[no_mangle]
unsafe extern "C" fn CharLowerW(text: *mut u16) -> *mut u16 {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { wide(text, false) }
}

#[no_mangle]
unsafe extern "C" fn CharLowerA(text: *mut c_char) -> *mut c_char {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { narrow(text, false) }
}

#[no_mangle]
unsafe extern "C" fn CharLowerBuffW(text: *mut u16, length: DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { wide_units(text, length as usize, false) };
    length
}

#[no_mangle]
unsafe extern "C" fn CharLowerBuffA(text: *mut c_char, length: DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { narrow_bytes(text, length as usize, false) };
    length
}

#[no_mangle]
extern "C" fn IsCharAlphaW(unit: u16) -> BOOL {
    BOOL::from(char::from_u32(u32::from(unit)).is_some_and(char::is_alphabetic))
}

#[no_mangle]
extern "C" fn IsCharAlphaA(byte: u8) -> BOOL {
    BOOL::from(byte.is_ascii() && char::is_alphabetic(char::from(byte)))
}

#[no_mangle]
extern "C" fn IsCharAlphaNumericW(unit: u16) -> BOOL {
    BOOL::from(char::from_u32(u32::from(unit)).is_some_and(char::is_alphanumeric))
}

#[no_mangle]
extern "C" fn IsCharAlphaNumericA(byte: u8) -> BOOL {
    BOOL::from(byte.is_ascii() && char::is_alphanumeric(char::from(byte)))
}

#[no_mangle]
extern "C" fn IsCharUpperW(unit: u16) -> BOOL {
    BOOL::from(char::from_u32(u32::from(unit)).is_some_and(char::is_uppercase))
}

#[no_mangle]
extern "C" fn IsCharUpperA(byte: u8) -> BOOL {
    BOOL::from(byte.is_ascii() && char::is_uppercase(char::from(byte)))
}

#[no_mangle]
extern "C" fn IsCharLowerW(unit: u16) -> BOOL {
    BOOL::from(char::from_u32(u32::from(unit)).is_some_and(char::is_lowercase))
}

#[no_mangle]
extern "C" fn IsCharLowerA(byte: u8) -> BOOL {
    BOOL::from(byte.is_ascii() && char::is_lowercase(char::from(byte)))
}

/// No byte of UTF-8 is one of the two that double-byte code pages speak of.
#[no_mangle]
extern "C" fn IsDBCSLeadByte(_byte: u8) -> BOOL {
    0
}

#[no_mangle]
unsafe extern "C" fn CharNextW(text: *const u16) -> *mut u16 {
    // SAFETY: the caller's, as Win32 documents.
    let end = unsafe { *text } == 0;
    text.wrapping_add(usize::from(!end)).cast_mut()
}

/// The next byte that begins a character.
#[no_mangle]
unsafe extern "C" fn CharNextA(text: *const c_char) -> *mut c_char {
    // SAFETY: the caller's, as Win32 documents.
    let bytes = unsafe { text::bytes_up_to(text.cast(), 4) };
    let inside = |byte: &u8| byte & 0xC0 == 0x80;
    let more = bytes.iter().skip(1).take_while(|&byte| inside(byte)).count();
    text.wrapping_add(more + usize::from(!bytes.is_empty())).cast_mut()
}
