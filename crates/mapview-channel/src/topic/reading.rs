//! What a subscriber and the samples that it holds have in common. It ends with the last of them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use mapview::{View, ViewAccess};

use super::area::Area;
use super::flow::{Found, Owner};
use super::Policy;
use crate::area::Words;
use crate::station::Member;
use crate::{Payload, Result};

/// A subscriber's seat.
#[derive(Debug)]
pub(super) struct Reading {
    pub area: Area,
    pub seat: usize,
    /// What its owner word says.
    owner: Mutex<Owner>,
    pins: Words<AtomicU64>,
    /// Which pins are in use. What others may write is not asked.
    held: Box<[AtomicBool]>,
    /// The data of each publisher that published something.
    data: Box<[OnceLock<Arc<View>>]>,
    /// The place in the roster, without which the seat would be given to others.
    _member: Arc<Member>,
}

impl Reading {
    /// Sits down. Publishers do not wait for this yet.
    pub(super) fn new(area: Area, member: Arc<Member>) -> Result<Reading> {
        let (seat, owner) = area.take_seat(&member)?;
        let shape = area.plan.shape;
        let held = (0..shape.held).map(|_| AtomicBool::new(false)).collect();
        let data = (0..shape.publishers).map(|_| OnceLock::new()).collect();
        let pins = area.pins(seat).inspect_err(|_| {
            area.change_seat(seat, owner, owner.freed());
        })?;
        // Of a predecessor that was killed.
        pins.iter().for_each(|pin| pin.store(0, Ordering::Relaxed));
        area.show_seat(seat);
        let owner = Mutex::new(owner);
        Ok(Reading { area, seat, owner, pins, held, data, _member: member })
    }

    /// Whether publishers wait for this subscriber.
    pub(super) fn obey(&self, policy: Policy) {
        let mut owner = self.owner.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = owner.blocking(policy == Policy::Block);
        if self.area.change_seat(self.seat, *owner, changed) {
            *owner = changed;
        }
    }

    #[inline]
    pub(super) fn pin(&self, pin: u32) -> &AtomicU64 {
        &self.pins[pin as usize]
    }

    /// A pin that holds nothing.
    #[inline]
    pub(super) fn free_pin(&self) -> Option<u32> {
        let free = self.held.iter().position(|held| !held.load(Ordering::Acquire));
        free.map(|pin| pin as u32)
    }

    /// The pin holds a sample from now on.
    #[inline]
    pub(super) fn hold(&self, pin: u32) {
        self.held[pin as usize].store(true, Ordering::Relaxed);
    }

    /// The pin's sample is not read any more.
    #[inline]
    pub(super) fn release(&self, pin: u32) {
        self.pin(pin).store(0, Ordering::Release);
        self.held[pin as usize].store(false, Ordering::Release);
    }

    /// Maps a publisher's data, unless that was done.
    #[inline]
    pub(super) fn map(&self, place: usize) -> Result<()> {
        match self.data[place].get() {
            Some(_) => Ok(()),
            None => self.map_now(place),
        }
    }

    #[cold]
    fn map_now(&self, place: usize) -> Result<()> {
        let view = self.area.data(place, ViewAccess::Read)?;
        self.data[place].get_or_init(|| view);
        Ok(())
    }

    /// A sample of a publisher whose data was mapped.
    #[inline]
    pub(super) fn payload(&self, place: u32, found: Found) -> Payload<'_> {
        let data = self.data[place as usize].get().expect("mapped before");
        Payload::new(data, self.area.chunk_at(found.chunk), found.len as usize)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let owner = *self.owner.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.area.change_seat(self.seat, owner, owner.freed());
    }
}
