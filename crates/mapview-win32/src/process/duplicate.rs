//! Duplicating handles into and out of other processes, which need not do anything for it.

use std::sync::Arc;

use super::{inbox, listing, os, parcel, Process};
use crate::abi::HANDLE;
use crate::code::{Code, Result};
use crate::handles::Wish;
use crate::object::{Object, Rights};
use crate::table::{self, Entry};

const PROCESS_DUP_HANDLE: u32 = 0x40;

/// The process behind a handle that allows to duplicate; `None` if it is this one.
///
/// # Errors
/// 5 if the handle does not allow it, 6 if it is of no process.
pub(crate) fn process(handle: HANDLE) -> Result<Option<Arc<Process>>> {
    let entry = table::get(handle)?;
    let Object::Process(process) = &*entry.object else { return Err(Code::INVALID_HANDLE) };
    entry.need(PROCESS_DUP_HANDLE)?;
    Ok((!process.is_current()).then(|| process.clone()))
}

impl Process {
    /// # Errors
    /// 5 if it has ended.
    fn check_alive(&self) -> Result<()> {
        if self.is_alive() {
            Ok(())
        } else {
            Err(Code::ACCESS_DENIED)
        }
    }

    /// What the pseudo-handles of this other process stand for.
    fn pseudo(self: &Arc<Process>, handle: HANDLE) -> Option<Object> {
        match handle as isize {
            -1 => Some(Object::Process(self.clone())),
            -2 => Some(Object::MainThread(self.clone())),
            _ => None,
        }
    }

    /// What a handle of this other process stands for, as an object of this one.
    ///
    /// # Errors
    /// 5 if it has ended or the kernel does not let us, 6 if the handle stands for nothing, 50 for what only it can have.
    pub(crate) fn take(self: &Arc<Process>, handle: HANDLE) -> Result<Entry> {
        const PATIENCE: usize = 100;
        self.check_alive()?;
        if let Some(object) = self.pseudo(handle) {
            return Ok(Entry::new(object, Rights::PROCESS.all, false));
        }
        let page = self.page.as_ref().ok_or(Code::NOT_SUPPORTED)?;
        for _ in 0..PATIENCE {
            let listed = listing::look(page, handle).ok_or(Code::INVALID_HANDLE)?;
            if listed.text.is_empty() {
                return Err(Code::NOT_SUPPORTED);
            }
            let exactly = listed.text.starts_with("file") || listed.text.contains("process");
            let fds: std::io::Result<Vec<_>> = listed
                .fds
                .iter()
                .map(|fd| os::take_descriptor(&self.pidfd, self.pid, *fd, exactly))
                .collect();
            // Closed before it was taken, or after: then a descriptor may be another's by now.
            if listing::look(page, handle).as_ref() != Some(&listed) {
                continue;
            }
            let descriptors = fds.map_err(|_| Code::ACCESS_DENIED)?;
            let (access, inherit, protect) = (listed.access, listed.inherit, listed.protect);
            let object = parcel::unpack(parcel::Parcel { text: listed.text, descriptors })?;
            return Ok(Entry { object, access, inherit, protect });
        }
        Err(Code::INVALID_HANDLE)
    }

    /// Gives this other process a handle.
    ///
    /// # Errors
    /// 5 if it has ended, 50 if it does not use this library, or for what only this process can have.
    pub(crate) fn give(&self, entry: &Entry) -> Result<HANDLE> {
        self.check_alive()?;
        let page = self.page.as_ref().ok_or(Code::NOT_SUPPORTED)?;
        inbox::give(page, entry)
    }

    /// Closes a handle of this other process.
    pub(crate) fn close(&self, handle: HANDLE) -> Result<()> {
        inbox::close(self.page.as_ref().ok_or(Code::NOT_SUPPORTED)?, handle)
    }
}

/// Closes a handle of either process.
pub(crate) fn close((from, source): (Option<&Arc<Process>>, HANDLE)) -> Result<()> {
    match from {
        Some(process) => process.close(source),
        None if crate::pseudo::is_pseudo(source) => Ok(()),
        None => table::remove(source).map(drop),
    }
}

/// Duplicates when at least one of the two processes is another one.
pub(crate) fn duplicate(
    (from, source): (Option<&Arc<Process>>, HANDLE),
    to: Option<&Process>,
    wish: Wish,
) -> Result<HANDLE> {
    let entry = match from {
        Some(process) => process.take(source)?,
        None => table::get(source)?,
    };
    let copied = wish.apply(&entry).and_then(|copy| match to {
        Some(process) => process.give(&copy),
        None => table::insert(copy),
    });
    if wish.closes_source() {
        let closed = close((from, source)); // whatever became of the copy
        copied.and_then(|copy| closed.map(|()| copy))
    } else {
        copied
    }
}
