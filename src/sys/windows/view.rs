//! `View`: a mapped range.

use std::fs::File;
use std::os::windows::io::BorrowedHandle;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;

use super::api::{self, Mapped};
use super::file::file_error;
use super::residency;
use crate::sys::fault_table::Listed;
use crate::sys::{MapRequest, GRANULARITY};
use crate::{Error, ErrorKind, Residency, Result, ViewAccess};

#[derive(Debug)]
pub(crate) struct View {
    /// If faults in it are not the end. Ends before the range does.
    pub(super) listed: Option<Listed>,
    pub(super) mapped: Mapped,
    /// Bytes between the start of what Windows mapped and the start of the view.
    pub(super) lead: usize,
    len: usize,
    access: ViewAccess,
    durability: Durability,
    /// Of a composite view: the parts behind the first.
    more: Vec<Piece>,
    /// Whether pages of the view may be locked.
    pub(super) was_locked: AtomicBool,
    /// Whether it took the place of a placeholder.
    replaces: bool,
}

/// A part of a composite view.
#[derive(Debug)]
pub(super) struct Piece {
    pub mapped: Mapped,
    /// Where it starts in the view.
    pub start: usize,
    pub durability: Durability,
}

/// What bringing bytes through to the disk takes.
#[derive(Debug)]
pub(super) enum Durability {
    /// Nothing: the paging file keeps nothing.
    Memory,
    /// A flush of this file.
    File(Arc<File>),
    /// A flush of a file that this process has no handle to.
    Unreachable,
}

/// Which bytes to map: Windows maps from multiples of the granularity, so a view may have to start before its first byte.
pub(super) struct Place {
    start: u64,
    lead: usize,
    len: usize,
    /// Bytes behind the view that are mapped because large pages are mapped whole.
    tail: usize,
    /// 0 means anywhere.
    address: usize,
    node: Option<u32>,
}

impl Place {
    /// `unit`: what views of this mapping start at multiples of, the granularity or a large page.
    pub(super) fn of(request: &MapRequest, unit: usize) -> Result<Place> {
        let lead = (request.offset % unit as u64) as usize;
        let start = request.offset - lead as u64;
        let len = request.len;
        let too_long = || Error::new(ErrorKind::NotEnoughMemory, "longer than the address space");
        let whole = len.checked_add(lead).ok_or_else(too_long)?;
        let tail = match unit {
            GRANULARITY => 0,
            large => whole.checked_next_multiple_of(large).ok_or_else(too_long)? - whole,
        };
        let address = match request.address {
            None => 0,
            Some(address) if address % unit != lead => {
                return Err(Error::new(
                    ErrorKind::MappedAlignment,
                    format!("{address:#x} and the offset leave different rests of {unit}"),
                ));
            }
            Some(address) if address < GRANULARITY => {
                return Err(Error::new(ErrorKind::InvalidAddress, "nothing lies below 64 KiB"));
            }
            Some(address) => address - lead,
        };
        Ok(Place { start, lead, len, tail, address, node: request.numa_node })
    }

    /// The same of a mapping whose bytes begin at `first` in its section, a multiple of the granularity.
    pub(super) fn behind(self, first: u64) -> Place {
        Place { start: first + self.start, ..self }
    }
}

impl View {
    pub(super) fn map(
        section: BorrowedHandle<'_>,
        access: ViewAccess,
        place: Place,
        durability: Durability,
        may_be_reserved: bool,
        large_pages: bool,
    ) -> Result<View> {
        let Place { start, lead, len, tail, address, node } = place;
        let whole = lead + len + tail;
        let mut flags = map_access(access);
        if large_pages && !access.is_private() {
            flags |= api::FILE_MAP_LARGE_PAGES; // only ordinary pages are copied when they are written
        }
        let mapped = api::map_view_of_file_ex(section, flags, start, whole, address, node)
            .map_err(|code| code.error("cannot map the view"))?;
        if may_be_reserved {
            commit(&mapped, whole, access).map_err(|code| code.error("cannot commit the view"))?;
        }
        Ok(View { lead, ..View::new(mapped, len, access, durability) })
    }

