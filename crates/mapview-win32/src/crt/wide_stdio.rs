//! Wide text to and from files. Files hold UTF-8, whatever is written with; narrow and wide calls may be mixed.

use std::ffi::c_int;
use std::ptr::null_mut;

use libc::FILE;

use crate::crt::printf::write;
use crate::crt::wide::{put, units};

/// `WEOF` of the C library's headers.
const WEOF: u32 = u32::MAX;

extern "C" {
    fn getc(file: *mut FILE) -> c_int;
    fn ungetc(byte: c_int, file: *mut FILE) -> c_int;
    fn flockfile(file: *mut FILE);
    fn funlockfile(file: *mut FILE);
}

#[no_mangle]
unsafe extern "C" fn mapview_fputws(text: *const u16, file: *mut FILE) -> c_int {
    // SAFETY: the caller's, as for fputws.
    match unsafe { write(String::from_utf16_lossy(units(text)).as_bytes(), file) } {
        true => 0,
        false => libc::EOF,
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_fputwc(unit: u16, file: *mut FILE) -> u32 {
    // SAFETY: the caller's, as for fputwc.
    match unsafe { write(String::from_utf16_lossy(&[unit]).as_bytes(), file) } {
        true => u32::from(unit),
        false => WEOF,
    }
}

/// Reads one character; what is no UTF-8 becomes U+FFFD.
///
/// # Safety
/// `file` is open and locked.
unsafe fn character(file: *mut FILE) -> Option<char> {
    // SAFETY: the caller says so.
    let first = u8::try_from(unsafe { getc(file) }).ok()?;
    let length = match first {
        0..=0x7F => return Some(char::from(first)),
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return Some(char::REPLACEMENT_CHARACTER),
    };
    let mut bytes = vec![first];
    while bytes.len() < length {
        // SAFETY: the caller says so.
        match u8::try_from(unsafe { getc(file) }) {
            Ok(next @ 0x80..=0xBF) => bytes.push(next),
            Ok(other) => {
                // SAFETY: the byte that was just read.
                unsafe { ungetc(c_int::from(other), file) };
                break;
            }
            Err(_) => break,
        }
    }
    let character = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
    Some(character.unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// A character that takes two units comes back as U+FFFD: there is no place to keep the second one.
#[no_mangle]
unsafe extern "C" fn mapview_fgetwc(file: *mut FILE) -> u32 {
    // SAFETY: the caller's, as for fgetwc.
    let character = unsafe {
        flockfile(file);
        let character = character(file);
        funlockfile(file);
        character
    };
    match character.map(u32::from) {
        Some(unit @ 0..=0xFFFF) => unit,
        Some(_) => 0xFFFD,
        None => WEOF,
    }
}

/// Only characters of one byte can be pushed back: for more the C library promises no room.
#[no_mangle]
unsafe extern "C" fn mapview_ungetwc(unit: u32, file: *mut FILE) -> u32 {
    // SAFETY: the caller's, as for ungetwc.
    match unit < 0x80 && unsafe { ungetc(unit as c_int, file) } != libc::EOF {
        true => unit,
        false => WEOF,
    }
}

/// A line of at most `size` units with the NUL. A character that no longer fits whole ends the line with U+FFFD.
#[no_mangle]
unsafe extern "C" fn mapview_fgetws(buffer: *mut u16, size: c_int, file: *mut FILE) -> *mut u16 {
    let Some(most) = usize::try_from(size).ok().and_then(|size| size.checked_sub(1)) else {
        return null_mut();
    };
    let mut line: Vec<u16> = Vec::new();
    // SAFETY: the caller's, as for fgetws.
    unsafe {
        flockfile(file);
        while line.len() < most {
            let Some(character) = character(file) else { break };
            match line.len() + character.len_utf16() > most {
                true => line.push(0xFFFD),
                false => line.extend_from_slice(character.encode_utf16(&mut [0; 2])),
            }
            if character == '\n' {
                break;
            }
        }
        funlockfile(file);
        if line.is_empty() && most > 0 {
            return null_mut();
        }
        put(&line, buffer);
    }
    buffer
}
