//! The publisher's side.

use std::collections::VecDeque;

use super::seats::Owner;
use super::shape::{belongs, detail_of, parts, pinned, tag_of, FARTHEST};
use super::{Board, Broken, Seats, Shape};
use crate::prim::{full_fence, Ordering};

const NONE: u32 = u32::MAX;

/// What a publisher knows. Of what it says in shared memory it reads nothing back.
#[derive(Debug)]
pub(crate) struct Writer {
    shape: Shape,
    /// Its place among the publishers.
    place: usize,
    /// The number of the next sample, and where its entry is.
    sequence: u64,
    at: usize,
    /// Samples below this number need no look at the subscribers.
    limit: u64,
    /// Unless subscribers came since there were so many.
    arrivals: u64,
    /// The chunk in each entry.
    ring: Box<[u32]>,
    /// The chunk that is written, or will be.
    next: u32,
    /// Chunks that can be written, in the order in which they were retired. That is the order of their addresses as long as nobody
    /// holds any for long, and then processors fetch the right lines ahead: measured, twice as fast as any other order.
    free: VecDeque<u32>,
    /// Chunks that were never needed; the first is at the end.
    cold: Vec<u32>,
    /// Chunks that have left the ring and may be held.
    retired: Vec<u32>,
    /// So many of them are when it is time to look.
    enough: usize,
    /// A bit for each chunk: what is held.
    held: Box<[u64]>,
    /// Owners of seats that have ended; nobody waits for them.
    ended: Box<[Option<Owner>]>,
    /// The seats that the next sample has to wait for.
    behind: u64,
}

impl Writer {
    /// Goes on where the last publisher of this place ended.
    pub(crate) fn resume(shape: Shape, place: usize, board: Board<'_>) -> Result<Writer, Broken> {
        let mut sequence = board.tail.load(Ordering::Acquire);
        if sequence > FARTHEST {
            return Err(Broken);
        }
        // Its last sample is there, although it ended before it could say so.
        if board.tag(shape.entry(sequence)).load(Ordering::Acquire) == tag_of(sequence) {
            sequence += 1;
            board.tail.store(sequence, Ordering::Release);
        }
        let (entries, chunks) = (u64::from(shape.entries()), shape.chunks());
        let mut ring = vec![NONE; entries as usize].into_boxed_slice();
        let mut unused = vec![true; chunks as usize];
        for sample in sequence.saturating_sub(entries)..sequence {
            let entry = shape.entry(sample);
            let tag = board.tag(entry).load(Ordering::Acquire);
            let detail = board.detail(entry).load(Ordering::Acquire);
            let (chunk, _) = parts(detail);
            if tag == tag_of(sample) && belongs(detail, sample) && chunk < chunks {
                ring[entry] = chunk;
                unused[chunk as usize] = false;
            }
        }
        let retired = (0..chunks).rev().filter(|chunk| unused[*chunk as usize]).collect();
        let (held, ended) = (
            vec![0; chunks.div_ceil(64) as usize].into_boxed_slice(),
            vec![None; shape.subscribers as usize].into_boxed_slice(),
        );
        let (at, limit) = (shape.entry(sequence), sequence);
        let (free, cold) = (VecDeque::with_capacity(chunks as usize), Vec::new());
        Ok(Writer {
            shape,
            place,
            sequence,
            at,
            limit,
            arrivals: 0,
            ring,
            next: NONE,
            free,
            cold,
            retired,
            enough: 0,
            held,
            ended,
            behind: 0,
        })
    }

    /// The number of the next sample.
    #[inline]
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Whether the next sample may be published: `false` while a subscriber that publishers wait for is `depth` samples behind.
    #[inline]
    pub(crate) fn may_publish(&mut self, seats: Seats<'_>) -> bool {
        let known = seats.arrivals.load(Ordering::Acquire) == self.arrivals;
        (known && self.sequence < self.limit) || self.look(seats)
    }

    /// The seats of those for whom [`Writer::may_publish`] said no.
    pub(crate) fn behind(&self) -> u64 {
        self.behind
    }

    /// Waits no longer for this owner of a seat, which has ended.
    pub(crate) fn give_up(&mut self, seat: usize, owner: Owner) {
        self.ended[seat] = Some(owner);
    }

    fn look(&mut self, seats: Seats<'_>) -> bool {
        // Before it, the tail said how far this is. Who sits down is seen here, or sees that tail, and begins with it.
        full_fence();
        self.arrivals = seats.arrivals.load(Ordering::Acquire);
        let depth = u64::from(self.shape.depth);
        (self.limit, self.behind) = (self.sequence + depth, 0);
        for seat in seats.taken() {
            let owner = seats.owner(seat);
            if !owner.is_blocking() || self.ended[seat] == Some(owner) {
                continue;
            }
            let cursor = seats.words[self.shape.cursor(seat, self.place)].load(Ordering::Acquire);
            let limit = cursor.min(self.sequence) + depth;
            if limit <= self.sequence {
                self.behind |= 1 << seat;
            }
            self.limit = self.limit.min(limit);
        }
        self.behind == 0
    }

    /// The chunk that is to be written next; the same until it is published.
    #[inline]
    pub(crate) fn reserve(&mut self, seats: Seats<'_>) -> u32 {
        if self.next == NONE {
            if self.free.is_empty() && self.retired.len() >= self.enough {
                self.reclaim(seats);
            }
            let next = self.free.pop_front().or_else(|| self.cold.pop());
            self.next = next.expect("there are more chunks than can be in use");
        }
        self.next
    }

    #[cold]
    fn reclaim(&mut self, seats: Seats<'_>) {
        // Before it, the entries of all that is retired were overwritten. Whoever pins one of them is seen here, or sees that.
        full_fence();
        self.held.fill(0);
        for seat in seats.taken() {
            for pin in &seats.words[self.shape.pins(seat)] {
                let Some(chunk) = pinned(pin.load(Ordering::Acquire), self.place) else { continue };
                if chunk < self.shape.chunks() {
                    self.held[chunk as usize / 64] |= 1 << (chunk % 64);
                }
            }
        }
        let Writer { retired, held, free, cold, .. } = self;
        let first = self.enough == 0; // what a predecessor left
        retired.retain(|chunk| {
            let is_held = held[*chunk as usize / 64] & 1 << (chunk % 64) != 0;
            match is_held {
                true => {}
                false if first => cold.push(*chunk),
                false => free.push_back(*chunk),
            }
            is_held
        });
        self.enough = self.retired.len() + self.shape.spare as usize;
    }

    /// Publishes the chunk that was reserved and written, of this length. [`Writer::may_publish`] said yes.
    #[inline]
    pub(crate) fn publish(&mut self, board: Board<'_>, chunk: u32, len: u32) {
        debug_assert_eq!(chunk, self.next);
        let (sequence, at) = (self.sequence, self.at);
        self.next = NONE;
        let old = std::mem::replace(&mut self.ring[at], chunk);
        if old != NONE {
            self.retired.push(old);
        }
        // A release, so that whoever sees it sees the tag before it in this entry too.
        board.detail(at).store(detail_of(sequence, chunk, len), Ordering::Release);
        board.tag(at).store(tag_of(sequence), Ordering::Release);
        self.sequence += 1;
        self.at = if at + 1 == self.ring.len() { 0 } else { at + 1 };
        board.tail.store(self.sequence, Ordering::Release);
    }
}
