//! Address Windowing Extensions: physical pages that a program maps by itself. The kernel hands out none.

use std::ffi::c_void;

use crate::abi::{BOOL, HANDLE};
use crate::code::Code;
use crate::last_error;

#[no_mangle]
extern "C" fn AllocateUserPhysicalPages(_: HANDLE, _: *mut usize, _: *mut usize) -> BOOL {
    last_error::report(Err(Code::NOT_SUPPORTED))
}

#[no_mangle]
extern "C" fn AllocateUserPhysicalPagesNuma(
    _: HANDLE,
    _: *mut usize,
    _: *mut usize,
    _: u32,
) -> BOOL {
    last_error::report(Err(Code::NOT_SUPPORTED))
}

#[no_mangle]
extern "C" fn FreeUserPhysicalPages(_: HANDLE, _: *mut usize, _: *mut usize) -> BOOL {
    last_error::report(Err(Code::NOT_SUPPORTED))
}

#[no_mangle]
extern "C" fn MapUserPhysicalPages(_: *mut c_void, _: usize, _: *mut usize) -> BOOL {
    last_error::report(Err(Code::NOT_SUPPORTED))
}

#[no_mangle]
extern "C" fn MapUserPhysicalPagesScatter(_: *mut *mut c_void, _: usize, _: *mut usize) -> BOOL {
    last_error::report(Err(Code::NOT_SUPPORTED))
}
