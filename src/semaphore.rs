//! `Semaphore`: a named count that processes add to, and wait for.

use std::time::Duration;

use crate::{sys, Deadline, Error, ErrorKind, Name, Result, SemaphoreOptions, ToName};

/// A handle to a semaphore that processes share by name.
///
/// It counts between 0 and a maximum: [`Semaphore::release`] adds, and a wait takes one as soon as there is one. Follows
/// [Semaphore objects](https://learn.microsoft.com/windows/win32/sync/semaphore-objects).
///
/// ```
/// use mapview::{ErrorKind, Semaphore};
/// let slots = Semaphore::create(&format!("doc-semaphore-{}", std::process::id()), 2, 3)?;
/// slots.wait()?;
/// assert_eq!(slots.release(1)?, 1); // the count before
/// assert_eq!(slots.release(2).unwrap_err().kind(), ErrorKind::TooManyPosts); // 2 + 2 > 3: nothing changed
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// Linux: one word of shared memory. Releasing and taking make no system call while nobody sleeps.
#[derive(Debug)]
#[doc(alias = "CreateSemaphore")]
#[doc(alias = "OpenSemaphore")]
pub struct Semaphore {
    pub(crate) inner: sys::Semaphore,
    pub(crate) created: bool,
}

impl Semaphore {
    /// Creates a semaphore that counts `initial` and at most `maximum` (1 to 2^31 - 1), or opens the one that has this
    /// name, whose numbers stay. The empty name makes an unnamed semaphore.
    ///
    /// # Errors
    /// The kinds of [`SemaphoreOptions::create`].
    #[doc(alias = "CreateSemaphoreW")]
    pub fn create(name: &(impl ToName + ?Sized), initial: u32, maximum: u32) -> Result<Semaphore> {
        SemaphoreOptions::new(initial, maximum).name(name).create()
    }

    /// Opens the semaphore with this name.
    ///
    /// # Errors
    /// The kinds of [`SemaphoreOptions::open`].
    #[doc(alias = "OpenSemaphoreW")]
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<Semaphore> {
        SemaphoreOptions::new(0, 1).name(name).open()
    }

    /// Opens a copy of a handle of another process; `raw` is what [`Semaphore::raw`] returned there.
    ///
    /// # Errors
    /// The kinds of [`Mapping::duplicate_from`](crate::Mapping::duplicate_from).
    #[doc(alias = "DuplicateHandle")]
    pub fn duplicate_from(pid: u32, raw: u64) -> Result<Semaphore> {
        Ok(Semaphore { inner: sys::Semaphore::duplicate_from(pid, raw)?, created: false })
    }

    /// Adds `count` (at least 1), lets as many waiters through, and returns the count that was there before.
    ///
    /// # Errors
    /// [`TooManyPosts`](crate::ErrorKind::TooManyPosts): it would exceed the maximum; nothing changed.
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): `count` is 0 or more than 2^31 - 1.
    #[doc(alias = "ReleaseSemaphore")]
    pub fn release(&self, count: u32) -> Result<u32> {
        if count == 0 || count > i32::MAX as u32 {
            let why = "release at least 1 and at most 2147483647";
            return Err(self.name_it(Error::new(ErrorKind::InvalidParameter, why)));
        }
        self.inner.release(count).map_err(|error| self.name_it(error))
    }

    /// Waits until the count is above 0, and takes one.
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): the system refuses to wait.
    #[doc(alias = "WaitForSingleObject")]
    pub fn wait(&self) -> Result<()> {
        self.wait_until(Deadline::never()).map(|_| ())
    }

    /// Whether the count is above 0 now; takes one if so.
    ///
    /// # Errors
    /// The kinds of [`Semaphore::wait`].
    pub fn try_wait(&self) -> Result<bool> {
        self.wait_until(Deadline::now())
    }

    /// Waits at most `timeout`; `false` if it passed.
    ///
    /// # Errors
    /// The kinds of [`Semaphore::wait`].
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool> {
        self.wait_until(timeout.into())
    }

    /// Waits until `deadline`; `false` if it passed.
    ///
    /// # Errors
    /// The kinds of [`Semaphore::wait`].
    pub fn wait_until(&self, deadline: Deadline) -> Result<bool> {
        self.inner.wait(deadline).map_err(|error| self.name_it(error))
    }

    /// Whether creating this handle made the object; `false` when it existed.
    pub fn was_created(&self) -> bool {
        self.created
    }

    /// The name, or `None` for an unnamed semaphore.
    pub fn name(&self) -> Option<&Name> {
        self.inner.name()
    }

    /// A second handle to the same object; not inheritable.
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): the process has no room for another handle.
    pub fn try_clone(&self) -> Result<Semaphore> {
        Ok(Semaphore { inner: self.inner.try_clone()?, created: self.created })
    }

    /// The number that [`Semaphore::duplicate_from`] takes in another process: a file descriptor or a `HANDLE`.
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
