//! Rings in `wait_any`.

use super::{Receiver, Sender};
use crate::station::Class;
use crate::wait::{Awaited, Waiter};
use crate::wait_any::Source;
use crate::{Result, Waitable};

impl Receiver {
    /// For [`wait_any`](crate::wait_any): ready while there is a message. Nothing is taken.
    pub fn waitable(&mut self) -> Waitable<'_> {
        Waitable::channel(Messages(self))
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
        Ok(Waitable::channel(Room(self, len)))
    }
}

#[derive(Debug)]
struct Messages<'a>(&'a mut Receiver);

impl Awaited for Messages<'_> {
    fn ready(&mut self) -> Result<bool> {
        self.0.intake.has_message()
    }

    fn watched(&mut self) -> Result<u64> {
        self.0.intake.watched()
    }
}

impl Source for Messages<'_> {
    fn class(&self) -> Class {
        Class::Messages
    }

    fn waiter(&self) -> &Waiter {
        &self.0.waiter
    }
}

#[derive(Debug)]
struct Room<'a>(&'a mut Sender, usize);

impl Awaited for Room<'_> {
    fn ready(&mut self) -> Result<bool> {
        Ok(self.0.room_now(self.1)?.is_some())
    }
}

impl Source for Room<'_> {
    fn class(&self) -> Class {
        Class::Room
    }

    fn waiter(&self) -> &Waiter {
        &self.0.waiter
    }
}
