//! `Message`: a message in place, until it is released.

use std::ops::Deref;

use super::receiver::Held;
use crate::Payload;

/// A message where it was written. Its room is the sender's again when this is dropped.
#[derive(Debug)]
pub struct Message<'a> {
    held: Held<'a>,
    payload: Payload<'a>,
    redelivered: bool,
}

impl<'a> Message<'a> {
    #[inline]
    pub(super) fn new(held: Held<'a>, payload: Payload<'a>, redelivered: bool) -> Message<'a> {
        Message { held, payload, redelivered }
    }

    /// Whether a receiver ended after it got this message and before it released it: what the message asks for may have been done.
    pub fn redelivered(&self) -> bool {
        self.redelivered
    }

    /// Gives the room back now; the same as dropping it.
    pub fn release(self) {}
}

impl<'a> Deref for Message<'a> {
    type Target = Payload<'a>;

    #[inline]
    fn deref(&self) -> &Payload<'a> {
        &self.payload
    }
}

impl Drop for Message<'_> {
    #[inline]
    fn drop(&mut self) {
        self.held.release();
    }
}
