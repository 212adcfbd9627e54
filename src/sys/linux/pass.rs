//! Descriptors, for whoever passes them himself: over a Unix socket, as a child's standard input, to other libraries.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use crate::{Error, Event, Mapping, Mutex, Result, Semaphore, Timer};

/// The descriptor of the memory or file, with the rights of this handle. Whoever receives it makes a [`Mapping`] of it with
/// `Mapping::try_from`. It carries the memory, not the name.
impl AsFd for Mapping {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Maps what the descriptor has open; unnamed, and as large as the file.
impl TryFrom<OwnedFd> for Mapping {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Mapping> {
        Mapping::duplicate_from(std::process::id(), fd.as_raw_fd() as u64)
    }
}

/// The descriptor of the mutex. Whoever receives it makes a [`Mutex`] of it with `Mutex::try_from`.
impl AsFd for Mutex {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Opens the mutex that the descriptor belongs to.
impl TryFrom<OwnedFd> for Mutex {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Mutex> {
        Mutex::duplicate_from(std::process::id(), fd.as_raw_fd() as u64)
    }
}

/// The descriptor of the event. Whoever receives it makes an [`Event`] of it with `Event::try_from`.
impl AsFd for Event {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Opens the event that the descriptor belongs to.
impl TryFrom<OwnedFd> for Event {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Event> {
        Event::duplicate_from(std::process::id(), fd.as_raw_fd() as u64)
    }
}

/// The descriptor of the semaphore. Whoever receives it makes a [`Semaphore`] of it with `Semaphore::try_from`.
impl AsFd for Semaphore {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Opens the semaphore that the descriptor belongs to.
impl TryFrom<OwnedFd> for Semaphore {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Semaphore> {
        Semaphore::duplicate_from(std::process::id(), fd.as_raw_fd() as u64)
    }
}

/// The descriptor of the timer. Whoever receives it makes a [`Timer`] of it with `Timer::try_from`.
impl AsFd for Timer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Opens the timer that the descriptor belongs to.
impl TryFrom<OwnedFd> for Timer {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Timer> {
        Timer::duplicate_from(std::process::id(), fd.as_raw_fd() as u64)
    }
}
