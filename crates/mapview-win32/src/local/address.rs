//! `WaitOnAddress`: to sleep as long as a place in memory holds a value.

use std::ffi::c_void;

use parking_lot_core::{
    park, unpark_all, unpark_one, ParkResult, DEFAULT_PARK_TOKEN, DEFAULT_UNPARK_TOKEN,
};

use crate::abi::{BOOL, DWORD};
use crate::code::{Code, Result};
use crate::last_error;
use crate::local::os::deadline;

const ERROR_TIMEOUT: Code = Code(1460);

/// Whether both places hold the same, of a size that can be read at once.
///
/// # Safety
/// Both can be read, and `address` is aligned to its size.
unsafe fn equal(address: *const c_void, compare: *const c_void, size: usize) -> bool {
    // SAFETY: the caller says so; `address` is read volatile, because others write there.
    unsafe {
        match size {
            1 => address.cast::<u8>().read_volatile() == compare.cast::<u8>().read(),
            2 => address.cast::<u16>().read_volatile() == compare.cast::<u16>().read_unaligned(),
            4 => address.cast::<u32>().read_volatile() == compare.cast::<u32>().read_unaligned(),
            _ => address.cast::<u64>().read_volatile() == compare.cast::<u64>().read_unaligned(),
        }
    }
}

unsafe fn wait(
    address: *const c_void,
    compare: *const c_void,
    size: usize,
    milliseconds: DWORD,
) -> Result<()> {
    if !matches!(size, 1 | 2 | 4 | 8) {
        return Err(Code::INVALID_PARAMETER);
    }
    // SAFETY: the caller gives two places of that size.
    let unchanged = || unsafe { equal(address, compare, size) };
    // Who wakes takes the lock of the queue that `unchanged` runs under, so a wake-up after a change is not missed.
    // SAFETY: the functions neither panic nor park.
    let result = unsafe {
        park(
            address as usize,
            unchanged,
            || {},
            |_, _| {},
            DEFAULT_PARK_TOKEN,
            deadline(milliseconds),
        )
    };
    match result {
        ParkResult::TimedOut => Err(ERROR_TIMEOUT),
        ParkResult::Unparked(_) | ParkResult::Invalid => Ok(()),
    }
}

#[no_mangle]
unsafe extern "C" fn WaitOnAddress(
    address: *const c_void,
    compare: *const c_void,
    size: usize,
    milliseconds: DWORD,
) -> BOOL {
    // SAFETY: the caller gives two places of that size.
    last_error::report(unsafe { wait(address, compare, size, milliseconds) })
}

#[no_mangle]
extern "C" fn WakeByAddressSingle(address: *mut c_void) {
    // SAFETY: the function does not panic, and only WaitOnAddress waits by this address.
    unsafe { unpark_one(address as usize, |_| DEFAULT_UNPARK_TOKEN) };
}

#[no_mangle]
extern "C" fn WakeByAddressAll(address: *mut c_void) {
    // SAFETY: only WaitOnAddress waits by this address.
    unsafe { unpark_all(address as usize, DEFAULT_UNPARK_TOKEN) };
}
