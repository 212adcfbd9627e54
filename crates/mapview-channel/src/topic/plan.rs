//! How the memory of a topic is divided.
//!
//! ```text
//! 0      a bit for each publisher's place that was ever taken
//! 128    the same of subscribers' seats; how many subscribers came
//! 256    owners of the publishers' places
//! 768    owners of the seats
//! 4096   of each publisher: tail, bytes; at 128 its entries
//!        of each seat: drops, cursors, pins
//! data   of each publisher: its chunks
//! ```

use crate::station::{Header, Measures, KIND_AT};
use crate::topic::flow::Shape;

/// The parameters in the header, by index.
pub(crate) const PARAMETER_NAMES: &[&str] = &[
    "the longest sample",
    "the alignment",
    "the depth",
    "the number of publishers",
    "the number of subscribers",
    "the number of samples held",
    "the size of a value",
    "the alignment of a value",
];
pub(super) const LONGEST: usize = 0;
pub(super) const ALIGN: usize = 1;
pub(super) const DEPTH: usize = 2;
pub(super) const PUBLISHERS: usize = 3;
pub(super) const SUBSCRIBERS: usize = 4;
pub(super) const HELD: usize = 5;
/// Of typed topics; else 0.
pub(super) const VALUE: usize = 6;
pub(super) const VALUE_ALIGN: usize = 7;

/// The longest sample that can be asked for.
pub(super) const MOST_LONGEST: u64 = 1 << 30;
/// Alignments are powers of two up to this.
pub(super) const MOST_ALIGN: u64 = 4096;
/// Participants of each sort.
pub(super) const MOST_PLACES: u64 = 64;
/// A topic is no larger than this.
pub(super) const LARGEST: u64 = 1 << 40;

pub(super) const PUBLISHERS_TAKEN_AT: usize = KIND_AT;
pub(super) const SEATS_TAKEN_AT: usize = KIND_AT + 128;
pub(super) const ARRIVALS_AT: usize = KIND_AT + 136;
pub(super) const PUBLISHER_OWNERS_AT: usize = KIND_AT + 256;
pub(super) const SEAT_OWNERS_AT: usize = KIND_AT + 768;
pub(super) const TABLES_LEN: usize = 4096;
const PUBLISHERS_AT: usize = KIND_AT + TABLES_LEN;
/// Where a publisher's words are, in words from the start of its block.
pub(super) const TAIL: usize = 0;
pub(super) const BYTES: usize = 1;
pub(super) const ENTRIES: usize = 16;
/// Bytes that are fetched together.
const PAIR: usize = 128;
const GRANULE: u64 = 1 << 16;
/// So many bytes of spare chunks a publisher has.
const SPARE: u64 = 1 << 15;

/// The measures of a topic, from its parameters alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub shape: Shape,
    /// Bytes from one chunk to the next.
    pub stride: usize,
    /// Bytes of all control words, with the pages that every kind has.
    pub control: usize,
    /// Bytes of a publisher's chunks.
    pub data: u64,
}

impl Plan {
    /// `None` if these are no parameters of a topic.
    pub(crate) fn of(header: &Header) -> Option<Plan> {
        let parameter = |index: usize, most: u64| {
            Some(header.parameters[index]).filter(|value| (1..=most).contains(value))
        };
        let longest = parameter(LONGEST, MOST_LONGEST)?;
        let align = parameter(ALIGN, MOST_ALIGN).filter(|align| align.is_power_of_two())?;
        let stride = longest.next_multiple_of(align.max(64));
        let shape = Shape {
            depth: parameter(DEPTH, u64::from(Shape::DEEPEST))? as u32,
            publishers: parameter(PUBLISHERS, MOST_PLACES)? as u32,
            subscribers: parameter(SUBSCRIBERS, MOST_PLACES)? as u32,
            held: parameter(HELD, u64::from(Shape::MOST_HELD))? as u32,
            spare: (SPARE / stride).clamp(1, u64::from(Shape::MOST_SPARE)) as u32,
            longest: longest as u32,
        };
        let data = (u64::from(shape.chunks()) * stride).next_multiple_of(GRANULE);
        let mut plan = Plan { shape, stride: stride as usize, control: 0, data };
        let end = plan.seats_at() + shape.subscribers as usize * shape.seat_words() * 8;
        plan.control = end.next_multiple_of(GRANULE as usize);
        Some(plan)
    }

    /// How the station divides the memory; `None` if it is more than a topic may have.
    pub(crate) fn measures(&self) -> Option<Measures> {
        let (control, total) = (self.control, self.total());
        (total <= LARGEST).then_some(Measures { control, total })
    }

    /// Bytes of the whole topic.
    pub(crate) fn total(&self) -> u64 {
        self.control as u64 + u64::from(self.shape.publishers) * self.data
    }

    /// Words from one publisher's block to the next.
    pub(super) fn publisher_words(&self) -> usize {
        ENTRIES + self.shape.entry_words().next_multiple_of(PAIR / 8)
    }

    /// Where a publisher's words begin.
    pub(super) fn publisher_at(&self, place: usize) -> usize {
        PUBLISHERS_AT + place * self.publisher_words() * 8
    }

    /// Where the words of the seats begin.
    pub(super) fn seats_at(&self) -> usize {
        self.publisher_at(self.shape.publishers as usize)
    }

    /// Where in the mapping a publisher's chunks are.
    pub(super) fn data_at(&self, place: usize) -> u64 {
        self.control as u64 + place as u64 * self.data
    }
}
