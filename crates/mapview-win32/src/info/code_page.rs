//! `MultiByteToWideChar` and back. The code page of the system is UTF-8.

use std::ffi::{c_char, c_int};

use crate::abi::{BOOL, DWORD, FALSE, LPCSTR, LPCWSTR, TRUE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::text;

const CP_UTF8: DWORD = 65001;

const MB_ERR_INVALID_CHARS: DWORD = 8;
const WC_ERR_INVALID_CHARS: DWORD = 0x80;
/// MB_PRECOMPOSED, MB_COMPOSITE, MB_USEGLYPHCHARS and MB_ERR_INVALID_CHARS.
const MB_FLAGS: DWORD = 0xF;
/// Those of compositions, of default characters, and WC_NO_BEST_FIT_CHARS.
const WC_FLAGS: DWORD = 0x200 | 0x10 | 0x20 | 0x40 | 0x400;

const INSUFFICIENT_BUFFER: Code = Code(122);
const INVALID_FLAGS: Code = Code(1004);
const NO_UNICODE_TRANSLATION: Code = Code(1113);

#[derive(Clone, Copy, PartialEq)]
enum Page {
    /// The system's, asked for by CP_ACP and the like, where flags of other code pages are let pass.
    System,
    Utf8,
    Windows1252,
    Latin1,
    Ascii,
}

fn page(number: DWORD) -> Result<Page> {
    match number {
        0..=3 => Ok(Page::System),
        CP_UTF8 => Ok(Page::Utf8),
        1252 => Ok(Page::Windows1252),
        28591 => Ok(Page::Latin1),
        20127 => Ok(Page::Ascii),
        _ => Err(Code::INVALID_PARAMETER),
    }
}

/// 0x80 to 0x9F of Windows-1252; what it leaves free are the control characters of those numbers.
const WINDOWS_1252: [u16; 32] = [
    0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039,
    0x152, 0x8D, 0x17D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC,
    0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178,
];

fn decode(page: Page, bytes: &[u8], strict: bool) -> Result<Vec<u16>> {
    match page {
        Page::System | Page::Utf8 => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.encode_utf16().collect()),
            Err(_) if strict => Err(NO_UNICODE_TRANSLATION),
            Err(_) => Ok(String::from_utf8_lossy(bytes).encode_utf16().collect()),
        },
        Page::Windows1252 => Ok(bytes
            .iter()
            .map(|&byte| match byte {
                0x80..=0x9F => WINDOWS_1252[usize::from(byte - 0x80)],
                _ => u16::from(byte),
            })
            .collect()),
        Page::Latin1 => Ok(bytes.iter().map(|&byte| u16::from(byte)).collect()),
        // Windows drops the highest bit.
        Page::Ascii => Ok(bytes.iter().map(|&byte| u16::from(byte & 0x7F)).collect()),
    }
}

/// The byte of a unit in a code page of single bytes.
fn byte(page: Page, unit: u16) -> Option<u8> {
    match (page, unit) {
        (_, 0..=0x7F) => Some(unit as u8),
        (Page::Latin1, 0x80..=0xFF) | (Page::Windows1252, 0xA0..=0xFF) => Some(unit as u8),
        (Page::Windows1252, _) => {
            WINDOWS_1252.iter().position(|&each| each == unit).map(|index| index as u8 + 0x80)
        }
        _ => None,
    }
}

/// The bytes, and whether a character was replaced.
fn encode(page: Page, units: &[u16], strict: bool, default: u8) -> Result<(Vec<u8>, bool)> {
    if matches!(page, Page::System | Page::Utf8) {
        return match String::from_utf16(units) {
            Ok(text) => Ok((text.into_bytes(), false)),
            Err(_) if strict => Err(NO_UNICODE_TRANSLATION),
            Err(_) => Ok((String::from_utf16_lossy(units).into_bytes(), false)),
        };
    }
    let mut replaced = false;
    let mut bytes = Vec::with_capacity(units.len());
    for char in char::decode_utf16(units.iter().copied()) {
        let unit = char.ok().and_then(|char| u16::try_from(u32::from(char)).ok());
        let found = unit.and_then(|unit| byte(page, unit));
        replaced |= found.is_none();
        bytes.push(found.unwrap_or(default));
    }
    Ok((bytes, replaced))
}

