//! Condition variables. The threads that sleep are found by the address of the variable; it holds nothing itself.

use std::ffi::c_void;

use parking_lot_core::{park, unpark_all, unpark_one, DEFAULT_PARK_TOKEN, DEFAULT_UNPARK_TOKEN};

use crate::abi::{BOOL, DWORD, FALSE, TRUE};
use crate::last_error;
use crate::local::critical_section::CRITICAL_SECTION;
use crate::local::os::deadline;
use crate::local::srw::{self, SRWLOCK};

const CONDITION_VARIABLE_LOCKMODE_SHARED: DWORD = 1;
const ERROR_TIMEOUT: u32 = 1460;

/// Sleeps until it is woken or the time is over; `release` runs when a wake-up can no longer be missed.
fn sleep(condition: *const c_void, milliseconds: DWORD, release: impl FnOnce()) -> BOOL {
    // SAFETY: the functions neither panic nor park, and the address is of the program's condition variable, which nothing
    // else waits by.
    let result = unsafe {
        park(
            condition as usize,
            || true,
            release,
            |_, _| {},
            DEFAULT_PARK_TOKEN,
            deadline(milliseconds),
        )
    };
    if result.is_unparked() {
        return TRUE;
    }
    last_error::set(ERROR_TIMEOUT);
    FALSE
}

#[no_mangle]
unsafe extern "C" fn InitializeConditionVariable(condition: *mut usize) {
    // SAFETY: the caller gives the place.
    unsafe { condition.write(0) };
}

#[no_mangle]
unsafe extern "C" fn SleepConditionVariableCS(
    condition: *mut c_void,
    section: &CRITICAL_SECTION,
    milliseconds: DWORD,
) -> BOOL {
    let woken = sleep(condition, milliseconds, || section.leave());
    section.enter();
    woken
}

#[no_mangle]
unsafe extern "C" fn SleepConditionVariableSRW(
    condition: *mut c_void,
    lock: &SRWLOCK,
    milliseconds: DWORD,
    flags: DWORD,
) -> BOOL {
    let shared = flags & CONDITION_VARIABLE_LOCKMODE_SHARED != 0;
    // SAFETY: the caller holds the lock in the way that the flag says.
    let woken = sleep(condition, milliseconds, || unsafe { srw::release(lock, shared) });
    srw::acquire(lock, shared);
    woken
}

#[no_mangle]
extern "C" fn WakeConditionVariable(condition: *mut c_void) {
    // SAFETY: the function does not panic, and the address is of the program's condition variable.
    unsafe { unpark_one(condition as usize, |_| DEFAULT_UNPARK_TOKEN) };
}

#[no_mangle]
extern "C" fn WakeAllConditionVariable(condition: *mut c_void) {
    // SAFETY: the address is of the program's condition variable.
    unsafe { unpark_all(condition as usize, DEFAULT_UNPARK_TOKEN) };
}
