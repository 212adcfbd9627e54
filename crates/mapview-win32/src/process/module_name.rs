//! Where the program of this process lies.

use std::os::unix::ffi::OsStrExt;

use super::image;
use crate::abi::{DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::last_error;

const MOD_NOT_FOUND: Code = Code(126);
const INSUFFICIENT_BUFFER: Code = Code(122);

/// Copies as much as there is room for, with a NUL. Returns how much that was, or `room` if it was not all.
///
/// # Safety
/// `buffer` has room for so many.
unsafe fn copy<C: Copy + Default>(text: &[C], buffer: *mut C, room: DWORD) -> Result<DWORD> {
    if buffer.is_null() || room == 0 {
        return Err(INSUFFICIENT_BUFFER);
    }
    let fits = text.len().min(room as usize - 1);
    // SAFETY: the caller says so.
    unsafe {
        buffer.copy_from_nonoverlapping(text.as_ptr(), fits);
        *buffer.add(fits) = C::default();
    }
    if fits < text.len() {
        last_error::set(INSUFFICIENT_BUFFER.0);
        return Ok(room);
    }
    Ok(fits as DWORD)
}

/// Only the program itself has a name here.
fn check(module: HANDLE) -> Result<()> {
    if module.is_null() {
        Ok(())
    } else {
        Err(MOD_NOT_FOUND)
    }
}

#[no_mangle]
unsafe extern "C" fn GetModuleFileNameW(module: HANDLE, buffer: *mut u16, room: DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    let name = || check(module).and_then(|()| unsafe { copy(&image::own_path(), buffer, room) });
    last_error::or(name(), 0)
}

#[no_mangle]
unsafe extern "C" fn GetModuleFileNameA(
    module: HANDLE,
    buffer: *mut libc::c_char,
    room: DWORD,
) -> DWORD {
    let name = || {
        check(module)?;
        let path = image::path_of(std::process::id()).unwrap_or_default();
        let bytes = path.as_os_str().as_bytes();
        // SAFETY: the caller's, as Win32 documents.
        unsafe { copy(bytes, buffer.cast::<u8>(), room) }
    };
    last_error::or(name(), 0)
}
