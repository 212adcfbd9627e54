//! `Shared`: one value of a plain type, with its lock, by name.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::held::Held;
use crate::shared_guard::{Inside, Locked};
use crate::state::value;
use crate::typed::{Plan, Typed};
use crate::typed_header::{Header, Kind, DATA_AT, WORD_AT};
use crate::{
    AbandonedGuard, Access, Deadline, Error, ErrorKind, Name, Plain, Result, Security, SharedGuard,
    SharedOptions, ToName,
};

/// One value that processes share by name, with a lock that survives the death of its holder.
///
/// Two objects: the mapping `<name>` and the mutex `<name>.lock` (a prefix such as `Global\` stays in front). Both end
/// with their last holder, and the value with them.
///
/// ```
/// use mapview::Shared;
/// let name = format!("doc-shared-{}", std::process::id());
/// let visits = Shared::<u64>::create(&name, "visits v1", || 0)?; // creates it, or opens it if somebody already did
/// {
///     let mut count = visits.lock()?.sound()?; // waits for other threads and processes
///     *count += 1;
/// } // written back and unlocked here
/// let other = Shared::<u64>::open(&name, "visits v1")?; // usually in another process
/// assert_eq!(*other.lock()?.sound()?, 1);
///
/// let wrong = Shared::<u64>::open(&name, "visits v2").unwrap_err();
/// assert!(wrong.to_string().contains("it holds `visits v1` of 8 bytes aligned to 8, not `visits v2`"));
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # A private copy
///
/// A guard lends a *copy* of the value, made when it was locked and written back when the guard is dropped, if it was
/// borrowed mutably. A `&T` into shared memory would be unsound in safe Rust: other processes can write there whenever
/// they like, lock or not, while the compiler may rely on what a reference shows. The copy lies on the heap and is reused
/// from lock to lock. It costs one `memcpy` of the value at each lock and one more after a change: next to nothing for
/// the size of a config, tens of microseconds for a megabyte; for more, use a [`View`](crate::View) and a
/// [`Mutex`](crate::Mutex).
///
/// It is also what makes a change atomic. The mapping has two slots; the copy is written to the one that does not count,
/// then one store makes it count. A process that is killed at any moment leaves the old value or the new one, whole.
pub struct Shared<T: Plain> {
    pub(crate) typed: Typed,
    /// The copy that no guard uses now.
    spare: Mutex<Option<Box<T>>>,
}

