//! Rings in async functions, on any executor.

use mapview::Plain;

use super::receiver::Next;
use super::sender::Room;
use super::typed_sender::put;
use super::{Draft, Message, Receiver, Sender, TypedReceiver, TypedSender};
use crate::station::Class;
use crate::wait::until_async;
use crate::Result;

impl Receiver {
    /// The next message; waits in an async function while there is none.
    ///
    /// *Cancel-safe*: the message is taken in the very poll that returns it, so a dropped future has taken nothing. The future may move
    /// between threads.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> mapview_channel::Result<()> {
    /// use mapview_channel::{Receiver, Sender};
    /// let name = format!("doc-recv-async-{}", std::process::id());
    /// let (mut sender, mut receiver) = (Sender::create(&name)?, Receiver::create(&name)?);
    /// let (got, sent) = tokio::join!(receiver.recv_async(), sender.send_async(b"hello"));
    /// assert_eq!(got?.to_vec()?, b"hello");
    /// sent
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for [`Receiver::recv`].
    ///
    /// # Platform notes
    /// As for [`mapview::wait_any_async`]: one thread of the library watches for all futures of the process; on Windows it notices
    /// other processes some milliseconds later.
    pub async fn recv_async(&mut self) -> Result<Message<'_>> {
        let taken = match self.intake.take()? {
            Some(taken) => taken,
            None => {
                let mut next = Next { intake: &mut self.intake, found: None };
                until_async(&self.waiter, Class::Messages, &mut next).await?;
                next.found.expect("the wait ends with a message")
            }
        };
        Ok(self.message(taken))
    }
}

impl Sender {
    /// Room for a message of `len` bytes; waits in an async function while the ring is full. Cancel-safe, as [`Receiver::recv_async`].
    ///
    /// # Errors
    /// As for [`Sender::send`].
    pub async fn reserve_async(&mut self, len: usize) -> Result<Draft<'_>> {
        let at = match self.room_now(len)? {
            Some(at) => at,
            None => {
                self.flush(); // else the receiver could not make room
                let Sender { outlet, waiter, .. } = self;
                let mut room = Room { outlet, len: len as u32, at: None };
                until_async(waiter, Class::Room, &mut room).await?;
                room.at.expect("the wait ends with room")
            }
        };
        Ok(Draft::new(self, at, len, true))
    }

    /// Copies a message in; waits in an async function while the ring is full. Cancel-safe: a dropped future has sent nothing.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    pub async fn send_async(&mut self, message: &[u8]) -> Result<()> {
        let mut draft = self.reserve_async(message.len()).await?;
        draft.copy_in(0, message)?;
        draft.commit();
        Ok(())
    }
}

impl<T: Plain> TypedReceiver<T> {
    /// A copy of the next value; waits in an async function while there is none. Cancel-safe, as [`Receiver::recv_async`].
    ///
    /// # Errors
    /// As for [`TypedReceiver::recv`].
    pub async fn recv_async(&mut self) -> Result<T> {
        let message = self.receiver.recv_async().await?;
        super::typed_receiver::value(&message)
    }
}

impl<T: Plain + Sync> TypedSender<T> {
    /// Copies a value in; waits in an async function while the ring is full. Cancel-safe: a dropped future has sent nothing.
    ///
    /// # Errors
    /// As for [`Sender::send`].
    pub async fn send_async(&mut self, value: &T) -> Result<()> {
        put(self.sender.reserve_async(size_of::<T>()).await?, value)
    }
}
