//! How a subscriber takes samples: what it knows of each publisher, and whose turn it is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use super::area::{Area, BoardWords};
use super::flow::{bits, Broken, Desk, Found, Reader};
use super::reading::Reading;
use super::{Policy, Sample};
use crate::area::Word;
use crate::prim::full_fence;
use crate::station::{Class, Member, Role, Station};
use crate::{Error, ErrorKind, Payload, Result};

/// A sample that is pinned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    place: u32,
    pin: u32,
    found: Found,
}

/// How far a subscriber is with one publisher's place.
#[derive(Debug)]
struct Feed {
    reader: Reader,
    board: BoardWords,
    cursor: Word<AtomicU64>,
}

/// A subscriber, but for waiting.
#[derive(Debug)]
pub(super) struct Intake {
    reading: Arc<Reading>,
    policy: Policy,
    /// By place; those of places that were not taken yet are at the beginning.
    feeds: Box<[Feed]>,
    /// Where to look first, so that a busy publisher does not hide the others.
    first: usize,
    dropped: u64,
    drops: Word<AtomicU64>,
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
        let reading = Arc::new(Reading::new(area, member.clone())?);
        let (area, seat) = (&reading.area, reading.seat);
        let feed = |place| {
            let (board, cursor) = (area.board(place)?, area.cursor(seat, place)?);
            Ok(Feed { reader: Reader::new(shape, place), board, cursor })
        };
        let feeds = (0..shape.publishers as usize).map(feed).collect::<Result<_>>()?;
        let drops = area.drops(seat)?;
        drops.store(0, Ordering::Relaxed);
        let mut intake =
            Intake { reading: reading.clone(), policy, feeds, first: 0, dropped: 0, drops };
        // First where the topic stands, so that nobody waits for what is not wanted; then that publishers shall wait; then where it
        // stands by then: a publisher that had not seen the former when it last looked says in the latter how far it was.
        intake.begin(history)?;
        reading.obey(policy);
        reading.area.announce();
        full_fence();
        intake.begin(history)?;
        station.wake(Class::Room, !0);
        // Now it is seen, from outside, to have come.
        let tag = u64::from(member.tag().bits());
        station.roster().words(member.index())[0].store(tag, Ordering::Release);
        Ok((intake, member))
    }

    /// Begins with what is there now.
    fn begin(&mut self, history: u32) -> Result<()> {
        let area = &self.reading.area;
        let known = area.publishers();
        for (place, feed) in self.feeds.iter_mut().enumerate() {
            let shape = area.plan.shape;
            feed.reader = match known & 1 << place {
                0 => Reader::new(shape, place),
                _ => Reader::join(shape, place, feed.board.board(), history)
                    .map_err(|Broken| broken(&area.station))?,
            };
            feed.cursor.store(feed.reader.position(), Ordering::Release);
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
        let behind = |place: usize| {
            let Feed { reader, board, .. } = &self.feeds[place];
            board.tail.load(Ordering::Acquire).saturating_sub(reader.position())
        };
        bits(self.reading.area.publishers()).map(behind).fold(0, u64::saturating_add)
    }

    /// Whether there seems to be a sample.
    pub(super) fn has_news(&self) -> bool {
        let news =
            |place: usize| self.feeds[place].reader.has_news(self.feeds[place].board.board());
        bits(self.reading.area.publishers()).any(news)
    }

    /// Takes the next sample, of the publisher whose turn it is among those that have one.
    #[inline]
    pub(super) fn take(&mut self) -> Result<Option<Taken>> {
        let known = self.reading.area.publishers();
        let later = known & !0 << self.first;
        for mut turn in [later, known ^ later] {
            while turn != 0 {
                let place = turn.trailing_zeros() as usize;
                turn &= turn - 1;
                let Feed { reader, board, .. } = &self.feeds[place];
                if reader.has_news(board.board()) {
                    if let Some(taken) = self.take_from(place)? {
                        return Ok(Some(taken));
                    }
                }
            }
        }
        Ok(None)
    }

    #[inline]
    fn take_from(&mut self, place: usize) -> Result<Option<Taken>> {
        let Some(pin) = self.reading.free_pin() else { return Err(self.all_held()) };
        self.reading.map(place)?;
        let Feed { reader, board, cursor } = &mut self.feeds[place];
        let before = reader.dropped();
        let found = reader.take(board.board(), Desk { cursor, pin: self.reading.pin(pin) });
        let missed = reader.dropped() - before;
        self.first = if place + 1 == self.feeds.len() { 0 } else { place + 1 };
        if missed != 0 {
            self.dropped = self.dropped.saturating_add(missed);
            self.drops.store(self.dropped, Ordering::Relaxed);
        }
        if self.policy == Policy::Block {
            self.reading.area.station.wake(Class::Room, !0);
        }
        match found {
            Ok(Some(found)) => Ok(Some(Taken { place: place as u32, pin, found })),
            Ok(None) => Ok(None),
            Err(Broken) => Err(broken(&self.reading.area.station)),
        }
    }

    /// Keeps a sample that was taken.
    #[inline]
    pub(super) fn hold(&self, taken: Taken) -> Sample {
        self.reading.hold(taken.pin);
        Sample::new(&self.reading, taken.place, taken.pin, taken.found)
    }

    /// Takes the next sample, if there is one, and hands it to `read`.
    #[inline]
    pub(super) fn read(&mut self, read: &mut impl FnMut(Payload<'_>)) -> Result<bool> {
        let Some(taken) = self.take()? else { return Ok(false) };
        // Released also if `read` panics.
        let held = Held { reading: &self.reading, pin: taken.pin };
        read(held.reading.payload(taken.place, taken.found));
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
    pin: u32,
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