impl<T: Plain> Shared<T> {
    /// Opens the value with this name, or creates it with what `init` returns.
    ///
    /// Of all who create it at once exactly one runs `init`, under the lock; the others wait. If it is killed or panics
    /// in the midst, the next one runs its own `init`: nobody ever sees a value that is not complete. For a value too
    /// large for the stack see [`SharedOptions::create_in_place`].
    ///
    /// `schema` says what the bytes mean, such as `config v2`, in at most 64 bytes. It, the size and the alignment of `T`
    /// must agree with those of an existing value.
    ///
    /// # Errors
    /// * [`InvalidData`](ErrorKind::InvalidData): a value of this name exists and differs; the message names both. Or the
    ///   mapping of this name is no such value.
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): the schema is too long.
    /// * [`Busy`](ErrorKind::Busy): called from within `init` for the same name.
    /// * The kinds of [`MappingOptions::create`](crate::MappingOptions::create) and
    ///   [`MutexOptions::create`](crate::MutexOptions::create); a name is needed.
    pub fn create(
        name: &(impl ToName + ?Sized),
        schema: &str,
        init: impl FnOnce() -> T,
    ) -> Result<Shared<T>> {
        SharedOptions::new().create(name, schema, init)
    }

    /// Opens the value with this name, after waiting for whoever is creating it.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound): nobody has created it, or whoever was about to ended before it was complete; else
    /// the kinds of [`Shared::create`].
    pub fn open(name: &(impl ToName + ?Sized), schema: &str) -> Result<Shared<T>> {
        let plan = plan::<T>(name, schema)?;
        Ok(Shared::of(plan.open(Access::READ | Access::WRITE)?))
    }

    /// Waits until this thread has the lock.
    ///
    /// # Errors
    /// [`Busy`](ErrorKind::Busy): this thread has it already, through whichever handle of this process.
    pub fn lock(&self) -> Result<Locked<'_, T>> {
        Ok(self.lock_until(Deadline::never())?.expect("a wait without end does not time out"))
    }

    /// Locks it if that is possible at once; `None` if another thread has it.
    ///
    /// # Errors
    /// The kinds of [`Shared::lock`].
    pub fn try_lock(&self) -> Result<Option<Locked<'_, T>>> {
        self.lock_until(Deadline::now())
    }

    /// Waits at most `timeout`; `None` if it passed.
    ///
    /// # Errors
    /// The kinds of [`Shared::lock`].
    pub fn lock_timeout(&self, timeout: Duration) -> Result<Option<Locked<'_, T>>> {
        self.lock_until(timeout.into())
    }

    /// Waits until `deadline`; `None` if it passed.
    ///
    /// # Errors
    /// The kinds of [`Shared::lock`].
    pub fn lock_until(&self, deadline: Deadline) -> Result<Option<Locked<'_, T>>> {
        let held = Held::enter(&self.typed.name)?;
        let Some(mutex) = self.typed.lock.lock_until(deadline)? else { return Ok(None) };
        let entered = value::enter(self.word()?, mutex.abandoned());
        let copy = self.copy_out(entered.slot).inspect_err(|_| {
            // Nothing happened to it; but that somebody died is told by nobody else any more.
            if let (Ok(word), false) = (self.word(), entered.abandoned) {
                value::leave(word);
            }
        })?;
        let inside = Inside::new(self, copy, held, mutex);
        Ok(Some(match entered.abandoned {
            false => Locked::Sound(SharedGuard::new(inside)),
            true => Locked::Abandoned(AbandonedGuard::new(inside)),
        }))
    }

    /// The name of the mapping; that of the mutex has `.lock` behind it.
    pub fn name(&self) -> &Name {
        &self.typed.name
    }

    /// Whether creating this handle ran `init`; `false` when the value existed.
    pub fn was_created(&self) -> bool {
        self.typed.created
    }

    fn of(typed: Typed) -> Shared<T> {
        Shared { typed, spare: Mutex::new(None) }
    }

    fn copy_out(&self, slot: usize) -> Result<Box<T>> {
        let mut copy = match self.spare().take() {
            Some(copy) => copy,
            None => T::new_box_zeroed().map_err(|_| no_room().about(self.name()))?,
        };
        self.typed.view.copy_out(slot_at::<T>(slot), copy.as_mut_bytes())?;
        Ok(copy)
    }

    /// Writes the copy over the value, which is the old or the new one whenever this ends.
    pub(crate) fn store(&self, copy: &T) -> Result<()> {
        let word = self.word()?;
        self.typed.view.copy_in(slot_at::<T>(value::spare(word)), copy.as_bytes())?;
        value::flip(word);
        Ok(())
    }

    pub(crate) fn word(&self) -> Result<&AtomicU64> {
        self.typed.view.atomic(WORD_AT)
    }

    /// Only ever touched by whoever has the lock, so nobody waits here.
    pub(crate) fn spare(&self) -> std::sync::MutexGuard<'_, Option<Box<T>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Plain> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&self.typed.name).field(&PhantomData::<T>).finish()
    }
}

/// Creates a value that `init` completes, starting from zero bytes.
pub(crate) fn create<T: Plain>(
    name: &(impl ToName + ?Sized),
    schema: &str,
    security: &Security,
    init: impl FnOnce(&mut T),
) -> Result<Shared<T>> {
    let plan = plan::<T>(name, schema)?;
    let typed = plan.create(security, |view| {
        let mut copy = T::new_box_zeroed().map_err(|_| no_room())?;
        init(&mut copy);
        view.copy_in(slot_at::<T>(0), copy.as_bytes())
    })?;
    Ok(Shared::of(typed))
}

fn plan<T>(name: &(impl ToName + ?Sized), schema: &str) -> Result<Plan> {
    let stride = size_of::<T>().checked_next_multiple_of(64);
    let data = stride.and_then(|stride| stride.checked_mul(2));
    Plan::new(name, Header::new::<T>(Kind::Shared, schema), data)
}

fn slot_at<T>(slot: usize) -> usize {
    DATA_AT + slot * size_of::<T>().next_multiple_of(64)
}

fn no_room() -> Error {
    Error::new(ErrorKind::NotEnoughMemory, "there is no room for a private copy of the value")
}
