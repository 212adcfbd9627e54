//! `VirtualProtect`.

use std::ffi::c_void;

use mapview::{memory, Caching, Protect};

use super::target::{Target, PROCESS_VM_OPERATION};
use super::{flags, os};
use crate::abi::{BOOL, DWORD, HANDLE, INVALID_HANDLE_VALUE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::thread::Busy;

/// # Safety
/// The duties of `VirtualProtect`; `old` may be wrong.
unsafe fn protect(
    handle: HANDLE,
    address: usize,
    size: usize,
    new: DWORD,
    old: *mut DWORD,
) -> Result<()> {
    let _busy = Busy::enter();
    let (new, _) = flags::protection(new)?; // how pages are cached was said when they were reserved
                                            // What the caller finds after a failure, and a look at whether he can be told, before anything changes.
                                            // SAFETY: the caller's promise.
    unsafe { os::store(old, flags::PAGE_NOACCESS)? };
    let target = Target::of(handle, PROCESS_VM_OPERATION)?;
    if size == 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let before = match target.other()? {
        Some(process) => process.protect(address, size, new)?.bits(),
        None => own(address, size, new)?,
    };
    // SAFETY: as above. If the place itself may not be written any more, Windows leaves it, too.
    let _ = unsafe { os::store(old, before) };
    Ok(())
}

fn own(address: usize, size: usize, new: Protect) -> Result<DWORD> {
    // SAFETY: what Win32 demands of the caller, too.
    let before = unsafe { memory::protect(address, size, new)? };
    let caching = memory::query(address).map_or(Caching::Cached, |info| info.caching);
    Ok(before.bits() | caching.bits())
}

#[no_mangle]
unsafe extern "C" fn VirtualProtect(
    address: *mut c_void,
    size: usize,
    new: DWORD,
    old: *mut DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { VirtualProtectEx(INVALID_HANDLE_VALUE, address, size, new, old) }
}

#[no_mangle]
unsafe extern "C" fn VirtualProtectEx(
    process: HANDLE,
    address: *mut c_void,
    size: usize,
    new: DWORD,
    old: *mut DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { protect(process, address.addr(), size, new, old) })
}

#[no_mangle]
unsafe extern "C" fn VirtualProtectFromApp(
    address: *mut c_void,
    size: usize,
    new: DWORD,
    old: *mut DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { VirtualProtect(address, size, new, old) }
}
