//! When and where threads run.

use std::sync::atomic::Ordering;
use std::sync::OnceLock;

use super::{handle, os};
use crate::abi::{BOOL, DWORD, FALSE, HANDLE, TRUE};
use crate::code::{Code, Result};
use crate::last_error;

const THREAD_SET_INFORMATION: u32 = 0x20;
const THREAD_QUERY_INFORMATION: u32 = 0x40;
const THREAD_QUERY_LIMITED_INFORMATION: u32 = 0x800;

const THREAD_PRIORITY_ERROR_RETURN: i32 = i32::MAX;
const THREAD_MODE_BACKGROUND_BEGIN: i32 = 0x1_0000;
const THREAD_MODE_BACKGROUND_END: i32 = 0x2_0000;

/// Also what asks for the ideal processor instead of setting it.
const MAXIMUM_PROCESSORS: DWORD = 64;

/// How much nicer than the process a thread of this priority is.
fn niceness(priority: i32) -> Result<i32> {
    match priority {
        -15 => Ok(19),
        -2..=1 => Ok(-5 * priority),
        2 => Ok(-10),
        15 => Ok(-20),
        THREAD_MODE_BACKGROUND_BEGIN | THREAD_MODE_BACKGROUND_END => Err(Code::NOT_SUPPORTED),
        _ => Err(Code::INVALID_PARAMETER),
    }
}

/// The kernel is told only where it would also let the thread become less nice again.
#[no_mangle]
extern "C" fn SetThreadPriority(handle: HANDLE, priority: i32) -> BOOL {
    let set = || {
        let thread = handle::get(handle, THREAD_SET_INFORMATION)?;
        let niceness = niceness(priority)?;
        if os::may_be_less_nice() {
            os::set_niceness(thread.id(), niceness);
        }
        thread.priority.store(priority, Ordering::Relaxed);
        Ok(())
    };
    last_error::report(set())
}

#[no_mangle]
extern "C" fn GetThreadPriority(handle: HANDLE) -> i32 {
    let thread = handle::get(handle, THREAD_QUERY_LIMITED_INFORMATION);
    last_error::or(
        thread.map(|thread| thread.priority.load(Ordering::Relaxed)),
        THREAD_PRIORITY_ERROR_RETURN,
    )
}

/// The kernel has nothing of the kind to be switched off: it is remembered.
#[no_mangle]
extern "C" fn SetThreadPriorityBoost(handle: HANDLE, disable: BOOL) -> BOOL {
    let thread = handle::get(handle, THREAD_SET_INFORMATION);
    let set = thread.map(|thread| thread.no_boost.store(disable != FALSE, Ordering::Relaxed));
    last_error::report(set)
}

#[no_mangle]
unsafe extern "C" fn GetThreadPriorityBoost(handle: HANDLE, disabled: *mut BOOL) -> BOOL {
    let get = || {
        let thread = handle::get(handle, THREAD_QUERY_LIMITED_INFORMATION)?;
        if disabled.is_null() {
            return Err(Code::NOACCESS);
        }
        // SAFETY: the caller gives a place for it.
        unsafe { *disabled = thread.no_boost.load(Ordering::Relaxed).into() };
        Ok(())
    };
    last_error::report(get())
}

/// The processors that the process could run on when this was first asked.
fn processors() -> u64 {
    static PROCESSORS: OnceLock<u64> = OnceLock::new();
    *PROCESSORS.get_or_init(|| os::affinity(std::process::id()).unwrap_or(1))
}

/// Of the first 64 processors. Returns what it was.
#[no_mangle]
extern "C" fn SetThreadAffinityMask(handle: HANDLE, mask: usize) -> usize {
    let set = || {
        let thread = handle::get(handle, THREAD_SET_INFORMATION | THREAD_QUERY_INFORMATION)?;
        let mask = mask as u64;
        if mask == 0 || mask & !processors() != 0 {
            return Err(Code::INVALID_PARAMETER);
        }
        if thread.has_ended() {
            return Err(Code::ACCESS_DENIED);
        }
        let before = os::affinity(thread.id())?;
        os::set_affinity(thread.id(), mask)?;
        Ok(before as usize)
    };
    last_error::or(set(), 0)
}

/// The kernel chooses: it is remembered.
#[no_mangle]
extern "C" fn SetThreadIdealProcessor(handle: HANDLE, processor: DWORD) -> DWORD {
    let set = || {
        let thread = handle::get(handle, THREAD_SET_INFORMATION)?;
        if processor == MAXIMUM_PROCESSORS {
            return Ok(thread.ideal.load(Ordering::Relaxed));
        }
        if processor >= 64 - processors().leading_zeros() {
            return Err(Code::INVALID_PARAMETER);
        }
        Ok(thread.ideal.swap(processor, Ordering::Relaxed))
    };
    last_error::or(set(), DWORD::MAX)
}

/// Whether another thread ran meanwhile the system does not tell.
#[no_mangle]
extern "C" fn SwitchToThread() -> BOOL {
    std::thread::yield_now();
    TRUE
}
