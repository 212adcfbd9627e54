//! `GetWriteWatch` and `ResetWriteWatch`, which return 0 or, after a failure, all ones.

use std::ffi::c_void;

use mapview::memory;

use super::os;
use crate::abi::DWORD;
use crate::code::{Code, Result};
use crate::last_error;
use crate::thread::Busy;

const WRITE_WATCH_FLAG_RESET: DWORD = 1;
const FAILED: u32 = u32::MAX;

#[no_mangle]
unsafe extern "C" fn GetWriteWatch(
    flags: DWORD,
    base: *mut c_void,
    size: usize,
    addresses: *mut *mut c_void,
    count: *mut usize,
    granularity: *mut DWORD,
) -> u32 {
    let _busy = Busy::enter();
    let get = || -> Result<()> {
        if count.is_null() || granularity.is_null() {
            return Err(Code::NOACCESS);
        }
        // SAFETY: the caller says how many there is room for.
        let room = unsafe { *count };
        if room == 0 || size == 0 || flags & !WRITE_WATCH_FLAG_RESET != 0 {
            return Err(Code::INVALID_PARAMETER);
        }
        if addresses.is_null() {
            return Err(Code::NOACCESS);
        }
        let reset = flags & WRITE_WATCH_FLAG_RESET != 0;
        let written = memory::written(base.addr(), size, reset, room)?;
        // SAFETY: the caller gives room for so many addresses, and for the two numbers.
        unsafe {
            for (index, page) in written.iter().enumerate() {
                *addresses.add(index) = *page as *mut c_void;
            }
            *count = written.len();
            *granularity = os::PAGE as DWORD;
        }
        Ok(())
    };
    last_error::or(get().map(|()| 0), FAILED)
}

#[no_mangle]
extern "C" fn ResetWriteWatch(base: *mut c_void, size: usize) -> u32 {
    let _busy = Busy::enter();
    last_error::or(memory::reset_written(base.addr(), size).map(|()| 0).map_err(Into::into), FAILED)
}
