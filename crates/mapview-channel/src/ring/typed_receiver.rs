//! `TypedReceiver`: takes values of one type out of a ring.

use std::marker::PhantomData;

use mapview::{Deadline, Name, Plain, ToName};

use super::{Message, Receiver, RingOptions};
use crate::{Error, ErrorKind, Payload, Result};

/// Takes values of one plain type out of a ring; see [`RingOptions::typed_receiver`].
///
/// ```
/// use mapview_channel::{TypedReceiver, TypedSender};
/// let name = format!("doc-typed-receiver-{}", std::process::id());
/// let mut receiver = TypedReceiver::<[f64; 3]>::create(&name)?;
/// let mut sender = TypedSender::<[f64; 3]>::create(&name)?;
/// assert_eq!(receiver.try_recv()?, None);
/// sender.send(&[1.0, 0.0, 0.5])?;
/// let in_place = receiver.recv_in_place()?;
/// assert_eq!(in_place.read::<f64>(16)?, 0.5);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Debug)]
pub struct TypedReceiver<T> {
    pub(super) receiver: Receiver,
    item: PhantomData<fn() -> T>,
}

impl<T: Plain> TypedReceiver<T> {
    /// Becomes a receiver of a ring of such values without a schema; see [`RingOptions::typed_receiver`].
    ///
    /// # Errors
    /// As for [`RingOptions::sender`].
    pub fn create(name: &(impl ToName + ?Sized)) -> Result<TypedReceiver<T>> {
        RingOptions::new().typed_receiver(name)
    }

    pub(super) fn new(receiver: Receiver) -> TypedReceiver<T> {
        TypedReceiver { receiver, item: PhantomData }
    }

    /// The ring's name.
    pub fn name(&self) -> &Name {
        self.receiver.name()
    }

    /// As [`Receiver::senders`].
    ///
    /// # Errors
    /// As there.
    pub fn senders(&self) -> Result<usize> {
        self.receiver.senders()
    }

    /// A copy of the next value; waits while there is none.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt): a participant stored nonsense, or sent a message of another size.
    #[inline]
    pub fn recv(&mut self) -> Result<T> {
        let value = self.recv_until(Deadline::never())?;
        Ok(value.expect("a wait without end does not time out"))
    }

    /// A copy of the next value, if there is one.
    ///
    /// # Errors
    /// As for [`TypedReceiver::recv`].
    #[inline]
    pub fn try_recv(&mut self) -> Result<Option<T>> {
        self.recv_until(Deadline::now())
    }

    /// A copy of the next value; `None` if there was none until the deadline.
    ///
    /// # Errors
    /// As for [`TypedReceiver::recv`].
    #[inline]
    pub fn recv_until(&mut self, deadline: impl Into<Deadline>) -> Result<Option<T>> {
        let Some(message) = self.receiver.recv_until(deadline)? else { return Ok(None) };
        value(&message).map(Some)
    }

    /// The next value where it was written, to be read in parts, or at its address, which is aligned for it; waits while there is none.
    ///
    /// # Errors
    /// As for [`TypedReceiver::recv`].
    #[inline]
    pub fn recv_in_place(&mut self) -> Result<Message<'_>> {
        let message = self.recv_in_place_until(Deadline::never())?;
        Ok(message.expect("a wait without end does not time out"))
    }

    /// As [`TypedReceiver::recv_in_place`]; `None` if there was none until the deadline.
    ///
    /// # Errors
    /// As for [`TypedReceiver::recv`].
    #[inline]
    pub fn recv_in_place_until(
        &mut self,
        deadline: impl Into<Deadline>,
    ) -> Result<Option<Message<'_>>> {
        let Some(message) = self.receiver.recv_until(deadline)? else { return Ok(None) };
        check::<T>(&message)?;
        Ok(Some(message))
    }

    /// Hands copies of up to `most` values that are there to `read`; see [`Receiver::read_batch`].
    ///
    /// # Errors
    /// As for [`TypedReceiver::recv`]; of the values up to the wrong one, all were handed out.
    #[inline]
    pub fn read_batch(&mut self, most: usize, mut read: impl FnMut(T)) -> Result<usize> {
        let mut wrong = None;
        let take = |payload: Payload<'_>| match payload.read(0) {
            Ok(value) if payload.len() == size_of::<T>() => read(value),
            _ => wrong = wrong.or(Some(payload.len())),
        };
        let count = self.receiver.read_batch(most, take)?;
        match wrong {
            Some(len) => Err(wrong_size::<T>(self.name(), len)),
            None => Ok(count),
        }
    }

    /// The receiver of bytes that this one is, for what there is no typed call for.
    pub fn as_bytes(&mut self) -> &mut Receiver {
        &mut self.receiver
    }
}

/// The value in a message; an error if it is no such.
#[inline]
pub(super) fn value<T: Plain>(message: &Message<'_>) -> Result<T> {
    check::<T>(message)?;
    message.read(0)
}

#[inline]
fn check<T>(message: &Message<'_>) -> Result<()> {
    match message.len() == size_of::<T>() {
        true => Ok(()),
        false => Err(wrong_size::<T>(message.channel(), message.len())),
    }
}

#[cold]
fn wrong_size<T>(name: &Name, len: usize) -> Error {
    let why = format!("a message of {len} bytes among items of {}", size_of::<T>());
    Error::new(ErrorKind::Corrupt, name, why)
}
