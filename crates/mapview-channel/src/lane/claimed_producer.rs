//! The producer's side of a lane whose messages are claimed.

use super::entry::{Claimed, Entry, State};
use super::shape::{join, split, Broken, Shape};
use crate::prim::Ordering;

/// What the producer knows; see [`super::Producer`]. It takes room back itself, in order: a message that somebody holds keeps the room
/// of all that were sent after it.
#[derive(Clone, Debug)]
pub(crate) struct ClaimedProducer {
    shape: Shape,
    count: u32,
    position: u32,
    /// What the tail says.
    published: u32,
    /// What the head says: all before is done.
    head_count: u32,
    head_position: u32,
}

impl ClaimedProducer {
    /// Goes on where the last producer of this lane ended.
    pub(crate) fn resume(shape: Shape, claimed: Claimed<'_>) -> Result<ClaimedProducer, Broken> {
        let (count, position) = split(claimed.tail.load(Ordering::Acquire));
        let (head_count, head_position) = split(claimed.head.load(Ordering::Acquire));
        if count.wrapping_sub(head_count) > shape.entries
            || position.wrapping_sub(head_position) > shape.capacity
        {
            return Err(Broken);
        }
        Ok(ClaimedProducer { shape, count, position, published: count, head_count, head_position })
    }

    /// Where in the data a message of this length can be written; `None` while there is no room.
    #[inline]
    pub(crate) fn reserve(
        &mut self,
        claimed: Claimed<'_>,
        len: u32,
    ) -> Result<Option<u32>, Broken> {
        let need = self.shape.room(len);
        if !self.has_room(need) {
            self.take_back(claimed)?;
            if !self.has_room(need) {
                return Ok(None);
            }
        }
        Ok(Some(self.shape.offset(self.position)))
    }

    /// Adds the message that was written where `reserve` said, of that length or less.
    #[inline]
    pub(crate) fn append(&mut self, claimed: Claimed<'_>, len: u32) {
        // Nobody looks at the entry before the tail says that it is there.
        claimed.place(self.shape, self.count).store(join(self.position, len), Ordering::Relaxed);
        claimed.store(self.shape, Entry::ready(self.count));
        self.count = self.count.wrapping_add(1);
        self.position = self.position.wrapping_add(self.shape.room(len));
    }

    /// Commits all that was added.
    #[inline]
    pub(crate) fn publish(&mut self, claimed: Claimed<'_>) {
        self.published = self.count;
        claimed.tail.store(join(self.count, self.position), Ordering::Release);
    }

    /// How many messages were not taken yet when it was last looked, and how many bytes.
    pub(crate) fn under_way(&self) -> (u32, u32) {
        let count = self.count.wrapping_sub(self.head_count);
        (count, self.position.wrapping_sub(self.head_position))
    }

    /// Messages that were added and not committed.
    #[inline]
    pub(crate) fn is_pending(&self) -> bool {
        self.published != self.count
    }

    #[inline]
    fn has_room(&self, need: u32) -> bool {
        let used = self.position.wrapping_sub(self.head_position);
        let under_way = self.count.wrapping_sub(self.head_count);
        need <= self.shape.capacity - used && under_way < self.shape.entries
    }

    /// Takes back the room of what is done.
    fn take_back(&mut self, claimed: Claimed<'_>) -> Result<(), Broken> {
        let before = self.head_count;
        while self.head_count != self.published {
            let entry = claimed.load(self.shape, self.head_count);
            if entry.count() != self.head_count {
                return Err(Broken);
            }
            if entry.state() != Some(State::Done) {
                break;
            }
            let place = claimed.place(self.shape, self.head_count).load(Ordering::Relaxed);
            let (position, len) = split(place);
            if len > self.shape.capacity {
                return Err(Broken);
            }
            let end = position.wrapping_add(self.shape.room(len));
            let freed = end.wrapping_sub(self.head_position);
            if freed > self.position.wrapping_sub(self.head_position) {
                return Err(Broken);
            }
            self.head_count = self.head_count.wrapping_add(1);
            self.head_position = end;
        }
        if self.head_count != before {
            claimed.head.store(join(self.head_count, self.head_position), Ordering::Release);
        }
        Ok(())
    }
}
