//! `TypedSubscriber`: gets values of one type.

use std::marker::PhantomData;

use mapview::{Deadline, Name, Plain};

use super::{Policy, Sample, Subscriber, TypedSample};
use crate::{Error, ErrorKind, Result};

/// Gets values of one plain type. Made by [`TopicOptions::typed_subscriber`](crate::TopicOptions::typed_subscriber); see
/// [`TypedPublisher`](crate::TypedPublisher).
#[derive(Debug)]
pub struct TypedSubscriber<T> {
    pub(super) subscriber: Subscriber,
    of: PhantomData<fn() -> T>,
}

impl<T: Plain> TypedSubscriber<T> {
    pub(super) fn new(subscriber: Subscriber) -> TypedSubscriber<T> {
        TypedSubscriber { subscriber, of: PhantomData }
    }

    /// The topic's name.
    pub fn name(&self) -> &Name {
        self.subscriber.name()
    }

    /// What happens when it does not keep up.
    pub fn policy(&self) -> Policy {
        self.subscriber.policy()
    }

    /// How many samples were overwritten before this took them, since it came.
    pub fn dropped(&self) -> u64 {
        self.subscriber.dropped()
    }

    /// How many samples were published that this has not taken; see [`Subscriber::lag`].
    pub fn lag(&self) -> u64 {
        self.subscriber.lag()
    }

    /// The next value; waits while there is none.
    ///
    /// # Errors
    /// As for [`Subscriber::recv`]; a sample of another size, which only a participant that is not typed can publish, is
    /// [`Corrupt`](ErrorKind::Corrupt).
    pub fn recv(&mut self) -> Result<TypedSample<T>> {
        let sample = self.subscriber.recv()?;
        self.typed(sample)
    }

    /// The next value, if there is one.
    ///
    /// # Errors
    /// As for [`TypedSubscriber::recv`].
    pub fn try_recv(&mut self) -> Result<Option<TypedSample<T>>> {
        self.recv_until(Deadline::now())
    }

    /// The next value; `None` if there was none until the deadline.
    ///
    /// # Errors
    /// As for [`TypedSubscriber::recv`].
    pub fn recv_until(&mut self, deadline: impl Into<Deadline>) -> Result<Option<TypedSample<T>>> {
        let sample = self.subscriber.recv_until(deadline)?;
        sample.map(|sample| self.typed(sample)).transpose()
    }

    pub(super) fn typed(&self, sample: Sample) -> Result<TypedSample<T>> {
        if sample.len() != size_of::<T>() {
            let (len, size) = (sample.len(), size_of::<T>());
            let why = format!("a sample has {len} bytes, a value {size}");
            return Err(Error::new(ErrorKind::Corrupt, self.name(), why));
        }
        Ok(TypedSample::new(sample))
    }
}
