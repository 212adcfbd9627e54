//! The word of a message that several receivers compete for.

use super::shape::{split, Shape};
use crate::prim::{AtomicU64, Ordering};

/// `count (32) | offers (13) | state (2) | owner (17)`: all that decides whose a message is, so that it changes at one instant. The
/// count tells it from the messages that had the place before, and the offers from itself before an owner died; so whoever is late
/// changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry(u64);

const OWNER: u64 = (1 << 17) - 1;
const STATE_AT: u32 = 17;
const OFFERS_AT: u32 = 19;
const MOST_OFFERS: u64 = (1 << 13) - 1;

/// What an entry is. 0 is none, for memory that was never written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Ready,
    Taken,
    Done,
}

impl Entry {
    pub(crate) fn from_bits(bits: u64) -> Entry {
        Entry(bits)
    }

    /// A message that anybody may take.
    pub(super) fn ready(count: u32) -> Entry {
        Entry(u64::from(count) << 32 | 1 << STATE_AT)
    }

    #[inline]
    pub(super) fn count(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline]
    pub(crate) fn state(self) -> Option<State> {
        match self.0 >> STATE_AT & 3 {
            1 => Some(State::Ready),
            2 => Some(State::Taken),
            3 => Some(State::Done),
            _ => None,
        }
    }

    /// Who took it: the 17 bits that it gave.
    #[inline]
    pub(crate) fn owner(self) -> u32 {
        (self.0 & OWNER) as u32
    }

    /// Whether an owner ended before it was done with it.
    #[inline]
    pub(super) fn is_offered_again(self) -> bool {
        self.0 >> OFFERS_AT & MOST_OFFERS != 0
    }

    pub(super) fn taken(self, owner: u32) -> Entry {
        self.with(2, u64::from(owner) & OWNER)
    }

    pub(super) fn done(self) -> Entry {
        self.with(3, u64::from(self.owner()))
    }

    /// Counts the offers; the last value stays, then every further offer is the same word again.
    fn again(self) -> Entry {
        let offers = self.0 >> OFFERS_AT & MOST_OFFERS;
        let more = (offers + 1).min(MOST_OFFERS) - offers;
        Entry(self.with(1, 0).0 + (more << OFFERS_AT))
    }

    fn with(self, state: u64, owner: u64) -> Entry {
        let kept = self.0 & !(3 << STATE_AT | OWNER);
        Entry(kept | state << STATE_AT | owner)
    }
}

/// The words of a lane whose messages are claimed.
#[derive(Clone, Copy)]
pub(crate) struct Claimed<'a> {
    /// `{count, position}`, stored by the producer: the commit.
    pub tail: &'a AtomicU64,
    /// `{count, position}`, stored by the producer too: how far it has taken the room back.
    pub head: &'a AtomicU64,
    /// An [`Entry`] and `{position, length}` for each message; twice [`Shape::entries`].
    pub entries: &'a [AtomicU64],
}

impl<'a> Claimed<'a> {
    /// What an entry says now.
    #[inline]
    pub(super) fn load(self, shape: Shape, count: u32) -> Entry {
        Entry(self.word(shape, count).load(Ordering::Acquire))
    }

    #[inline]
    pub(super) fn store(self, shape: Shape, entry: Entry) {
        self.word(shape, entry.count()).store(entry.0, Ordering::Release);
    }

    /// Changes an entry, if it is as it was seen.
    #[inline]
    pub(super) fn change(self, shape: Shape, seen: Entry, to: Entry) -> bool {
        let (order, failed) = (Ordering::AcqRel, Ordering::Relaxed);
        self.word(shape, seen.count()).compare_exchange(seen.0, to.0, order, failed).is_ok()
    }

    /// Position and length of a message.
    #[inline]
    pub(super) fn place(self, shape: Shape, count: u32) -> &'a AtomicU64 {
        &self.entries[shape.entry(count) * 2 + 1]
    }

    #[inline]
    fn word(self, shape: Shape, count: u32) -> &'a AtomicU64 {
        &self.entries[shape.entry(count) * 2]
    }

    /// Offers a message again whose owner ended; `false` if it is not as it was seen, because somebody else did so.
    pub(crate) fn offer_again(self, shape: Shape, seen: Entry) -> bool {
        self.change(shape, seen, seen.again())
    }

    /// Offers all messages of an owner again that ended.
    pub(crate) fn offer_again_all_of(self, shape: Shape, owner: u32) {
        let (head, _) = split(self.head.load(Ordering::Acquire));
        let (tail, _) = split(self.tail.load(Ordering::Acquire));
        let count = tail.wrapping_sub(head).min(shape.entries);
        for count in (0..count).map(|ahead| head.wrapping_add(ahead)) {
            let seen = self.load(shape, count);
            if seen.state() == Some(State::Taken) && seen.owner() == owner {
                self.offer_again(shape, seen);
            }
        }
    }
}
