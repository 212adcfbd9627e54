//! How processes end, and with which code.
//!
//! Windows has 32 bits for it, the kernel 8. So a process that uses this library writes the whole code to its page before it
//! ends, and whoever terminates it writes his; of others, and of who crashed, the kernel tells.

use std::sync::atomic::Ordering;

use super::open::{with, PROCESS_TERMINATE, QUERY};
use super::os::{self, Status};
use super::page::Page;
use super::Process;
use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::last_error;

const STILL_ACTIVE: u32 = 259;

/// The code that Windows has for what a process did that the kernel ended with a signal.
fn code_of_signal(signal: i32) -> u32 {
    match signal {
        libc::SIGSEGV | libc::SIGBUS => 0xC000_0005, // STATUS_ACCESS_VIOLATION
        libc::SIGILL => 0xC000_001D,                 // STATUS_ILLEGAL_INSTRUCTION
        libc::SIGFPE => 0xC000_0094,                 // STATUS_INTEGER_DIVIDE_BY_ZERO
        libc::SIGTRAP => 0x8000_0003,                // STATUS_BREAKPOINT
        libc::SIGINT => 0xC000_013A,                 // STATUS_CONTROL_C_EXIT
        libc::SIGABRT => 3,                          // what `abort` of the C runtime ends with
        signal => 128 + signal as u32,               // what shells say
    }
}

impl Process {
    /// The code that it ended with; `STILL_ACTIVE` while it runs.
    ///
    /// # Errors
    /// 50 if it was somebody else's child, without a page, and the kernel is too old to remember.
    pub(crate) fn exit_code(&self) -> Result<u32> {
        if let Some(code) = self.ended.get() {
            return Ok(*code);
        }
        if self.is_alive() {
            return Ok(STILL_ACTIVE);
        }
        let told = if self.is_child.load(Ordering::Relaxed) { os::wait(&self.pidfd) } else { None };
        let said = self.page.as_ref().and_then(Page::exit_code);
        let code = match said {
            Some(code) => code,
            None => {
                let asked = || os::status_of_other(&self.pidfd, self.pid, self.started);
                match told.or_else(asked).ok_or(Code::NOT_SUPPORTED)? {
                    Status::Exited(code) => code,
                    Status::Signaled(signal) => match self.killed_with.get() {
                        Some(code) if signal == libc::SIGKILL => *code,
                        _ => code_of_signal(signal),
                    },
                }
            }
        };
        if let Some(page) = &self.page {
            page.publish_exit(code); // for others, whom the kernel may not tell any more
        }
        Ok(*self.ended.get_or_init(|| code))
    }

    fn terminate(&self, code: u32) -> Result<()> {
        if self.is_current() {
            end_at_once(code);
        }
        if !self.is_alive() {
            return Err(Code::ACCESS_DENIED);
        }
        match &self.page {
            Some(page) => page.publish_termination(code),
            None => drop(self.killed_with.set(code)),
        }
        os::kill(&self.pidfd).map_err(|_| Code::ACCESS_DENIED)?;
        Ok(())
    }
}

/// From now on `exit` and the return from `main` tell the whole code.
pub(super) fn install() {
    extern "C" fn tell(code: i32, _: *mut libc::c_void) {
        publish(code as u32);
    }
    os::at_exit(tell);
}

/// Says with which code this process is about to end.
pub(crate) fn publish(code: u32) {
    if let Some(page) = Page::own() {
        page.publish_exit(code);
    }
}

fn end_at_once(code: u32) -> ! {
    publish(code);
    os::exit(code, false)
}

#[no_mangle]
extern "C" fn TerminateProcess(process: HANDLE, code: DWORD) -> BOOL {
    last_error::report(with(process, &[PROCESS_TERMINATE], |process| process.terminate(code)))
}

/// As `exit` does, it flushes what streams have buffered and runs what `atexit` was given: a C runtime that is a library
/// of its own does the same on Windows when the process lets go of it.
#[no_mangle]
extern "C" fn ExitProcess(code: DWORD) -> ! {
    publish(code);
    os::exit(code, true)
}

#[no_mangle]
unsafe extern "C" fn GetExitCodeProcess(process: HANDLE, code: *mut DWORD) -> BOOL {
    let get = |process: &Process| {
        if code.is_null() {
            return Err(Code::NOACCESS);
        }
        let ended = process.exit_code()?;
        // SAFETY: the caller gives a place for the code.
        unsafe { *code = ended };
        Ok(())
    };
    last_error::report(with(process, QUERY, get))
}
