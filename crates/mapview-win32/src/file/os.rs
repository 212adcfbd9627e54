//! System calls on files that take what C programs give, or that rustix does not have.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use rustix::event::{PollFd, PollFlags};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::code::{Code, Result};

fn done(returned: isize) -> std::result::Result<usize, Errno> {
    usize::try_from(returned).map_err(|_| last())
}

fn last() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}

/// Where a transfer starts: at the position of the descriptor, which moves, or at an offset.
#[derive(Clone, Copy)]
pub(super) enum At {
    Position,
    Offset(i64),
}

/// Reads up to `len` bytes to any address; the kernel refuses one that cannot be written.
pub(super) fn read(fd: BorrowedFd<'_>, to: *mut u8, len: usize, at: At) -> Result<usize> {
    loop {
        let read = match at {
            // SAFETY: the kernel checks the addresses and writes nothing elsewhere; that the caller of ReadFile owns what
            // lies there is his duty.
            At::Position => unsafe { libc::read(fd.as_raw_fd(), to.cast(), len) },
            // SAFETY: as above.
            At::Offset(at) => unsafe { libc::pread(fd.as_raw_fd(), to.cast(), len, at) },
        };
        match done(read) {
            Err(Errno::INTR) => {}
            other => return other.map_err(Code::from),
        }
    }
}

/// Writes up to `len` bytes from any address; the kernel refuses one that cannot be read.
pub(super) fn write(fd: BorrowedFd<'_>, from: *const u8, len: usize, at: At) -> Result<usize> {
    loop {
        let written = match at {
            // SAFETY: the kernel checks the addresses and only reads there.
            At::Position => unsafe { libc::write(fd.as_raw_fd(), from.cast(), len) },
            // SAFETY: as above.
            At::Offset(at) => unsafe { libc::pwrite(fd.as_raw_fd(), from.cast(), len, at) },
        };
        match done(written) {
            Err(Errno::INTR) => {}
            Err(Errno::FAULT) => return Err(Code::INVALID_USER_BUFFER),
            other => return other.map_err(Code::from),
        }
    }
}

/// Keeps SIGPIPE from this thread while `act` writes to a pipe that may have no reader.
pub(super) fn without_sigpipe<T>(act: impl FnOnce() -> T) -> T {
    // SAFETY: a signal set is plain bits, and the calls below fill it.
    let (mut pipe, mut before, mut pending): (libc::sigset_t, _, _) = unsafe { std::mem::zeroed() };
    // SAFETY: the sets are this frame's, and the mask is only this thread's.
    unsafe {
        libc::sigemptyset(&raw mut pipe);
        libc::sigaddset(&raw mut pipe, libc::SIGPIPE);
        libc::sigpending(&raw mut pending);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const pipe, &raw mut before);
    }
    let result = act();
    // SAFETY: as above; the signal is taken back only if it was not pending before, so it came from the write.
    unsafe {
        if libc::sigismember(&raw const pending, libc::SIGPIPE) == 0 {
            let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            while libc::sigtimedwait(&raw const pipe, std::ptr::null_mut(), &raw const now) == -1
                && last() == Errno::INTR
            {}
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
    }
    result
}

/// Locks or unlocks bytes for the open file description. Returns whether nobody else's lock was in the way.
pub(super) fn lock(fd: BorrowedFd<'_>, kind: i32, start: i64, len: i64) -> Result<bool> {
    match fcntl_lock(fd, libc::F_OFD_SETLK, kind, start, len) {
        Ok(_) => Ok(true),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Waits until it can lock.
pub(super) fn lock_patiently(fd: BorrowedFd<'_>, kind: i32, start: i64, len: i64) -> Result<()> {
    loop {
        match fcntl_lock(fd, libc::F_OFD_SETLKW, kind, start, len) {
            Err(Errno::INTR) => {}
            other => return Ok(other.map(drop)?),
        }
    }
}

/// Whether another open file description has a lock in the range that is in the way of this kind of one.
pub(super) fn is_locked(fd: BorrowedFd<'_>, kind: i32, start: i64, len: i64) -> Result<bool> {
    let lock = fcntl_lock(fd, libc::F_OFD_GETLK, kind, start, len)?;
    Ok(i32::from(lock.l_type) != libc::F_UNLCK)
}

fn fcntl_lock(
    fd: BorrowedFd<'_>,
    command: i32,
    kind: i32,
    start: i64,
    len: i64,
) -> std::result::Result<libc::flock, Errno> {
    let mut lock = libc::flock {
        l_type: kind as i16,
        l_whence: libc::SEEK_SET as i16,
        l_start: start,
        l_len: len,
        l_pid: 0, // must be zero for this kind of lock
    };
    // SAFETY: the descriptor is open for the duration of the borrow, and the kernel reads and writes only `lock`.
    match unsafe { libc::fcntl(fd.as_raw_fd(), command, &raw mut lock) } {
        -1 => Err(last()),
        _ => Ok(lock),
    }
}

/// Has a function called when the process exits by itself.
pub(super) fn at_exit(act: extern "C" fn()) {
    // SAFETY: the function is there as long as the library.
    unsafe { libc::atexit(act) };
}

/// Lets others run before a condition that nobody announces is looked at again.
pub(super) fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(1));
}

/// Opens anew what this process has open, so that locks on it are its own.
pub(super) fn reopen(fd: BorrowedFd<'_>) -> Result<OwnedFd> {
    let flags = (rustix::fs::fcntl_getfl(fd)? & OFlags::RWMODE) | OFlags::CLOEXEC;
    Ok(rustix::fs::open(format!("/proc/self/fd/{}", fd.as_raw_fd()), flags, Mode::empty())?)
}

fn events(fd: BorrowedFd<'_>) -> Result<PollFlags> {
    let mut polled = [PollFd::from_borrowed_fd(fd, PollFlags::empty())];
    let now = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
    rustix::event::poll(&mut polled, Some(&now))?;
    Ok(polled[0].revents())
}

/// Of the writing end of a pipe.
pub(super) fn has_no_reader(fd: BorrowedFd<'_>) -> Result<bool> {
    Ok(events(fd)?.contains(PollFlags::ERR))
}

/// Of the reading end of a pipe.
pub(super) fn has_no_writer(fd: BorrowedFd<'_>) -> Result<bool> {
    Ok(events(fd)?.contains(PollFlags::HUP))
}

/// Copies what waits in a pipe to any address; the kernel refuses one that cannot be written.
pub(super) fn peek(fd: BorrowedFd<'_>, to: *mut u8, len: usize) -> Result<usize> {
    if len == 0 {
        return Ok(0);
    }
    let (out, into) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    let copied = rustix::pipe::tee(fd, &into, len, rustix::pipe::SpliceFlags::NONBLOCK)?;
    read(out.as_fd(), to, copied, At::Position)
}

/// A second descriptor for what a number stands for, not one of 0 to 2.
pub(super) fn duplicate(number: i32) -> Result<OwnedFd> {
    // SAFETY: the kernel refuses a number that is no descriptor; the new one is owned by nobody else.
    unsafe {
        match libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 3) {
            -1 => Err(last().into()),
            fd => Ok(OwnedFd::from_raw_fd(fd)),
        }
    }
}
