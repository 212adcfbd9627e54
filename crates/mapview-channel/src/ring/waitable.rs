//! Rings in `wait_any`.

use super::{Receiver, Sender};
use crate::station::Class;
use crate::wait::{Awaited, Waiter};
use crate::wait_any::Source;
use crate::{Result, Waitable};

impl Receiver {
    /// For [`wait_any`](crate::wait_any): ready while there is a message. Nothing is taken.
    pub fn waitable(&mut self) -> Waitable<'_> {
        Waitable::channel(self)
    }
}

impl Sender {
    /// For [`wait_any`](crate::wait_any): ready while there is room for a message of `len` bytes. Nothing is reserved.
    ///
    /// # Errors
    /// [`TooLong`](crate::ErrorKind::TooLong): longer than [`Sender::longest`]; [`Corrupt`](crate::ErrorKind::Corrupt).
    pub fn waitable(&mut self, len: usize) -> Result<Waitable<'_>> {
        self.flush(); // as in every wait for room
        self.room_now(len)?;
        self.awaited = len;
        Ok(Waitable::channel(self))
    }
}

impl Awaited for Receiver {
    fn ready(&mut self) -> Result<bool> {
        self.intake.has_message()
    }

    fn watched(&mut self) -> Result<u64> {
        self.intake.watched()
    }
}

impl Source for Receiver {
    fn class(&self) -> Class {
        Class::Messages
    }

    fn waiter(&self) -> Option<&Waiter> {
        Some(&self.waiter)
    }
}

impl Awaited for Sender {
    fn ready(&mut self) -> Result<bool> {
        Ok(self.room_now(self.awaited)?.is_some())
    }
}

impl Source for Sender {
    fn class(&self) -> Class {
        Class::Room
    }

    fn waiter(&self) -> Option<&Waiter> {
        Some(&self.waiter)
    }
}
