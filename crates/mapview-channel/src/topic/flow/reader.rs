//! The subscriber's side, for one publisher.

use super::shape::{belongs, parts, pin_of, tag_of, FARTHEST};
use super::{Board, Broken, Shape};
use crate::prim::{store_first, AtomicU64, Ordering};

/// So often a subscriber tries again when the publisher overwrites what it is about to take.
const ATTEMPTS: u32 = 1000;

/// The words of a subscriber, of which it alone is the writer.
#[derive(Clone, Copy)]
pub(crate) struct Desk<'a> {
    /// How far it is with this publisher.
    pub cursor: &'a AtomicU64,
    /// A pin that holds nothing.
    pub pin: &'a AtomicU64,
}

/// A sample that is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub sequence: u64,
    pub chunk: u32,
    pub len: u32,
}

/// How far a subscriber is with one publisher.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    shape: Shape,
    chunks: u32,
    /// The publisher's place.
    place: usize,
    /// The number of the next sample, and where its entry is.
    position: u64,
    at: usize,
    /// What the entry's tag says as long as there is no next sample.
    idle: u64,
    /// How many samples were overwritten before it took them.
    dropped: u64,
}

impl Reader {
    /// Begins with the first sample of a publisher that is not there yet.
    pub(crate) fn new(shape: Shape, place: usize) -> Reader {
        Reader { shape, chunks: shape.chunks(), place, position: 0, at: 0, idle: 0, dropped: 0 }
    }

    /// Begins with the last `history` samples that a publisher has published, or as many as there are.
    pub(crate) fn join(
        shape: Shape,
        place: usize,
        board: Board<'_>,
        history: u32,
    ) -> Result<Reader, Broken> {
        let there =
            |sample| board.tag(shape.entry(sample)).load(Ordering::Acquire) >= tag_of(sample);
        let mut tail = tail(board)?;
        // The last sample is there, although its publisher has not said so yet, and may have ended.
        tail += u64::from(there(tail));
        let mut reader = Reader::new(shape, place);
        let first = tail.saturating_sub(u64::from(history.min(shape.depth)));
        reader.seek((first..tail).find(|sample| there(*sample)).unwrap_or(tail));
        Ok(reader)
    }

    /// The number of the next sample.
    #[inline]
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// How many samples were overwritten before this took them.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Whether there seems to be a sample, without taking it.
    #[inline]
    pub(crate) fn has_news(&self, board: Board<'_>) -> bool {
        board.tag(self.at).load(Ordering::Acquire) != self.idle
    }

    /// Takes and pins the next sample, if there is one. After an error the pin is free.
    #[inline]
    pub(crate) fn take(
        &mut self,
        board: Board<'_>,
        desk: Desk<'_>,
    ) -> Result<Option<Found>, Broken> {
        let found = match board.tag(self.at).load(Ordering::Acquire) {
            tag if tag == self.idle => return Ok(None),
            tag if tag == tag_of(self.position) => match self.try_pin(board, desk)? {
                None => self.catch_up(board, desk),
                found => Ok(found),
            },
            _ => self.catch_up(board, desk),
        };
        // After the pin: a publisher that waits for this subscriber may overwrite the entry now.
        desk.cursor.store(self.position, Ordering::Release);
        found
    }

    /// Pins the next sample, which was seen; `None` if it is being overwritten.
    #[inline]
    fn try_pin(&mut self, board: Board<'_>, desk: Desk<'_>) -> Result<Option<Found>, Broken> {
        let detail = board.detail(self.at).load(Ordering::Acquire);
        if !belongs(detail, self.position) {
            return Ok(None);
        }
        let (chunk, len) = parts(detail);
        if chunk >= self.chunks || len > self.shape.longest {
            self.seek(self.position + 1);
            return Err(Broken);
        }
        store_first(desk.pin, pin_of(self.place, chunk));
        if board.tag(self.at).load(Ordering::SeqCst) != tag_of(self.position) {
            desk.pin.store(0, Ordering::Release);
            return Ok(None);
        }
        let found = Found { sequence: self.position, chunk, len };
        self.step();
        Ok(Some(found))
    }

    /// Looks what is there when the next sample is not, or not for long.
    #[cold]
    fn catch_up(&mut self, board: Board<'_>, desk: Desk<'_>) -> Result<Option<Found>, Broken> {
        let mut skip = 0;
        for _ in 0..ATTEMPTS {
            let tag = board.tag(self.at).load(Ordering::Acquire);
            let mine = tag_of(self.position);
            if tag == mine {
                if let Some(found) = self.try_pin(board, desk)? {
                    return Ok(Some(found));
                }
                self.lose(self.position + 1);
            } else if tag == self.idle {
                return Ok(None);
            } else if tag > mine {
                let (newest, tail) = (tag - 1, tail(board)?);
                if newest > tail {
                    return Err(Broken);
                }
                // The oldest that is surely there. A publisher may overwrite that, too, before it is pinned; then less and less is
                // tried for.
                let oldest = tail.max(newest + 1).saturating_sub(u64::from(self.shape.depth));
                self.lose((oldest + skip).clamp(self.position + 1, tail.max(newest)));
                skip = (skip * 2).max(1);
            } else {
                // Older than it can be: this or the publisher was misled. Both go on from what the publisher says now.
                self.seek(tail(board)?);
                return Err(Broken);
            }
        }
        Ok(None)
    }

    /// The next sample is that; all before it were overwritten.
    fn lose(&mut self, next: u64) {
        self.dropped = self.dropped.saturating_add(next - self.position);
        self.seek(next);
    }

    fn seek(&mut self, next: u64) {
        let entries = u64::from(self.shape.entries());
        (self.position, self.at) = (next, self.shape.entry(next));
        self.idle = tag_of(next).saturating_sub(entries);
    }

    #[inline]
    fn step(&mut self) {
        self.position += 1;
        self.at = if self.at + 1 == self.shape.entries() as usize { 0 } else { self.at + 1 };
        self.idle = tag_of(self.position).saturating_sub(u64::from(self.shape.entries()));
    }
}

/// The number of a publisher's next sample.
fn tail(board: Board<'_>) -> Result<u64, Broken> {
    let tail = board.tail.load(Ordering::Acquire);
    if tail > FARTHEST {
        return Err(Broken);
    }
    Ok(tail)
}
