//! How a subscriber takes samples: what it knows of each publisher, and whose turn it is.

use std::sync::atomic::Ordering;
use std::sync::Arc;

use super::area::Area;
use super::flow::{bits, Broken, Desk, Found, Reader};
use super::reading::Reading;
use super::{Policy, Sample};
use crate::prim::full_fence;
use crate::station::{Class, Member, Role, Station};
use crate::{Error, ErrorKind, Payload, Result};

/// A sample that is pinned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    place: usize,
    pin: usize,
    found: Found,
}

/// A subscriber, but for waiting.
#[derive(Debug)]
pub(super) struct Intake {
    reading: Arc<Reading>,
    policy: Policy,
    /// How far this is with each publisher, by its place; of those places that were not taken yet, at the beginning.
    readers: Box<[Reader]>,
    /// A bit for each place that is looked at.
    known: u64,
    /// Where to look first, so that a busy publisher does not hide the others.
    first: usize,
    dropped: u64,
}

impl Intake {
    pub(super) fn join(
        station: &Arc<Station>,
        policy: Policy,
        history: u32,
    ) -> Result<(Intake, Arc<Member>)> {
        let area = Area::new(station)?;
        let member = Arc::new(Member::join(station, Role::Subscriber, |_, tag| {
            area.bury(tag);
            Ok(())
        })?);
        let shape = area.plan.shape;
        let readers =
            (0..shape.publishers as usize).map(|place| Reader::new(shape, place)).collect();
        let reading = Arc::new(Reading::new(area, member.clone())?);
        let mut intake = Intake { reading, policy, readers, known: 0, first: 0, dropped: 0 };
        // First where the topic stands, so that nobody waits for what is not wanted; then that publishers shall wait; then where it
        // stands by then: a publisher that had not seen the former when it last looked says in the latter how far it was.
        intake.begin(history)?;
        intake.reading.obey(policy);
        intake.reading.area.announce();
        full_fence();
        intake.begin(history)?;
        intake.reading.drops().store(0, Ordering::Relaxed);
        station.wake(Class::Room, !0);
        // Now it is seen, from outside, to have come.
        let tag = u64::from(member.tag().bits());
        station.roster().words(member.index())[0].store(tag, Ordering::Release);
        Ok((intake, member))
    }

    /// Begins with what is there now.
    fn begin(&mut self, history: u32) -> Result<()> {
        let area = &self.reading.area;
        self.known = area.publishers();
        for (place, reader) in self.readers.iter_mut().enumerate() {
            *reader = match self.known & 1 << place {
                0 => Reader::new(area.plan.shape, place),
                _ => Reader::join(area.plan.shape, place, area.board(place), history)
                    .map_err(|Broken| broken(&area.station))?,
            };
            self.reading.cursor(place).store(reader.position(), Ordering::Release);
        }
        Ok(())
    }

    pub(super) fn policy(&self) -> Policy {
        self.policy
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(super) fn lag(&self) -> u64 {
        let area = &self.reading.area;
        let behind = |place: usize| {
            let tail = area.board(place).tail.load(Ordering::Acquire);
            tail.saturating_sub(self.readers[place].position())
        };
        bits(area.publishers()).map(behind).fold(0, u64::saturating_add)
    }

    /// Takes the next sample, of the publisher whose turn it is among those that have one.
    #[inline]
    pub(super) fn take(&mut self) -> Result<Option<Taken>> {
        self.known = self.reading.area.publishers();
        let later = self.known & !0 << self.first;
        for place in bits(later).chain(bits(self.known ^ later)) {
            if self.readers[place].has_news(self.reading.area.board(place)) {
                if let Some(taken) = self.take_from(place)? {
                    return Ok(Some(taken));
                }
            }
        }
        Ok(None)
    }

    fn take_from(&mut self, place: usize) -> Result<Option<Taken>> {
        let Intake { reading, readers, .. } = self;
        let Some(pin) = reading.free_pin() else { return Err(self.all_held()) };
        reading.map(place)?;
        let reader = &mut readers[place];
        let before = reader.dropped();
        let desk = Desk { cursor: reading.cursor(place), pin: reading.pin(pin) };
        let found = reader.take(reading.area.board(place), desk);
        let missed = reader.dropped() - before;
        self.first = (place + 1) % readers.len();
        if missed != 0 {
            self.dropped += missed;
            reading.drops().store(self.dropped, Ordering::Relaxed);
        }
        if self.policy == Policy::Block {
            reading.area.station.wake(Class::Room, !0);
        }
        let found = found.map_err(|Broken| broken(&reading.area.station))?;
        Ok(found.map(|found| Taken { place, pin, found }))
    }

    /// Keeps a sample that was taken.
    #[inline]
    pub(super) fn hold(&self, taken: Taken) -> Sample {
        let Taken { place, pin, found } = taken;
        self.reading.hold(pin);
        let at = self.reading.area.chunk_at(found.chunk);
        Sample::new(&self.reading, place, pin, at, found.len as usize, found.sequence)
    }

    /// Takes the next sample, if there is one, and hands it to `read`.
    #[inline]
    pub(super) fn read(&mut self, read: &mut impl FnMut(Payload<'_>)) -> Result<bool> {
        let Some(Taken { place, pin, found }) = self.take()? else { return Ok(false) };
        let reading = &*self.reading;
        // Also if `read` panics.
        let _held = Held { reading, pin };
        let at = reading.area.chunk_at(found.chunk);
        read(Payload::new(reading.data(place), at, found.len as usize));
        Ok(true)
    }

    #[cold]
    fn all_held(&self) -> Error {
        let (station, held) = (&self.reading.area.station, self.reading.area.plan.shape.held);
        let why = format!("this subscriber holds {held} samples, the most it can; drop some");
        Error::new(ErrorKind::Occupied, station.name(), why)
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        // Samples may stay held, but nobody shall wait for this any more.
        self.reading.obey(Policy::Overwrite);
        self.reading.area.station.wake(Class::Room, !0);
    }
}

/// A pin in use for a moment.
struct Held<'a> {
    reading: &'a Reading,
    pin: usize,
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        self.reading.release(self.pin);
    }
}

#[cold]
fn broken(station: &Station) -> Error {
    station.corrupt("a publisher stored counts or places that cannot be")
}
