//! The consumer's side of a lane.

use super::shape::{join, read_entry, split};
use super::shape::{Broken, Place, Shape, Shared, HOT_PLACES, HOT_SIZE};
use crate::prim::Ordering;

/// What the consumer knows. Nothing of it can be changed by the producer but by committing.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    shape: Shape,
    /// Messages taken so far.
    count: u32,
    /// Bytes of data so far.
    position: u32,
    /// Whether the message that was found lies in a hot place, and in which; before, whether that is expected.
    is_hot: bool,
    hot: u32,
    /// What the head says.
    released_count: u32,
    released_position: u32,
    /// The producer's, when it was last looked at.
    tail_count: u32,
    last: u32,
}

impl Consumer {
    /// Goes on where the last consumer of this lane ended: with what it had not released.
    pub(crate) fn resume(shape: Shape, shared: Shared<'_>) -> Consumer {
        let (count, position) = split(shared.head.load(Ordering::Acquire));
        Consumer {
            shape,
            count,
            position,
            is_hot: true,
            hot: 0,
            released_count: count,
            released_position: position,
            tail_count: count,
            last: 0,
        }
    }

    /// Begins at the start of the data, with an empty lane whose next message has this number. The head must say so too before
    /// a producer is told.
    pub(crate) fn begin(shape: Shape, count: u32) -> Consumer {
        Consumer {
            shape,
            count,
            position: 0,
            is_hot: false,
            hot: 0,
            released_count: count,
            released_position: 0,
            tail_count: count,
            last: 0,
        }
    }

    /// The number of the message that [`Consumer::peek`] finds next.
    #[inline]
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Where the next message lies, and its length; `None` while there is none.
    #[inline]
    pub(crate) fn peek(&mut self, shared: Shared<'_>) -> Result<Option<(Place, u32)>, Broken> {
        if self.count == self.tail_count && !self.look(shared)? {
            return Ok(None);
        }
        let is_last = self.count.wrapping_add(1) == self.tail_count;
        let entry = match is_last {
            true => self.last,
            false => shared.lengths[self.shape.entry(self.count)].load(Ordering::Relaxed),
        };
        let (hot, len) = read_entry(entry)?;
        // A real branch, whose outcome the processor guesses: a place that is computed from what was just received could not be fetched
        // at the same time as this.
        if hot.is_some() != self.is_hot || hot.is_some_and(|hot| hot != self.hot) {
            self.expect(hot);
        }
        if self.is_hot {
            return Ok(Some((Place::Hot(self.hot * HOT_SIZE), len)));
        }
        let used = self.position.wrapping_sub(self.released_position);
        if self.shape.room(len) > self.shape.capacity - used {
            return Err(Broken);
        }
        Ok(Some((Place::Data(self.shape.offset(self.position)), len)))
    }

    #[cold]
    #[inline(never)]
    fn expect(&mut self, hot: Option<u32>) {
        self.is_hot = hot.is_some();
        self.hot = hot.unwrap_or(self.hot);
    }

    /// Takes the message that `peek` found.
    #[inline]
    pub(crate) fn advance(&mut self, len: u32) {
        self.count = self.count.wrapping_add(1);
        if self.is_hot {
            self.hot = (self.hot + 1) % HOT_PLACES;
        } else {
            self.position = self.position.wrapping_add(self.shape.room(len));
        }
    }

    /// Gives back the room of all that was taken.
    #[inline]
    pub(crate) fn release(&mut self, shared: Shared<'_>) {
        (self.released_count, self.released_position) = (self.count, self.position);
        shared.head.store(join(self.count, self.position), Ordering::Release);
    }

    /// Whether there is more than was known.
    #[inline]
    fn look(&mut self, shared: Shared<'_>) -> Result<bool, Broken> {
        let (tail_count, last) = split(shared.tail.load(Ordering::Acquire));
        if tail_count == self.count {
            return Ok(false);
        }
        let news = tail_count.wrapping_sub(self.count);
        if news > self.shape.entries - self.count.wrapping_sub(self.released_count) {
            return Err(Broken);
        }
        (self.tail_count, self.last) = (tail_count, last);
        Ok(true)
    }
}
