//! What all lanes of a ring share.
//!
//! ```text
//! 0     a bit for each lane that exists
//! 128   who sends in which lane
//! 640   who receives
//! 1152  the words of lane 0, of lane 1, ...: see `track`
//! ```

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use super::plan::{measure, Plan};
use super::seat::Seat;
use super::track::WORDS_LEN;
use crate::area::{Word, Words};
use crate::station::{seated, Member, Station, Tag, KIND_AT};
use crate::{Error, ErrorKind, Result};

/// Where the words are.
pub(crate) mod hub_place {
    pub(super) const SENDERS: usize = 128;
    pub(crate) const RECEIVERS: usize = 640;
    pub(super) const LANES: usize = 1152;
}

/// Bytes of control words of a ring with so many lanes.
pub(crate) fn control_len(lanes: usize) -> usize {
    hub_place::LANES + lanes * WORDS_LEN
}

/// Where the words of a lane are in the control area.
pub(crate) fn words_at(lane: usize) -> usize {
    KIND_AT + hub_place::LANES + lane * WORDS_LEN
}

/// A ring that this process has open.
#[derive(Debug)]
pub(super) struct Hub {
    pub station: Arc<Station>,
    pub plan: Plan,
    lanes: Word<AtomicU64>,
    senders: Words<AtomicU64>,
    receivers: Words<AtomicU64>,
}

impl Hub {
    pub(super) fn new(station: &Arc<Station>) -> Result<Hub> {
        let header = station.header();
        let Some(plan) = Plan::of(header).filter(|_| measure(header).is_some()) else {
            return Err(station.corrupt("its parameters are none of a ring"));
        };
        let view = station.control();
        view.commit(KIND_AT, control_len(plan.senders as usize))?;
        Ok(Hub {
            station: station.clone(),
            plan,
            lanes: Word::new(view, KIND_AT)?,
            senders: Words::new(view, KIND_AT + hub_place::SENDERS, plan.senders as usize)?,
            receivers: Words::new(view, KIND_AT + hub_place::RECEIVERS, plan.receivers as usize)?,
        })
    }

    /// The lanes that exist, as bits.
    #[inline]
    pub(super) fn lanes(&self) -> u64 {
        self.lanes.load(Ordering::Acquire) & (u64::MAX >> (64 - self.plan.senders))
    }

    /// Says that a lane exists: its memory is there.
    pub(super) fn add_lane(&self, lane: usize) {
        if self.lanes() & 1 << lane == 0 {
            self.lanes.fetch_or(1 << lane, Ordering::AcqRel);
        }
    }

    /// Becomes the only sender in a lane; which one.
    pub(super) fn seat_sender(&self, member: &Member) -> Result<(usize, Seat)> {
        self.seat(hub_place::SENDERS, self.senders.len(), member, "sender")
    }

    /// Becomes a receiver.
    pub(super) fn seat_receiver(&self, member: &Member) -> Result<Seat> {
        Ok(self.seat(hub_place::RECEIVERS, self.receivers.len(), member, "receiver")?.1)
    }

    fn seat(&self, at: usize, count: usize, member: &Member, role: &str) -> Result<(usize, Seat)> {
        let free = seated(|| {
            for index in 0..count {
                let at = KIND_AT + at + index * 8;
                if let Some(seat) = Seat::take(self.station.control(), at, member)? {
                    return Ok(Some((index, seat)));
                }
            }
            Ok(None)
        })?;
        if let Some(seat) = free {
            return Ok(seat);
        }
        let why = match count {
            1 => format!("it has a living {role}, and takes one at a time"),
            count => format!("it has {count} living {role}s, and takes no more at a time"),
        };
        Err(Error::new(ErrorKind::Occupied, self.station.name(), why))
    }

    /// Who sends in a lane, as a bit of the roster; 0 for nobody.
    pub(super) fn sender_bit(&self, lane: usize) -> u64 {
        tag(&self.senders[lane]).index().map_or(0, |index| 1 << index)
    }

    /// Everybody who receives, as bits of the roster; some may have ended.
    pub(super) fn receiver_bits(&self) -> u64 {
        let bits =
            self.receivers.iter().map(|seat| tag(seat).index().map_or(0, |index| 1 << index));
        bits.fold(0, |all, bit: u64| all | bit)
    }

    /// How many senders live.
    pub(super) fn living_senders(&self) -> Result<usize> {
        self.living(&self.senders)
    }

    /// How many receivers live.
    pub(super) fn living_receivers(&self) -> Result<usize> {
        self.living(&self.receivers)
    }

    fn living(&self, seats: &Words<AtomicU64>) -> Result<usize> {
        let mut count = 0;
        for seat in seats.iter() {
            count += usize::from(self.station.roster().has(tag(seat))?);
        }
        Ok(count)
    }

    /// Takes a member that ended out of its seats, so that nobody takes a later member with the same tag for it.
    pub(super) fn unseat(&self, gone: Tag) {
        for seat in self.senders.iter().chain(self.receivers.iter()) {
            super::seat::clear(seat, gone);
        }
    }
}

fn tag(seat: &AtomicU64) -> Tag {
    Tag::from_bits(seat.load(Ordering::Acquire) as u32)
}
