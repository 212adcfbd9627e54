//! Paths on the way in and out.
//!
//! In: `\` and `/` both separate; `\\?\` in front is dropped and turns nothing off but the care for dots and blanks at
//! the end; `X:` stands for the folder in the environment variable `MAPVIEW_DRIVE_X`; `.` and `..` are resolved in the text, as Windows does.
//! Out: paths of Linux with `/`, which every function here takes, and so do `fopen` and `std::ifstream`.
//!
//! Inside, a path is the bytes that Linux has. W functions see bytes that are no UTF-8 as U+DC80 to U+DCFF, one for each,
//! so every name survives being read and used again.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use crate::abi::{LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::text;

/// What a path given to `CreateFile` leads to.
pub(super) enum Place {
    /// An absolute path, or a relative one whose meaning the current directory decides.
    Path(PathBuf),
    Null,
    /// The terminal of the process: `CON`, `CONIN$`, `CONOUT$`.
    Console,
}

/// Components behind which Linux finds no file: the limit of all its file systems that matter.
const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 4095;

/// The bytes of a UTF-16 path.
pub(crate) fn from_wide(units: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(units.len());
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok(char) => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(lone) => match lone.unpaired_surrogate() {
                byte @ 0xDC80..=0xDCFF => bytes.push(byte as u8),
                unit => bytes.extend([
                    0xE0 | (unit >> 12) as u8,
                    0x80 | (unit >> 6 & 0x3F) as u8,
                    0x80 | (unit & 0x3F) as u8,
                ]),
            },
        }
    }
    bytes
}

/// The same path in UTF-16.
pub(crate) fn to_wide(bytes: &[u8]) -> Vec<u16> {
    let mut units = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        units.extend(chunk.valid().encode_utf16());
        units.extend(chunk.invalid().iter().map(|byte| 0xDC00 | u16::from(*byte)));
    }
    units
}

/// # Safety
/// `text` is NULL or NUL-terminated.
pub(crate) unsafe fn wide(text: LPCWSTR) -> Option<Vec<u8>> {
    // SAFETY: the caller says so.
    unsafe { text::wide(text) }.map(from_wide)
}

/// # Safety
/// `text` is NULL or NUL-terminated.
pub(crate) unsafe fn narrow(text: LPCSTR) -> Option<Vec<u8>> {
    // SAFETY: the caller says so.
    (!text.is_null()).then(|| unsafe { std::ffi::CStr::from_ptr(text) }.to_bytes().to_vec())
}

/// The path of a file or folder on Linux. What takes it may remove or replace what is there, so it is never a device that Linux
/// has as well.
///
/// # Errors
/// 87 for a device; 3 for nothing, or a drive that is not set up; 53 for another computer; 123 for characters that no name has on Windows;
/// 206 for a path that is too long.
pub(crate) fn to_linux(text: Option<&[u8]>) -> Result<PathBuf> {
    match place(text)? {
        Place::Path(path) => Ok(path),
        Place::Null | Place::Console => Err(Code::INVALID_PARAMETER),
    }
}

pub(super) fn place(text: Option<&[u8]>) -> Result<Place> {
    let text = text.filter(|text| !text.is_empty()).ok_or(Code::PATH_NOT_FOUND)?;
    let mut path: Vec<u8> =
        text.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
    let is_literal = path.starts_with(b"//?/");
    if is_literal {
        path.drain(..4);
    } else if path.starts_with(b"//./") {
        return device(&path[4..]);
    }
    if path.starts_with(b"//") || is_literal && path.to_ascii_uppercase().starts_with(b"UNC/") {
        return Err(Code::BAD_NETPATH);
    }
    if path.iter().any(|byte| matches!(byte, 1..32 | b'<' | b'>' | b'"' | b'|' | b'?' | b'*')) {
        return Err(Code::INVALID_NAME);
    }
    if !is_literal {
        if let Ok(place) = device(last(&path)) {
            return Ok(place);
        }
        strip_end(&mut path);
    }
    if let [letter, b':', rest @ ..] = path.as_slice() {
        path = on_drive(drive(*letter)?, rest)?;
    }
    let path = without_dots(&path);
    if path.split(|byte| *byte == b'/').any(|name| name.len() > LONGEST_NAME) {
        return Err(Code::INVALID_NAME);
    }
    if path.len() > LONGEST_PATH {
        return Err(Code::FILENAME_EXCED_RANGE);
    }
    Ok(Place::Path(OsString::from_vec(path).into()))
}

/// The devices of Windows that Linux has as well, in any case.
///
/// # Errors
/// 2 for all others.
fn device(name: &[u8]) -> Result<Place> {
    match name.to_ascii_uppercase().as_slice() {
        b"NUL" => Ok(Place::Null),
        b"CON" | b"CONIN$" | b"CONOUT$" => Ok(Place::Console),
        _ => Err(Code::FILE_NOT_FOUND),
    }
}

