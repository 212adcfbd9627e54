//! The first thread of another process, as `CreateProcess` gives a handle to it.
//!
//! The kernel stops and continues processes as a whole, so to suspend this thread stops all. For who waits, it ends with its
//! process.

use std::sync::Arc;

use rustix::process::Signal;

use super::page::Page;
use super::{os, Process};
use crate::abi::HANDLE;
use crate::code::{Code, Result};
use crate::object::Object;
use crate::table;

/// What `MAXIMUM_SUSPEND_COUNT` is on Windows.
const MOST_SUSPENDED: u64 = 127;

/// The process whose first thread a handle with these rights stands for; `None` if it stands for something else.
pub(crate) fn main_thread(handle: HANDLE, rights: u32) -> Result<Option<Arc<Process>>> {
    let entry = table::get(handle)?;
    let Object::MainThread(process) = &*entry.object else { return Ok(None) };
    entry.need(rights)?;
    Ok(Some(process.clone()))
}

impl Process {
    fn page(&self) -> Result<&Page> {
        self.page.as_ref().ok_or(Code::NOT_SUPPORTED)
    }

    /// Stops it, once more. Returns how often that was done before.
    pub(crate) fn suspend(&self) -> Result<u32> {
        let more = |count| (count < MOST_SUSPENDED).then_some(count + 1);
        let before = self.page()?.change_suspended(more).ok_or(Code::SIGNAL_REFUSED)?;
        if before == 0 {
            os::signal(&self.pidfd, Signal::STOP).map_err(|_| Code::ACCESS_DENIED)?;
        }
        Ok(before as u32)
    }

    /// Takes one suspension back; without one left it runs. Returns how many there were.
    pub(crate) fn resume(&self) -> Result<u32> {
        let before = self.page()?.change_suspended(|count| Some(count.saturating_sub(1)));
        let before = before.unwrap_or_default();
        if before == 1 {
            os::signal(&self.pidfd, Signal::CONT).map_err(|_| Code::ACCESS_DENIED)?;
        }
        Ok(before as u32)
    }
}
