//! Handles to threads, and their numbers.

use std::sync::Arc;

use super::{current, find, os, Thread};
use crate::abi::{BOOL, DWORD, FALSE, HANDLE, NULL};
use crate::code::{Code, Result};
use crate::object::{Object, Rights};
use crate::table::{self, Entry};
use crate::{handles, last_error, process};

const THREAD_QUERY_LIMITED_INFORMATION: u32 = 0x800;
const THREAD_QUERY_INFORMATION: u32 = 0x40;

/// The thread behind a handle that has these rights.
pub(super) fn get(handle: HANDLE, rights: u32) -> Result<Arc<Thread>> {
    let entry = table::get(handle)?;
    let thread = match &*entry.object {
        Object::Thread(thread) => thread,
        Object::MainThread(_) => return Err(Code::NOT_SUPPORTED), // another process's
        _ => return Err(Code::INVALID_HANDLE),
    };
    if rights != THREAD_QUERY_LIMITED_INFORMATION || entry.access & THREAD_QUERY_INFORMATION == 0 {
        entry.need(rights)?;
    }
    Ok(thread.clone())
}

/// Finds threads that `CreateThread` made, the main one, and those that have used `GetCurrentThread` in a call.
#[no_mangle]
extern "C" fn OpenThread(access: DWORD, inherit: BOOL, id: DWORD) -> HANDLE {
    let open = || {
        let own = id == os::own_id();
        let thread = if own { Some(current()) } else { find(id) };
        let thread = thread.ok_or(Code::INVALID_PARAMETER)?;
        let access = handles::open_rights(access, Rights::THREAD)?;
        table::insert(Entry::new(Object::Thread(thread), access, inherit != FALSE))
    };
    last_error::or(open(), NULL)
}

#[no_mangle]
extern "C" fn GetCurrentThread() -> HANDLE {
    -2isize as HANDLE
}

#[no_mangle]
extern "C" fn GetCurrentThreadId() -> DWORD {
    os::own_id()
}

#[no_mangle]
extern "C" fn GetThreadId(handle: HANDLE) -> DWORD {
    let id = || match process::main_thread(handle, 0)? {
        Some(process) => Ok(process.pid()),
        None => Ok(get(handle, THREAD_QUERY_LIMITED_INFORMATION)?.id()),
    };
    last_error::or(id(), 0)
}

#[no_mangle]
extern "C" fn GetProcessIdOfThread(handle: HANDLE) -> DWORD {
    let id = || match process::main_thread(handle, 0)? {
        Some(process) => Ok(process.pid()),
        None => get(handle, THREAD_QUERY_LIMITED_INFORMATION).map(|_| std::process::id()),
    };
    last_error::or(id(), 0)
}
