//! `Mutex`: a named, recursive mutex that survives the death of its owner.

use std::marker::PhantomData;

use crate::sys::{self, LockOutcome};
use crate::{Deadline, MutexOptions, Name, Result, ToName};

/// A handle to a mutex that processes share by name.
///
/// Owned by a *thread*, which may lock it again and must unlock as often. A thread or process that ends while it owns the
/// mutex, however it ends, hands it to the next waiter, who is told so: [`MutexGuard::abandoned`]. Follows
/// [Mutex objects](https://learn.microsoft.com/windows/win32/sync/mutex-objects).
///
/// ```
/// use std::time::Duration;
/// let mutex = mapview::Mutex::create(&format!("doc-mutex-{}", std::process::id()))?;
/// {
///     let guard = mutex.lock()?;
///     assert!(!guard.abandoned());
/// } // unlocked here
/// assert!(mutex.lock_timeout(Duration::from_millis(10))?.is_some());
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// Linux: a robust futex; locking and unlocking without contention makes no system call. A waiter that gave up spinning is
/// served before newcomers.
#[derive(Debug)]
#[doc(alias = "CreateMutex")]
#[doc(alias = "OpenMutex")]
pub struct Mutex {
    pub(crate) inner: sys::Mutex,
    pub(crate) created: bool,
}

impl Mutex {
    /// Creates a mutex that nobody owns, or opens the one that has this name. The empty name makes an unnamed mutex.
    ///
    /// # Errors
    /// The kinds of [`MutexOptions::create`].
    #[doc(alias = "CreateMutexW")]
    pub fn create(name: &(impl ToName + ?Sized)) -> Result<Mutex> {
        MutexOptions::new().name(name).create()
    }

    /// Opens the mutex with this name.
    ///
    /// # Errors
    /// The kinds of [`MutexOptions::open`].
    #[doc(alias = "OpenMutexW")]
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<Mutex> {
        MutexOptions::new().name(name).open()
    }

    /// Opens a copy of a handle of another process; `raw` is what [`Mutex::raw`] returned there.
    ///
    /// # Errors
    /// The kinds of [`Mapping::duplicate_from`](crate::Mapping::duplicate_from).
    #[doc(alias = "DuplicateHandle")]
    pub fn duplicate_from(pid: u32, raw: u64) -> Result<Mutex> {
        Ok(Mutex { inner: sys::Mutex::duplicate_from(pid, raw)?, created: false })
    }

    /// Waits until this thread owns the mutex.
    ///
    /// # Errors
    /// [`RecursionLimit`](crate::ErrorKind::RecursionLimit): locked 2^31 - 1 times already.
    #[doc(alias = "WaitForSingleObject")]
    pub fn lock(&self) -> Result<MutexGuard<'_>> {
        Ok(self.lock_until(Deadline::never())?.expect("a wait without end does not time out"))
    }

    /// Locks the mutex if that is possible at once; `None` if another thread owns it.
    ///
    /// # Errors
    /// The kinds of [`Mutex::lock`].
    pub fn try_lock(&self) -> Result<Option<MutexGuard<'_>>> {
        self.lock_until(Deadline::now())
    }

    /// Waits at most `timeout`; `None` if it passed.
    ///
    /// # Errors
    /// The kinds of [`Mutex::lock`].
    pub fn lock_timeout(&self, timeout: std::time::Duration) -> Result<Option<MutexGuard<'_>>> {
        self.lock_until(timeout.into())
    }

    /// Waits until `deadline`; `None` if it passed.
    ///
    /// # Errors
    /// The kinds of [`Mutex::lock`].
    pub fn lock_until(&self, deadline: Deadline) -> Result<Option<MutexGuard<'_>>> {
        let guard = |abandoned| MutexGuard::of(self, abandoned);
        match self.inner.lock(deadline).map_err(|error| self.name_it(error))? {
            LockOutcome::Acquired => Ok(Some(guard(false))),
            LockOutcome::Abandoned => Ok(Some(guard(true))),
            LockOutcome::TimedOut => Ok(None),
        }
    }

    /// Gives back one lock of the calling thread that no guard stands for: that of
    /// [`MutexOptions::initial_owner`], or one whose guard was forgotten.
    ///
    /// # Errors
    /// [`NotOwner`](crate::ErrorKind::NotOwner): the calling thread does not own the mutex.
    #[doc(alias = "ReleaseMutex")]
    pub fn unlock(&self) -> Result<()> {
        self.inner.unlock().map_err(|error| self.name_it(error))
    }

    /// Whether creating this handle made the object; `false` when it existed.
    pub fn was_created(&self) -> bool {
        self.created
    }

    /// The name, or `None` for an unnamed mutex.
    pub fn name(&self) -> Option<&Name> {
        self.inner.name()
    }

    /// A second handle to the same object; not inheritable.
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): the process has no room for another handle.
    pub fn try_clone(&self) -> Result<Mutex> {
        Ok(Mutex { inner: self.inner.try_clone()?, created: self.created })
    }

    /// The number that [`Mutex::duplicate_from`] takes in another process: a file descriptor or a `HANDLE`.
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

/// The right of this thread to what the mutex protects; unlocks on drop.
#[derive(Debug)]
#[must_use = "the mutex is unlocked as soon as the guard is dropped"]
pub struct MutexGuard<'a> {
    mutex: &'a Mutex,
    abandoned: bool,
    /// Ownership is a thread's, so the guard must not move to another one.
    thread: PhantomData<*const ()>,
}

impl<'a> MutexGuard<'a> {
    pub(crate) fn of(mutex: &'a Mutex, abandoned: bool) -> MutexGuard<'a> {
        MutexGuard { mutex, abandoned, thread: PhantomData }
    }

    /// Whether the last owner ended without unlocking, so what the mutex protects may be half-written. Told once.
    #[doc(alias = "WAIT_ABANDONED")]
    pub fn abandoned(&self) -> bool {
        self.abandoned
    }

    /// Unlocks, and reports what [`Drop`] would hide.
    ///
    /// # Errors
    /// [`NotOwner`](crate::ErrorKind::NotOwner): [`Mutex::unlock`] already gave this lock back.
    pub fn unlock(self) -> Result<()> {
        let mutex = self.mutex;
        std::mem::forget(self);
        mutex.unlock()
    }
}

impl Drop for MutexGuard<'_> {
    fn drop(&mut self) {
        // The one failure there is, not being the owner, means that `Mutex::unlock` took this lock away.
        let _ = self.mutex.inner.unlock();
    }
}
