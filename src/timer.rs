//! `Timer`: a named timer that processes set, and wait for.

use std::time::Duration;

use crate::{sys, Deadline, Due, Error, ErrorKind, Name, Reset, Result, TimerOptions, ToName};

/// A handle to a waitable timer that processes share by name.
///
/// A timer is signaled from the moment on at which it is due: an automatic one, which Windows calls a synchronization timer,
/// until it has let one waiter through; a manual one, a notification timer, until it is set again. A new timer is not set.
/// Follows [Waitable timer objects](https://learn.microsoft.com/windows/win32/sync/waitable-timer-objects).
///
/// ```
/// use std::time::Duration;
/// use mapview::{Reset, Timer};
/// let tick = Timer::create(&format!("doc-timer-{}", std::process::id()), Reset::Auto)?;
/// tick.set(Duration::from_millis(5), Some(Duration::from_millis(5)))?;
/// tick.wait()?;
/// tick.wait()?; // the next one
/// tick.cancel()?;
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// Linux: no process, thread or signal stands behind a timer; it goes on while anybody holds it, and whoever waits compares
/// it with the clock. How exactly it is met is up to the system: some 50 µs on Linux, a tick of the clock on Windows, up to
/// 16 ms.
#[derive(Debug)]
#[doc(alias = "CreateWaitableTimer")]
#[doc(alias = "OpenWaitableTimer")]
pub struct Timer {
    pub(crate) inner: sys::Timer,
    pub(crate) created: bool,
}

impl Timer {
    /// Creates a timer, or opens the one that has this name, whose own way of resetting stays. The empty name makes an
    /// unnamed timer.
    ///
    /// # Errors
    /// The kinds of [`TimerOptions::create`].
    #[doc(alias = "CreateWaitableTimerW")]
    pub fn create(name: &(impl ToName + ?Sized), reset: Reset) -> Result<Timer> {
        TimerOptions::new(reset).name(name).create()
    }

    /// Opens the timer with this name.
    ///
    /// # Errors
    /// The kinds of [`TimerOptions::open`].
    #[doc(alias = "OpenWaitableTimerW")]
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<Timer> {
        TimerOptions::new(Reset::Auto).name(name).open()
    }

    /// Opens a copy of a handle of another process; `raw` is what [`Timer::raw`] returned there.
    ///
    /// # Errors
    /// The kinds of [`Mapping::duplicate_from`](crate::Mapping::duplicate_from).
    #[doc(alias = "DuplicateHandle")]
    pub fn duplicate_from(pid: u32, raw: u64) -> Result<Timer> {
        Ok(Timer { inner: sys::Timer::duplicate_from(pid, raw)?, created: false })
    }

    /// Sets the timer to become due once, and then every `period` if there is one; whoever had set it before, and whatever it
    /// was. It is not signaled from then on until it is due. Who waits goes on waiting, for the new time.
    ///
    /// Times are counted in units of 100 ns. One further away than 114 years, or after 2084 by the wall clock, is as good as
    /// none. A period is rounded up to whole milliseconds. Expiries of a periodic timer that nobody came for count once.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use mapview::{Reset, Timer};
    /// let timer = Timer::create("", Reset::Manual)?;
    /// timer.set(SystemTime::now() + Duration::from_millis(2), None)?;
    /// timer.wait()?;
    /// assert!(timer.try_wait()?); // until it is set again
    /// timer.set(Duration::from_secs(3600), None)?;
    /// assert!(!timer.try_wait()?);
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): the period is zero or longer than 2^31 - 1 milliseconds; then
    /// nothing changed. [`Busy`](ErrorKind::Busy): another process has been setting it for ten seconds and may be stopped.
    ///
    /// # Platform notes
    /// After the first expiry by the wall clock, the period counts as time that passes, on both systems.
    #[doc(alias = "SetWaitableTimer")]
    #[doc(alias = "SetWaitableTimerEx")]
    pub fn set(&self, due: impl Into<Due>, period: Option<Duration>) -> Result<()> {
        let period = period.map_or(Ok(0), milliseconds).map_err(|error| self.name_it(error))?;
        self.inner.set(due.into(), period).map_err(|error| self.name_it(error))
    }

    /// Makes the timer inactive: it does not become due any more. Whether it is signaled does not change, and who waits goes
    /// on waiting.
    ///
    /// # Errors
    /// [`Busy`](ErrorKind::Busy): as for [`Timer::set`].
    #[doc(alias = "CancelWaitableTimer")]
    pub fn cancel(&self) -> Result<()> {
        self.inner.cancel().map_err(|error| self.name_it(error))
    }

    /// Waits until the timer is signaled; takes the signal of an automatic one.
    ///
    /// # Errors
    /// [`Other`](ErrorKind::Other): the system refuses to wait.
    #[doc(alias = "WaitForSingleObject")]
    pub fn wait(&self) -> Result<()> {
        self.wait_until(Deadline::never()).map(|_| ())
    }

    /// Whether the timer is signaled now; takes the signal of an automatic one.
    ///
    /// # Errors
    /// The kinds of [`Timer::wait`].
    pub fn try_wait(&self) -> Result<bool> {
        self.wait_until(Deadline::now())
    }

    /// Waits at most `timeout`; `false` if it passed.
    ///
    /// # Errors
    /// The kinds of [`Timer::wait`].
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool> {
        self.wait_until(timeout.into())
    }

    /// Waits until `deadline`; `false` if it passed.
    ///
    /// # Errors
    /// The kinds of [`Timer::wait`].
    pub fn wait_until(&self, deadline: Deadline) -> Result<bool> {
        self.inner.wait(deadline).map_err(|error| self.name_it(error))
    }

    /// Whether creating this handle made the object; `false` when it existed.
    pub fn was_created(&self) -> bool {
        self.created
    }

    /// The name, or `None` for an unnamed timer.
    pub fn name(&self) -> Option<&Name> {
        self.inner.name()
    }

    /// A second handle to the same object; not inheritable.
    ///
    /// # Errors
    /// [`Other`](ErrorKind::Other): the process has no room for another handle.
    pub fn try_clone(&self) -> Result<Timer> {
        Ok(Timer { inner: self.inner.try_clone()?, created: self.created })
    }

    /// The number that [`Timer::duplicate_from`] takes in another process: a file descriptor or a `HANDLE`.
    pub fn raw(&self) -> u64 {
        self.inner.raw()
    }

    /// Closes the handle and reports what [`Drop`] would hide.
    ///
    /// # Errors
    /// [`Other`](ErrorKind::Other): the system could not take the handle out of the books.
    #[doc(alias = "CloseHandle")]
    pub fn close(self) -> Result<()> {
        self.inner.close()
    }

    fn name_it(&self, error: Error) -> Error {
        match self.name() {
            Some(name) => error.about(name),
            None => error,
        }
    }
}

/// Rounded up; 1 to 2^31 - 1.
fn milliseconds(period: Duration) -> Result<u32> {
    let rounded = period.as_nanos().div_ceil(1_000_000);
    match i32::try_from(rounded) {
        Ok(milliseconds @ 1..) => Ok(milliseconds as u32),
        _ => {
            let why =
                format!("a period is more than zero and at most {} ms, not {period:?}", i32::MAX);
            Err(Error::new(ErrorKind::InvalidParameter, why))
        }
    }
}
