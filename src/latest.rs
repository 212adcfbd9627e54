//! `Latest`: a cell that always holds the latest whole value.

use std::fmt;
use std::marker::PhantomData;

use crate::state::latest::{slot_words, Cell, Unread, LINE};
use crate::typed::{Plan, Typed};
use crate::typed_header::{Header, Kind, DATA_AT, WORD_AT};
use crate::{
    Access, Deadline, Error, ErrorKind, Name, Plain, Result, Security, SharedOptions, ToName,
};

/// A reader starts over when all but one were published while it read one.
const SLOTS: usize = 4;

/// The latest value of something, by name: writers publish whole values, readers get the newest one.
///
/// A read never waits: it takes no lock and makes no system call, and a writer that is stopped or killed in the midst of
/// publishing holds up neither readers nor the next writer. It never sees a mixture of two values. A publication never
/// waits for a reader, only for other writers: the mutex `<name>.lock` lets in one at a time. Mapping and mutex end with
/// their last holder.
///
/// ```
/// use mapview::Latest;
/// let name = format!("doc-latest-{}", std::process::id());
/// let position = Latest::<[f64; 2]>::create(&name, "position m", || [0.0; 2])?;
/// let reader = Latest::<[f64; 2]>::open(&name, "position m")?; // usually in another process
/// let (first, version) = reader.read()?;
/// assert_eq!((first, version), ([0.0; 2], 1));
/// assert!(reader.read_if_newer(version)?.is_none());
///
/// position.publish(&[3.5, 4.0])?;
/// assert_eq!(reader.read_if_newer(version)?, Some(([3.5, 4.0], 2)));
/// # Ok::<(), mapview::Error>(())
/// ```
pub struct Latest<T: Plain> {
    typed: Typed,
    value: PhantomData<fn(T) -> T>,
}

impl<T: Plain> Latest<T> {
    /// Opens the cell with this name, or creates it with what `init` returns as version 1.
    ///
    /// Everything else is as for [`Shared::create`](crate::Shared::create).
    ///
    /// # Errors
    /// The kinds of [`Shared::create`](crate::Shared::create).
    pub fn create(
        name: &(impl ToName + ?Sized),
        schema: &str,
        init: impl FnOnce() -> T,
    ) -> Result<Latest<T>> {
        SharedOptions::new().create_latest(name, schema, init)
    }

    /// Opens the cell with this name for reading and publishing, after waiting for whoever is creating it.
    ///
    /// # Errors
    /// The kinds of [`Shared::open`](crate::Shared::open).
    pub fn open(name: &(impl ToName + ?Sized), schema: &str) -> Result<Latest<T>> {
        Ok(Latest::of(plan::<T>(name, schema)?.open(Access::READ | Access::WRITE)?))
    }

    /// Opens the cell with this name for reading; the kernel refuses writes.
    ///
    /// # Errors
    /// The kinds of [`Shared::open`](crate::Shared::open).
    pub fn open_read_only(name: &(impl ToName + ?Sized), schema: &str) -> Result<Latest<T>> {
        Ok(Latest::of(plan::<T>(name, schema)?.open(Access::READ)?))
    }

    /// Makes `value` the latest one, after waiting for other writers; returns its version.
    ///
    /// # Errors
    /// [`AccessDenied`](ErrorKind::AccessDenied): opened read-only.
    pub fn publish(&self, value: &T) -> Result<u64> {
        let version = self.publish_until(value, Deadline::never())?;
        Ok(version.expect("a wait without end does not time out"))
    }

    /// Makes `value` the latest one, unless other writers keep this one waiting until `deadline`: then `None`.
    ///
    /// # Errors
    /// The kinds of [`Latest::publish`].
    pub fn publish_until(&self, value: &T, deadline: Deadline) -> Result<Option<u64>> {
        if !self.typed.view.access().writable() {
            let error = Error::new(ErrorKind::AccessDenied, "it was opened read-only");
            return Err(error.about(self.name()));
        }
        let cell = self.cell()?;
        // What a writer that died left half-done is in a slot that does not count; this one writes over it.
        let Some(_guard) = self.typed.lock.lock_until(deadline)? else { return Ok(None) };
        Ok(Some(cell.publish(value.as_bytes())))
    }

    /// The latest value and its version: 1 for the one it was created with, one more for each publication.
    ///
    /// # Errors
    /// [`InvalidData`](ErrorKind::InvalidData): somebody damaged the cell's words;
    /// [`Busy`](ErrorKind::Busy): a thousand times running, three values were published while one was being read.
    pub fn read(&self) -> Result<(T, u64)> {
        let mut value = T::new_zeroed();
        let version = self.read_into(&mut value)?;
        Ok((value, version))
    }

    /// Overwrites `value` with the latest one and returns its version; for values that are large for the stack.
    ///
    /// # Errors
    /// The kinds of [`Latest::read`]; `value` then is any bytes.
    pub fn read_into(&self, value: &mut T) -> Result<u64> {
        self.cell()?.read(value.as_mut_bytes()).map_err(|unread| {
            let error = match unread {
                Unread::Damaged => {
                    Error::new(ErrorKind::InvalidData, "the cell's words are damaged")
                }
                Unread::Lapped => Error::new(ErrorKind::Busy, "it is published faster than read"),
            };
            error.about(self.name())
        })
    }

    /// The latest value and its version, if that is above `version`.
    ///
    /// # Errors
    /// The kinds of [`Latest::read`].
    pub fn read_if_newer(&self, version: u64) -> Result<Option<(T, u64)>> {
        if self.version() <= version {
            return Ok(None);
        }
        self.read().map(Some)
    }

    /// The version of the latest value: one load from memory.
    pub fn version(&self) -> u64 {
        self.cell().map_or(0, |cell| cell.version()) // an opened cell has its words
    }

    /// The name of the mapping; that of the mutex has `.lock` behind it.
    pub fn name(&self) -> &Name {
        &self.typed.name
    }

    /// Whether creating this handle ran `init`; `false` when the cell existed.
    pub fn was_created(&self) -> bool {
        self.typed.created
    }

    fn of(typed: Typed) -> Latest<T> {
        Latest { typed, value: PhantomData }
    }

    fn cell(&self) -> Result<Cell<'_>> {
        cell::<T>(&self.typed.view)
    }
}

impl<T: Plain> fmt::Debug for Latest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Latest").field(&self.typed.name).field(&self.value).finish()
    }
}

pub(crate) fn create<T: Plain>(
    name: &(impl ToName + ?Sized),
    schema: &str,
    security: &Security,
    init: impl FnOnce() -> T,
) -> Result<Latest<T>> {
    let typed = plan::<T>(name, schema)?.create(security, |view| {
        let first = init();
        cell::<T>(view)?.publish(first.as_bytes());
        Ok(())
    })?;
    Ok(Latest::of(typed))
}

fn cell<T>(view: &crate::View) -> Result<Cell<'_>> {
    let words = slot_words(size_of::<T>()).unwrap_or(usize::MAX);
    // The head's line ends where the slots begin.
    let all = words.saturating_mul(SLOTS).saturating_add(LINE);
    Ok(Cell::new(view.words(WORD_AT, all)?, words))
}

fn plan<T>(name: &(impl ToName + ?Sized), schema: &str) -> Result<Plan> {
    let bytes = slot_words(size_of::<T>()).and_then(|words| words.checked_mul(8 * SLOTS));
    Plan::new(name, Header::new::<T>(Kind::Latest, schema), bytes)
}

const _: () = assert!(WORD_AT + LINE * 8 == DATA_AT);
