//! `TypedPublisher`: publishes values of one type.

use std::marker::PhantomData;

use mapview::{Deadline, Name, Plain};

use super::{Publisher, TypedLoan};
use crate::Result;

/// Publishes values of one plain type. Made by [`TopicOptions::typed_publisher`](crate::TopicOptions::typed_publisher).
///
/// ```
/// use mapview_channel::TopicOptions;
/// let name = format!("doc-typed-publisher-{}", std::process::id());
/// let options = TopicOptions::new().schema("position, metres").clone();
/// let mut publisher = options.typed_publisher::<[f64; 3]>(&name)?;
/// let mut subscriber = options.typed_subscriber::<[f64; 3]>(&name)?;
/// publisher.publish(&[1.0, 2.0, 3.5])?;
/// assert_eq!(subscriber.recv()?.value(), [1.0, 2.0, 3.5]);
/// # Ok::<(), mapview_channel::Error>(())
/// ```
#[derive(Debug)]
pub struct TypedPublisher<T> {
    pub(super) publisher: Publisher,
    of: PhantomData<fn(T)>,
}

impl<T: Plain> TypedPublisher<T> {
    pub(super) fn new(publisher: Publisher) -> TypedPublisher<T> {
        TypedPublisher { publisher, of: PhantomData }
    }

    /// The topic's name.
    pub fn name(&self) -> &Name {
        self.publisher.name()
    }

    /// The number of the next sample; see [`Publisher::sequence`].
    pub fn sequence(&self) -> u64 {
        self.publisher.sequence()
    }

    /// Publishes a copy; waits while a blocking subscriber is behind.
    ///
    /// # Errors
    /// [`Object`](crate::ErrorKind::Object): no memory is left.
    pub fn publish(&mut self, value: &T) -> Result<()> {
        self.publish_until(value, Deadline::never()).map(|_| ())
    }

    /// Publishes a copy, unless a blocking subscriber is behind: `false`.
    ///
    /// # Errors
    /// As for [`TypedPublisher::publish`].
    pub fn try_publish(&mut self, value: &T) -> Result<bool> {
        self.publish_until(value, Deadline::now())
    }

    /// Publishes a copy; `false` if a blocking subscriber was behind until the deadline.
    ///
    /// # Errors
    /// As for [`TypedPublisher::publish`].
    pub fn publish_until(&mut self, value: &T, deadline: impl Into<Deadline>) -> Result<bool> {
        self.publisher.publish_until(value.as_bytes(), deadline)
    }

    /// Room for a value, to be written in place; waits while a blocking subscriber is behind.
    ///
    /// # Errors
    /// As for [`TypedPublisher::publish`].
    pub fn loan(&mut self) -> Result<TypedLoan<'_, T>> {
        Ok(TypedLoan::new(self.publisher.loan(size_of::<T>())?))
    }

    /// Room for a value; `None` while a blocking subscriber is behind.
    ///
    /// # Errors
    /// As for [`TypedPublisher::publish`].
    pub fn try_loan(&mut self) -> Result<Option<TypedLoan<'_, T>>> {
        Ok(self.publisher.try_loan(size_of::<T>())?.map(TypedLoan::new))
    }
}
