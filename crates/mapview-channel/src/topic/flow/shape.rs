//! The measures of a topic, and the words of a publisher.

use crate::prim::AtomicU64;

/// Another participant wrote what makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// How large a topic is. All are at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// So many samples of a publisher can be got; at most [`Shape::DEEPEST`].
    pub depth: u32,
    /// Places for publishers and subscribers, at most 64.
    pub publishers: u32,
    pub subscribers: u32,
    /// So many samples a subscriber can hold, at most [`Shape::MOST_HELD`].
    pub held: u32,
    /// Chunks in addition to those that are needed, so that looking for unused ones finds several; at most [`Shape::MOST_SPARE`].
    pub spare: u32,
    /// The longest sample.
    pub longest: u32,
}

/// Words in a pair of cache lines, which are fetched together.
const LINE: usize = 16;
/// No publisher gets this far.
pub(super) const FARTHEST: u64 = 1 << 62;
const LOW_BITS: u32 = 14;
const CHUNK_BITS: u32 = 18;

impl Shape {
    pub(crate) const DEEPEST: u32 = (1 << (LOW_BITS - 1)) - 1;
    pub(crate) const MOST_HELD: u32 = 256;
    pub(crate) const MOST_SPARE: u32 = 16;

    /// The entries of a publisher's ring: one is always about to be overwritten.
    #[inline]
    pub(crate) fn entries(self) -> u32 {
        self.depth + 1
    }

    /// The chunks of a publisher: what is in the ring, what all hold, the one that is written, and the spare.
    pub(crate) fn chunks(self) -> u32 {
        self.entries() + self.subscribers * self.held + 1 + self.spare
    }

    /// The words of a publisher's ring.
    pub(crate) fn entry_words(self) -> usize {
        self.entries() as usize * 2
    }

    /// The words of a subscriber: first its drops and its cursors, then, apart, its pins.
    pub(crate) fn seat_words(self) -> usize {
        self.pins_at() + (self.held as usize).next_multiple_of(LINE)
    }

    fn pins_at(self) -> usize {
        (1 + self.publishers as usize).next_multiple_of(LINE)
    }

    /// Of all subscribers' words, the one that counts what this one missed.
    #[inline]
    pub(crate) fn drops(self, seat: usize) -> usize {
        seat * self.seat_words()
    }

    /// Of all subscribers' words, the cursor of this one with this publisher.
    #[inline]
    pub(crate) fn cursor(self, seat: usize, publisher: usize) -> usize {
        self.drops(seat) + 1 + publisher
    }

    /// Of all subscribers' words, the pins of this one.
    #[inline]
    pub(crate) fn pins(self, seat: usize) -> std::ops::Range<usize> {
        let first = self.drops(seat) + self.pins_at();
        first..first + self.held as usize
    }

    /// Where in the ring a sample's entry is.
    #[inline]
    pub(super) fn entry(self, sequence: u64) -> usize {
        (sequence % u64::from(self.entries())) as usize
    }
}

/// The words of a publisher, of which it alone is the writer.
#[derive(Clone, Copy)]
pub(crate) struct Board<'a> {
    /// The number of the next sample; may lag by one behind the entries when a publisher was killed.
    pub tail: &'a AtomicU64,
    /// As many as [`Shape::entry_words`] says.
    pub entries: &'a [AtomicU64],
}

impl<'a> Board<'a> {
    #[inline]
    pub(super) fn tag(self, entry: usize) -> &'a AtomicU64 {
        &self.entries[entry * 2]
    }

    #[inline]
    pub(super) fn detail(self, entry: usize) -> &'a AtomicU64 {
        &self.entries[entry * 2 + 1]
    }
}

/// What the tag of a sample's entry says; 0 was never used.
#[inline]
pub(super) fn tag_of(sequence: u64) -> u64 {
    sequence + 1
}

/// Where a sample lies. The low bits of its number are in it, so that it is not taken for the one before in the same entry, whose tag is
/// still there while the entry is overwritten.
#[inline]
pub(super) fn detail_of(sequence: u64, chunk: u32, len: u32) -> u64 {
    sequence << (64 - LOW_BITS) | u64::from(chunk) << 32 | u64::from(len)
}

/// Whether a detail is of this sample.
#[inline]
pub(super) fn belongs(detail: u64, sequence: u64) -> bool {
    detail >> (64 - LOW_BITS) == sequence & ((1 << LOW_BITS) - 1)
}

/// Chunk and length.
#[inline]
pub(super) fn parts(detail: u64) -> (u32, u32) {
    ((detail >> 32) as u32 & ((1 << CHUNK_BITS) - 1), detail as u32)
}

/// The name of a chunk in a pin; never 0.
#[inline]
pub(super) fn pin_of(publisher: usize, chunk: u32) -> u64 {
    (publisher as u64 + 1) << 32 | u64::from(chunk)
}

/// The chunk, if the pin is of this publisher's.
#[inline]
pub(super) fn pinned(pin: u64, publisher: usize) -> Option<u32> {
    (pin >> 32 == publisher as u64 + 1).then_some(pin as u32)
}