    /// Maps it in the place of a placeholder.
    pub(super) fn replace(
        section: BorrowedHandle<'_>,
        access: ViewAccess,
        place: Place,
        durability: Durability,
        may_be_reserved: bool,
    ) -> Result<View> {
        let Place { start, lead, len, address, .. } = place;
        let (whole, protect) = (lead + len, page_protection(access));
        let mapped = api::map_over_placeholder(section, protect, start, whole, address)
            .map_err(|code| code.error("cannot map the view there"))?;
        if may_be_reserved {
            commit(&mapped, whole, access).map_err(|code| code.error("cannot commit the view"))?;
        }
        Ok(View { lead, replaces: true, ..View::new(mapped, len, access, durability) })
    }

    fn new(mapped: Mapped, len: usize, access: ViewAccess, durability: Durability) -> View {
        let was_locked = AtomicBool::new(false);
        let (listed, lead, more, replaces) = (None, 0, Vec::new(), false);
        View { listed, mapped, lead, len, access, durability, more, was_locked, replaces }
    }

    /// A view of a whole image.
    pub(super) fn of_image(mapped: Mapped, len: usize, access: ViewAccess) -> View {
        View::new(mapped, len, access, Durability::Memory)
    }

    /// A view of what was mapped side by side, `len` bytes in all.
    pub(super) fn of_pieces(mut pieces: Vec<Piece>, len: usize, access: ViewAccess) -> View {
        let Piece { mapped, durability, .. } = pieces.remove(0);
        View { more: pieces, ..View::new(mapped, len, access, durability) }
    }

    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.mapped.as_ptr().wrapping_add(self.lead)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn flush(&self, offset: usize, len: usize) -> Result<()> {
        if len == 0 {
            return Ok(()); // for Windows it would mean the rest of the view
        }
        self.pieces(offset, len).try_for_each(|(mapped, _, start, len)| {
            api::flush_view_of_file(mapped, self.lead + start, len)
                .map_err(|code| code.error("cannot write the view to its file"))
        })
    }

    pub(crate) fn sync(&self, offset: usize, len: usize) -> Result<()> {
        self.flush(offset, len)?;
        if !self.access.writable() || self.access.is_private() {
            return Ok(()); // nothing went through this view
        }
        self.pieces(offset, len).try_for_each(|(_, durability, ..)| match durability {
            Durability::Memory => Ok(()),
            Durability::File(file) => file.sync_all().map_err(|error| file_error(error, None)),
            Durability::Unreachable => Err(Error::new(
                ErrorKind::Unsupported,
                "this process has no handle to the file; sync in the one that created the mapping",
            )),
        })
    }

    pub(crate) fn residency(&self, offset: usize, len: usize) -> Result<Residency> {
        residency::of_view(self.as_ptr().addr(), offset, len)
    }

    pub(crate) fn unmap(self) -> Result<()> {
        drop(self.listed);
        let parts = self.more.into_iter().map(|piece| piece.mapped);
        // All of them, whatever becomes of one; the first failure is reported.
        let unmapped = std::iter::once(self.mapped).chain(parts).map(api::unmap_view_of_file);
        let unmapped: Vec<api::Outcome<()>> = unmapped.collect();
        let unmapped: api::Outcome<()> = unmapped.into_iter().collect();
        unmapped.map_err(|code| code.error("cannot unmap the view"))
    }

    pub(crate) fn unmap_to_placeholder(self) -> std::result::Result<(), (View, Error)> {
        if !self.replaces {
            let why = "the view took no placeholder's place";
            return Err((self, Error::new(ErrorKind::InvalidAddress, why)));
        }
        // The rest of the view is plain values, which are taken apart and, after a failure, put together again.
        let View { listed, mapped, lead, len, access, durability, more, was_locked, replaces } =
            self;
        api::unmap_to_placeholder(mapped).map_err(|(mapped, code)| {
            let view =
                View { listed, mapped, lead, len, access, durability, more, was_locked, replaces };
            (view, code.error("cannot unmap the view"))
        })
    }

