//! A look at a ring.

use std::sync::atomic::{AtomicU64, Ordering};

use super::figures::Own;
use super::Figures;
use crate::ring::{self, place};
use crate::station::{Look, Tag, KIND_AT};
use crate::Result;

pub(super) fn figures(look: &Look) -> Result<Figures> {
    let shape = ring::shape(look.header())
        .ok_or_else(|| look.corrupt("its parameters are none of a ring"))?;
    let area = look.area(ring::control_len(shape))?;
    let word = |at| area.load::<AtomicU64>(KIND_AT + at, Ordering::Acquire);
    let depth = match under_way(&word)? {
        Some(count) if count > shape.entries => {
            return Err(look.corrupt("the receiver says it read what was never sent"));
        }
        Some(count) => u64::from(count),
        None => 0,
    };
    let receiver = Tag::from_bits(word(place::RECEIVER)? as u32);
    Ok(Figures {
        depth,
        messages: word(place::MESSAGES)?,
        bytes: word(place::BYTES)?,
        drops: 0,
        members: vec![(receiver, Own { lag: Some(depth), drops: None })],
    })
}

/// Messages that were committed and not released; `None` if they pass too quickly to be counted, so that there are few.
fn under_way(word: &impl Fn(usize) -> mapview::Result<u64>) -> Result<Option<u32>> {
    const TRIES: usize = 1000;
    let count = |word: u64| (word >> 32) as u32;
    let mut head = word(place::HEAD)?;
    for _ in 0..TRIES {
        let tail = word(place::TAIL)?;
        let now = word(place::HEAD)?;
        if now == head {
            return Ok(Some(count(tail).wrapping_sub(count(head))));
        }
        head = now;
    }
    Ok(None)
}
