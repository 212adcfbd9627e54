//! The sender's side of a lane.

use std::sync::atomic::{AtomicU32, AtomicU64};

use super::hub::Hub;
use super::track::Track;
use crate::area::Words;
use crate::lane::{Broken, ClaimedProducer, Place, Producer};
use crate::Result;

/// A lane that this process sends in.
#[derive(Debug)]
pub(super) struct Outlet {
    pub track: Track,
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
        Ok(Outlet { track, machine })
    }

    /// Where in the view a message of this length, which fits, can be written.
    #[inline]
    pub(super) fn reserve(&mut self, len: u32) -> std::result::Result<Option<usize>, Broken> {
        let Outlet { track, machine } = self;
        let place = match machine {
            Machine::Single(producer, lengths) => producer.reserve(track.shared(lengths), len)?,
            Machine::Claimed(producer, entries) => {
                producer.reserve(track.claimed(entries), len)?.map(Place::Data)
            }
        };
        Ok(place.map(|place| track.find(place)))
    }

    /// Adds the message that was written where `reserve` said, of that length or less.
    #[inline]
    pub(super) fn append(&mut self, len: u32) {
        let Outlet { track, machine } = self;
        match machine {
            Machine::Single(producer, lengths) => producer.append(track.shared(lengths), len),
            Machine::Claimed(producer, entries) => producer.append(track.claimed(entries), len),
        }
    }

    /// Commits what was added.
    #[inline]
    pub(super) fn publish(&mut self) {
        let Outlet { track, machine } = self;
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
