//! Parts of mappings side by side: a range that nobody else can get, and the parts mapped over it.

use super::os::composite::{self, Range};
use super::os::{memory, memory::Map};
use super::view::{descriptor, map_failed, protection, Stretch, View};
use crate::sys::{Part, GRANULARITY};
use crate::{Error, ErrorKind, Result, ViewAccess};

impl View {
    pub(crate) fn compose(parts: &[Part<'_>], access: ViewAccess) -> Result<View> {
        let len: usize = parts.iter().map(|part| part.len).sum();
        let page = memory::page_size();
        let room = len.next_multiple_of(page);
        let range =
            composite::reserve(room, GRANULARITY).map_err(|errno| map_failed(errno, None))?;
        let mut start = 0;
        let mut stretches = Vec::with_capacity(parts.len());
        for part in parts {
            let object = part.mapping.object();
            if object.memory.page() != page {
                let why = "large pages cannot be a part of a composite view";
                return Err(Error::new(ErrorKind::Unsupported, why));
            }
            let map = Map {
                len: part.len.next_multiple_of(page),
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
        Ok(View::of_parts(Range::into_raw(range), len, stretches, access))
    }
}
