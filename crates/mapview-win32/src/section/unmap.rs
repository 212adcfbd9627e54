//! `UnmapViewOfFile`, its variants, and `FlushViewOfFile`.

use std::ffi::c_void;

use mapview::memory;

use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::memory::target::{Target, PROCESS_VM_OPERATION};
use crate::thread::Busy;

use super::{image, kept};

/// Lets the pages be in memory a little longer: a hint.
const MEM_UNMAP_WITH_TRANSIENT_BOOST: DWORD = 1;
const MEM_PRESERVE_PLACEHOLDER: DWORD = 2;

/// # Safety
/// Nobody uses the view any more.
unsafe fn unmap(address: *const c_void, flags: DWORD) -> Result<()> {
    let _busy = Busy::enter();
    if flags & !(MEM_UNMAP_WITH_TRANSIENT_BOOST | MEM_PRESERVE_PLACEHOLDER) != 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    if flags & MEM_PRESERVE_PLACEHOLDER == 0 {
        if let Some(image) = image::take(address.addr()) {
            drop(image);
            return Ok(());
        }
    }
    // Before the address can belong to another view.
    let name = kept::take(address.addr());
    // SAFETY: the caller's promise.
    let unmapped = unsafe { memory::unmap(address.addr(), flags & MEM_PRESERVE_PLACEHOLDER != 0) };
    if let (Err(_), Some((base, name))) = (&unmapped, name) {
        kept::keep(base, name);
    }
    Ok(unmapped?)
}

#[no_mangle]
unsafe extern "C" fn UnmapViewOfFile(address: *const c_void) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { unmap(address, 0) })
}

#[no_mangle]
unsafe extern "C" fn UnmapViewOfFileEx(address: *const c_void, flags: DWORD) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { unmap(address, flags) })
}

#[no_mangle]
unsafe extern "C" fn UnmapViewOfFile2(
    process: HANDLE,
    address: *const c_void,
    flags: DWORD,
) -> BOOL {
    let unmap = || match Target::of(process, PROCESS_VM_OPERATION)? {
        // SAFETY: the caller's, as Win32 documents.
        Target::Own => unsafe { unmap(address, flags) },
        Target::Other(_) => Err(Code::NOT_SUPPORTED),
    };
    last_error::report(unmap())
}

#[no_mangle]
extern "C" fn FlushViewOfFile(address: *const c_void, size: usize) -> BOOL {
    let _busy = Busy::enter();
    last_error::report(memory::flush(address.addr(), size).map_err(Code::from))
}
