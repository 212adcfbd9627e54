//! `TypedBatch`: several values, committed at once.

use std::marker::PhantomData;

use mapview::Plain;

use super::typed_sender::put;
use super::{Batch, TypedDraft};
use crate::Result;

/// Values that are committed together, as the messages of a [`Batch`].
///
/// ```
/// use mapview_channel::{TypedReceiver, TypedSender};
/// let name = format!("doc-typed-batch-{}", std::process::id());
/// let mut sender = TypedSender::<u64>::create(&name)?;
/// let mut receiver = TypedReceiver::<u64>::create(&name)?;
/// let mut batch = sender.batch();
/// batch.send(&1)?;
/// batch.send(&2)?;
/// batch.commit();
/// let mut sum = 0;
/// assert_eq!(receiver.read_batch(10, |value| sum += value)?, 2);
/// assert_eq!(sum, 3);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Debug)]
pub struct TypedBatch<'a, T> {
    batch: Batch<'a>,
    item: PhantomData<fn(T)>,
}

impl<'a, T: Plain> TypedBatch<'a, T> {
    pub(super) fn new(batch: Batch<'a>) -> TypedBatch<'a, T> {
        TypedBatch { batch, item: PhantomData }
    }

    /// Copies a value in; waits while the ring is full.
    ///
    /// # Errors
    /// As for [`Sender::send`](super::Sender::send).
    #[inline]
    pub fn send(&mut self, value: &T) -> Result<()> {
        put(self.batch.reserve(size_of::<T>())?, value)
    }

    /// Room for a value, to be written in place; waits while the ring is full.
    ///
    /// # Errors
    /// As for [`Sender::send`](super::Sender::send).
    #[inline]
    pub fn reserve(&mut self) -> Result<TypedDraft<'_, T>> {
        Ok(TypedDraft::new(self.batch.reserve(size_of::<T>())?))
    }

    /// Makes all values of the batch exist, at one instant.
    pub fn commit(self) {
        self.batch.commit();
    }
}
