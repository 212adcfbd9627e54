//! What a subscriber and the samples that it holds have in common. It ends with the last of them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use mapview::{View, ViewAccess};

use super::area::Area;
use super::flow::Owner;
use super::Policy;
use crate::station::Member;
use crate::Result;

/// A subscriber's seat.
#[derive(Debug)]
pub(super) struct Reading {
    pub area: Area,
    pub seat: usize,
    /// What its owner word says.
    owner: Mutex<Owner>,
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
        let reading = Reading { area, seat, owner: Mutex::new(owner), held, data, _member: member };
        for pin in 0..shape.held as usize {
            reading.pin(pin).store(0, Ordering::Relaxed); // of a predecessor that was killed
        }
        reading.area.show_seat(seat);
        Ok(reading)
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
    pub(super) fn pin(&self, pin: usize) -> &AtomicU64 {
        &self.area.seats().words[self.area.plan.shape.pins(self.seat)][pin]
    }

    #[inline]
    pub(super) fn cursor(&self, place: usize) -> &AtomicU64 {
        &self.area.seats().words[self.area.plan.shape.cursor(self.seat, place)]
    }

    #[inline]
    pub(super) fn drops(&self) -> &AtomicU64 {
        &self.area.seats().words[self.area.plan.shape.drops(self.seat)]
    }

    /// A pin that holds nothing.
    #[inline]
    pub(super) fn free_pin(&self) -> Option<usize> {
        self.held.iter().position(|held| !held.load(Ordering::Acquire))
    }

    /// The pin holds a sample from now on.
    #[inline]
    pub(super) fn hold(&self, pin: usize) {
        self.held[pin].store(true, Ordering::Relaxed);
    }

    /// The pin's sample is not read any more.
    #[inline]
    pub(super) fn release(&self, pin: usize) {
        self.pin(pin).store(0, Ordering::Release);
        self.held[pin].store(false, Ordering::Release);
    }

    /// Maps a publisher's data, unless that was done.
    #[inline]
    pub(super) fn map(&self, place: usize) -> Result<()> {
        if self.data[place].get().is_none() {
            let view = self.area.data(place, ViewAccess::Read)?;
            self.data[place].get_or_init(|| view);
        }
        Ok(())
    }

    /// A publisher's data, which was mapped before one of its samples was taken.
    #[inline]
    pub(super) fn data(&self, place: usize) -> &View {
        self.data[place].get().expect("mapped before")
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let owner = *self.owner.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.area.change_seat(self.seat, owner, owner.freed());
    }
}
