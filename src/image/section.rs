//! `ImageSection`: one stretch of an image with a protection of its own.

use crate::Protect;

/// A section of an [`Image`](crate::Image): where it lies in memory and in the file, and what may be done with it.
///
/// Follows [Section table](https://learn.microsoft.com/windows/win32/debug/pe-format#section-table-section-headers).
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "IMAGE_SECTION_HEADER")]
#[non_exhaustive]
pub struct ImageSection {
    /// The name, at most eight bytes; what is no UTF-8 is replaced.
    pub name: String,
    /// Where it begins, in bytes from the base of the image; a multiple of the page size.
    pub address: u32,
    /// Bytes in memory; behind what comes from the file there are zeros.
    pub len: u32,
    /// Where its bytes begin in the file.
    pub file_offset: u32,
    /// Bytes that come from the file; at most `len`, rounded up to a page.
    pub file_len: u32,
    /// What a view of the image permits: writable sections are copy-on-write, unless they are shared.
    pub protect: Protect,
    /// Whether all processes that map the file share what they write (`IMAGE_SCN_MEM_SHARED`).
    pub shared: bool,
    /// Whether it is needed no more once the image is mapped (`IMAGE_SCN_MEM_DISCARDABLE`), as relocations are.
    pub discardable: bool,
}

impl ImageSection {
    /// Where it ends, in bytes from the base of the image.
    pub fn end(&self) -> u32 {
        self.address + self.len
    }

    /// Whether the byte at this distance from the base belongs to it.
    pub fn contains(&self, address: u32) -> bool {
        (self.address..self.end()).contains(&address)
    }
}

const SHARED: u32 = 0x1000_0000;
const EXECUTE: u32 = 0x2000_0000;
const READ: u32 = 0x4000_0000;
const WRITE: u32 = 0x8000_0000;
const DISCARDABLE: u32 = 0x0200_0000;

pub(super) fn is_shared(flags: u32) -> bool {
    flags & SHARED != 0
}

pub(super) fn is_discardable(flags: u32) -> bool {
    flags & DISCARDABLE != 0
}

/// What Windows makes of the flags of a section.
pub(super) fn protect(flags: u32) -> Protect {
    let has = |flag| flags & flag != 0;
    match (has(WRITE), has(EXECUTE), has(READ)) {
        (true, false, _) if has(SHARED) => Protect::READ_WRITE,
        (true, true, _) if has(SHARED) => Protect::EXECUTE_READ_WRITE,
        (true, false, _) => Protect::WRITE_COPY,
        (true, true, _) => Protect::EXECUTE_WRITE_COPY,
        (false, true, true) => Protect::EXECUTE_READ,
        (false, true, false) => Protect::EXECUTE,
        (false, false, true) => Protect::READ_ONLY,
        (false, false, false) => Protect::NO_ACCESS,
    }
}
