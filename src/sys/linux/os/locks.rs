//! Open-file-description locks: dropped by the kernel when the last descriptor of the description closes, however the
//! process ends. rustix only has the older, per-process kind.
#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::io::Errno;

/// Shared needs a descriptor open for reading, exclusive one open for writing.
#[derive(Clone, Copy)]
pub(in super::super) enum Kind {
    Shared,
    Exclusive,
}

/// Takes a lock on the byte at `at` if nobody else has one that conflicts. Returns whether it did.
pub(in super::super) fn try_lock(fd: BorrowedFd<'_>, kind: Kind, at: i64) -> Result<bool, Errno> {
    super::step();
    let kind = match kind {
        Kind::Shared => libc::F_RDLCK,
        Kind::Exclusive => libc::F_WRLCK,
    };
    match fcntl(fd, libc::F_OFD_SETLK, kind, at, 1) {
        Ok(_) => Ok(true),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Gives the lock on the byte at `at` back.
pub(in super::super) fn unlock(fd: BorrowedFd<'_>, at: i64) -> Result<(), Errno> {
    super::step();
    fcntl(fd, libc::F_OFD_SETLK, libc::F_UNLCK, at, 1).map(drop)
}

/// Gives the locks on `count` bytes back.
pub(in super::super) fn unlock_all(fd: BorrowedFd<'_>, at: i64, count: i64) -> Result<(), Errno> {
    super::step();
    fcntl(fd, libc::F_OFD_SETLK, libc::F_UNLCK, at, count).map(drop)
}

/// Whether another open file description has any lock on the byte at `at`.
pub(in super::super) fn is_locked(fd: BorrowedFd<'_>, at: i64) -> Result<bool, Errno> {
    is_any_locked(fd, at, 1)
}

/// The same of any of `count` bytes.
pub(in super::super) fn is_any_locked(
    fd: BorrowedFd<'_>,
    at: i64,
    count: i64,
) -> Result<bool, Errno> {
    super::step();
    let lock = fcntl(fd, libc::F_OFD_GETLK, libc::F_WRLCK, at, count)?;
    Ok(i32::from(lock.l_type) != libc::F_UNLCK)
}

fn fcntl(
    fd: BorrowedFd<'_>,
    command: i32,
    kind: i32,
    at: i64,
    count: i64,
) -> Result<libc::flock, Errno> {
    let mut lock = libc::flock {
        l_type: kind as i16,
        l_whence: libc::SEEK_SET as i16,
        l_start: at,
        l_len: count,
        l_pid: 0, // must be zero for this kind of lock
    };
    // SAFETY: the descriptor is open for the duration of the borrow, and the kernel reads and writes only `lock`.
    match unsafe { libc::fcntl(fd.as_raw_fd(), command, &raw mut lock) } {
        -1 => Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)),
        _ => Ok(lock),
    }
}
