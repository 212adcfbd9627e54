//! Directories that a program asks for: one for temporary files there is, those of Windows there are not.

use std::ffi::c_char;
use std::os::unix::ffi::OsStringExt;

use crate::abi::DWORD;
use crate::code::Code;
use crate::file::path::to_wide;
use crate::info::environment::deliver;
use crate::last_error;

/// `TMP`, `TEMP`, `TMPDIR` or `/tmp`, with the separator at the end that programs rely on.
fn temporary() -> Vec<u8> {
    let set = ["TMP", "TEMP", "TMPDIR"].into_iter().find_map(|name| {
        std::env::var_os(name).map(OsStringExt::into_vec).filter(|path| !path.is_empty())
    });
    let mut path = set.unwrap_or_else(|| b"/tmp".to_vec());
    if !matches!(path.last(), Some(b'/' | b'\\')) {
        path.push(b'/');
    }
    path
}

#[no_mangle]
unsafe extern "C" fn GetTempPathW(size: DWORD, to: *mut u16) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { deliver(&to_wide(&temporary()), to, size) }
}

#[no_mangle]
unsafe extern "C" fn GetTempPathA(size: DWORD, to: *mut c_char) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { deliver(&temporary(), to.cast(), size) }
}

#[no_mangle]
unsafe extern "C" fn GetTempPath2W(size: DWORD, to: *mut u16) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { GetTempPathW(size, to) }
}

#[no_mangle]
unsafe extern "C" fn GetTempPath2A(size: DWORD, to: *mut c_char) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { GetTempPathA(size, to) }
}

fn not_here() -> u32 {
    last_error::or(Err(Code::NOT_SUPPORTED), 0)
}

#[no_mangle]
extern "C" fn GetWindowsDirectoryW(_to: *mut u16, _size: u32) -> u32 {
    not_here()
}

#[no_mangle]
extern "C" fn GetWindowsDirectoryA(_to: *mut c_char, _size: u32) -> u32 {
    not_here()
}

#[no_mangle]
extern "C" fn GetSystemDirectoryW(_to: *mut u16, _size: u32) -> u32 {
    not_here()
}

#[no_mangle]
extern "C" fn GetSystemDirectoryA(_to: *mut c_char, _size: u32) -> u32 {
    not_here()
}

#[no_mangle]
extern "C" fn GetSystemWindowsDirectoryW(_to: *mut u16, _size: u32) -> u32 {
    not_here()
}

#[no_mangle]
extern "C" fn GetSystemWindowsDirectoryA(_to: *mut c_char, _size: u32) -> u32 {
    not_here()
}
