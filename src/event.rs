//! `Event`: a named flag that processes set, and wait for.

use std::time::Duration;

use crate::{sys, Deadline, EventOptions, Name, Result, ToName};

/// What a wait does to an event or a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Reset {
    /// It lets one waiter through and is reset by that.
    #[default]
    Auto,
    /// It lets every waiter through until it is reset by [`Event::reset`] or [`Timer::set`](crate::Timer::set).
    Manual,
}

/// A handle to an event that processes share by name.
///
/// An event is set or not; waiting for it lasts until it is set. Follows
/// [Event objects](https://learn.microsoft.com/windows/win32/sync/event-objects).
///
/// ```
/// use mapview::{Event, Reset};
/// let ready = Event::create(&format!("doc-event-{}", std::process::id()), Reset::Auto)?;
/// ready.set()?;
/// ready.set()?; // one signal, not two
/// ready.wait()?; // takes it
/// assert!(!ready.try_wait()?);
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// Linux: one word of shared memory. Setting, resetting and taking make no system call while nobody sleeps.
#[derive(Debug)]
#[doc(alias = "CreateEvent")]
#[doc(alias = "OpenEvent")]
pub struct Event {
    pub(crate) inner: sys::Event,
    pub(crate) created: bool,
}

impl Event {
    /// Creates an event that is not set, or opens the one that has this name, whose own way of resetting stays. The empty
    /// name makes an unnamed event.
    ///
    /// # Errors
    /// The kinds of [`EventOptions::create`].
    #[doc(alias = "CreateEventW")]
    pub fn create(name: &(impl ToName + ?Sized), reset: Reset) -> Result<Event> {
        EventOptions::new(reset).name(name).create()
    }

    /// Opens the event with this name.
    ///
    /// # Errors
    /// The kinds of [`EventOptions::open`].
    #[doc(alias = "OpenEventW")]
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<Event> {
        EventOptions::new(Reset::Auto).name(name).open()
    }

    /// Opens a copy of a handle of another process; `raw` is what [`Event::raw`] returned there.
    ///
    /// # Errors
    /// The kinds of [`Mapping::duplicate_from`](crate::Mapping::duplicate_from).
    #[doc(alias = "DuplicateHandle")]
    pub fn duplicate_from(pid: u32, raw: u64) -> Result<Event> {
        Ok(Event { inner: sys::Event::duplicate_from(pid, raw)?, created: false })
    }

    /// Sets the event. An auto-reset event lets one waiter through, or stays set for the next; a manual-reset one lets
    /// everybody through who waits now, and stays set.
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): the system refuses.
    #[doc(alias = "SetEvent")]
    pub fn set(&self) -> Result<()> {
        self.inner.set().map_err(|error| self.name_it(error))
    }

    /// Resets the event. Who was let through already goes on.
    ///
    /// # Errors
    /// The kinds of [`Event::set`].
    #[doc(alias = "ResetEvent")]
    pub fn reset(&self) -> Result<()> {
        self.inner.reset().map_err(|error| self.name_it(error))
    }

    /// Lets through who waits at this moment, one of them for an auto-reset event, and leaves the event not set.
    ///
    /// # Errors
    /// The kinds of [`Event::set`].
    ///
    /// # Platform notes
    /// As on Windows, a thread that is about to wait is not waiting yet, and misses it; [`Event::set`] is what programs want.
    #[doc(alias = "PulseEvent")]
    pub fn pulse(&self) -> Result<()> {
        self.inner.pulse().map_err(|error| self.name_it(error))
    }

    /// Waits until the event is set; resets an auto-reset event.
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): the system refuses to wait.
    #[doc(alias = "WaitForSingleObject")]
    pub fn wait(&self) -> Result<()> {
        self.wait_until(Deadline::never()).map(|_| ())
    }

    /// Whether the event is set now; resets an auto-reset event if so.
    ///
    /// # Errors
    /// The kinds of [`Event::wait`].
    pub fn try_wait(&self) -> Result<bool> {
        self.wait_until(Deadline::now())
    }

    /// Waits at most `timeout`; `false` if it passed.
    ///
    /// # Errors
    /// The kinds of [`Event::wait`].
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool> {
        self.wait_until(timeout.into())
    }

    /// Waits until `deadline`; `false` if it passed.
    ///
    /// # Errors
    /// The kinds of [`Event::wait`].
    pub fn wait_until(&self, deadline: Deadline) -> Result<bool> {
        self.inner.wait(deadline).map_err(|error| self.name_it(error))
    }

    /// Whether creating this handle made the object; `false` when it existed.
    pub fn was_created(&self) -> bool {
        self.created
    }

    /// The name, or `None` for an unnamed event.
    pub fn name(&self) -> Option<&Name> {
        self.inner.name()
    }

    /// A second handle to the same object; not inheritable.
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): the process has no room for another handle.
    pub fn try_clone(&self) -> Result<Event> {
        Ok(Event { inner: self.inner.try_clone()?, created: self.created })
    }

    /// The number that [`Event::duplicate_from`] takes in another process: a file descriptor or a `HANDLE`.
    pub fn raw(&self) -> u64 {
        self.inner.raw()
    }

    /// Closes the handle and reports what [`Drop`] would hide.
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): the system could not take the handle out of the books.
    #[doc(alias = "CloseHandle")]
    pub fn close(self) -> Result<()> {
        self.inner.close()
    }

    fn name_it(&self, error: crate::Error) -> crate::Error {
        match self.name() {
            Some(name) => error.about(name),
            None => error,
        }
    }
}