pub(super) fn last(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// No name ends in dots or blanks on Windows: what is written behind it does not count.
fn strip_end(path: &mut Vec<u8>) {
    let name = last(path);
    let keep = name.iter().rposition(|byte| !matches!(byte, b'.' | b' ')).map_or(0, |at| at + 1);
    let cut = name.len() - keep;
    if keep > 0 {
        path.truncate(path.len() - cut);
    }
}

/// The folder that somebody set up for a drive.
fn drive(letter: u8) -> Result<OsString> {
    if !letter.is_ascii_alphabetic() {
        return Err(Code::INVALID_NAME);
    }
    let variable = format!("MAPVIEW_DRIVE_{}", letter.to_ascii_uppercase() as char);
    std::env::var_os(variable).ok_or(Code::PATH_NOT_FOUND)
}

fn on_drive(root: OsString, rest: &[u8]) -> Result<Vec<u8>> {
    if !root.as_bytes().starts_with(b"/") {
        return Err(Code::PATH_NOT_FOUND); // "D:" must not mean another folder after SetCurrentDirectory
    }
    let rest = rest.strip_prefix(b"/").unwrap_or(rest);
    Ok([root.as_bytes(), rest].join(&b'/'))
}

/// Takes `.`, `..` and doubled separators out. A separator at the end stays.
fn without_dots(path: &[u8]) -> Vec<u8> {
    let is_absolute = path.starts_with(b"/");
    let ends = path.ends_with(b"/");
    let mut names: Vec<&[u8]> = Vec::new();
    for name in path.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => match names.last() {
                Some(&last) if last != b".." => drop(names.pop()),
                _ if is_absolute => {}
                _ => names.push(name),
            },
            name => names.push(name),
        }
    }
    let mut clean = if is_absolute { b"/".to_vec() } else { Vec::new() };
    clean.extend(names.join(&b'/'));
    if clean.is_empty() {
        clean.push(b'.');
    }
    if ends && !clean.ends_with(b"/") {
        clean.push(b'/');
    }
    clean
}

/// The absolute form of a path that may lead nowhere.
pub(crate) fn absolute(text: Option<&[u8]>) -> Result<Vec<u8>> {
    let path = match place(text)? {
        Place::Path(path) => path.into_os_string().into_vec(),
        Place::Null => return Ok(br"\\.\NUL".to_vec()),
        Place::Console => return Ok(br"\\.\CON".to_vec()),
    };
    if path.starts_with(b"/") {
        return Ok(path);
    }
    let current = std::env::current_dir().map_err(super::code::of)?;
    Ok(without_dots(&[current.as_os_str().as_bytes(), path.as_slice()].join(&b'/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linux(text: &str) -> Result<String> {
        to_linux(Some(text.as_bytes())).map(|path| path.to_str().unwrap().to_string())
    }

    #[test]
    fn both_separators_and_dots() {
        assert_eq!(linux(r"a\b/..\c").unwrap(), "a/c");
        assert_eq!(linux(r"..\.\x").unwrap(), "../x");
        assert_eq!(linux(r"\..\x\\y\").unwrap(), "/x/y/");
        assert_eq!(linux(r"a\..").unwrap(), ".");
        assert_eq!(linux(r"\\?\/tmp/x.").unwrap(), "/tmp/x.");
        assert_eq!(linux("name. . ").unwrap(), "name");
        assert_eq!(linux("..").unwrap(), "..");
    }

    #[test]
    fn what_is_no_path() {
        assert_eq!(linux(""), Err(Code::PATH_NOT_FOUND));
        assert_eq!(linux("a*"), Err(Code::INVALID_NAME));
        assert_eq!(linux("a\u{1}"), Err(Code::INVALID_NAME));
        assert_eq!(linux(r"\\server\share"), Err(Code::BAD_NETPATH));
        assert_eq!(linux(r"\\?\UNC\server\share"), Err(Code::BAD_NETPATH));
        assert_eq!(linux(r"\\.\PhysicalDrive0"), Err(Code::FILE_NOT_FOUND));
        assert_eq!(linux(r"\\.\pipe\x"), Err(Code::FILE_NOT_FOUND));
        assert_eq!(linux("dir/nul"), Err(Code::INVALID_PARAMETER));
        assert_eq!(linux("CON"), Err(Code::INVALID_PARAMETER));
        assert_eq!(linux(r"Q:\x"), Err(Code::PATH_NOT_FOUND));
        assert_eq!(linux(&"n".repeat(256)), Err(Code::INVALID_NAME));
        assert_eq!(linux(&"n/".repeat(2100)), Err(Code::FILENAME_EXCED_RANGE));
    }

    #[test]
    fn a_drive_is_an_absolute_folder() {
        let on = |root: &str, rest: &str| {
            let path = on_drive(root.into(), rest.as_bytes())?;
            Ok(String::from_utf8(without_dots(&path)).unwrap())
        };
        assert_eq!(on("/srv/c", "/x").unwrap(), "/srv/c/x");
        assert_eq!(on("/srv/c/", "x/../y").unwrap(), "/srv/c/y");
        assert_eq!(on("/srv/c", "/").unwrap(), "/srv/c/");
        assert_eq!(on("srv", "/x"), Err(Code::PATH_NOT_FOUND));
        assert_eq!(drive(b'4'), Err(Code::INVALID_NAME));
    }

    #[test]
    fn every_name_survives() {
        for bytes in [&b"plain"[..], "\u{e4}\u{20ac}\u{1f600}".as_bytes(), b"\xff\x80x\xed\xa0\x80"]
        {
            assert_eq!(from_wide(&to_wide(bytes)), bytes);
        }
        assert_eq!(from_wide(&[0x61, 0xD800, 0x62]), b"a\xed\xa0\x80b");
    }
}
