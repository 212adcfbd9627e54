//! A look at a ring.

use std::sync::atomic::{AtomicU64, Ordering};

use super::figures::Own;
use super::Figures;
use crate::lane::{Entry, State};
use crate::ring::{control_len, hub_place, place, words_at, Plan};
use crate::station::{Look, Tag, KIND_AT};
use crate::Result;

pub(super) fn figures(look: &Look) -> Result<Figures> {
    let plan =
        Plan::of(look.header()).ok_or_else(|| look.corrupt("its parameters are none of a ring"))?;
    let area = look.area(control_len(plan.senders as usize))?;
    let word = |at| area.load::<AtomicU64>(at, Ordering::Acquire);
    let mut figures = Figures::default();
    let lanes = word(KIND_AT)?;
    for lane in (0..plan.senders as usize).filter(|lane| lanes >> lane & 1 == 1) {
        let at = words_at(lane);
        let depth = match under_way(&|place| word(at + place))? {
            Some((_, count)) if count > plan.entries() => {
                return Err(look.corrupt("a receiver says it read what was never sent"));
            }
            Some((head, count)) if plan.is_claimed() => not_done(look, plan, lane, head, count)?,
            Some((_, count)) => count,
            None => 0,
        };
        figures.depth += u64::from(depth);
        figures.messages = figures.messages.wrapping_add(word(at + place::MESSAGES)?);
        figures.bytes = figures.bytes.wrapping_add(word(at + place::BYTES)?);
    }
    for seat in 0..plan.receivers as usize {
        let receiver = Tag::from_bits(word(KIND_AT + hub_place::RECEIVERS + seat * 8)? as u32);
        // Several receivers share what is under way; it is behind none of them in particular.
        let lag = (!plan.is_claimed()).then_some(figures.depth);
        figures.members.push((receiver, Own { lag, drops: None }));
    }
    Ok(figures)
}

/// The count of the head, and how many messages were committed since; `None` if they pass too quickly to be counted, so that there
/// are few.
fn under_way(word: &impl Fn(usize) -> mapview::Result<u64>) -> Result<Option<(u32, u32)>> {
    const TRIES: usize = 1000;
    let count = |word: u64| (word >> 32) as u32;
    let mut head = word(place::HEAD)?;
    for _ in 0..TRIES {
        let tail = word(place::TAIL)?;
        let now = word(place::HEAD)?;
        if now == head {
            return Ok(Some((count(head), count(tail).wrapping_sub(count(head)))));
        }
        head = now;
    }
    Ok(None)
}

/// How many of the messages from `head` on are not done.
fn not_done(look: &Look, plan: Plan, lane: usize, head: u32, count: u32) -> Result<u32> {
    let index = look.part(plan.lane_at(lane), plan.index_used())?;
    let mut left = 0;
    for ahead in 0..count {
        let at = plan.entry_at(head.wrapping_add(ahead));
        let entry = Entry::from_bits(index.load::<AtomicU64>(at, Ordering::Relaxed)?);
        left += u32::from(matches!(entry.state(), Some(State::Ready | State::Taken)));
    }
    Ok(left)
}
