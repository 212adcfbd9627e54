//! Parts of mappings side by side.

use super::api::{self, Code, Outcome, Placeholder};
use super::view::{commit, map_access, page_protection, Piece, View};
use crate::sys::Part;
use crate::{Result, ViewAccess};

/// How often to look for room before giving up: each time another thread has to have taken it within a moment.
const TRIES: usize = 100;
/// Placeholders are made of whole pages.
const PAGE: usize = 0x1000;

impl View {
    pub(crate) fn compose(parts: &[Part<'_>], access: ViewAccess) -> Result<View> {
        let len: usize = parts.iter().map(|part| part.len).sum();
        let replaced = Placeholder::new(len.next_multiple_of(PAGE))
            .and_then(|place| replace(place, parts, access).ok());
        let pieces = match replaced {
            Some(pieces) => pieces,
            None => {
                find_place(parts, len, access).map_err(|code| code.error("cannot map the parts"))?
            }
        };
        for (piece, part) in pieces.iter().zip(parts) {
            if part.mapping.may_be_reserved() {
                commit(&piece.mapped, part.len, access)
                    .map_err(|code| code.error("cannot commit the view"))?;
            }
        }
        Ok(View::of_pieces(pieces, len, access))
    }
}

/// Where a part begins in its section.
fn offset_of(part: &Part<'_>) -> u64 {
    part.mapping.growth.start() + part.offset
}

/// Maps the parts into a place that is ours.
fn replace(mut place: Placeholder, parts: &[Part<'_>], access: ViewAccess) -> Outcome<Vec<Piece>> {
    let protect = page_protection(access);
    map_each(parts, |part, _| {
        let piece = place.split(part.len.next_multiple_of(PAGE))?;
        part.mapping
            .with_section(|section| piece.replace(section, protect, offset_of(part), part.len))
    })
}

/// Maps the parts where there is room, from the start again if another thread takes it meanwhile.
fn find_place(parts: &[Part<'_>], len: usize, access: ViewAccess) -> Outcome<Vec<Piece>> {
    let flags = map_access(access);
    let mut tries = TRIES;
    loop {
        tries -= 1;
        let base = api::find_room(len)?;
        let mapped = map_each(parts, |part, start| {
            let (offset, address) = (offset_of(part), base + start);
            part.mapping.with_section(|section| {
                api::map_view_of_file_ex(section, flags, offset, part.len, address, None)
            })
        });
        match mapped {
            Err(Code::INVALID_ADDRESS) if tries > 0 => {}
            other => return other,
        }
    }
}

/// The parts as `map` maps them, each with where it starts in the view. A failure unmaps what was mapped before.
fn map_each(
    parts: &[Part<'_>],
    mut map: impl FnMut(&Part<'_>, usize) -> Outcome<api::Mapped>,
) -> Outcome<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(parts.len());
    let mut start = 0;
    for part in parts {
        let mapped = map(part, start)?;
        pieces.push(Piece { mapped, start, durability: part.mapping.durability() });
        start += part.len;
    }
    Ok(pieces)
}
