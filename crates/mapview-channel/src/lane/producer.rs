//! The producer's side of a lane.
//!
//! The same few cache lines again come faster from the other processor than others. So as long as the consumer keeps up, the producer
//! goes back to the start of the data after a few messages. It looks whether the consumer keeps up right *after* a commit: then the
//! look costs nothing, while before the next message it would cost as much as the message.

use super::shape::{join, split, Broken, Shape, Shared, JUMP};
use crate::prim::Ordering;

/// How far into the data messages go before they begin at the start again: 3 of 64 bytes, and at least one of any length.
const HOT: u32 = 192;
/// A producer whose consumer does not keep up looks again after so many commits.
const LOOK_AFTER: u32 = 32;

/// What the producer knows. Its own counts are private: what stands in shared memory is only told, never read back, but by the next
/// producer.
#[derive(Clone, Debug)]
pub(crate) struct Producer {
    shape: Shape,
    /// Messages so far, published or not.
    count: u32,
    /// Bytes so far.
    position: u32,
    /// What the tail says.
    published: u32,
    last: u32,
    /// The consumer's, when it was last looked at.
    head_count: u32,
    head_position: u32,
    /// Whether all but the last message were consumed then.
    caught_up: bool,
    commits: u32,
    /// What the message that is reserved skips. Said together with the message, so that one that is given up takes no room.
    gap: u32,
}

impl Producer {
    /// Goes on where the last producer of this lane ended.
    pub(crate) fn resume(shape: Shape, shared: Shared<'_>) -> Result<Producer, Broken> {
        // The head first: the consumer goes on meanwhile, and never past the tail.
        let (head_count, head_position) = split(shared.head.load(Ordering::Acquire));
        let (count, last) = split(shared.tail.load(Ordering::Acquire));
        if count.wrapping_sub(head_count) > shape.entries {
            return Err(Broken);
        }
        let (mut position, mut at) = (head_position, head_count);
        while at != count {
            let entry = shared.lengths[shape.entry(at)].load(Ordering::Relaxed);
            let gap = if entry & JUMP != 0 { shape.rest(position) } else { 0 };
            let used = position.wrapping_sub(head_position);
            // Lengths are below 2^31 and capacities at most 2^30, so nothing overflows.
            if gap + shape.room(entry & !JUMP) > shape.capacity - used {
                return Err(Broken);
            }
            position = position.wrapping_add(gap + shape.room(entry & !JUMP));
            at = at.wrapping_add(1);
        }
        Ok(Producer {
            shape,
            count,
            position,
            published: count,
            last,
            head_count,
            head_position,
            caught_up: true,
            commits: 0,
            gap: 0,
        })
    }

    /// Where in the data a message of this length can be written, at most [`Shape::longest`]; `None` while there is no room.
    #[inline]
    pub(crate) fn reserve(&mut self, shared: Shared<'_>, len: u32) -> Result<Option<u32>, Broken> {
        let need = self.shape.room(len);
        if self.caught_up && self.shape.offset(self.position) >= HOT {
            self.gap = self.shape.rest(self.position);
            if self.has_room(need) {
                return Ok(Some(0));
            }
        }
        self.gap = 0;
        if !self.has_room(need) {
            self.look(shared)?;
            if !self.has_room(need) {
                return Ok(None);
            }
        }
        Ok(Some(self.shape.offset(self.position)))
    }

    /// Adds the message that was written where `reserve` said, of that length or less.
    #[inline]
    pub(crate) fn append(&mut self, shared: Shared<'_>, len: u32) {
        let entry = if self.gap != 0 { len | JUMP } else { len };
        shared.lengths[self.shape.entry(self.count)].store(entry, Ordering::Relaxed);
        self.count = self.count.wrapping_add(1);
        self.position = self.position.wrapping_add(self.gap + self.shape.room(len));
        self.last = entry;
        self.gap = 0;
    }

    /// Commits all that was added.
    #[inline]
    pub(crate) fn publish(&mut self, shared: Shared<'_>) {
        self.published = self.count;
        shared.tail.store(join(self.count, self.last), Ordering::Release);
        self.commits = self.commits.wrapping_add(1);
        if self.caught_up || self.commits.is_multiple_of(LOOK_AFTER) {
            // Nonsense is found again, and told, when the room is needed.
            let known = self.look(shared).is_ok();
            self.caught_up = known && self.count.wrapping_sub(self.head_count) <= 1;
        }
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
        need + self.gap <= self.shape.capacity - used && under_way < self.shape.entries
    }

    /// Looks how far the consumer is.
    #[inline]
    fn look(&mut self, shared: Shared<'_>) -> Result<(), Broken> {
        let (count, position) = split(shared.head.load(Ordering::Acquire));
        let went_on = count.wrapping_sub(self.head_count);
        let freed = position.wrapping_sub(self.head_position);
        // Not past what was committed, so never backwards either.
        if went_on > self.published.wrapping_sub(self.head_count)
            || freed > self.position.wrapping_sub(self.head_position)
        {
            return Err(Broken);
        }
        (self.head_count, self.head_position) = (count, position);
        Ok(())
    }
}
