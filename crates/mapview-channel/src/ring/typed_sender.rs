//! `TypedSender`: puts values of one type into a ring.

use std::marker::PhantomData;

use mapview::{Deadline, Name, Plain, ToName};

use super::{Draft, RingOptions, Sender, TypedBatch, TypedDraft};
use crate::Result;

/// Puts values of one plain type into a ring; see [`RingOptions::typed_sender`].
///
/// ```
/// use mapview_channel::RingOptions;
/// let name = format!("doc-typed-sender-{}", std::process::id());
/// let options = RingOptions::new().schema("temperatures, 1/1000 K").clone();
/// let mut sender = options.typed_sender::<u32>(&name)?;
/// let mut receiver = options.typed_receiver::<u32>(&name)?;
/// sender.send(&293_150)?;
/// assert_eq!(receiver.recv()?, 293_150);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Debug)]
pub struct TypedSender<T> {
    pub(super) sender: Sender,
    item: PhantomData<fn(T)>,
}

impl<T: Plain> TypedSender<T> {
    /// Becomes a sender of a ring of such values without a schema; see [`RingOptions::typed_sender`].
    ///
    /// # Errors
    /// As for [`RingOptions::sender`].
    pub fn create(name: &(impl ToName + ?Sized)) -> Result<TypedSender<T>> {
        RingOptions::new().typed_sender(name)
    }

    pub(super) fn new(sender: Sender) -> TypedSender<T> {
        TypedSender { sender, item: PhantomData }
    }

    /// The ring's name.
    pub fn name(&self) -> &Name {
        self.sender.name()
    }

    /// As [`Sender::id`].
    pub fn id(&self) -> usize {
        self.sender.id()
    }

    /// As [`Sender::receivers`].
    ///
    /// # Errors
    /// As there.
    pub fn receivers(&self) -> Result<usize> {
        self.sender.receivers()
    }

    /// Copies a value in; waits while the ring is full.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    #[inline]
    pub fn send(&mut self, value: &T) -> Result<()> {
        self.send_until(value, Deadline::never()).map(|_| ())
    }

    /// Copies a value in, if there is room: `false` if there is none.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    #[inline]
    pub fn try_send(&mut self, value: &T) -> Result<bool> {
        self.send_until(value, Deadline::now())
    }

    /// Copies a value in; `false` if there was no room until the deadline.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    #[inline]
    pub fn send_until(&mut self, value: &T, deadline: impl Into<Deadline>) -> Result<bool> {
        let draft = self.sender.reserve_until(size_of::<T>(), deadline)?;
        draft.map_or(Ok(false), |draft| put(draft, value).map(|()| true))
    }

    /// Room for a value, to be written in place; waits while the ring is full.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    #[inline]
    pub fn reserve(&mut self) -> Result<TypedDraft<'_, T>> {
        Ok(TypedDraft::new(self.sender.reserve(size_of::<T>())?))
    }

    /// Room for a value, if there is: `None` if the ring is full.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    #[inline]
    pub fn try_reserve(&mut self) -> Result<Option<TypedDraft<'_, T>>> {
        Ok(self.sender.try_reserve(size_of::<T>())?.map(TypedDraft::new))
    }

    /// Values that are committed together, which costs less than one by one.
    pub fn batch(&mut self) -> TypedBatch<'_, T> {
        TypedBatch::new(self.sender.batch())
    }

    /// The sender of bytes that this one is: for what there is no typed call for, with messages of the size of `T`.
    ///
    /// A message of another size would be [`Corrupt`](crate::ErrorKind::Corrupt) to the receivers.
    pub fn as_bytes(&mut self) -> &mut Sender {
        &mut self.sender
    }
}

#[inline]
pub(super) fn put<T: Plain>(mut draft: Draft<'_>, value: &T) -> Result<()> {
    draft.write(0, value)?;
    draft.commit();
    Ok(())
}
