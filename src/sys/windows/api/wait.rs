//! Waiting, for one object or several.

use std::os::windows::io::{AsRawHandle, BorrowedHandle};

use windows_sys::Win32::Foundation::{
    WAIT_ABANDONED_0, WAIT_EVENT, WAIT_FAILED, WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::System::Threading::{SignalObjectAndWait, WaitForMultipleObjects};

use super::{last_error, Outcome};

pub(crate) use windows_sys::Win32::System::Threading::INFINITE;

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// The place of the object that ended the wait, 0 where all had to.
    Object(usize),
    /// The same, and its mutex, or any of all, was abandoned.
    Abandoned(usize),
    Timeout,
}

fn wait_of(event: WAIT_EVENT) -> Outcome<Wait> {
    match event {
        WAIT_FAILED => Err(last_error()),
        WAIT_TIMEOUT => Ok(Wait::Timeout),
        WAIT_ABANDONED_0.. => Ok(Wait::Abandoned((event - WAIT_ABANDONED_0) as usize)),
        _ => Ok(Wait::Object((event - WAIT_OBJECT_0) as usize)),
    }
}

/// 1 to 64 objects; `all` makes it wait for all of them together.
pub(crate) fn wait_for_multiple_objects(
    objects: &[BorrowedHandle<'_>],
    all: bool,
    milliseconds: u32,
) -> Outcome<Wait> {
    let (count, first) = (objects.len() as u32, objects.as_ptr().cast());
    // SAFETY: `count` live handles, borrowed for the whole wait; a `BorrowedHandle` is laid out as a `HANDLE`.
    wait_of(unsafe { WaitForMultipleObjects(count, first, all.into(), milliseconds) })
}

pub(crate) fn signal_object_and_wait(
    signal: BorrowedHandle<'_>,
    wait: BorrowedHandle<'_>,
    milliseconds: u32,
) -> Outcome<Wait> {
    let alertable = 0;
    // SAFETY: live handles, borrowed for the whole wait; no pointers.
    wait_of(unsafe {
        SignalObjectAndWait(signal.as_raw_handle(), wait.as_raw_handle(), milliseconds, alertable)
    })
}
