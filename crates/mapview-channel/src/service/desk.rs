//! `Desk`: a client's part of the service, as one process sees it. Clients have one, servers one for each client that they met.

use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, OnceLock};

use mapview::View;

use super::layout::Layout;
use super::slot::Slot;
use crate::area::{Word, Words};
use crate::lane::{Place, Shared};
use crate::station::Station;
use crate::Result;

/// The words of a desk. It belongs to whoever is the member of this index, so it need not be looked for again when that changes.
#[derive(Debug)]
pub(super) struct Desk {
    /// Calls committed so far; stored after each.
    pub calls: Word<AtomicU64>,
    slots: Words<AtomicU64>,
    tables: Box<[OnceLock<Table>]>,
    client: usize,
}

/// What a call needs besides the words that are looked at all the time: made when a slot is used for the first time.
#[derive(Debug)]
pub(super) struct Table {
    lengths: Words<AtomicU32>,
    control: Arc<View>,
    hot_at: usize,
    /// The request, and behind it the replies, twice in a row.
    pub data: Arc<View>,
    replies_at: usize,
}

impl Table {
    /// The view and the offset in it of a reply.
    #[inline]
    pub(super) fn find(&self, place: Place) -> (&View, usize) {
        match place {
            Place::Data(at) => (&self.data, self.replies_at + at as usize),
            Place::Hot(at) => (&self.control, self.hot_at + at as usize),
        }
    }
}

/// Words from one slot to the next, and of the head in a slot.
const STRIDE: usize = 32;
const HEAD: usize = 16;

impl Desk {
    pub(super) fn new(station: &Station, layout: &Layout, client: usize) -> Result<Desk> {
        let (view, at) = (station.control(), layout.desk_at(client));
        view.commit(at, layout.desk_len())?;
        Ok(Desk {
            calls: Word::new(view, at)?,
            slots: Words::new(view, layout.slot_at(client, 0), layout.calls * STRIDE)?,
            tables: (0..layout.calls).map(|_| OnceLock::new()).collect(),
            client,
        })
    }

    #[inline]
    pub(super) fn slot(&self, slot: usize) -> Slot<'_> {
        let words = &self.slots[slot * STRIDE..];
        Slot { state: &words[0], request: &words[1] }
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = (usize, Slot<'_>)> {
        (0..self.tables.len()).map(|slot| (slot, self.slot(slot)))
    }

    /// The data of a slot; memory is taken for it at the first use.
    #[inline]
    pub(super) fn table(&self, station: &Station, layout: &Layout, slot: usize) -> Result<&Table> {
        if let Some(table) = self.tables[slot].get() {
            return Ok(table);
        }
        let table = self.open(station, layout, slot)?;
        Ok(self.tables[slot].get_or_init(|| table))
    }

    /// The replies' lane of a slot whose table was made.
    #[inline]
    pub(super) fn lane<'a>(&'a self, table: &'a Table, slot: usize) -> Shared<'a> {
        let words = &self.slots[slot * STRIDE..];
        Shared { tail: &words[2], head: &words[HEAD], lengths: &table.lengths }
    }

    #[cold]
    fn open(&self, station: &Station, layout: &Layout, slot: usize) -> Result<Table> {
        let at = layout.lengths_at(self.client, slot);
        station.control().commit(at, layout.lengths_len())?;
        let replies = layout.shape.capacity as usize;
        let data_at = layout.data_at(self.client, slot);
        let data = station.mirrored_after(data_at, layout.request, replies)?;
        data.commit(0, layout.request + replies)?;
        let control = station.control().clone();
        let lengths = Words::new(&control, at, layout.shape.entries as usize)?;
        let hot_at = at + layout.hot_in_lengths();
        Ok(Table { lengths, control, hot_at, data, replies_at: layout.request })
    }
}
