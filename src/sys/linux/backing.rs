//! Files behind mappings: who else maps the file, and may it shrink.
//!
//! Which openers keep each other out is agreed next door, in [`share`](super::share).
//!
//! The agreement is made of locks on four bytes far behind any file's end, so it needs no right to write (but to
//! make the file longer), works between users and containers, and ends with the holders. Everybody *announces first and looks then*: of two that
//! exclude each other at least one sees the other.
//! * `MAPPED`: somebody maps the file. * `EXCLUSIVE`: somebody maps it and wants to be alone.
//! * `SHRINKING`: somebody is about to make it shorter. * `GROWING`: somebody makes it longer, one at a time.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::os::{self, fail::fail, files, files::OpenFor, locks, process};
use crate::{Error, ErrorKind, Result};

pub(super) const MAPPED: i64 = i64::MAX - 4;
pub(super) const EXCLUSIVE: i64 = i64::MAX - 3;
const SHRINKING: i64 = i64::MAX - 2;
const GROWING: i64 = i64::MAX - 1;

/// How long to wait for another who makes the file longer, which may take disk space for all of it.
const GROWTH_PATIENCE: Duration = Duration::from_secs(10);

/// How long two who met are asked to try again: the other side needs a few system calls.
const PATIENCE: Duration = Duration::from_millis(100);

/// Opens the file anew, so that locks on it are this mapping's own.
pub(super) fn own(file: &File, mode: OpenFor) -> Result<OwnedFd> {
    match files::reopen(file.as_fd(), mode) {
        Ok(own) => Ok(own),
        // No /proc, or rights were dropped since the file was opened: then share the description.
        Err(_) => files::duplicate(file).map_err(|errno| fail(errno, "keeping the file open")),
    }
}

/// Announces a mapping of the file for as long as the description of `fd` is open.
///
/// `joins` says that the mapping object itself is already there and this is one more holder of it.
pub(super) fn announce(fd: BorrowedFd<'_>, exclusive: bool, joins: bool) -> Result<()> {
    let (mine, other) = if exclusive { (EXCLUSIVE, MAPPED) } else { (MAPPED, EXCLUSIVE) };
    let attempt = || -> std::result::Result<bool, Errno> {
        locks::try_lock(fd, locks::Kind::Shared, mine)?;
        let met = locks::is_locked(fd, SHRINKING)?
            || !joins && (locks::is_locked(fd, other)? || exclusive && locks::is_locked(fd, mine)?);
        if met {
            locks::unlock(fd, mine)?;
        }
        Ok(!met)
    };
    match repeat(attempt) {
        Ok(true) => Ok(()),
        Ok(false) if exclusive => Err(Error::new(
            ErrorKind::SharingViolation,
            "the file is mapped already, so it cannot be mapped exclusively",
        )),
        Ok(false) => Err(Error::new(ErrorKind::SharingViolation, "the file is mapped exclusively")),
        // File systems without such locks cannot offer the exclusion, and mappings work all the same.
        Err(_) if !exclusive => Ok(()),
        Err(errno) => Err(fail(errno, "locking the file for exclusive use")),
    }
}

/// Makes the file at least `size` bytes long, with disk space for all of them unless `sparse`. On failure, or killed, it
/// keeps its length.
pub(super) fn grow(fd: BorrowedFd<'_>, size: u64, sparse: bool) -> Result<()> {
    // The lock keeps other processes out; threads share it.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let start = Instant::now();
    // File systems without locks go without; then only a full disk that meets another grower can harm.
    while let Ok(false) = locks::try_lock(fd, locks::Kind::Exclusive, GROWING) {
        if start.elapsed() > GROWTH_PATIENCE {
            let why = "another process has been making the file longer for ten seconds and may be stopped";
            return Err(Error::new(ErrorKind::Busy, why));
        }
        os::pause(Duration::from_millis(1));
    }
    let grown = extend(fd, size, sparse);
    let _ = locks::unlock(fd, GROWING); // cannot fail for a lock that is held
    grown.map_err(|errno| fail(errno, "growing the file to the size of the mapping"))
}

/// Never makes the file shorter, should a program outside of the agreement append to it meanwhile.
fn extend(fd: BorrowedFd<'_>, size: u64, sparse: bool) -> std::result::Result<(), Errno> {
    let len = files::fstat(fd)?.st_size as u64;
    if len >= size {
        return Ok(());
    }
    let no_way = |errno| matches!(errno, Errno::OPNOTSUPP | Errno::NOSYS);
    let mut taken = if sparse { Ok(()) } else { files::allocate_behind_end(fd, len, size - len) };
    taken = match taken {
        Ok(()) => files::allocate(fd, size - 1, 1), // the length, at one stroke
        Err(errno) if no_way(errno) => files::allocate(fd, len, size - len),
        Err(errno) => Err(errno),
    };
    match taken {
        Err(errno) if no_way(errno) => files::ftruncate(fd, size), // nobody can promise space there
        Err(errno) => {
            // Gives back what was taken; if even that fails, the first error still says what is wrong.
            let _ = files::ftruncate(fd, len);
            Err(errno)
        }
        Ok(()) => Ok(()),
    }
}

/// Sets the length of a file; refuses to shrink one that is mapped.
pub(crate) fn set_file_len(file: &File, len: u64) -> Result<()> {
    let stat = files::fstat(file).map_err(|errno| fail(errno, "looking at the file"))?;
    let (_, writes) =
        files::rights(file.as_fd()).map_err(|errno| fail(errno, "looking at the file"))?;
    if !writes {
        return Err(Error::new(ErrorKind::AccessDenied, "the file is not open for writing"));
    }
    let set =
        || files::ftruncate(file, len).map_err(|errno| fail(errno, "setting the file's length"));
    if len >= stat.st_size as u64 {
        return set();
    }
    let own = own(file, OpenFor::Read)?;
    let fd = own.as_fd();
    let lock = locks::try_lock(fd, locks::Kind::Shared, SHRINKING);
    let looked =
        lock.and_then(|_| Ok(locks::is_locked(fd, MAPPED)? || locks::is_locked(fd, EXCLUSIVE)?));
    match looked {
        Ok(true) => Err(Error::new(
            ErrorKind::UserMappedFile,
            "a mapped file cannot shrink; close its mappings and views first",
        )),
        // Without locks nobody could announce anything.
        Ok(false) | Err(_) => set(),
    }
}

/// Tries until it works or two who exclude each other have had time to sort it out.
fn repeat(
    mut attempt: impl FnMut() -> std::result::Result<bool, Errno>,
) -> std::result::Result<bool, Errno> {
    let start = Instant::now();
    loop {
        match attempt() {
            Ok(false) if start.elapsed() < PATIENCE => {
                // Different pauses, so that the two do not meet again and again.
                std::thread::sleep(Duration::from_micros(process::random() % 5_000));
            }
            other => return other,
        }
    }
}