/// Writes the result, or says how long it is if there are no places.
///
/// # Safety
/// There are `size` places.
unsafe fn deliver<T: Copy>(units: &[T], to: *mut T, size: c_int) -> Result<c_int> {
    let length = c_int::try_from(units.len()).map_err(|_| Code::INVALID_PARAMETER)?;
    if size == 0 {
        return Ok(length);
    }
    // SAFETY: the caller says so.
    unsafe { std::ptr::copy_nonoverlapping(units.as_ptr(), to, length.min(size) as usize) };
    if length > size {
        return Err(INSUFFICIENT_BUFFER);
    }
    Ok(length)
}

fn check<T, U>(from: *const T, length: c_int, to: *mut U, size: c_int) -> Result<()> {
    let same = std::ptr::eq(from.cast::<u8>(), to.cast());
    match from.is_null() || length == 0 || size < 0 || size > 0 && (to.is_null() || same) {
        true => Err(Code::INVALID_PARAMETER),
        false => Ok(()),
    }
}

#[no_mangle]
unsafe extern "C" fn MultiByteToWideChar(
    code_page: DWORD,
    flags: DWORD,
    from: LPCSTR,
    length: c_int,
    to: *mut u16,
    size: c_int,
) -> c_int {
    // SAFETY: the caller's, as Win32 documents.
    let convert = || unsafe {
        check(from, length, to, size)?;
        let page = page(code_page)?;
        if flags & !(if page == Page::Utf8 { MB_ERR_INVALID_CHARS } else { MB_FLAGS }) != 0 {
            return Err(INVALID_FLAGS);
        }
        let bytes = match usize::try_from(length) {
            Ok(length) => std::slice::from_raw_parts(from.cast(), length),
            Err(_) => std::slice::from_raw_parts(from.cast::<u8>(), libc::strlen(from) + 1),
        };
        deliver(&decode(page, bytes, flags & MB_ERR_INVALID_CHARS != 0)?, to, size)
    };
    last_error::or(convert(), 0)
}

#[no_mangle]
unsafe extern "C" fn WideCharToMultiByte(
    code_page: DWORD,
    flags: DWORD,
    from: LPCWSTR,
    length: c_int,
    to: *mut c_char,
    size: c_int,
    default: *const u8,
    used_default: *mut BOOL,
) -> c_int {
    // SAFETY: the caller's, as Win32 documents.
    let convert = || unsafe {
        check(from, length, to, size)?;
        let page = page(code_page)?;
        let known = match page {
            Page::Utf8 => WC_ERR_INVALID_CHARS,
            Page::System => WC_FLAGS | WC_ERR_INVALID_CHARS,
            _ => WC_FLAGS,
        };
        if flags & !known != 0 {
            return Err(INVALID_FLAGS);
        }
        if page == Page::Utf8 && !(default.is_null() && used_default.is_null()) {
            return Err(Code::INVALID_PARAMETER);
        }
        let units = match usize::try_from(length) {
            Ok(length) => std::slice::from_raw_parts(from, length),
            Err(_) => {
                std::slice::from_raw_parts(from, text::wide_up_to(from, usize::MAX).len() + 1)
            }
        };
        let default = default.as_ref().copied().unwrap_or(b'?');
        let (bytes, replaced) = encode(page, units, flags & WC_ERR_INVALID_CHARS != 0, default)?;
        if let Some(used) = used_default.as_mut() {
            *used = BOOL::from(replaced);
        }
        deliver(&bytes, to.cast(), size)
    };
    last_error::or(convert(), 0)
}

/// The A functions for files take the same code page as all others.
#[no_mangle]
extern "C" fn AreFileApisANSI() -> BOOL {
    TRUE
}

#[no_mangle]
extern "C" fn GetACP() -> DWORD {
    CP_UTF8
}

#[no_mangle]
extern "C" fn GetOEMCP() -> DWORD {
    CP_UTF8
}

#[no_mangle]
extern "C" fn IsValidCodePage(code_page: DWORD) -> BOOL {
    match page(code_page) {
        Ok(Page::System) | Err(_) => FALSE,
        Ok(_) => TRUE,
    }
}

/// `CPINFO`.
#[repr(C)]
struct CodePageInfo {
    longest: DWORD,
    default: [u8; 2],
    lead_bytes: [u8; 12],
}

#[no_mangle]
unsafe extern "C" fn GetCPInfo(code_page: DWORD, info: *mut CodePageInfo) -> BOOL {
    let get = || {
        // SAFETY: the caller gives a place or NULL.
        let info = unsafe { info.as_mut() }.ok_or(Code::INVALID_PARAMETER)?;
        let longest = match page(code_page)? {
            Page::System | Page::Utf8 => 4,
            _ => 1,
        };
        *info = CodePageInfo { longest, default: [b'?', 0], lead_bytes: [0; 12] };
        Ok(())
    };
    last_error::report(get())
}
