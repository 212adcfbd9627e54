//! On which processors a process runs.

use super::open::{with, QUERY};
use super::{os, Process};
use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::thread::{affinity, set_affinity};

const PROCESS_SET_INFORMATION: DWORD = 0x200;

/// The processors that this process could run on when it was first asked: more are not to be had.
fn of_system() -> u64 {
    static SYSTEM: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    *SYSTEM.get_or_init(|| affinity(std::process::id()).unwrap_or(1))
}

/// Of the first 64 processors. The process' are those of its first thread.
#[no_mangle]
unsafe extern "C" fn GetProcessAffinityMask(
    process: HANDLE,
    mask: *mut usize,
    system: *mut usize,
) -> BOOL {
    let tell = |process: &Process| {
        if mask.is_null() || system.is_null() {
            return Err(Code::NOACCESS);
        }
        let of_system = of_system();
        let own = affinity(process.pid)?;
        // SAFETY: the caller gives places for them.
        unsafe {
            *mask = own as usize;
            *system = (of_system | own) as usize;
        }
        Ok(())
    };
    last_error::report(with(process, QUERY, tell))
}

/// Moves every thread there is; those to come inherit it.
#[no_mangle]
extern "C" fn SetProcessAffinityMask(process: HANDLE, mask: usize) -> BOOL {
    let set = |process: &Process| -> Result<()> {
        let mask = mask as u64;
        if mask == 0 || mask & !of_system() != 0 {
            return Err(Code::INVALID_PARAMETER);
        }
        let threads = os::threads(process.pid).ok_or(Code::ACCESS_DENIED)?;
        for thread in threads {
            set_affinity(thread, mask).map_err(|_| Code::ACCESS_DENIED)?;
        }
        Ok(())
    };
    last_error::report(with(process, &[PROCESS_SET_INFORMATION], set))
}
