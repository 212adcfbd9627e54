//! Opening processes, and what a handle to one tells.

use std::sync::{Arc, Mutex};

use rustix::io::Errno;

use super::{os, Process};
use crate::abi::{BOOL, DWORD, FALSE, HANDLE, INVALID_HANDLE_VALUE, NULL};
use crate::code::{Code, Result};
use crate::object::{Object, Rights};
use crate::table::{self, Entry};
use crate::thread::{lock, Busy};
use crate::{handles, last_error};

pub(super) const PROCESS_TERMINATE: u32 = 1;
pub(super) const PROCESS_QUERY_INFORMATION: u32 = 0x400;
pub(super) const PROCESS_QUERY_LIMITED_INFORMATION: u32 = 0x1000;

/// This process, with every right: what its pseudo-handle stands for.
///
/// # Errors
/// 8 if there is no descriptor left to keep it by.
pub(crate) fn current() -> Result<Entry> {
    static CURRENT: Mutex<Option<(u32, Arc<Process>)>> = Mutex::new(None);
    let pid = std::process::id();
    let mut current = lock(&CURRENT);
    let process = match &*current {
        Some((of, process)) if *of == pid => process.clone(),
        // Not yet asked for, or the parent's from before `fork`.
        _ => {
            let pidfd = os::pidfd_open(pid).map_err(|_| Code::NOT_ENOUGH_MEMORY)?;
            let process = Process::of(pidfd, pid, None, false)?;
            current.insert((pid, process)).1.clone()
        }
    };
    Ok(Entry::new(Object::Process(process), Rights::PROCESS.all, false))
}

/// Does something with the process behind a handle that has one of these rights.
pub(super) fn with<T>(
    handle: HANDLE,
    rights: &[u32],
    act: impl FnOnce(&Process) -> Result<T>,
) -> Result<T> {
    let entry = table::get(handle)?;
    let Object::Process(process) = &*entry.object else { return Err(Code::INVALID_HANDLE) };
    if !rights.iter().any(|right| entry.access & right == *right) {
        return Err(Code::ACCESS_DENIED);
    }
    act(process)
}

/// The rights to ask about a process: the limited one is part of the full one.
pub(super) const QUERY: &[u32] = &[PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_QUERY_INFORMATION];

fn open_process(access: u32, inherit: bool, pid: u32) -> Result<HANDLE> {
    if pid == 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let _busy = Busy::enter();
    let pidfd = os::pidfd_open(pid).map_err(|errno| match errno {
        Errno::MFILE | Errno::NFILE | Errno::NOMEM => Code::NOT_ENOUGH_MEMORY,
        _ => Code::INVALID_PARAMETER, // nobody has it, or a thread
    })?;
    if !os::is_ours(pid) {
        return Err(Code::ACCESS_DENIED);
    }
    let process = Process::of(pidfd, pid, None, false)?;
    let mut access = handles::open_rights(access, Rights::PROCESS)?;
    if access & PROCESS_QUERY_INFORMATION != 0 {
        access |= PROCESS_QUERY_LIMITED_INFORMATION;
    }
    table::insert(Entry::new(Object::Process(process), access, inherit))
}

#[no_mangle]
extern "C" fn OpenProcess(access: DWORD, inherit: BOOL, pid: DWORD) -> HANDLE {
    last_error::or(open_process(access, inherit != FALSE, pid), NULL)
}

#[no_mangle]
extern "C" fn GetCurrentProcess() -> HANDLE {
    INVALID_HANDLE_VALUE
}

#[no_mangle]
extern "C" fn GetCurrentProcessId() -> DWORD {
    std::process::id()
}

#[no_mangle]
extern "C" fn GetProcessId(process: HANDLE) -> DWORD {
    last_error::or(with(process, QUERY, |process| Ok(process.pid())), 0)
}