    /// The pieces that a range of the view touches, each with where the range starts in it and how much of it it has.
    fn pieces(
        &self,
        offset: usize,
        len: usize,
    ) -> impl Iterator<Item = (&Mapped, &Durability, usize, usize)> {
        let more = self.more.iter().map(|piece| (&piece.mapped, &piece.durability, piece.start));
        let ends = self.more.iter().map(|piece| piece.start).chain([self.len]);
        let all = std::iter::once((&self.mapped, &self.durability, 0)).chain(more).zip(ends);
        all.filter(move |((_, _, start), end)| *start < offset + len.max(1) && offset < *end).map(
            move |((mapped, durability, start), end)| {
                let from = offset.max(start);
                (mapped, durability, from - start, (offset + len).min(end) - from)
            },
        )
    }
}

/// Commits a view of reserved memory. Windows has no "at first touch" for shared memory: an uncommitted page faults. So
/// what is looked at counts against the commit limit, while physical memory is still taken at first touch.
pub(super) fn commit(mapped: &Mapped, len: usize, access: ViewAccess) -> api::Outcome<()> {
    let protect = page_protection(access);
    if access.is_private() {
        // Committing is not possible with a copy-on-write protection, changing to one afterwards is.
        api::virtual_commit(mapped, len, api::PAGE_READONLY)?;
        return api::virtual_protect(mapped, len, protect);
    }
    api::virtual_commit(mapped, len, protect)
}

/// The protection of the pages of such a view.
pub(super) fn page_protection(access: ViewAccess) -> u32 {
    match access {
        ViewAccess::Read => api::PAGE_READONLY,
        ViewAccess::ReadWrite => api::PAGE_READWRITE,
        ViewAccess::CopyOnWrite => api::PAGE_WRITECOPY,
        ViewAccess::ExecuteRead => api::PAGE_EXECUTE_READ,
        ViewAccess::ExecuteReadWrite => api::PAGE_EXECUTE_READWRITE,
        ViewAccess::ExecuteCopyOnWrite => api::PAGE_EXECUTE_WRITECOPY,
    }
}

pub(super) fn map_access(access: ViewAccess) -> u32 {
    match access {
        ViewAccess::Read => api::FILE_MAP_READ,
        ViewAccess::ReadWrite => api::FILE_MAP_WRITE,
        ViewAccess::CopyOnWrite => api::FILE_MAP_COPY,
        ViewAccess::ExecuteRead => api::FILE_MAP_READ | api::FILE_MAP_EXECUTE,
        ViewAccess::ExecuteReadWrite => api::FILE_MAP_WRITE | api::FILE_MAP_EXECUTE,
        ViewAccess::ExecuteCopyOnWrite => api::FILE_MAP_COPY | api::FILE_MAP_EXECUTE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(offset: u64, len: usize, address: Option<usize>) -> Result<Place> {
        place_in(offset, len, address, GRANULARITY)
    }

    fn place_in(offset: u64, len: usize, address: Option<usize>, unit: usize) -> Result<Place> {
        let access = ViewAccess::Read;
        let request = MapRequest {
            access,
            offset,
            len,
            address,
            guarded: false,
            numa_node: None,
            replace: false,
        };
        Place::of(&request, unit)
    }

    #[test]
    fn a_view_starts_at_a_multiple_of_the_granularity_and_shows_what_was_asked_for() {
        let whole = place(0, 1 << 20, None).unwrap();
        assert_eq!((whole.start, whole.lead, whole.len), (0, 0, 1 << 20));
        let part = place(0x1_0005, 7, Some(0x20_0005)).unwrap();
        assert_eq!((part.start, part.lead, part.len, part.address), (0x1_0000, 5, 7, 0x20_0000));
    }

    #[test]
    fn large_pages_are_mapped_whole() {
        let part = place_in(0x20_0005, 0x20_0000, None, 0x20_0000).unwrap();
        assert_eq!((part.start, part.lead, part.tail), (0x20_0000, 5, 0x1F_FFFB));
        assert_eq!(place_in(0, 1, Some(0x1_0000), 0x20_0000).err().unwrap().win32_code(), 1132);
    }

    #[test]
    fn an_address_must_leave_the_same_rest_as_the_offset() {
        assert_eq!(place(5, 1, Some(0x20_0000)).err().unwrap().win32_code(), 1132);
        assert_eq!(place(0, 1, Some(0)).err().unwrap().win32_code(), 487);
        assert_eq!(place(5, usize::MAX, None).err().unwrap().win32_code(), 8);
    }
}
