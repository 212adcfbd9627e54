//! Handles, for whoever passes them himself: as a child's standard input, or to other libraries.

use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, OwnedHandle};

use crate::{Error, Event, Mapping, Mutex, Result, Semaphore, Timer};

/// The section's handle. Whoever receives it makes a [`Mapping`] of it with `Mapping::try_from`.
impl AsHandle for Mapping {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.inner.as_handle()
    }
}

/// Takes a section over, with the rights of the handle.
impl TryFrom<OwnedHandle> for Mapping {
    type Error = Error;

    fn try_from(handle: OwnedHandle) -> Result<Mapping> {
        Mapping::duplicate_from(std::process::id(), handle.as_raw_handle().addr() as u64)
    }
}

/// The mutant's handle. Whoever receives it makes a [`Mutex`] of it with `Mutex::try_from`.
impl AsHandle for Mutex {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.inner.as_handle()
    }
}

/// Takes a mutant over, with the rights of the handle.
impl TryFrom<OwnedHandle> for Mutex {
    type Error = Error;

    fn try_from(handle: OwnedHandle) -> Result<Mutex> {
        Mutex::duplicate_from(std::process::id(), handle.as_raw_handle().addr() as u64)
    }
}

/// The event's handle. Whoever receives it makes an [`Event`] of it with `Event::try_from`.
impl AsHandle for Event {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.inner.as_handle()
    }
}

/// Takes an event over, with the rights of the handle.
impl TryFrom<OwnedHandle> for Event {
    type Error = Error;

    fn try_from(handle: OwnedHandle) -> Result<Event> {
        Event::duplicate_from(std::process::id(), handle.as_raw_handle().addr() as u64)
    }
}

/// The semaphore's handle. Whoever receives it makes a [`Semaphore`] of it with `Semaphore::try_from`.
impl AsHandle for Semaphore {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.inner.as_handle()
    }
}

/// Takes a semaphore over, with the rights of the handle.
impl TryFrom<OwnedHandle> for Semaphore {
    type Error = Error;

    fn try_from(handle: OwnedHandle) -> Result<Semaphore> {
        Semaphore::duplicate_from(std::process::id(), handle.as_raw_handle().addr() as u64)
    }
}

/// The timer's handle. Whoever receives it makes a [`Timer`] of it with `Timer::try_from`.
impl AsHandle for Timer {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.inner.as_handle()
    }
}

/// Takes a timer over, with the rights of the handle.
impl TryFrom<OwnedHandle> for Timer {
    type Error = Error;

    fn try_from(handle: OwnedHandle) -> Result<Timer> {
        Timer::duplicate_from(std::process::id(), handle.as_raw_handle().addr() as u64)
    }
}
