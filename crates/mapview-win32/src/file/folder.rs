//! Folders: making them, the current one, and full paths.

use std::os::unix::ffi::OsStrExt;

use rustix::fs::Mode;
use rustix::io::Errno;

use super::open::failed;
use super::out::{give, Unit};
use super::{doomed, path};
use crate::abi::{BOOL, DWORD, HANDLE, LPCSTR, LPCWSTR, SECURITY_ATTRIBUTES};
use crate::code::{Code, Result};
use crate::{last_error, table};

fn create(text: Option<Vec<u8>>) -> Result<()> {
    let path = path::to_linux(text.as_deref())?;
    rustix::fs::mkdir(&path, Mode::from_raw_mode(0o777)).map_err(|errno| match errno {
        Errno::EXIST => Code::ALREADY_EXISTS,
        Errno::NOENT => Code::PATH_NOT_FOUND,
        errno => failed(errno, &path),
    })
}

#[no_mangle]
unsafe extern "C" fn CreateDirectoryW(path: LPCWSTR, _: *const SECURITY_ATTRIBUTES) -> BOOL {
    // SAFETY: what Win32 documents.
    last_error::report(create(unsafe { path::wide(path) }))
}

#[no_mangle]
unsafe extern "C" fn CreateDirectoryA(path: LPCSTR, _: *const SECURITY_ATTRIBUTES) -> BOOL {
    // SAFETY: what Win32 documents.
    last_error::report(create(unsafe { path::narrow(path) }))
}

fn change(text: Option<Vec<u8>>) -> Result<()> {
    if text.as_ref().is_none_or(Vec::is_empty) {
        return Err(Code::INVALID_NAME);
    }
    let path = path::to_linux(text.as_deref())?;
    rustix::process::chdir(&path).map_err(|errno| match errno {
        Errno::NOTDIR if path.exists() => Code::DIRECTORY,
        errno => failed(errno, &path),
    })
}

#[no_mangle]
unsafe extern "C" fn SetCurrentDirectoryW(path: LPCWSTR) -> BOOL {
    // SAFETY: what Win32 documents.
    last_error::report(change(unsafe { path::wide(path) }))
}

#[no_mangle]
unsafe extern "C" fn SetCurrentDirectoryA(path: LPCSTR) -> BOOL {
    // SAFETY: what Win32 documents.
    last_error::report(change(unsafe { path::narrow(path) }))
}

unsafe fn current<U: Unit>(room: DWORD, to: *mut U) -> DWORD {
    let current = std::env::current_dir().map_err(super::code::of);
    // SAFETY: the caller gives room for so many units.
    let given = current.map(|path| unsafe { give(path.as_os_str().as_bytes(), to, room) });
    last_error::or(given, 0)
}

#[no_mangle]
unsafe extern "C" fn GetCurrentDirectoryW(room: DWORD, to: *mut u16) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { current(room, to) }
}

#[no_mangle]
unsafe extern "C" fn GetCurrentDirectoryA(room: DWORD, to: *mut u8) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { current(room, to) }
}

unsafe fn full<U: Unit>(
    text: Option<Vec<u8>>,
    room: DWORD,
    to: *mut U,
    name: *mut *mut U,
) -> DWORD {
    let full = || {
        let full = match text.as_deref() {
            None | Some([]) => Err(Code::INVALID_NAME),
            text => path::absolute(text),
        }?;
        // SAFETY: the caller gives room for so many units.
        let given = unsafe { give(&full, to, room) };
        if !name.is_null() && given < room {
            let units = U::path(path::last(&full)).len();
            let start = to.wrapping_add(given as usize - units);
            // SAFETY: the caller gives NULL or a place.
            unsafe { *name = if units == 0 { std::ptr::null_mut() } else { start } };
        }
        Ok(given)
    };
    last_error::or(full(), 0)
}

#[no_mangle]
unsafe extern "C" fn GetFullPathNameW(
    path: LPCWSTR,
    room: DWORD,
    to: *mut u16,
    name: *mut *mut u16,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { full(path::wide(path), room, to, name) }
}

#[no_mangle]
unsafe extern "C" fn GetFullPathNameA(
    path: LPCSTR,
    room: DWORD,
    to: *mut u8,
    name: *mut *mut u8,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { full(path::narrow(path), room, to, name) }
}

unsafe fn last_path<U: Unit>(handle: HANDLE, to: *mut U, room: DWORD, flags: DWORD) -> DWORD {
    const VOLUME_NAME_NONE: DWORD = 4;
    const FILE_NAME_OPENED: DWORD = 8;
    let get = || {
        let entry = table::get(handle)?;
        let file = &entry.file()?.file;
        let prefix: &[u8] = match flags & !FILE_NAME_OPENED {
            0 => br"\\?\",
            VOLUME_NAME_NONE => b"",
            1 | 2 => return Err(Code::NOT_SUPPORTED), // names of volumes
            _ => return Err(Code::INVALID_PARAMETER),
        };
        let path = doomed::path_of(file).ok_or(Code::FILE_NOT_FOUND)?;
        let full = [prefix, path.as_os_str().as_bytes()].concat();
        // SAFETY: the caller gives room for so many units.
        Ok(unsafe { give(&full, to, room) })
    };
    last_error::or(get(), 0)
}

#[no_mangle]
unsafe extern "C" fn GetFinalPathNameByHandleW(
    handle: HANDLE,
    to: *mut u16,
    room: DWORD,
    flags: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { last_path(handle, to, room, flags) }
}

#[no_mangle]
unsafe extern "C" fn GetFinalPathNameByHandleA(
    handle: HANDLE,
    to: *mut u8,
    room: DWORD,
    flags: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { last_path(handle, to, room, flags) }
}
