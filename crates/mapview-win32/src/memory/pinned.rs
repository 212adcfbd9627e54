//! `VirtualLock` and `VirtualUnlock`.

use std::ffi::c_void;

use mapview::memory;

use crate::abi::BOOL;
use crate::last_error;
use crate::thread::Busy;

#[no_mangle]
extern "C" fn VirtualLock(address: *mut c_void, size: usize) -> BOOL {
    let _busy = Busy::enter();
    last_error::report(memory::lock(address.addr(), size).map_err(Into::into))
}

#[no_mangle]
extern "C" fn VirtualUnlock(address: *mut c_void, size: usize) -> BOOL {
    let _busy = Busy::enter();
    last_error::report(memory::unlock(address.addr(), size).map_err(Into::into))
}
