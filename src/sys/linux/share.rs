//! Share modes: who opens a file says what for, and what others may do with it meanwhile.
//!
//! Agreed by locks behind any file's end, like mappings (see [`backing`](super::backing)): one byte for each use
//! and one for each use that is not shared. Everybody *announces first and looks then*, so of two that exclude each other at
//! least one sees the other; a byte more tells those who are still looking from those who stay, so that a refusal
//! by somebody who stays is known at once.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::backing::{EXCLUSIVE, MAPPED};
use super::os::files::OpenFor;
use super::os::{self, fail::fail, locks, process};
use crate::{Error, ErrorKind, FileUse, Result};

/// The first of the bytes: a use is at its own number from here, not sharing it three bytes later.
const USES: i64 = i64::MAX - 16;
const DENIALS: i64 = USES + 3;
/// Somebody is looking and may withdraw.
const LOOKING: i64 = DENIALS + 3;

/// How long to try again against others who are still looking, which takes them a few system calls.
const PATIENCE: Duration = Duration::from_millis(500);

fn bytes(uses: FileUse, first: i64) -> impl Iterator<Item = i64> {
    let numbered = [FileUse::READ, FileUse::WRITE, FileUse::DELETE].into_iter().zip(first..);
    numbered.filter(move |(one, _)| uses.contains(*one)).map(|(_, at)| at)
}

pub(crate) fn share_file(file: &File, uses: FileUse, share: FileUse) -> Result<()> {
    if uses.is_empty() {
        return Ok(()); // who does nothing with the file disturbs nobody, and nobody him
    }
    match join(file.as_fd(), uses, FileUse::all() - share) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::new(
            ErrorKind::SharingViolation,
            "the file is open elsewhere, and one side does not share what the other wants to do",
        )),
        Err(Errno::BADF) => {
            let why = "a file that is not open for reading cannot be locked against others";
            Err(Error::new(ErrorKind::Unsupported, why))
        }
        Err(errno) => Err(fail(errno, "locking the file against others")),
    }
}

fn join(fd: BorrowedFd<'_>, uses: FileUse, denied: FileUse) -> std::result::Result<bool, Errno> {
    let start = Instant::now();
    loop {
        locks::try_lock(fd, locks::Kind::Shared, LOOKING)?;
        for at in bytes(uses, USES).chain(bytes(denied, DENIALS)) {
            locks::try_lock(fd, locks::Kind::Shared, at)?;
        }
        // Who was met may have withdrawn by the time of the second question, and then nobody is left to be met again.
        let met = is_refused(fd, uses, denied)?
            && (locks::is_locked(fd, LOOKING)? || is_refused(fd, uses, denied)?);
        if !met {
            locks::unlock(fd, LOOKING)?;
            return Ok(true);
        }
        let others_look = locks::is_locked(fd, LOOKING)?;
        locks::unlock_all(fd, USES, LOOKING + 1 - USES)?;
        if !others_look || start.elapsed() > PATIENCE {
            return Ok(false);
        }
        os::pause(Duration::from_micros(process::random() % 2_000));
    }
}

fn is_refused(
    fd: BorrowedFd<'_>,
    uses: FileUse,
    denied: FileUse,
) -> std::result::Result<bool, Errno> {
    // Mostly nobody else is there at all.
    if !locks::is_any_locked(fd, USES, EXCLUSIVE + 1 - USES)? {
        return Ok(false);
    }
    let mut against = bytes(uses, DENIALS).chain(bytes(denied, USES)).chain([EXCLUSIVE]);
    against.try_fold(false, |met, at| Ok(met || locks::is_locked(fd, at)?))
}

/// Refuses an exclusive mapping of a file that somebody else uses. What the given file is used for itself is no hindrance.
///
/// # Errors
/// `SharingViolation`
pub(super) fn expect_unused(given: &File) -> Result<()> {
    match locks::is_any_locked(given.as_fd(), USES, DENIALS - USES) {
        Ok(false) => Ok(()),
        Ok(true) => Err(Error::new(
            ErrorKind::SharingViolation,
            "the file is open elsewhere, so it cannot be mapped exclusively",
        )),
        Err(errno) => Err(fail(errno, "looking who uses the file")),
    }
}

/// Announces, for a mapping that writes, that the file is written as long as the description of `fd` is open. Nobody is
/// asked: the right to write came with a file that is open, and was agreed on then. Without locks nobody could be told.
pub(super) fn announce_writing(fd: BorrowedFd<'_>, mode: OpenFor) {
    if mode == OpenFor::ReadWrite {
        let _ = bytes(FileUse::WRITE, USES)
            .try_for_each(|at| locks::try_lock(fd, locks::Kind::Shared, at).map(drop));
    }
}

pub(crate) fn is_file_mapped(file: &File) -> Result<bool> {
    let fd = file.as_fd();
    let look = || Ok(locks::is_locked(fd, MAPPED)? || locks::is_locked(fd, EXCLUSIVE)?);
    match look() {
        // Without locks nobody could announce anything.
        Err(Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS | Errno::NOLCK) => Ok(false),
        looked => looked.map_err(|errno| fail(errno, "looking who maps the file")),
    }
}
