//! What a service's words say, to somebody who only looks.

use std::sync::atomic::{AtomicU64, Ordering};

use mapview::View;

use super::layout::{Layout, CLIENTS};
use super::state::{Stage, State};
use crate::station::{Header, Tag};
use crate::Result;

/// A client's desk as it is seen from outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// Calls so far, by all who had the place.
    pub calls: u64,
    /// Calls that no server has taken.
    pub waiting: u64,
    /// The server of each call that is being answered.
    pub taken_by: Vec<Tag>,
}

/// So many bytes of the mapping [`observe`] looks at; `None` if these are no parameters of a service.
pub(crate) fn observed_len(header: &Header) -> Option<usize> {
    Some(Layout::of(header)?.desk_at(CLIENTS))
}

/// Looks at the desk of a client, by the index of its place, through a view of [`observed_len`] bytes from the start of the mapping.
/// `None` if these are no parameters of a service.
pub(crate) fn observe(header: &Header, view: &View, client: usize) -> Result<Option<Observed>> {
    let Some(layout) = Layout::of(header) else { return Ok(None) };
    let word = |at: usize| view.load::<AtomicU64>(at, Ordering::Acquire);
    let mut seen = Observed { calls: word(layout.desk_at(client))?, ..Observed::default() };
    for slot in 0..layout.calls {
        let state = State(word(layout.slot_at(client, slot))?);
        match state.stage() {
            Some(Stage::Ready) => seen.waiting += 1,
            Some(Stage::Taken) => seen.taken_by.push(Tag::from_bits(state.tag())),
            _ => {}
        }
    }
    Ok(Some(seen))
}
