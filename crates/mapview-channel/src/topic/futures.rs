//! Topics in async functions, on any executor.

use mapview::Plain;

use super::publisher::Room;
use super::subscriber::Next;
use super::{Loan, Publisher, Sample, Subscriber};
use super::{TypedPublisher, TypedSample, TypedSubscriber};
use crate::station::Class;
use crate::wait::until_async;
use crate::Result;

impl Subscriber {
    /// The next sample; waits in an async function while there is none.
    ///
    /// *Cancel-safe*: the sample is taken in the very poll that returns it, so a dropped future has taken nothing. The future may move
    /// between threads.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> mapview_channel::Result<()> {
    /// use mapview_channel::{Publisher, Subscriber};
    /// let name = format!("doc-topic-async-{}", std::process::id());
    /// let (mut publisher, mut subscriber) = (Publisher::create(&name)?, Subscriber::create(&name)?);
    /// let (got, published) = tokio::join!(subscriber.recv_async(), publisher.publish_async(b"hello"));
    /// assert_eq!(got?.to_vec()?, b"hello");
    /// published
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for [`Subscriber::recv`].
    ///
    /// # Platform notes
    /// As for [`mapview::wait_any_async`]: one thread of the library watches for all futures of the process; on Windows it notices
    /// other processes some milliseconds later.
    pub async fn recv_async(&mut self) -> Result<Sample> {
        let taken = match self.intake.take()? {
            Some(taken) => taken,
            None => {
                let mut next = Next { intake: &mut self.intake, taken: None };
                until_async(&self.waiter, Class::Messages, &mut next).await?;
                next.taken.expect("the wait ends with a sample")
            }
        };
        Ok(self.intake.hold(taken))
    }
}

impl Publisher {
    /// Room for a sample of `len` bytes; waits in an async function while a [blocking](crate::Policy::Block) subscriber is behind.
    /// Cancel-safe, as [`Subscriber::recv_async`].
    ///
    /// # Errors
    /// As for [`Publisher::publish`].
    pub async fn loan_async(&mut self, len: usize) -> Result<Loan<'_>> {
        if !self.has_room(len)? {
            let Publisher { area, writer, waiter, .. } = self;
            until_async(waiter, Class::Room, &mut Room { area, writer }).await?;
        }
        self.lend(len)
    }

    /// Publishes a copy; waits in an async function while a blocking subscriber is behind. Cancel-safe: a dropped future has published
    /// nothing.
    ///
    /// # Errors
    /// As for [`Publisher::publish`].
    pub async fn publish_async(&mut self, sample: &[u8]) -> Result<()> {
        let mut loan = self.loan_async(sample.len()).await?;
        loan.copy_in(0, sample)?;
        loan.publish();
        Ok(())
    }
}

impl<T: Plain> TypedSubscriber<T> {
    /// The next value; waits in an async function while there is none. Cancel-safe, as [`Subscriber::recv_async`].
    ///
    /// # Errors
    /// As for [`TypedSubscriber::recv`].
    pub async fn recv_async(&mut self) -> Result<TypedSample<T>> {
        let sample = self.subscriber.recv_async().await?;
        self.typed(sample)
    }
}

impl<T: Plain + Sync> TypedPublisher<T> {
    /// Publishes a copy; waits in an async function while a blocking subscriber is behind. Cancel-safe: a dropped future has published
    /// nothing.
    ///
    /// # Errors
    /// As for [`TypedPublisher::publish`].
    pub async fn publish_async(&mut self, value: &T) -> Result<()> {
        self.publisher.publish_async(value.as_bytes()).await
    }
}
