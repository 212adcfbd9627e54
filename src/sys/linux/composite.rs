//! Parts of mappings side by side: a range that nobody else can get, and the parts mapped over it.

use super::mapping::Mapping;
use super::os::{composite, memory, memory::Map};
use super::view::{descriptor, map_failed, protection, Stretch, View};
use crate::sys::{Part, GRANULARITY};
use crate::{Result, ViewAccess};

impl View {
    pub(crate) fn compose(parts: &[Part<'_>], access: ViewAccess) -> Result<View> {
        let len: usize = parts.iter().map(|part| part.len).sum();
        let page_of = |part: &Part<'_>| part.mapping.object().memory.page();
        let last = parts.last().map_or(memory::page_size(), page_of);
        let largest = parts.iter().map(page_of).max().unwrap_or(GRANULARITY);
        let range = composite::reserve(len.next_multiple_of(last), GRANULARITY.max(largest))
            .map_err(|errno| map_failed(errno, None))?;
        let mut start = 0;
        let mut stretches = Vec::with_capacity(parts.len());
        for part in parts {
            let object = part.mapping.object();
            let map = Map {
                len: part.len.next_multiple_of(object.memory.page()),
                protection: protection(access),
                private: access.is_private(),
                offset: object.memory.start() + part.offset,
                address: None,
            };
            range
                .map_over(start, descriptor(object, access)?, map)
                .map_err(|errno| map_failed(errno, None))?;
            stretches.push(Stretch { start, place: map.offset, memory: object.memory.clone() });
            start += part.len;
        }
        Ok(View::of_parts(range, len, stretches, access))
    }
}

impl Mapping {
    /// Parts of it that are shown beside others begin at and, but for the last, have multiples of so many bytes.
    pub(crate) fn part_unit(&self) -> u64 {
        GRANULARITY.max(self.object().memory.page()) as u64
    }
}
