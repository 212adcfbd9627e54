//! One of several consumers of a lane whose messages are claimed.

use super::entry::{Claimed, Entry, State};
use super::shape::{split, Broken, Shape};
use crate::prim::Ordering;

/// A message that was claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Where in the data.
    pub offset: u32,
    pub len: u32,
    /// Whether somebody claimed it before, and ended.
    pub again: bool,
}

/// What a consumer knows. It claims in order, and one message at a time.
#[derive(Clone, Debug)]
pub(crate) struct ClaimedConsumer {
    shape: Shape,
    /// Everything before was passed: claimed by this one or by somebody else.
    cursor: u32,
    /// The producer's, when it was last looked at.
    tail: u32,
    /// What was passed while somebody else had it, and may not be done: it is offered again if its owner ends. Each consumer has one
    /// at a time, so few are left when they are looked through.
    passed: Vec<u32>,
    /// What this one has claimed and not released.
    held: Option<Entry>,
}

/// When to look which of the passed ones are done.
const MANY_PASSED: usize = 128;
/// Nobody is lapped so often between two loads.
const MOST_LAPS: u32 = 64;

impl ClaimedConsumer {
    /// Begins with the oldest message that is not done.
    pub(crate) fn resume(shape: Shape, claimed: Claimed<'_>) -> ClaimedConsumer {
        let (cursor, _) = split(claimed.head.load(Ordering::Acquire));
        ClaimedConsumer { shape, cursor, tail: cursor, passed: Vec::new(), held: None }
    }

    /// Claims a message, if one is ready: releases the one that was claimed before.
    #[inline]
    pub(crate) fn claim(
        &mut self,
        claimed: Claimed<'_>,
        owner: u32,
    ) -> Result<Option<Claim>, Broken> {
        self.release(claimed);
        while let Some(entry) = self.find(claimed)? {
            if let Some(claim) = self.take(claimed, owner, entry)? {
                return Ok(Some(claim));
            }
        }
        Ok(None)
    }

    /// As `claim`, of those that were offered again after this one had passed them.
    pub(crate) fn claim_passed(
        &mut self,
        claimed: Claimed<'_>,
        owner: u32,
    ) -> Result<Option<Claim>, Broken> {
        self.release(claimed);
        while let Some(entry) = self.find_passed(claimed) {
            if let Some(claim) = self.take(claimed, owner, entry)? {
                return Ok(Some(claim));
            }
        }
        Ok(None)
    }

    /// `None` if somebody else was faster.
    #[inline]
    fn take(
        &mut self,
        claimed: Claimed<'_>,
        owner: u32,
        entry: Entry,
    ) -> Result<Option<Claim>, Broken> {
        let place = claimed.place(self.shape, entry.count()).load(Ordering::Relaxed);
        if !claimed.change(self.shape, entry, entry.taken(owner)) {
            return Ok(None);
        }
        self.held = Some(entry.taken(owner));
        if entry.count() == self.cursor {
            self.cursor = self.cursor.wrapping_add(1);
        }
        let (position, len) = split(place);
        if len > self.shape.capacity || !position.is_multiple_of(self.shape.align) {
            return Err(Broken);
        }
        let (offset, again) = (self.shape.offset(position), entry.is_offered_again());
        Ok(Some(Claim { offset, len, again }))
    }

    /// Is done with the message that was claimed; whether there was one.
    #[inline]
    pub(crate) fn release(&mut self, claimed: Claimed<'_>) -> bool {
        match self.held.take() {
            Some(entry) => {
                // Not a plain store: whoever was taken for dead does not own it any more.
                if !claimed.change(self.shape, entry, entry.done()) {
                    self.passed.push(entry.count());
                }
                true
            }
            None => false,
        }
    }

    /// Offers the message that was claimed to others, without being done with it; whether there was one.
    pub(crate) fn give_back(&mut self, claimed: Claimed<'_>) -> bool {
        self.held.take().is_some_and(|entry| claimed.offer_again(self.shape, entry))
    }

    /// A message that could be claimed.
    #[inline]
    pub(crate) fn find(&mut self, claimed: Claimed<'_>) -> Result<Option<Entry>, Broken> {
        let mut laps = 0;
        loop {
            if self.cursor == self.tail {
                let (tail, _) = split(claimed.tail.load(Ordering::Acquire));
                if tail == self.cursor {
                    return Ok(self.find_passed(claimed));
                }
                self.tail = tail;
            }
            let entry = claimed.load(self.shape, self.cursor);
            if entry.count() != self.cursor {
                laps += 1;
                self.catch_up(claimed, laps)?;
                continue;
            }
            match entry.state() {
                Some(State::Ready) => return Ok(Some(entry)),
                Some(State::Taken) => self.pass(claimed),
                Some(State::Done) => {}
                None => return Err(Broken),
            }
            self.cursor = self.cursor.wrapping_add(1);
        }
    }

    /// A message that was offered again after this one had passed it.
    pub(crate) fn find_passed(&mut self, claimed: Claimed<'_>) -> Option<Entry> {
        let ready = |count: &u32| {
            let entry = claimed.load(self.shape, *count);
            let same = entry.count() == *count && entry.state() == Some(State::Ready);
            same.then_some(entry)
        };
        self.passed.iter().find_map(ready)
    }

    /// The passed messages that somebody else has.
    pub(crate) fn taken_by_others(&mut self, claimed: Claimed<'_>) -> Vec<Entry> {
        self.forget_done(claimed);
        let entries = self.passed.iter().map(|count| claimed.load(self.shape, *count));
        entries
            .filter(|entry| entry.state() == Some(State::Taken) && Some(*entry) != self.held)
            .collect()
    }

    #[inline]
    fn pass(&mut self, claimed: Claimed<'_>) {
        if self.passed.len() >= MANY_PASSED {
            self.forget_done(claimed);
        }
        self.passed.push(self.cursor);
    }

    fn forget_done(&mut self, claimed: Claimed<'_>) {
        let shape = self.shape;
        self.passed.retain(|count| {
            let entry = claimed.load(shape, *count);
            entry.count() == *count && entry.state() != Some(State::Done)
        });
    }

    /// Goes on with the oldest that is not done, after the producer has lapped this one.
    #[cold]
    fn catch_up(&mut self, claimed: Claimed<'_>, laps: u32) -> Result<(), Broken> {
        let (head, _) = split(claimed.head.load(Ordering::Acquire));
        if head == self.cursor || laps > MOST_LAPS {
            return Err(Broken);
        }
        (self.cursor, self.tail) = (head, head);
        Ok(())
    }
}
