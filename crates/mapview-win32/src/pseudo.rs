//! Handle values that need no slot: the process itself, the thread itself, and the tokens of both.

use crate::abi::HANDLE;
use crate::code::{Code, Result};
use crate::process;
use crate::table::Entry;
use crate::thread;

/// `GetCurrentThread()`.
const CURRENT_THREAD: isize = -2;

/// Whether closing it does nothing and succeeds.
pub(crate) fn is_pseudo(handle: HANDLE) -> bool {
    (-6..=-1).contains(&(handle as isize))
}

/// What a pseudo-handle stands for; `None` if it is none.
pub(crate) fn entry(handle: HANDLE) -> Option<Result<Entry>> {
    match handle as isize {
        CURRENT_THREAD => Some(Ok(thread::current_entry())),
        -1 => Some(process::current()),
        -6..=-4 => Some(Ok(process::token())),
        _ => is_pseudo(handle).then_some(Err(Code::INVALID_HANDLE)),
    }
}
