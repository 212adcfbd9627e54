//! What locking a `Shared` gives: a guard, or the news that the last holder ended in the midst.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::held::Held;
use crate::state::value;
use crate::{Error, ErrorKind, MutexGuard, Plain, Result, Shared};

/// How locking a [`Shared`] went: the value is sound, or its last holder ended in the midst of using it.
///
/// ```
/// use mapview::{Locked, Shared};
/// let best = Shared::<u64>::create(&format!("doc-locked-{}", std::process::id()), "best", || 100)?;
/// let mut guard = match best.lock()? {
///     Locked::Sound(guard) => guard,
///     Locked::Abandoned(found) => found.repair(|value| *value = (*value).min(100)),
/// };
/// *guard += 1;
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "it is unlocked as soon as this is dropped"]
pub enum Locked<'a, T: Plain> {
    /// The last holder finished.
    Sound(SharedGuard<'a, T>),
    /// A holder was killed, ended, or panicked with the value locked, and nobody has accepted or repaired it since.
    #[doc(alias = "WAIT_ABANDONED")]
    Abandoned(AbandonedGuard<'a, T>),
}

impl<'a, T: Plain> Locked<'a, T> {
    /// The guard of a sound value. An abandoned one stays abandoned.
    ///
    /// # Errors
    /// [`Abandoned`](ErrorKind::Abandoned): the last holder ended in the midst.
    pub fn sound(self) -> Result<SharedGuard<'a, T>> {
        match self {
            Locked::Sound(guard) => Ok(guard),
            Locked::Abandoned(guard) => Err(Error::new(
                ErrorKind::Abandoned,
                "its last holder ended in the midst; accept or repair the value",
            )
            .about(guard.inside.shared.name())),
        }
    }

    /// The guard, after `repair` has put an abandoned value in order.
    pub fn or_repair(self, repair: impl FnOnce(&mut T)) -> SharedGuard<'a, T> {
        match self {
            Locked::Sound(guard) => guard,
            Locked::Abandoned(guard) => guard.repair(repair),
        }
    }
}

/// The right of this thread to a [`Shared`] value, as a private copy of it; written back, if it was borrowed mutably, and
/// unlocked on drop.
///
/// If the thread panics while the guard is alive, nothing is written and the value is abandoned: what else the holder was
/// about to change, nobody knows.
#[must_use = "it is unlocked as soon as the guard is dropped"]
pub struct SharedGuard<'a, T: Plain> {
    inside: Inside<'a, T>,
    changed: bool,
    panicking: bool,
}

impl<'a, T: Plain> SharedGuard<'a, T> {
    pub(crate) fn new(inside: Inside<'a, T>) -> SharedGuard<'a, T> {
        SharedGuard { inside, changed: false, panicking: std::thread::panicking() }
    }

    /// Writes a changed value back now and keeps the lock: whoever ends after this leaves this value.
    ///
    /// # Errors
    /// None at present; a dropped guard has nothing to hide.
    pub fn commit(&mut self) -> Result<()> {
        if self.changed {
            self.inside.shared.store(self.inside.copy())?;
            self.changed = false;
        }
        Ok(())
    }

    /// Unlocks without writing what was changed since the last [`commit`](SharedGuard::commit).
    pub fn discard(mut self) {
        self.changed = false;
    }
}

impl<T: Plain> Deref for SharedGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inside.copy()
    }
}

impl<T: Plain> DerefMut for SharedGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.changed = true;
        self.inside.copy_mut()
    }
}

impl<T: Plain> Drop for SharedGuard<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.panicking {
            return; // stays marked
        }
        // Ranges and rights were checked when the value was opened.
        if self.commit().is_ok() {
            self.inside.leave();
        }
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for SharedGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedGuard").field(&**self).finish()
    }
}

/// The lock of a [`Shared`] whose last holder ended in the midst. The value is the one before its change or the one after,
/// never a mixture; but what it was to agree with elsewhere may not.
///
/// Look at it, then [`accept`](AbandonedGuard::accept), [`repair`](AbandonedGuard::repair) or
/// [`replace`](AbandonedGuard::replace) it. Dropped without that, it stays abandoned for the next one, in any process.
///
/// ```
/// use mapview::{Locked, Shared};
/// let name = format!("doc-abandoned-{}", std::process::id());
/// let shared = Shared::<u64>::create(&name, "", || 7)?;
/// let _ = std::thread::scope(|scope| {
///     scope.spawn(|| { let _guard = shared.lock().unwrap(); panic!("in the midst") }).join()
/// });
/// let Locked::Abandoned(found) = shared.lock()? else { panic!("it was told") };
/// assert_eq!(*found, 7);
/// drop(found.accept());
/// assert!(shared.lock()?.sound().is_ok());
/// # Ok::<(), mapview::Error>(())
/// ```
#[must_use = "it is unlocked, and stays abandoned, as soon as this is dropped"]
pub struct AbandonedGuard<'a, T: Plain> {
    inside: Inside<'a, T>,
}

impl<'a, T: Plain> AbandonedGuard<'a, T> {
    pub(crate) fn new(inside: Inside<'a, T>) -> AbandonedGuard<'a, T> {
        AbandonedGuard { inside }
    }

    /// Takes the value as it is.
    pub fn accept(self) -> SharedGuard<'a, T> {
        SharedGuard::new(self.inside)
    }

    /// Puts the value in order. If `repair` panics, it stays as it was, and abandoned.
    pub fn repair(mut self, repair: impl FnOnce(&mut T)) -> SharedGuard<'a, T> {
        repair(self.inside.copy_mut());
        let mut guard = self.accept();
        guard.changed = true;
        guard
    }

    /// Puts another value in its place.
    pub fn replace(self, value: T) -> SharedGuard<'a, T> {
        self.repair(|place| *place = value)
    }
}

impl<T: Plain> Deref for AbandonedGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inside.copy()
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for AbandonedGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AbandonedGuard").field(&**self).finish()
    }
}

/// What both guards consist of. The mutex comes last: it is unlocked when everything else is done.
pub(crate) struct Inside<'a, T: Plain> {
    shared: &'a Shared<T>,
    /// There until dropped.
    copy: Option<Box<T>>,
    _held: Held,
    _mutex: MutexGuard<'a>,
}

impl<'a, T: Plain> Inside<'a, T> {
    pub(crate) fn new(
        shared: &'a Shared<T>,
        copy: Box<T>,
        held: Held,
        mutex: MutexGuard<'a>,
    ) -> Inside<'a, T> {
        Inside { shared, copy: Some(copy), _held: held, _mutex: mutex }
    }

    fn copy(&self) -> &T {
        self.copy.as_ref().expect("there until dropped")
    }

    fn copy_mut(&mut self) -> &mut T {
        self.copy.as_mut().expect("there until dropped")
    }

    /// Takes the mark away that somebody is inside.
    fn leave(&self) {
        if let Ok(word) = self.shared.word() {
            value::leave(word);
        }
    }
}

impl<T: Plain> Drop for Inside<'_, T> {
    fn drop(&mut self) {
        *self.shared.spare() = self.copy.take();
    }
}
