//! The producer's side of a lane.

use super::shape::{join, split, Broken, Shape, Shared, SKIP, UNIT};
use crate::prim::Ordering;

/// A lane that is empty when its producer is this far goes on at the start: the same few cache lines again are fetched from the other
/// processor faster than others.
const HOT: u32 = 1024;

/// What the producer knows. Its own counts are private: what stands in shared memory is only told, never read back, but by the next
/// producer.
#[derive(Clone, Debug)]
pub(crate) struct Producer {
    shape: Shape,
    /// Messages and skips so far, published or not.
    count: u32,
    /// Bytes so far.
    position: u32,
    /// What the tail says.
    published: u32,
    last: u32,
    /// The consumer's, when it was last looked at.
    head_count: u32,
    head_position: u32,
    /// Whether to look, at the end of the hot part, if the lane is empty.
    may_jump: bool,
    /// How far the room that was last reserved lies behind `position`: a jump to the start, which is real only with a message there.
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
        let mut position = head_position;
        let mut at = head_count;
        while at != count {
            let entry = shared.lengths[shape.entry(at)].load(Ordering::Relaxed);
            let room = if entry & SKIP != 0 {
                (entry ^ SKIP).saturating_mul(UNIT)
            } else {
                shape.room(entry & !SKIP)
            };
            if room > shape.capacity {
                return Err(Broken);
            }
            position = position.wrapping_add(room);
            at = at.wrapping_add(1);
        }
        if position.wrapping_sub(head_position) > shape.capacity {
            return Err(Broken);
        }
        Ok(Producer {
            shape,
            count,
            position,
            published: count,
            last,
            head_count,
            head_position,
            may_jump: true,
            gap: 0,
        })
    }

    /// Where in the data a message of this length can be written, at most [`Shape::longest`]; `None` while there is no room.
    #[inline]
    pub(crate) fn reserve(&mut self, shared: Shared<'_>, len: u32) -> Result<Option<u32>, Broken> {
        let need = self.shape.room(len);
        self.gap = 0;
        let offset = self.shape.offset(self.position);
        if offset < HOT {
            self.may_jump = true;
        } else if self.may_jump {
            self.may_jump = false;
            self.gap = self.jump(shared, offset, need)?;
        }
        if !self.has_room(need) {
            self.look(shared)?;
            if !self.has_room(need) {
                return Ok(None);
            }
        }
        Ok(Some(self.shape.offset(self.position.wrapping_add(self.gap))))
    }

    /// Adds the message that was written where `reserve` said, of that length or less.
    #[inline]
    pub(crate) fn append(&mut self, shared: Shared<'_>, len: u32) {
        if self.gap != 0 {
            self.enter(shared, SKIP | (self.gap / UNIT), self.gap);
            self.gap = 0;
        }
        self.enter(shared, len, self.shape.room(len));
    }

    /// Commits all that was added.
    #[inline]
    pub(crate) fn publish(&mut self, shared: Shared<'_>) {
        self.published = self.count;
        shared.tail.store(join(self.count, self.last), Ordering::Release);
    }

    /// Messages that were added and not committed.
    #[inline]
    pub(crate) fn is_pending(&self) -> bool {
        self.published != self.count
    }

    fn enter(&mut self, shared: Shared<'_>, entry: u32, room: u32) {
        shared.lengths[self.shape.entry(self.count)].store(entry, Ordering::Relaxed);
        self.count = self.count.wrapping_add(1);
        self.position = self.position.wrapping_add(room);
        self.last = entry;
    }

    /// One entry is kept for a skip.
    #[inline]
    fn has_room(&self, need: u32) -> bool {
        let used = self.position.wrapping_sub(self.head_position);
        let under_way = self.count.wrapping_sub(self.head_count);
        need + self.gap <= self.shape.capacity - used && under_way < self.shape.entries - 1
    }

    /// Looks how far the consumer is.
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

    /// How far to jump, if the lane is empty and the message fits before the place that is left.
    #[cold]
    fn jump(&mut self, shared: Shared<'_>, offset: u32, need: u32) -> Result<u32, Broken> {
        if self.is_pending() {
            return Ok(0);
        }
        self.look(shared)?;
        let rest = self.shape.capacity - offset;
        let empty = self.head_count == self.count;
        Ok(if empty && need <= self.shape.capacity - rest { rest } else { 0 })
    }
}
