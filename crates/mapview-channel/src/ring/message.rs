//! `Message`: a message in place, until it is released.

use std::ops::Deref;

use mapview::Name;

use super::inlet::Taken;
use super::intake::Held;
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
    pub(super) fn new(held: Held<'a>, taken: Taken) -> Message<'a> {
        let payload = Payload::new(&held.track.view, taken.at, taken.len);
        Message { held, payload, redelivered: taken.again }
    }

    /// Whether a receiver ended after it got this message and before it released it: what the message asks for may have been done.
    #[inline]
    pub fn redelivered(&self) -> bool {
        self.redelivered
    }

    /// Who sent it: the number that [`Sender::id`](super::Sender::id) tells there, below the number of senders that the ring takes.
    ///
    /// Living senders have different numbers. One that comes after another ended may get its number, and then its messages come after
    /// those of the other.
    #[inline]
    pub fn sender(&self) -> usize {
        self.held.track.lane
    }

    /// The ring's name.
    pub(super) fn channel(&self) -> &Name {
        self.held.hub.station.name()
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
