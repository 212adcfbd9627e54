//! The producer's side of a lane.
//!
//! The same few cache lines again come faster from the other processor than others. So while the consumer keeps up, small messages go to
//! the hot places in turn. The producer looks whether the consumer keeps up right *after* a commit: then the look costs nothing, while
//! before the next message it would cost as much as the message.

use super::shape::{hot_entry, join, read_entry, split};
use super::shape::{Broken, Place, Shape, Shared, HOT_PLACES, HOT_SIZE};
use crate::prim::Ordering;

/// A producer whose consumer does not keep up looks again after so many commits.
const LOOK_AFTER: u32 = 32;

/// What the producer knows. Its own counts are private: what stands in shared memory is only told, never read back, but by the next
/// producer.
#[derive(Clone, Debug)]
pub(crate) struct Producer {
    shape: Shape,
    /// Messages so far, published or not.
    count: u32,
    /// Bytes of data so far.
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
    /// The hot place whose turn is next, and for each what the consumer's count is at least when it is free again.
    hot: u32,
    hot_until: [u32; HOT_PLACES as usize],
    /// Whether the message that is reserved lies in a hot place.
    is_hot: bool,
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
        let mut producer = Producer {
            shape,
            count: head_count,
            position: head_position,
            published: count,
            last,
            head_count,
            head_position,
            caught_up: true,
            commits: 0,
            hot: 0,
            hot_until: [head_count; HOT_PLACES as usize],
            is_hot: false,
        };
        while producer.count != count {
            let entry = shared.lengths[shape.entry(producer.count)].load(Ordering::Relaxed);
            let (hot, len) = read_entry(entry)?;
            if hot.is_none() && !producer.fits(shape.room(len)) {
                return Err(Broken);
            }
            producer.hot = hot.unwrap_or(producer.hot);
            producer.pass(hot.is_some(), len);
        }
        Ok(producer)
    }

    /// Begins at the start of the data, with an empty lane whose next message has this number; see
    /// [`Consumer::begin`](super::Consumer::begin). The start of the data is as hot as the hot places, so those are used only when
    /// there are many messages.
    pub(crate) fn begin(shape: Shape, count: u32) -> Producer {
        Producer {
            shape,
            count,
            position: 0,
            published: count,
            last: 0,
            head_count: count,
            head_position: 0,
            caught_up: false,
            commits: 0,
            hot: 0,
            hot_until: [count; HOT_PLACES as usize],
            is_hot: false,
        }
    }

    /// Where a message of this length can be written, at most [`Shape::longest`]; `None` while there is no room.
    #[inline]
    pub(crate) fn reserve(
        &mut self,
        shared: Shared<'_>,
        len: u32,
    ) -> Result<Option<Place>, Broken> {
        if !self.has_entry() {
            self.look(shared)?;
            if !self.has_entry() {
                return Ok(None);
            }
        }
        self.is_hot = self.caught_up && self.fits_hot(len);
        if self.is_hot {
            return Ok(Some(Place::Hot(self.hot * HOT_SIZE)));
        }
        let need = self.shape.room(len);
        if !self.fits(need) {
            self.look(shared)?;
            if !self.fits(need) {
                return Ok(None);
            }
        }
        Ok(Some(Place::Data(self.shape.offset(self.position))))
    }

    /// Adds the message that was written where `reserve` said, of that length or less.
    #[inline]
    pub(crate) fn append(&mut self, shared: Shared<'_>, len: u32) {
        let entry = if self.is_hot { hot_entry(self.hot, len) } else { len };
        let place = &shared.lengths[self.shape.entry(self.count)];
        // Messages of one length leave the line as it is, so both processors can keep it: a fifth of the cost of a stream.
        if place.load(Ordering::Relaxed) != entry {
            place.store(entry, Ordering::Relaxed);
        }
        self.last = entry;
        self.pass(self.is_hot, len);
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

    /// Goes past a message, in the hot place whose turn it is or in the data.
    #[inline]
    fn pass(&mut self, is_hot: bool, len: u32) {
        self.count = self.count.wrapping_add(1);
        if is_hot {
            self.hot_until[self.hot as usize] = self.count;
            self.hot = (self.hot + 1) % HOT_PLACES;
        } else {
            self.position = self.position.wrapping_add(self.shape.room(len));
        }
    }

    #[inline]
    fn has_entry(&self) -> bool {
        self.count.wrapping_sub(self.head_count) < self.shape.entries
    }

    #[inline]
    fn fits(&self, need: u32) -> bool {
        need <= self.shape.capacity - self.position.wrapping_sub(self.head_position)
    }

    #[inline]
    fn fits_hot(&self, len: u32) -> bool {
        let until = self.hot_until[self.hot as usize];
        // As signed: the consumer may be ahead of it by anything.
        let is_free = self.head_count.wrapping_sub(until) as i32 >= 0;
        is_free && len <= HOT_SIZE && self.shape.align <= HOT_SIZE
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
