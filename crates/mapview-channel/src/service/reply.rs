//! `Reply`: a reply in place, until it is released.

use std::fmt;
use std::ops::Deref;

use super::client::ClientSide;
use crate::lane::{Consumer, Shared};
use crate::Payload;

/// A reply where the server wrote it. Its room is the server's again when this is dropped.
pub struct Reply<'a> {
    held: Held<'a>,
    payload: Payload<'a>,
}

impl<'a> Reply<'a> {
    #[inline]
    pub(super) fn new(held: Held<'a>, payload: Payload<'a>) -> Reply<'a> {
        Reply { held, payload }
    }

    /// Gives the room back now; the same as dropping it.
    pub fn release(self) {}
}

impl<'a> Deref for Reply<'a> {
    type Target = Payload<'a>;

    #[inline]
    fn deref(&self) -> &Payload<'a> {
        &self.payload
    }
}

impl Drop for Reply<'_> {
    #[inline]
    fn drop(&mut self) {
        self.held.release();
    }
}

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("len", &self.payload.len()).finish_non_exhaustive()
    }
}

/// What a reply that is held needs of its call.
pub(super) struct Held<'a> {
    pub consumer: &'a mut Consumer,
    pub lane: Shared<'a>,
    pub side: &'a ClientSide,
    pub slot: usize,
}

impl Held<'_> {
    /// Gives the room back to the server.
    #[inline]
    fn release(&mut self) {
        self.consumer.release(self.lane);
        self.side.base.wake_room(self.side.desk.slot(self.slot).look().tag());
    }
}
