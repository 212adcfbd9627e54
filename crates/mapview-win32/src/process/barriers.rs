//! Making all processors see what was written.

use super::{os, Process};
use crate::abi::{BOOL, HANDLE};
use crate::last_error;

const PROCESS_VM_OPERATION: u32 = 8;

/// Processors of this kind notice by themselves that code was written.
#[no_mangle]
extern "C" fn FlushInstructionCache(process: HANDLE, _base: *const u8, _size: usize) -> BOOL {
    let rights = [PROCESS_VM_OPERATION];
    last_error::report(super::open::with(process, &rights, |_: &Process| Ok(())))
}

#[no_mangle]
extern "C" fn FlushProcessWriteBuffers() {
    os::barrier();
}
