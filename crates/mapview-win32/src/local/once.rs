//! One-time initialisation.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use parking_lot_core::{park, unpark_all, DEFAULT_PARK_TOKEN, DEFAULT_UNPARK_TOKEN};

use crate::abi::{BOOL, DWORD, FALSE, TRUE};
use crate::code::{Code, Result};
use crate::last_error;

/// `INIT_ONCE`: the context and, in the two bits that it leaves free, how far it is. All zeros is not begun.
type INIT_ONCE = AtomicUsize;

const STATE: usize = 3;
const NOT_BEGUN: usize = 0;
/// Somebody, perhaps several, are at it with `INIT_ONCE_ASYNC`.
const BEGUN_ASYNC: usize = 1;
const DONE: usize = 2;
/// One thread is at it and the others wait.
const BEGUN: usize = 3;

const INIT_ONCE_CHECK_ONLY: DWORD = 1;
const INIT_ONCE_ASYNC: DWORD = 2;
const INIT_ONCE_INIT_FAILED: DWORD = 4;

const GEN_FAILURE: Code = Code(31);

/// What to do now.
enum Begin {
    /// The caller initialises.
    Pending,
    /// It is done, with this context.
    Done(*mut c_void),
}

fn begin(once: &INIT_ONCE, flags: DWORD) -> Result<Begin> {
    if flags & !(INIT_ONCE_CHECK_ONLY | INIT_ONCE_ASYNC) != 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let is_async = flags & INIT_ONCE_ASYNC != 0;
    if flags & INIT_ONCE_CHECK_ONLY != 0 {
        let value = once.load(SeqCst);
        return match (is_async, value & STATE) {
            (true, _) => Err(Code::INVALID_PARAMETER),
            (false, DONE) => Ok(Begin::Done((value & !STATE) as *mut c_void)),
            (false, _) => Err(GEN_FAILURE),
        };
    }
    loop {
        let value = once.load(SeqCst);
        match (value & STATE, is_async) {
            (NOT_BEGUN, _) => {
                let begun = if is_async { BEGUN_ASYNC } else { BEGUN };
                if once.compare_exchange(value, begun, SeqCst, SeqCst).is_ok() {
                    return Ok(Begin::Pending);
                }
            }
            (DONE, _) => return Ok(Begin::Done((value & !STATE) as *mut c_void)),
            (BEGUN_ASYNC, true) => return Ok(Begin::Pending),
            (BEGUN, false) => {
                let key = once as *const INIT_ONCE as usize;
                let waits = || once.load(SeqCst) == value;
                // SAFETY: the functions neither panic nor park, and only this waits by the address.
                unsafe { park(key, waits, || {}, |_, _| {}, DEFAULT_PARK_TOKEN, None) };
            }
            _ => return Err(Code::INVALID_PARAMETER),
        }
    }
}

fn complete(once: &INIT_ONCE, flags: DWORD, context: *mut c_void) -> Result<()> {
    let context = context as usize;
    let failed = flags & INIT_ONCE_INIT_FAILED != 0;
    let is_async = flags & INIT_ONCE_ASYNC != 0;
    let known = flags & !(INIT_ONCE_ASYNC | INIT_ONCE_INIT_FAILED) == 0;
    if !known || context & STATE != 0 || failed && (is_async || context != 0) {
        return Err(Code::INVALID_PARAMETER);
    }
    let end = if failed { NOT_BEGUN } else { context | DONE };
    let value = once.load(SeqCst);
    match (value & STATE, is_async) {
        (BEGUN_ASYNC, true) | (BEGUN, false) => {
            once.compare_exchange(value, end, SeqCst, SeqCst).map_err(|_| GEN_FAILURE)?;
            // SAFETY: only `begin` waits by this address.
            unsafe { unpark_all(once as *const INIT_ONCE as usize, DEFAULT_UNPARK_TOKEN) };
            Ok(())
        }
        (BEGUN, true) => Err(Code::INVALID_PARAMETER),
        _ => Err(GEN_FAILURE),
    }
}

#[no_mangle]
unsafe extern "C" fn InitOnceInitialize(once: *mut INIT_ONCE) {
    // SAFETY: the caller gives the place.
    unsafe { once.write(INIT_ONCE::new(NOT_BEGUN)) };
}

/// # Safety
/// `place` is NULL or a place for the context.
unsafe fn give(context: *mut c_void, place: *mut *mut c_void) {
    if !place.is_null() {
        // SAFETY: the caller says so.
        unsafe { *place = context };
    }
}

#[no_mangle]
unsafe extern "C" fn InitOnceBeginInitialize(
    once: &INIT_ONCE,
    flags: DWORD,
    pending: *mut BOOL,
    context: *mut *mut c_void,
) -> BOOL {
    let is_pending = match begin(once, flags) {
        Err(code) => return last_error::report(Err(code)),
        Ok(Begin::Pending) => TRUE,
        Ok(Begin::Done(value)) => {
            // SAFETY: the caller gives a place or NULL.
            unsafe { give(value, context) };
            FALSE
        }
    };
    if !pending.is_null() {
        // SAFETY: the caller gives a place.
        unsafe { *pending = is_pending };
    }
    TRUE
}

#[no_mangle]
extern "C" fn InitOnceComplete(once: &INIT_ONCE, flags: DWORD, context: *mut c_void) -> BOOL {
    last_error::report(complete(once, flags, context))
}

type InitFunction = extern "C" fn(&INIT_ONCE, *mut c_void, *mut *mut c_void) -> BOOL;

#[no_mangle]
unsafe extern "C" fn InitOnceExecuteOnce(
    once: &INIT_ONCE,
    function: InitFunction,
    parameter: *mut c_void,
    context: *mut *mut c_void,
) -> BOOL {
    match begin(once, 0) {
        Err(code) => last_error::report(Err(code)),
        Ok(Begin::Done(value)) => {
            // SAFETY: the caller gives a place or NULL.
            unsafe { give(value, context) };
            TRUE
        }
        Ok(Begin::Pending) => {
            let mut value = null_mut();
            let place = if context.is_null() { &mut value } else { context };
            if function(once, parameter, place) == FALSE {
                // It is begun, so there is nothing that could fail; the last error stays the function's.
                let _ = complete(once, INIT_ONCE_INIT_FAILED, null_mut());
                return FALSE;
            }
            // SAFETY: one of the two places.
            last_error::report(complete(once, 0, unsafe { *place }))
        }
    }
}
