//! `LockFile`: locks of the open file description, which other programs of Linux do not have to respect.

use std::os::fd::AsFd;

use super::io::{self, OVERLAPPED};
use super::{doomed, file_right, os, File, Kind};
use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::thread;
use crate::{last_error, table};

const LOCKFILE_FAIL_IMMEDIATELY: DWORD = 1;
const LOCKFILE_EXCLUSIVE_LOCK: DWORD = 2;

/// Bytes from `start` to before `end`, as one call locked them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    start: u64,
    end: u64,
    exclusive: bool,
}

impl Range {
    fn new(start: u64, len: u64, exclusive: bool) -> Result<Range> {
        let end = start.checked_add(len).ok_or(Code::INVALID_PARAMETER)?;
        Ok(Range { start, end, exclusive })
    }

    fn meets(&self, other: &Range) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// What of it can be locked: bytes that no file has, and those of the share modes, are left out.
    fn bytes(&self) -> Option<(i64, i64)> {
        let end = self.end.min(doomed::RESERVED as u64);
        (self.start < end).then(|| (self.start as i64, (end - self.start) as i64))
    }

    fn kind(&self) -> i32 {
        if self.exclusive {
            libc::F_WRLCK
        } else {
            libc::F_RDLCK
        }
    }
}

fn lock(file: &File, wanted: Range, waits: bool) -> Result<()> {
    if file.kind != Kind::Disk {
        return Err(Code::INVALID_PARAMETER);
    }
    loop {
        {
            let mut locked = thread::lock(&file.locked);
            // The kernel lets one description lock over its own locks; Windows does not.
            let met =
                locked.iter().any(|one| one.meets(&wanted) && (one.exclusive || wanted.exclusive));
            let taken = !met
                && match wanted.bytes() {
                    Some((start, len)) => os::lock(file.file.as_fd(), wanted.kind(), start, len)?,
                    None => true,
                };
            if taken {
                locked.push(wanted);
                return Ok(());
            }
            if !waits {
                return Err(Code::LOCK_VIOLATION);
            }
            if met {
                drop(locked);
                os::pause();
                continue;
            }
        }
        // Waited for without the list, so that another thread can unlock; then asked for again together with it.
        if let Some((start, len)) = wanted.bytes() {
            let own = std::fs::File::from(os::reopen(file.file.as_fd())?);
            os::lock_patiently(own.as_fd(), wanted.kind(), start, len)?;
        }
    }
}

fn unlock(file: &File, start: u64, len: u64) -> Result<()> {
    if file.kind != Kind::Disk {
        return Err(Code::INVALID_PARAMETER);
    }
    let wanted = Range::new(start, len, false)?;
    let mut locked = thread::lock(&file.locked);
    let found = locked.iter().position(|one| one.start == wanted.start && one.end == wanted.end);
    locked.remove(found.ok_or(Code::NOT_LOCKED)?);
    if let Some((start, len)) = wanted.bytes() {
        os::lock(file.file.as_fd(), libc::F_UNLCK, start, len)?;
    }
    // What other calls locked of it stays locked.
    for range in locked.iter().filter(|one| one.meets(&wanted)) {
        if let Some((start, len)) = range.bytes() {
            os::lock(file.file.as_fd(), range.kind(), start, len)?;
        }
    }
    Ok(())
}

fn number(low: DWORD, high: DWORD) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

fn lock_file(handle: HANDLE, start: u64, len: u64, flags: DWORD) -> Result<()> {
    let entry = table::get(handle)?;
    let file = entry.file()?;
    entry.need_any(file_right::READ_DATA | file_right::WRITE_DATA | file_right::APPEND_DATA)?;
    let exclusive = flags & LOCKFILE_EXCLUSIVE_LOCK != 0;
    let range = Range::new(start, len, exclusive)?;
    lock(file, range, flags & LOCKFILE_FAIL_IMMEDIATELY == 0)
}

fn unlock_file(handle: HANDLE, start: u64, len: u64) -> Result<()> {
    unlock(table::get(handle)?.file()?, start, len)
}

#[no_mangle]
extern "C" fn LockFile(
    handle: HANDLE,
    low: DWORD,
    high: DWORD,
    len_low: DWORD,
    len_high: DWORD,
) -> BOOL {
    let flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
    last_error::report(lock_file(handle, number(low, high), number(len_low, len_high), flags))
}

#[no_mangle]
extern "C" fn UnlockFile(
    handle: HANDLE,
    low: DWORD,
    high: DWORD,
    len_low: DWORD,
    len_high: DWORD,
) -> BOOL {
    last_error::report(unlock_file(handle, number(low, high), number(len_low, len_high)))
}

#[no_mangle]
unsafe extern "C" fn LockFileEx(
    handle: HANDLE,
    flags: DWORD,
    reserved: DWORD,
    len_low: DWORD,
    len_high: DWORD,
    overlapped: *mut OVERLAPPED,
) -> BOOL {
    let lock = |start| match reserved {
        0 => lock_file(handle, start, number(len_low, len_high), flags).map(|()| 0),
        _ => Err(Code::INVALID_PARAMETER),
    };
    // SAFETY: the caller gives the structure, as Win32 documents.
    last_error::report(unsafe { io::overlapped(overlapped, lock) })
}

#[no_mangle]
unsafe extern "C" fn UnlockFileEx(
    handle: HANDLE,
    reserved: DWORD,
    len_low: DWORD,
    len_high: DWORD,
    overlapped: *mut OVERLAPPED,
) -> BOOL {
    let unlock = |start| match reserved {
        0 => unlock_file(handle, start, number(len_low, len_high)).map(|()| 0),
        _ => Err(Code::INVALID_PARAMETER),
    };
    // SAFETY: as above.
    last_error::report(unsafe { io::overlapped(overlapped, unlock) })
}
