//! The words of a topic, in this process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use mapview::{View, ViewAccess};

use super::flow::{Board, Owner, Seats};
use super::plan::{self, Plan};
use crate::area::{Word, Words};
use crate::station::{seated, Member, Station, Tag, KIND_AT};
use crate::{Error, ErrorKind, Result};

/// The words of a publisher.
#[derive(Debug)]
pub(super) struct BoardWords {
    pub tail: Word<AtomicU64>,
    pub bytes: Word<AtomicU64>,
    entries: Words<AtomicU64>,
}

impl BoardWords {
    #[inline]
    pub(super) fn board(&self) -> Board<'_> {
        Board { tail: &self.tail, entries: &self.entries }
    }
}

/// All that participants share but the samples.
#[derive(Debug)]
pub(super) struct Area {
    pub station: Arc<Station>,
    pub plan: Plan,
    /// A bit for each publisher's place that was ever taken.
    publishers: Word<AtomicU64>,
    taken: Word<AtomicU64>,
    arrivals: Word<AtomicU64>,
    publisher_owners: Words<AtomicU64>,
    seat_owners: Words<AtomicU64>,
    seats: Words<AtomicU64>,
}

impl Area {
    pub(super) fn new(station: &Arc<Station>) -> Result<Area> {
        let Some(plan) = Plan::of(station.header()) else {
            return Err(station.corrupt("its parameters are none of a topic"));
        };
        let (view, shape) = (station.control(), plan.shape);
        view.commit(KIND_AT, plan::TABLES_LEN)?;
        let (places, seats) = (shape.publishers as usize, shape.subscribers as usize);
        let words = |at, count| Words::new(view, at, count);
        Ok(Area {
            station: station.clone(),
            plan,
            publishers: Word::new(view, plan::PUBLISHERS_TAKEN_AT)?,
            taken: Word::new(view, plan::SEATS_TAKEN_AT)?,
            arrivals: Word::new(view, plan::ARRIVALS_AT)?,
            publisher_owners: words(plan::PUBLISHER_OWNERS_AT, places)?,
            seat_owners: words(plan::SEAT_OWNERS_AT, seats)?,
            seats: words(plan.seats_at(), seats * shape.seat_words())?,
        })
    }

    /// The words of a publisher.
    pub(super) fn board(&self, place: usize) -> Result<BoardWords> {
        let (view, at) = (self.station.control(), self.plan.publisher_at(place));
        let entries = Words::new(view, at + plan::ENTRIES * 8, self.plan.shape.entry_words())?;
        let word = |index| Word::new(view, at + index * 8);
        Ok(BoardWords { tail: word(plan::TAIL)?, bytes: word(plan::BYTES)?, entries })
    }

