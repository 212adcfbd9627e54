//! The words of a latest-value cell: one writer at a time, readers that neither lock nor hold anybody up.
//!
//! ```text
//!   words[0]           head: the version of the newest value
//!   words[8 + i * s]   slot i: its sequence word, then its bytes; s is a multiple of 8, a cache line
//! ```
//!
//! Version `v` lies in slot `v mod slots`, whose sequence word is then `v`; while it is being written, `v | BUSY`. The
//! slot of the newest value is the last to be written over, so a writer that is stopped or killed in the midst holds no
//! reader up; a reader starts over only if every other slot was published meanwhile.
//!
//! *Ordering.* A sequence lock per slot, after Boehm (2012): `BUSY` is set before the bytes are stored, by a releasing
//! fence; the bytes are loaded before the sequence word is looked at again, by an acquiring fence. Setting `BUSY` also
//! releases the head before it: a reader that finds its slot taken away must find a newer head, else the words were not
//! written by this protocol. The loads are relaxed with fences, which also a read-only page permits.

use crate::prim::{fence, AtomicU64, Ordering};

/// Words of a cache line.
pub(crate) const LINE: usize = 8;
const BUSY: u64 = 1 << 63;
/// How often a reader is lapped before it says so; a live writer does that once in a while, twice in a row hardly ever.
const MOST_LAPS: u32 = 1000;

/// The words of a cell, and how they are cut into slots.
pub(crate) struct Cell<'a> {
    words: &'a [AtomicU64],
    slots: u64,
    slot_words: usize,
}

/// Why there is nothing to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// The words contradict each other: somebody wrote them who does not keep the protocol.
    Damaged,
    /// Every attempt was overtaken.
    Lapped,
}

/// The words of one slot for values of `len` bytes; `None` when there are too many.
pub(crate) fn slot_words(len: usize) -> Option<usize> {
    len.div_ceil(8).checked_add(1)?.checked_next_multiple_of(LINE)
}

impl<'a> Cell<'a> {
    /// A cell of as many slots as there is room for, at least two; `slot_words` is what the function of that name says.
    pub(crate) fn new(words: &'a [AtomicU64], slot_words: usize) -> Cell<'a> {
        Cell { words, slots: ((words.len() - LINE) / slot_words) as u64, slot_words }
    }

    /// The version of the newest value.
    #[inline]
    pub(crate) fn version(&self) -> u64 {
        let version = self.words[0].load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        version & !BUSY
    }

    /// Makes `bytes` the newest value and returns its version. For one writer at a time.
    pub(crate) fn publish(&self, bytes: &[u8]) -> u64 {
        let version = ((self.version() + 1) & !BUSY).max(1);
        let (sequence, words) = self.slot(version);
        sequence.store(version | BUSY, Ordering::Release);
        fence(Ordering::Release);
        put(words, bytes);
        sequence.store(version, Ordering::Relaxed); // readers come by the head, which releases it
        self.words[0].store(version, Ordering::Release);
        version
    }

    /// Copies the newest value and returns its version.
    pub(crate) fn read(&self, bytes: &mut [u8]) -> Result<u64, Unread> {
        let mut version = self.version();
        for _ in 0..MOST_LAPS {
            if version == 0 {
                return Err(Unread::Damaged); // whoever made the cell published the first
            }
            let (sequence, words) = self.slot(version);
            let before = sequence.load(Ordering::Relaxed);
            fence(Ordering::Acquire);
            if before == version {
                get(words, bytes);
                fence(Ordering::Acquire);
                let after = sequence.load(Ordering::Relaxed);
                fence(Ordering::Acquire); // whoever took the slot away has moved the head before
                if after == version {
                    return Ok(version);
                }
            }
            let newer = self.version();
            if newer == version {
                return Err(Unread::Damaged);
            }
            version = newer;
        }
        Err(Unread::Lapped)
    }

    fn slot(&self, version: u64) -> (&AtomicU64, &[AtomicU64]) {
        let at = LINE + (version % self.slots) as usize * self.slot_words;
        (&self.words[at], &self.words[at + 1..at + self.slot_words])
    }
}

fn put(words: &[AtomicU64], bytes: &[u8]) {
    let chunks = bytes.chunks_exact(8);
    let rest = chunks.remainder();
    for (word, chunk) in words.iter().zip(chunks) {
        word.store(u64::from_ne_bytes(chunk.try_into().expect("8 bytes")), Ordering::Relaxed);
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        words[bytes.len() / 8].store(u64::from_ne_bytes(last), Ordering::Relaxed);
    }
}

fn get(words: &[AtomicU64], bytes: &mut [u8]) {
    let whole = bytes.len() / 8;
    let mut chunks = bytes.chunks_exact_mut(8);
    for (word, chunk) in words.iter().zip(&mut chunks) {
        chunk.copy_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
    }
    let rest = chunks.into_remainder();
    if !rest.is_empty() {
        let last = words[whole].load(Ordering::Relaxed).to_ne_bytes();
        rest.copy_from_slice(&last[..rest.len()]);
    }
}
