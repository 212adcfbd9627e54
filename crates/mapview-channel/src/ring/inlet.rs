//! The receiver's side of a lane.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::hub::Hub;
use super::track::Track;
use crate::area::Words;
use crate::lane::{Broken, Claim, ClaimedConsumer, Consumer, Entry, Place};
use crate::station::Tag;
use crate::Result;

/// A message that was taken, and not released yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    /// Where in the lane's view.
    pub at: usize,
    pub len: usize,
    /// Whether a receiver that ended took it before.
    pub again: bool,
}

/// A lane that this process receives from.
#[derive(Debug)]
pub(super) struct Inlet {
    pub track: Track,
    pub machine: Machine,
}

/// The state machine of the lane.
#[derive(Debug)]
pub(super) enum Machine {
    Single(Single),
    Claimed(ClaimedConsumer, Words<AtomicU64>),
}

/// The only receiver at a time.
#[derive(Debug)]
pub(super) struct Single {
    consumer: Consumer,
    lengths: Words<AtomicU32>,
    /// Messages up to this number were taken by a receiver that ended.
    attempted: u32,
}

impl Inlet {
    /// Goes on where the last receiver of this lane ended.
    pub(super) fn resume(hub: &Hub, lane: usize) -> Result<Inlet> {
        let track = Track::new(hub, lane)?;
        let machine = if hub.plan.is_claimed() {
            let entries = track.entries()?;
            let consumer = ClaimedConsumer::resume(track.shape, track.claimed(&entries));
            Machine::Claimed(consumer, entries)
        } else {
            let lengths = track.lengths()?;
            let consumer = Consumer::resume(track.shape, track.shared(&lengths));
            let attempted = track.attempted.load(Ordering::Relaxed);
            Machine::Single(Single { consumer, lengths, attempted })
        };
        Ok(Inlet { track, machine })
    }

    /// Takes the next message, and notes that somebody began to read it.
    #[inline]
    pub(super) fn take(&mut self, owner: Tag) -> std::result::Result<Option<Taken>, Broken> {
        let Inlet { track, machine } = self;
        match machine {
            Machine::Single(single) => single.take(track),
            Machine::Claimed(consumer, entries) => {
                let claim = consumer.claim(track.claimed(entries), owner.bits())?;
                Ok(claim.map(|claim| taken(track, claim)))
            }
        }
    }

    /// As `take`, of those messages that were offered again.
    pub(super) fn take_passed(&mut self, owner: Tag) -> std::result::Result<Option<Taken>, Broken> {
        let Inlet { track, machine } = self;
        let Machine::Claimed(consumer, entries) = machine else { return Ok(None) };
        let claim = consumer.claim_passed(track.claimed(entries), owner.bits())?;
        Ok(claim.map(|claim| taken(track, claim)))
    }

    /// Whether there is a message to take.
    pub(super) fn has_message(&mut self) -> std::result::Result<bool, Broken> {
        let Inlet { track, machine } = self;
        match machine {
            Machine::Single(single) => single.peek(track).map(|found| found.is_some()),
            Machine::Claimed(consumer, entries) => {
                consumer.find(track.claimed(entries)).map(|found| found.is_some())
            }
        }
    }

    /// Offers what was taken and not released to other receivers; whether there was any.
    pub(super) fn give_back(&mut self) -> bool {
        match &mut self.machine {
            Machine::Single(_) => false, // the next one begins where the head is
            Machine::Claimed(consumer, entries) => consumer.give_back(self.track.claimed(entries)),
        }
    }

    /// What other receivers hold.
    pub(super) fn held_by_others(&mut self) -> Vec<Entry> {
        match &mut self.machine {
            Machine::Single(_) => Vec::new(),
            Machine::Claimed(consumer, entries) => {
                consumer.taken_by_others(self.track.claimed(entries))
            }
        }
    }

    /// Offers a message again whose receiver ended; whether this was the one to do so.
    pub(super) fn offer_again(&self, seen: Entry) -> bool {
        match &self.machine {
            Machine::Single(_) => false,
            Machine::Claimed(_, entries) => {
                self.track.claimed(entries).offer_again(self.track.shape, seen)
            }
        }
    }

    /// As `offer_again`, all messages of one receiver.
    pub(super) fn offer_again_all_of(&self, gone: Tag) {
        if let Machine::Claimed(_, entries) = &self.machine {
            self.track.claimed(entries).offer_again_all_of(self.track.shape, gone.bits());
        }
    }
}

impl Machine {
    /// Gives the room of all that was taken back to the sender.
    #[inline]
    pub(super) fn release(&mut self, track: &Track) {
        match self {
            Machine::Single(single) => single.consumer.release(track.shared(&single.lengths)),
            Machine::Claimed(consumer, entries) => {
                consumer.release(track.claimed(entries));
            }
        }
    }
}

impl Single {
    #[inline]
    fn peek(&mut self, track: &Track) -> std::result::Result<Option<(Place, u32)>, Broken> {
        self.consumer.peek(track.shared(&self.lengths))
    }

    #[inline]
    fn take(&mut self, track: &Track) -> std::result::Result<Option<Taken>, Broken> {
        let Some((place, len)) = self.peek(track)? else { return Ok(None) };
        let number = self.consumer.count();
        let again = self.attempted.wrapping_sub(number) as i32 > 0;
        if !again {
            track.attempted.store(number.wrapping_add(1), Ordering::Relaxed);
        }
        self.consumer.advance(len);
        Ok(Some(Taken { at: track.find(place), len: len as usize, again }))
    }
}

#[inline]
fn taken(track: &Track, claim: Claim) -> Taken {
    Taken { at: track.find(Place::Data(claim.offset)), len: claim.len as usize, again: claim.again }
}
