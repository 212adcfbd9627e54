//! `VirtualFree`.

use std::ffi::c_void;

use mapview::memory::{self, Free};

use super::flags::*;
use super::target::{Target, PROCESS_VM_OPERATION};
use crate::abi::{BOOL, DWORD, HANDLE, INVALID_HANDLE_VALUE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::thread::Busy;

const PRESERVE: DWORD = MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER;
const COALESCE: DWORD = MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS;

fn free(handle: HANDLE, address: usize, size: usize, kind: DWORD) -> Result<()> {
    let _busy = Busy::enter();
    let how = match kind {
        MEM_DECOMMIT => Free::Decommit,
        MEM_RELEASE if size == 0 => Free::Release,
        PRESERVE => Free::ToPlaceholder,
        COALESCE => Free::Coalesce,
        _ => return Err(Code::INVALID_PARAMETER),
    };
    let target = Target::of(handle, PROCESS_VM_OPERATION)?;
    if let Some(process) = target.other()? {
        return match how {
            Free::Decommit => Ok(process.decommit(address, size)?),
            Free::Release => Ok(process.release(address)?),
            _ => Err(Code::NOT_SUPPORTED),
        };
    }
    // SAFETY: what Win32 demands of the caller, too.
    unsafe { memory::free(address, size, how) }.map_err(Code::from)
}

#[no_mangle]
extern "C" fn VirtualFree(address: *mut c_void, size: usize, kind: DWORD) -> BOOL {
    VirtualFreeEx(INVALID_HANDLE_VALUE, address, size, kind)
}

#[no_mangle]
extern "C" fn VirtualFreeEx(
    process: HANDLE,
    address: *mut c_void,
    size: usize,
    kind: DWORD,
) -> BOOL {
    last_error::report(free(process, address.addr(), size, kind))
}
