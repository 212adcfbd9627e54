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

/// A length with this bit: the message lies in a hot place, whose number is in the bits of [`hot_entry`].
const HOT: u32 = 1 << 31;
const NUMBER_AT: u32 = 16;
const LEN: u32 = 0xffff;

/// Hot places: few and small, and used in turn while the consumer keeps up.
pub(crate) const HOT_PLACES: u32 = 4;
/// Bytes of a hot place; messages that are longer, or aligned to more, are not put there. One cache line, and the places side by side:
/// 1 KiB apart they cost half as much again.
pub(crate) const HOT_SIZE: u32 = 64;

/// Where a message lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// So many bytes from the start of the data.
    Data(u32),
    /// So many bytes from the start of the hot places.
    Hot(u32),
}

/// What is said of a message of this length in that hot place.
#[inline]
pub(super) fn hot_entry(number: u32, len: u32) -> u32 {
    HOT | number << NUMBER_AT | len
}

/// The number of the hot place, if it is one, and the length; at most the size of a hot place, or below 2^31.
#[inline]
pub(super) fn read_entry(entry: u32) -> Result<(Option<u32>, u32), Broken> {
    if entry & HOT == 0 {
        return Ok((None, entry));
    }
    let (number, len) = ((entry ^ HOT) >> NUMBER_AT, entry & LEN);
    match number < HOT_PLACES && len <= HOT_SIZE {
        true => Ok((Some(number), len)),
        false => Err(Broken),
    }
}

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
