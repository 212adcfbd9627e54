//! What the parameters of a ring say, and how its memory is divided.
//!
//! ```text
//! 0        the station
//! 8192     what all lanes share, then the words of each lane: see `hub` and `track`
//! control  lane 0: its index, its data
//!          lane 1: ...
//! ```

use crate::lane::{Shape, HOT_PLACES, HOT_SIZE};
use crate::station::{Header, Measures, HUGE_PAGE, KIND_AT, PARAMETERS};

/// The parameters in the header, by index.
pub(crate) const PARAMETER_NAMES: &[&str] = &[
    "the capacity",
    "the alignment",
    "the number of senders",
    "the number of receivers",
    "the size of an item",
    "the alignment of an item",
    "the choice of huge pages",
];

/// Capacities are powers of two between these.
pub(super) const SMALLEST: u64 = 1 << 16;
pub(super) const LARGEST: u64 = 1 << 30;
/// Alignments are powers of two between these.
pub(super) const LEAST_ALIGN: u64 = 8;
pub(super) const MOST_ALIGN: u64 = 4096;
/// How many senders, and how many receivers, there can be at once.
pub(crate) const MOST: u64 = 63;

/// One message in this many bytes of capacity can be under way.
const BYTES_PER_ENTRY: u32 = 64;
const GRANULE: usize = 1 << 16;

/// The parameters of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Bytes of data for each sender.
    pub capacity: u64,
    pub align: u64,
    pub senders: u64,
    pub receivers: u64,
    /// Size and alignment of all messages; 0 if they are of any length.
    pub item: (u64, u64),
    pub huge: bool,
}

impl Plan {
    /// `None` if the parameters are none of a ring.
    pub(crate) fn of(header: &Header) -> Option<Plan> {
        let [capacity, align, senders, receivers, size, item_align, huge, ..] = header.parameters;
        let item = (size, item_align);
        let plan = Plan { capacity, align, senders, receivers, item, huge: huge == 1 };
        plan.is_one().then_some(plan)
    }

    pub(super) fn parameters(self) -> [u64; PARAMETERS] {
        let Plan { capacity, align, senders, receivers, item, huge } = self;
        let mut parameters = [0; PARAMETERS];
        let words = [capacity, align, senders, receivers, item.0, item.1, u64::from(huge)];
        parameters[..words.len()].copy_from_slice(&words);
        parameters
    }

    fn is_one(self) -> bool {
        let power =
            |value: u64, least, most| value.is_power_of_two() && (least..=most).contains(&value);
        power(self.capacity, if self.huge { HUGE_PAGE as u64 } else { SMALLEST }, LARGEST)
            && power(self.align, LEAST_ALIGN, MOST_ALIGN)
            && (1..=MOST).contains(&self.senders)
            && (1..=MOST).contains(&self.receivers)
            && self.item.0 <= self.capacity
            && (self.item.1 == 0 || power(self.item.1, 1, self.align))
    }

    pub(super) fn shape(self) -> Shape {
        let capacity = self.capacity as u32; // at most LARGEST
        Shape { capacity, entries: capacity / BYTES_PER_ENTRY, align: self.align as u32 }
    }

    /// The most messages of a lane that can be under way.
    pub(crate) fn entries(self) -> u32 {
        self.shape().entries
    }

    /// Where in the index the entry of a message is, if messages are claimed.
    pub(crate) fn entry_at(self, count: u32) -> usize {
        (count & (self.entries() - 1)) as usize * 16
    }

    /// Whether messages are claimed, because several receivers compete for them.
    pub(crate) fn is_claimed(self) -> bool {
        self.receivers > 1
    }

    /// Where a lane's hot places are: behind a length for each message. Multiples of a hot place's size, because messages may have to
    /// be aligned to that. Lanes whose messages are claimed have none.
    pub(super) fn hot(self) -> usize {
        (self.entries() as usize * 4).next_multiple_of(HOT_SIZE as usize)
    }

    /// Bytes of a lane before its data that are used: a length for each message and the hot places; or an entry and a place for each.
    pub(crate) fn index_used(self) -> usize {
        match self.is_claimed() {
            true => self.entries() as usize * 16,
            false => self.hot() + (HOT_PLACES * HOT_SIZE) as usize,
        }
    }

    /// Bytes of a lane before its data.
    pub(super) fn index(self) -> usize {
        self.index_used().next_multiple_of(self.granule())
    }

    /// Where a lane begins in the mapping.
    pub(crate) fn lane_at(self, lane: usize) -> u64 {
        let each = self.index() as u64 + self.capacity;
        self.control() as u64 + lane as u64 * each
    }

    fn control(self) -> usize {
        (KIND_AT + super::hub::control_len(self.senders as usize)).next_multiple_of(self.granule())
    }

    /// What parts of the mapping are multiples of.
    fn granule(self) -> usize {
        if self.huge {
            HUGE_PAGE
        } else {
            GRANULE
        }
    }
}

/// How the memory of a ring is divided.
pub(super) fn measure(header: &Header) -> Option<Measures> {
    let plan = Plan::of(header)?;
    let end = plan.lane_at(plan.senders as usize);
    // The data of huge pages ends with a whole one.
    let total = end.next_multiple_of(plan.granule() as u64);
    Some(Measures { control: plan.control(), total })
}
