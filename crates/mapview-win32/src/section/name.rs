//! `GetMappedFileName`: the file behind an address, by its path on Linux, as every path that is given out.

use std::ffi::c_void;
use std::os::unix::ffi::OsStrExt;

use mapview::{memory, MemoryKind};

use crate::abi::{DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::file::path;
use crate::last_error;
use crate::memory::target::{Target, PROCESS_QUERY_INFORMATION};
use crate::thread::Busy;

use super::{FILE_INVALID, UNEXP_NET_ERR};

/// # Errors
/// 59 where neither a view nor a program lies, 1006 for a view of the paging file.
fn name(process: HANDLE, address: usize) -> Result<Vec<u8>> {
    let _busy = Busy::enter();
    let target = Target::of(process, PROCESS_QUERY_INFORMATION)?;
    let info = match target.other()? {
        None => memory::query(address),
        Some(process) => process.query(address),
    };
    let info = info.map_err(|_| UNEXP_NET_ERR)?;
    match (info.kind, info.file) {
        (Some(MemoryKind::Mapped | MemoryKind::Image), file) => {
            let file =
                file.filter(|file| file.is_absolute() && !is_memory(file.as_os_str().as_bytes()));
            file.map(|file| file.into_os_string().as_bytes().to_vec()).ok_or(FILE_INVALID)
        }
        _ => Err(UNEXP_NET_ERR),
    }
}

/// Whether the kernel calls the memory of a mapping so; of another process it is all that is known.
fn is_memory(path: &[u8]) -> bool {
    path.starts_with(b"/memfd:") || path.starts_with(b"/dev/shm/mapview-")
}

/// Copies as much as there is room for, with a NUL; returns how much that is without it.
///
/// # Safety
/// `buffer` has room for `room` units.
unsafe fn give<T: Copy + Default>(text: Result<Vec<T>>, buffer: *mut T, room: DWORD) -> DWORD {
    let give = || {
        let text = text?;
        let last = (room as usize).checked_sub(1).ok_or(Code::INSUFFICIENT_BUFFER)?;
        if buffer.is_null() {
            return Err(Code::INVALID_PARAMETER);
        }
        let len = text.len().min(last);
        // SAFETY: at most `room` units with the NUL.
        unsafe {
            std::ptr::copy_nonoverlapping(text.as_ptr(), buffer, len);
            *buffer.add(len) = T::default();
        }
        if len < text.len() {
            last_error::set(Code::INSUFFICIENT_BUFFER.0);
        }
        Ok(len as DWORD)
    };
    last_error::or(give(), 0)
}

#[no_mangle]
unsafe extern "C" fn K32GetMappedFileNameW(
    process: HANDLE,
    address: *mut c_void,
    buffer: *mut u16,
    room: DWORD,
) -> DWORD {
    let name = name(process, address.addr()).map(|name| path::to_wide(&name));
    // SAFETY: the caller's, as Win32 documents.
    unsafe { give(name, buffer, room) }
}

#[no_mangle]
unsafe extern "C" fn K32GetMappedFileNameA(
    process: HANDLE,
    address: *mut c_void,
    buffer: *mut u8,
    room: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { give(name(process, address.addr()), buffer, room) }
}

#[no_mangle]
unsafe extern "C" fn GetMappedFileNameW(
    process: HANDLE,
    address: *mut c_void,
    buffer: *mut u16,
    room: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { K32GetMappedFileNameW(process, address, buffer, room) }
}

#[no_mangle]
unsafe extern "C" fn GetMappedFileNameA(
    process: HANDLE,
    address: *mut c_void,
    buffer: *mut u8,
    room: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { K32GetMappedFileNameA(process, address, buffer, room) }
}
