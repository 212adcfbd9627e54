//! The limits of the working set. The kernel has none; what a program raises the smaller one for is to lock more in memory,
//! and that limit is raised.

use std::sync::Mutex;

use super::hints::trim;
use super::os;
use super::target::{Target, PROCESS_QUERY_INFORMATION, PROCESS_SET_QUOTA};
use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::thread::lock;

const HARDWS_MIN_ENABLE: DWORD = 1;
const HARDWS_MIN_DISABLE: DWORD = 2;
const HARDWS_MAX_ENABLE: DWORD = 4;
const HARDWS_MAX_DISABLE: DWORD = 8;

/// What Windows gives every process: 50 and 345 pages.
static LIMITS: Mutex<(usize, usize)> = Mutex::new((50 * os::PAGE, 345 * os::PAGE));
/// Less than so many pages no process gets.
const LEAST: usize = 20 * os::PAGE;

fn set(handle: HANDLE, least: usize, most: usize, flags: DWORD) -> Result<()> {
    let both = |one, other| flags & one != 0 && flags & other != 0;
    if both(HARDWS_MIN_ENABLE, HARDWS_MIN_DISABLE)
        || both(HARDWS_MAX_ENABLE, HARDWS_MAX_DISABLE)
        || flags > 15
    {
        return Err(Code::INVALID_PARAMETER);
    }
    let target = Target::of(handle, PROCESS_SET_QUOTA)?;
    if (least, most) == (usize::MAX, usize::MAX) {
        return trim(handle);
    }
    if least < LEAST || least > most {
        return Err(Code::INVALID_PARAMETER);
    }
    if flags & (HARDWS_MIN_ENABLE | HARDWS_MAX_ENABLE) != 0 || target.other()?.is_some() {
        return Err(Code::NOT_SUPPORTED);
    }
    if least as u64 > os::lock_limit().0 && !os::raise_lock_limit(least as u64) {
        return Err(Code::PRIVILEGE_NOT_HELD);
    }
    *lock(&LIMITS) = (least, most);
    Ok(())
}

/// # Safety
/// The places are NULL or the caller's.
unsafe fn get(
    handle: HANDLE,
    least: *mut usize,
    most: *mut usize,
    flags: *mut DWORD,
) -> Result<()> {
    let target = Target::of(handle, PROCESS_QUERY_INFORMATION)?;
    if least.is_null() || most.is_null() || flags.is_null() {
        return Err(Code::NOACCESS);
    }
    if target.other()?.is_some() {
        return Err(Code::NOT_SUPPORTED); // what it set, it keeps to itself
    }
    let limits = *lock(&LIMITS);
    // SAFETY: not NULL, so the caller's.
    unsafe {
        (*least, *most) = limits;
        *flags = HARDWS_MIN_DISABLE | HARDWS_MAX_DISABLE;
    }
    Ok(())
}

#[no_mangle]
extern "C" fn SetProcessWorkingSetSize(process: HANDLE, least: usize, most: usize) -> BOOL {
    last_error::report(set(process, least, most, 0))
}

#[no_mangle]
extern "C" fn SetProcessWorkingSetSizeEx(
    process: HANDLE,
    least: usize,
    most: usize,
    flags: DWORD,
) -> BOOL {
    last_error::report(set(process, least, most, flags))
}

#[no_mangle]
unsafe extern "C" fn GetProcessWorkingSetSize(
    process: HANDLE,
    least: *mut usize,
    most: *mut usize,
) -> BOOL {
    let mut flags = 0;
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { get(process, least, most, &mut flags) })
}

#[no_mangle]
unsafe extern "C" fn GetProcessWorkingSetSizeEx(
    process: HANDLE,
    least: *mut usize,
    most: *mut usize,
    flags: *mut DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { get(process, least, most, flags) })
}

#[no_mangle]
extern "C" fn K32EmptyWorkingSet(process: HANDLE) -> BOOL {
    last_error::report(trim(process))
}

#[no_mangle]
extern "C" fn EmptyWorkingSet(process: HANDLE) -> BOOL {
    last_error::report(trim(process))
}