    #[inline]
    pub(super) fn seats(&self) -> Seats<'_> {
        Seats {
            taken: &self.taken,
            arrivals: &self.arrivals,
            owners: &self.seat_owners,
            words: &self.seats,
        }
    }

    /// Takes a place among the publishers, the first whose owner has ended.
    pub(super) fn take_place(&self, member: &Member) -> Result<(usize, Owner)> {
        let taken = self.seize(&self.publisher_owners, member, "publishers")?;
        let (place, owner) = taken;
        let (at, len) = (self.plan.publisher_at(place), self.plan.publisher_words() * 8);
        let memory = self.station.control().commit(at, len);
        memory.inspect_err(|_| self.leave_place(place, owner))?;
        self.publishers.fetch_or(1 << place, Ordering::SeqCst);
        Ok(taken)
    }

    /// Takes a subscriber's seat; nobody waits for it yet.
    pub(super) fn take_seat(&self, member: &Member) -> Result<(usize, Owner)> {
        let taken = self.seize(&self.seat_owners, member, "subscribers")?;
        let ((seat, owner), len) = (taken, self.plan.shape.seat_words() * 8);
        let memory = self.station.control().commit(self.plan.seats_at() + seat * len, len);
        memory.inspect_err(|_| {
            self.change_seat(seat, owner, owner.freed());
        })?;
        Ok(taken)
    }

    /// What a subscriber holds.
    pub(super) fn pins(&self, seat: usize) -> Result<Words<AtomicU64>> {
        let (at, pins) = (self.plan.seats_at(), self.plan.shape.pins(seat));
        Words::new(self.station.control(), at + pins.start * 8, pins.len())
    }

    /// How far a subscriber is with a publisher.
    pub(super) fn cursor(&self, seat: usize, place: usize) -> Result<Word<AtomicU64>> {
        let at = self.plan.seats_at() + self.plan.shape.cursor(seat, place) * 8;
        Word::new(self.station.control(), at)
    }

    /// How many samples a subscriber missed.
    pub(super) fn drops(&self, seat: usize) -> Result<Word<AtomicU64>> {
        Word::new(self.station.control(), self.plan.seats_at() + self.plan.shape.drops(seat) * 8)
    }

    /// Lets publishers look at a seat.
    pub(super) fn show_seat(&self, seat: usize) {
        self.taken.fetch_or(1 << seat, Ordering::SeqCst);
    }

    /// Lets publishers look whether they are to wait for somebody who came.
    pub(super) fn announce(&self) {
        self.arrivals.fetch_add(1, Ordering::SeqCst);
    }

    fn seize(
        &self,
        owners: &[AtomicU64],
        member: &Member,
        role: &'static str,
    ) -> Result<(usize, Owner)> {
        let seat = seated(|| {
            for (index, word) in owners.iter().enumerate() {
                if let Some(owner) = self.seize_one(word, member)? {
                    return Ok(Some((index, owner)));
                }
            }
            Ok(None)
        })?;
        if let Some(seat) = seat {
            return Ok(seat);
        }
        let why = format!("{} {role} are alive; the topic was made for no more", owners.len());
        Err(Error::new(ErrorKind::Occupied, self.station.name(), why))
    }

    /// `None` if a living member has it.
    fn seize_one(&self, word: &AtomicU64, member: &Member) -> Result<Option<Owner>> {
        loop {
            let found = Owner(word.load(Ordering::Acquire));
            if self.station.roster().has(Tag::from_bits(found.member()))? {
                return Ok(None);
            }
            let mine = found.replaced(member.tag().bits());
            if change(word, found, mine) {
                return Ok(Some(mine));
            }
        }
    }

    /// Changes what a seat's owner says of itself.
    pub(super) fn change_seat(&self, seat: usize, from: Owner, to: Owner) -> bool {
        change(&self.seat_owners[seat], from, to)
    }

    /// Gives a publisher's place up, unless somebody else has it.
    pub(super) fn leave_place(&self, place: usize, owner: Owner) {
        change(&self.publisher_owners[place], owner, owner.freed());
    }

    /// Gives up what a dead member had; may be done twice.
    pub(super) fn bury(&self, member: Tag) {
        for word in self.publisher_owners.iter().chain(self.seat_owners.iter()) {
            let owner = Owner(word.load(Ordering::Acquire));
            if owner.member() == member.bits() {
                change(word, owner, owner.freed());
            }
        }
    }

    /// The chunks of a publisher. Memory is taken as they are used.
    pub(super) fn data(&self, place: usize, access: ViewAccess) -> Result<Arc<View>> {
        self.station.part(self.plan.data_at(place), self.plan.data as usize, access)
    }

    /// Where in a publisher's data a chunk lies.
    #[inline]
    pub(super) fn chunk_at(&self, chunk: u32) -> usize {
        chunk as usize * self.plan.stride
    }

    /// A bit for each publisher's place that was ever taken.
    #[inline]
    pub(super) fn publishers(&self) -> u64 {
        self.publishers.load(Ordering::Acquire) & (!0 >> (64 - self.plan.shape.publishers))
    }
}

fn change(word: &AtomicU64, from: Owner, to: Owner) -> bool {
    word.compare_exchange(from.0, to.0, Ordering::SeqCst, Ordering::SeqCst).is_ok()
}
