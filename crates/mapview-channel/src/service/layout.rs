//! Where the words and the data of a service lie, from its parameters.
//!
//! ```text
//! 8192    clients, servers: a bit for each member that is one
//! 12288   desks: one for each member, who may be a client
//!         0     calls committed so far
//!         128   slots of 256 bytes: state, request, tail; in a line of its own head
//! ...     lengths and hot places of the lanes of all slots
//! control the data of all slots: request, then replies
//! ```

use crate::lane::{Shape, HOT_PLACES, HOT_SIZE};
use crate::station::{Header, Kind, Measures, Schema, KIND_AT, PARAMETERS};

/// The parameters in the header, by index.
pub(crate) const PARAMETER_NAMES: &[&str] = &[
    "the number of calls of a client",
    "the longest request",
    "the room for replies",
    "one more than the size of a typed request",
    "one more than the size of a typed reply",
];
const CALLS: usize = 0;
const REQUEST: usize = 1;
const REPLIES: usize = 2;
const REQUEST_ITEM: usize = 3;
const REPLY_ITEM: usize = 4;

/// Members, each of which may be a client.
pub(super) const CLIENTS: usize = 64;
/// The most calls a client can have under way.
pub(super) const MOST_CALLS: u64 = 64;
pub(super) const GRANULE: u64 = 1 << 16;
/// Requests and rooms for replies are multiples of a granule up to this.
pub(super) const LARGEST: u64 = 1 << 30;
/// The most replies of one call that can be under way.
const MOST_ENTRIES: u32 = 4096;
/// One reply in this many bytes can be under way.
const BYTES_PER_ENTRY: u32 = 64;
const ALIGN: u32 = 8;
const PAGE: usize = 4096;
const DESKS_AT: usize = KIND_AT + PAGE;
const SLOTS_IN_DESK: usize = 128;
const SLOT_LEN: usize = 256;

/// A service's measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Calls that a client can have under way.
    pub calls: usize,
    /// Room for a request in bytes.
    pub request: usize,
    /// The lanes of replies.
    pub shape: Shape,
    /// One more than the sizes of typed requests and replies; 0 for bytes.
    pub items: [u64; 2],
}

impl Layout {
    pub(super) fn header(&self, schema: &str) -> Header {
        let mut parameters = [0; PARAMETERS];
        parameters[CALLS] = self.calls as u64;
        parameters[REQUEST] = self.request as u64;
        parameters[REPLIES] = u64::from(self.shape.capacity);
        [parameters[REQUEST_ITEM], parameters[REPLY_ITEM]] = self.items;
        Header { kind: Kind::Service, parameters, schema: Schema::new(schema), id: 0 }
    }

    /// `None` if the parameters are none of a service.
    pub(super) fn of(header: &Header) -> Option<Layout> {
        let parameters = header.parameters;
        let (calls, request) = (parameters[CALLS], parameters[REQUEST]);
        let items = [parameters[REQUEST_ITEM], parameters[REPLY_ITEM]];
        Layout::new(calls, request, parameters[REPLIES], items)
    }

    /// `None` if something is out of range.
    pub(super) fn new(calls: u64, request: u64, replies: u64, items: [u64; 2]) -> Option<Layout> {
        let fits = (1..=MOST_CALLS).contains(&calls)
            && (GRANULE..=LARGEST).contains(&request)
            && request.is_multiple_of(GRANULE)
            && (GRANULE..=LARGEST).contains(&replies)
            && replies.is_power_of_two()
            && items[0] <= request + 1
            && items[1] <= replies + 1;
        let capacity = u32::try_from(replies).ok().filter(|_| fits)?;
        let entries = (capacity / BYTES_PER_ENTRY).min(MOST_ENTRIES);
        let shape = Shape { capacity, entries, align: ALIGN };
        Some(Layout { calls: calls as usize, request: request as usize, shape, items })
    }

    pub(super) fn measures(&self) -> Measures {
        let control = self.lengths_at(CLIENTS, 0).next_multiple_of(GRANULE as usize);
        let slots = (CLIENTS * self.calls) as u64;
        Measures { control, total: control as u64 + slots * self.slot_data_len() }
    }

    pub(super) fn desk_at(&self, client: usize) -> usize {
        DESKS_AT + client * self.desk_len()
    }

    pub(super) fn desk_len(&self) -> usize {
        (SLOTS_IN_DESK + self.calls * SLOT_LEN).next_multiple_of(PAGE)
    }

    pub(super) fn slot_at(&self, client: usize, slot: usize) -> usize {
        self.desk_at(client) + SLOTS_IN_DESK + slot * SLOT_LEN
    }

    pub(super) fn lengths_at(&self, client: usize, slot: usize) -> usize {
        self.desk_at(CLIENTS) + (client * self.calls + slot) * self.lengths_len()
    }

    /// Of a slot's lengths and hot places.
    pub(super) fn lengths_len(&self) -> usize {
        self.hot_in_lengths() + (HOT_PLACES * HOT_SIZE) as usize
    }

    /// Where the hot places begin behind the lengths.
    pub(super) fn hot_in_lengths(&self) -> usize {
        (self.shape.entries as usize * 4).next_multiple_of(PAGE)
    }

    /// Where in the mapping a slot's data lies.
    pub(super) fn data_at(&self, client: usize, slot: usize) -> u64 {
        let slots = (client * self.calls + slot) as u64;
        self.measures().control as u64 + slots * self.slot_data_len()
    }

    fn slot_data_len(&self) -> u64 {
        self.request as u64 + u64::from(self.shape.capacity)
    }
}

/// How the memory of a service is divided; `None` if the parameters are none of a service.
pub(super) fn measure(header: &Header) -> Option<Measures> {
    Layout::of(header).map(|layout| layout.measures())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_is_found_again_in_its_header() {
        let layout = Layout::new(8, 1 << 16, 1 << 17, [4, 8]).unwrap();
        assert_eq!(Layout::of(&layout.header("x")), Some(layout));
        assert_eq!(Layout::new(0, 1 << 16, 1 << 16, [0; 2]), None);
        assert_eq!(Layout::new(8, 1 << 16, 3 << 16, [0; 2]), None);
        assert_eq!(Layout::new(8, 100, 1 << 16, [0; 2]), None);
    }

    #[test]
    fn nothing_overlaps() {
        let layout = Layout::new(64, 1 << 16, 1 << 20, [0; 2]).unwrap();
        assert!(layout.slot_at(3, 63) + SLOT_LEN <= layout.desk_at(4));
        assert_eq!(layout.lengths_at(0, 0), layout.desk_at(CLIENTS));
        assert!(layout.lengths_at(63, 63) + layout.lengths_len() <= layout.measures().control);
        let end = layout.data_at(63, 63) + layout.slot_data_len();
        assert_eq!(end, layout.measures().total);
    }
}
