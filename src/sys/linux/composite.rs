//! Parts of mappings side by side.

use std::os::fd::AsRawFd;

use super::mapping::Mapping;
use super::os::composite::{self, Piece};
use super::os::{memory, memory::Map};
use super::view::{descriptor, map_failed, protection, Stretch, View};
use crate::sys::{Part, GRANULARITY};
use crate::{Result, ViewAccess};

impl View {
    pub(crate) fn compose(parts: &[Part<'_>], access: ViewAccess) -> Result<View> {
        let len: usize = parts.iter().map(|part| part.len).sum();
        let page_of = |part: &Part<'_>| part.mapping.object().memory.page();
        let last = parts.last().map_or(memory::page_size(), page_of);
        let largest = parts.iter().map(page_of).max().unwrap_or(GRANULARITY);
        let mut pieces: Vec<Piece<'_>> = Vec::with_capacity(parts.len());
        let mut stretches = Vec::with_capacity(parts.len());
        let mut start = 0;
        for part in parts {
            let object = part.mapping.object();
            let fd = descriptor(object, access)?;
            let map = Map {
                len: part.len.next_multiple_of(object.memory.page()),
                protection: protection(access),
                private: access.is_private(),
                offset: object.memory.start() + part.offset,
                address: None,
            };
            match pieces.last_mut() {
                // What goes on where the last piece ends is one with it.
                Some((_, before, last))
                    if before.as_raw_fd() == fd.as_raw_fd()
                        && last.offset + last.len as u64 == map.offset =>
                {
                    last.len += map.len;
                }
                _ => pieces.push((start, fd, map)),
            }
            stretches.push(Stretch { start, place: map.offset, memory: object.memory.clone() });
            start += part.len;
        }
        let range =
            composite::map_beside(&pieces, len.next_multiple_of(last), GRANULARITY.max(largest))
                .map_err(|errno| map_failed(errno, None))?;
        Ok(View::of_parts(range, len, stretches, access))
    }
}

impl Mapping {
    /// Parts of it that are shown beside others begin at and, but for the last, have multiples of so many bytes.
    pub(crate) fn part_unit(&self) -> u64 {
        GRANULARITY.max(self.object().memory.page()) as u64
    }
}
