//! All lanes that a receiver takes from.

use super::hub::Hub;
use super::inlet::{Inlet, Machine, Taken};
use super::track::Track;
use crate::lane::{Broken, Entry};
use crate::station::{Class, Tag};
use crate::{Error, Result};

/// The lanes, and whose turn it is.
#[derive(Debug)]
pub(super) struct Intake {
    pub hub: Hub,
    /// This receiver.
    me: Tag,
    /// At least one.
    inlets: Vec<Inlet>,
    /// The lanes that are in `inlets`, as bits.
    mapped: u64,
    /// From which the last message was taken.
    current: usize,
    /// How many messages were taken from there in a row.
    turn: u32,
    /// Whether there is one lane, and one receiver at a time.
    alone: bool,
    /// Messages until it is looked after those of receivers that ended.
    until_care: u32,
    /// What others held when it was last looked.
    held: Vec<(usize, Entry)>,
}

/// So many messages are taken from a lane before the others are looked at: enough that looking costs little, few enough that a sender
/// who floods its lane does not hold up others for long.
const TURN: u32 = 32;
/// How often somebody who always finds messages looks after those of receivers that ended.
const CARE: u32 = 16;

impl Intake {
    pub(super) fn new(hub: Hub, me: Tag) -> Result<Intake> {
        // The lane that the first sender takes: it may as well be there now.
        let first = Inlet::resume(&hub, 0)?;
        hub.add_lane(0);
        let alone = hub.plan.senders == 1 && !hub.plan.is_claimed();
        let (inlets, held, until_care) = (vec![first], Vec::new(), CARE);
        let (mapped, current, turn) = (1, 0, 0);
        let mut intake = Intake { hub, me, inlets, mapped, current, turn, alone, until_care, held };
        intake.map_lanes()?;
        Ok(intake)
    }

    /// Takes the next message; [`Intake::current`] is its lane.
    #[inline]
    pub(super) fn take(&mut self) -> Result<Option<Taken>> {
        if !self.alone {
            return self.take_of_many();
        }
        self.inlets[0].take(self.me).map_err(|Broken| self.broken())
    }

    fn take_of_many(&mut self) -> Result<Option<Taken>> {
        if self.hub.plan.is_claimed() {
            if let Some(taken) = self.take_offered_again()? {
                return Ok(Some(taken));
            }
        }
        if self.turn < TURN {
            let taken = self.inlets[self.current].take(self.me).map_err(|Broken| self.broken())?;
            if taken.is_some() {
                self.turn += 1;
                return Ok(taken);
            }
        }
        self.take_in_turn()
    }

    /// As `take`, from the lanes after the current one, and then from that.
    fn take_in_turn(&mut self) -> Result<Option<Taken>> {
        self.map_lanes()?;
        let count = self.inlets.len();
        for step in 1..=count {
            let next = (self.current + step) % count;
            let taken = self.inlets[next].take(self.me).map_err(|Broken| self.broken())?;
            if taken.is_some() {
                (self.current, self.turn) = (next, 1);
                return Ok(taken);
            }
        }
        Ok(None)
    }

    /// Now and then, what receivers that ended had taken: somebody who always finds messages would never come to it.
    #[inline]
    fn take_offered_again(&mut self) -> Result<Option<Taken>> {
        self.until_care -= 1;
        if self.until_care != 0 {
            return Ok(None);
        }
        self.until_care = CARE;
        self.look_after_others(true)?;
        for next in 0..self.inlets.len() {
            let taken = self.inlets[next].take_passed(self.me).map_err(|Broken| self.broken())?;
            if taken.is_some() {
                (self.current, self.turn) = (next, 1);
                return Ok(taken);
            }
        }
        Ok(None)
    }

    /// Whether there is a message; another receiver may be faster to take it.
    pub(super) fn has_message(&mut self) -> Result<bool> {
        self.map_lanes()?;
        for index in 0..self.inlets.len() {
            if self.inlets[index].has_message().map_err(|Broken| self.broken())? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Where the last message came from.
    #[inline]
    pub(super) fn current(&self) -> usize {
        self.current
    }

    /// What a message that was just taken needs.
    #[inline]
    pub(super) fn hold(&mut self) -> Held<'_> {
        self.hold_lane(self.current)
    }

    /// As `hold`, for one that came from there.
    #[inline]
    pub(super) fn hold_lane(&mut self, index: usize) -> Held<'_> {
        let Inlet { track, machine } = &mut self.inlets[index];
        Held { track, machine, hub: &self.hub }
    }

    /// Looks after the messages of others before this receiver sleeps, and says over whom it has to watch.
    pub(super) fn watched(&mut self) -> Result<u64> {
        if !self.hub.plan.is_claimed() {
            return Ok(0);
        }
        self.look_after_others(false)?;
        let me = self.me.index().map_or(0, |index| 1 << index);
        Ok(self.hub.receiver_bits() & !me)
    }

    /// Offers messages again whose receivers ended while they held them. `slow`: only those that were held when it was looked last;
    /// to ask whether somebody lives costs more than most messages.
    pub(super) fn look_after_others(&mut self, slow: bool) -> Result<()> {
        let (station, mut offered, mut held) = (&self.hub.station, false, Vec::new());
        for inlet in &mut self.inlets {
            for entry in inlet.held_by_others() {
                let seen = (inlet.track.lane, entry);
                let fresh = slow && !self.held.contains(&seen);
                if fresh || station.roster().has(Tag::from_bits(entry.owner()))? {
                    held.push(seen);
                } else {
                    offered |= inlet.offer_again(entry);
                }
            }
        }
        self.held = held;
        if offered {
            station.wake(Class::Messages, !0);
        }
        Ok(())
    }

    /// Offers to others what this receiver took and was made to forget.
    pub(super) fn give_back(&mut self) {
        let mut given = false;
        for inlet in &mut self.inlets {
            given |= inlet.give_back();
        }
        if given {
            self.hub.station.wake(Class::Messages, !0);
        }
    }

    /// Maps the lanes that came into being.
    #[inline]
    fn map_lanes(&mut self) -> Result<()> {
        match self.hub.lanes() & !self.mapped {
            0 => Ok(()),
            new => self.map_new(new),
        }
    }

    #[cold]
    fn map_new(&mut self, mut new: u64) -> Result<()> {
        while new != 0 {
            let lane = new.trailing_zeros() as usize;
            self.inlets.push(Inlet::resume(&self.hub, lane)?);
            self.mapped |= 1 << lane;
            new &= new - 1;
        }
        Ok(())
    }

    #[cold]
    fn broken(&self) -> Error {
        self.hub.station.corrupt("a sender stored lengths or counts that cannot be")
    }
}

/// What a message that is held needs of its receiver.
#[derive(Debug)]
pub(super) struct Held<'a> {
    pub track: &'a Track,
    machine: &'a mut Machine,
    pub hub: &'a Hub,
}

impl Held<'_> {
    /// Gives the room of all that was taken from the lane back, and wakes its sender if that sleeps until there is room.
    #[inline]
    pub(super) fn release(&mut self) {
        self.machine.release(self.track);
        let (hub, lane) = (self.hub, self.track.lane);
        hub.station.wake_if(Class::Room, || hub.sender_bit(lane));
    }
}
