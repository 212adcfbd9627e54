//! What processors may still have to themselves: instructions that were just written, stores that are under way.

use std::ffi::c_void;

use super::os;
use super::target::Target;
use crate::abi::{BOOL, HANDLE};
use crate::last_error;

/// x86-64 sees by itself that code was written.
#[no_mangle]
extern "C" fn FlushInstructionCache(process: HANDLE, _base: *const c_void, _size: usize) -> BOOL {
    last_error::report(Target::of(process, 0).map(drop))
}

/// Every thread of the process has a full barrier when this returns.
#[no_mangle]
extern "C" fn FlushProcessWriteBuffers() {
    os::barrier();
}
