//! The sender's side of a lane.

use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::Arc;

use super::hub::Hub;
use super::track::Track;
use crate::area::Words;
use crate::lane::{Broken, ClaimedProducer, Place, Producer};
use crate::station::Station;
use crate::{Error, Result};

/// Memory is taken for so many bytes of data at a time: for all of it at once, joining would take longer than everything else.
const STEP: usize = 1 << 14;

/// A lane that this process sends in.
#[derive(Debug)]
pub(super) struct Outlet {
    pub track: Track,
    station: Arc<Station>,
    /// So many bytes of data have memory.
    taken: usize,
    machine: Machine,
}

#[derive(Debug)]
enum Machine {
    Single(Producer, Words<AtomicU32>),
    Claimed(ClaimedProducer, Words<AtomicU64>),
}

impl Outlet {
    /// Goes on where the last sender in this lane ended; makes the lane if there was none.
    pub(super) fn resume(hub: &Hub, lane: usize) -> Result<Outlet> {
        let track = Track::new(hub, lane)?;
        hub.add_lane(lane);
        let broken = |Broken| hub.station.corrupt("head and tail of a lane contradict each other");
        let machine = if hub.plan.is_claimed() {
            let entries = track.entries()?;
            let producer = ClaimedProducer::resume(track.shape, track.claimed(&entries));
            Machine::Claimed(producer.map_err(broken)?, entries)
        } else {
            let lengths = track.lengths()?;
            let producer = Producer::resume(track.shape, track.shared(&lengths));
            Machine::Single(producer.map_err(broken)?, lengths)
        };
        Ok(Outlet { track, station: hub.station.clone(), taken: 0, machine })
    }

    /// Where in the view a message of this length, which fits, can be written. Takes memory where nobody wrote before.
    #[inline]
    pub(super) fn reserve(&mut self, len: u32) -> Result<Option<usize>> {
        let Outlet { track, machine, station, .. } = self;
        let place = match machine {
            Machine::Single(producer, lengths) => producer.reserve(track.shared(lengths), len),
            Machine::Claimed(producer, entries) => {
                let offset = producer.reserve(track.claimed(entries), len);
                offset.map(|offset| offset.map(Place::Data))
            }
        };
        let Some(place) = place.map_err(|Broken| broken(station))? else { return Ok(None) };
        let at = track.find(place);
        if let Place::Data(offset) = place {
            // What goes on at the start again has memory there.
            let end = (offset as usize + len as usize).min(track.shape.capacity as usize);
            if end > self.taken {
                self.take(end)?;
            }
        }
        Ok(Some(at))
    }

    #[cold]
    fn take(&mut self, end: usize) -> Result<()> {
        let end = end.next_multiple_of(STEP).min(self.track.shape.capacity as usize);
        self.track.view.commit(self.track.data + self.taken, end - self.taken)?;
        self.taken = end;
        Ok(())
    }

    /// Adds the message that was written where `reserve` said, of that length or less.
    #[inline]
    pub(super) fn append(&mut self, len: u32) {
        let Outlet { track, machine, .. } = self;
        match machine {
            Machine::Single(producer, lengths) => producer.append(track.shared(lengths), len),
            Machine::Claimed(producer, entries) => producer.append(track.claimed(entries), len),
        }
    }

    /// Commits what was added.
    #[inline]
    pub(super) fn publish(&mut self) {
        let Outlet { track, machine, .. } = self;
        match machine {
            Machine::Single(producer, lengths) => producer.publish(track.shared(lengths)),
            Machine::Claimed(producer, entries) => producer.publish(track.claimed(entries)),
        }
    }

    /// Whether more than three quarters of the lane were under way when it was last looked.
    pub(super) fn is_nearly_full(&self) -> bool {
        let (count, bytes) = match &self.machine {
            Machine::Single(producer, _) => producer.under_way(),
            Machine::Claimed(producer, _) => producer.under_way(),
        };
        let shape = self.track.shape;
        count > shape.entries / 4 * 3 || bytes > shape.capacity / 4 * 3
    }

    /// Whether there are messages that were added and not committed.
    #[inline]
    pub(super) fn is_pending(&self) -> bool {
        match &self.machine {
            Machine::Single(producer, _) => producer.is_pending(),
            Machine::Claimed(producer, _) => producer.is_pending(),
        }
    }
}

#[cold]
fn broken(station: &Station) -> Error {
    station.corrupt("a receiver says it read what was never sent")
}
