//! `Seat`: a place that one member at a time has.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use mapview::View;

use crate::area::Word;
use crate::station::{Member, Tag};
use crate::Result;

/// A word that names this member, as long as this exists: `how often it was taken (32) | tag (32)`. A dead member is replaced.
#[derive(Debug)]
pub(super) struct Seat {
    word: Word<AtomicU64>,
    tag: Tag,
}

impl Seat {
    /// `None` if a living member has it.
    pub(super) fn take(control: &Arc<View>, at: usize, member: &Member) -> Result<Option<Seat>> {
        let (word, tag) = (Word::<AtomicU64>::new(control, at)?, member.tag());
        loop {
            let found = word.load(Ordering::Acquire);
            if member.station().roster().has(Tag::from_bits(found as u32))? {
                return Ok(None);
            }
            let times = (found >> 32) as u32;
            let mine = u64::from(times.wrapping_add(1)) << 32 | u64::from(tag.bits());
            if word.compare_exchange(found, mine, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                return Ok(Some(Seat { word, tag }));
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        clear(&self.word, self.tag);
    }
}

/// Takes a member out of a seat, if it has it.
pub(super) fn clear(word: &AtomicU64, tag: Tag) {
    let found = word.load(Ordering::Acquire);
    if found as u32 == tag.bits() {
        let times = found & !u64::from(u32::MAX);
        // If it fails, somebody else took the seat of the dead.
        let _ = word.compare_exchange(found, times, Ordering::SeqCst, Ordering::SeqCst);
    }
}
