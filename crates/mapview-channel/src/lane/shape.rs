//! The words of a lane, and its measures.

use crate::prim::{AtomicU32, AtomicU64};

/// The words that both sides know.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a> {
    pub tail: &'a AtomicU64,
    pub head: &'a AtomicU64,
    /// As many as [`Shape::entries`] says.
    pub lengths: &'a [AtomicU32],
}

/// The other side wrote what makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// A length with this bit: the message lies at the start of the data, and the rest behind the one before it is skipped.
pub(super) const JUMP: u32 = 1 << 31;

/// How large a lane is. All are powers of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Bytes of data, at most 2^30.
    pub capacity: u32,
    /// The most messages that can be under way.
    pub entries: u32,
    /// Messages begin at multiples of this; at least 8.
    pub align: u32,
}

impl Shape {
    /// The longest message.
    #[inline]
    pub(crate) fn longest(self) -> u32 {
        self.capacity
    }

    /// The room that a message takes.
    #[inline]
    pub(super) fn room(self, len: u32) -> u32 {
        (len + (self.align - 1)) & !(self.align - 1)
    }

    #[inline]
    pub(super) fn offset(self, position: u32) -> u32 {
        position & (self.capacity - 1)
    }

    /// From a position to the next start of the data.
    #[inline]
    pub(super) fn rest(self, position: u32) -> u32 {
        position.wrapping_neg() & (self.capacity - 1)
    }

    #[inline]
    pub(super) fn entry(self, count: u32) -> usize {
        (count & (self.entries - 1)) as usize
    }
}

#[inline]
pub(super) fn join(count: u32, low: u32) -> u64 {
    u64::from(count) << 32 | u64::from(low)
}

#[inline]
pub(super) fn split(word: u64) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}
