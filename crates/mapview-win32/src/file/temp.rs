//! `GetTempFileName`.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::out::{give, Unit};
use super::path;
use crate::abi::{DWORD, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::{last_error, text};

/// Characters of the prefix that count.
const PREFIX: usize = 3;

/// A name in a folder: prefix, four hexadecimal digits, `.tmp`. With number 0 one that was free, and the file is there now.
fn name(folder: Option<Vec<u8>>, prefix: Option<Vec<u8>>, number: u32) -> Result<(Vec<u8>, u32)> {
    let folder = folder.ok_or(Code::INVALID_PARAMETER)?;
    let prefix: String =
        String::from_utf8_lossy(&prefix.unwrap_or_default()).chars().take(PREFIX).collect();
    let folder = path::to_linux(Some(&folder)).map_err(|_| Code::DIRECTORY)?;
    let (len, longest) = (folder.as_os_str().len(), prefix.len() + "/ffff.tmp".len());
    if len > text::MAX_PATH - 14 || len + longest >= text::MAX_PATH {
        return Err(Code::BUFFER_OVERFLOW); // the caller's place has room for MAX_PATH
    }
    if !folder.is_dir() {
        return Err(Code::DIRECTORY);
    }
    let at = |number: u32| folder.join(format!("{prefix}{number:x}.tmp"));
    let bytes = |path: &Path| path.as_os_str().as_bytes().to_vec();
    if number & 0xFFFF != 0 {
        return Ok((bytes(&at(number & 0xFFFF)), number & 0xFFFF));
    }
    // From a place that differs between calls, so that names do not come again at once.
    let start = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let start = start.map_or(1, |time| time.subsec_nanos() >> 4);
    for try_number in (start..).take(0xFFFF).map(|number| number % 0xFFFF + 1) {
        let path = at(try_number);
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
        match rustix::fs::open(&path, flags, Mode::from_raw_mode(0o666)) {
            Ok(_) => return Ok((bytes(&path), try_number)),
            Err(rustix::io::Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Err(Code::FILE_EXISTS)
}

unsafe fn get<U: Unit>(
    folder: Option<Vec<u8>>,
    prefix: Option<Vec<u8>>,
    number: u32,
    to: *mut U,
) -> u32 {
    let get = || {
        if to.is_null() {
            return Err(Code::INVALID_PARAMETER);
        }
        let (path, number) = name(folder, prefix, number)?;
        // SAFETY: the caller gives room for MAX_PATH units, as Win32 documents.
        unsafe { give(&path, to, text::MAX_PATH as DWORD) };
        Ok(number)
    };
    last_error::or(get(), 0)
}

#[no_mangle]
unsafe extern "C" fn GetTempFileNameW(
    folder: LPCWSTR,
    prefix: LPCWSTR,
    number: u32,
    to: *mut u16,
) -> u32 {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { get(path::wide(folder), path::wide(prefix), number, to) }
}

#[no_mangle]
unsafe extern "C" fn GetTempFileNameA(
    folder: LPCSTR,
    prefix: LPCSTR,
    number: u32,
    to: *mut u8,
) -> u32 {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { get(path::narrow(folder), path::narrow(prefix), number, to) }
}
