//! Views: `mmap` of a part of a mapping's memory.
#![allow(unsafe_code)]

use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use rustix::io::Errno;
use rustix::mm::ProtFlags;

use super::book::{self, Book, Owner, Viewed};
use super::growth::Object;
use super::memory::Memory;
use super::os::files::OpenFor;
use super::os::memory::{page_size, Map, HUGE_PAGE};
use super::os::{composite, fail::fail, files, memory, private};
use super::placeholder;
use super::view_advice::prefer_node;
use super::{residency, space::LOWEST};
use crate::residency::whole_pages;
use crate::sys::fault_table::Listed;
use crate::sys::{MapRequest, GRANULARITY};
use crate::{Error, ErrorKind, Residency, Result, ViewAccess};

/// The highest address a view may reach, as on Windows.
const HIGHEST: usize = 0x7FFF_FFFE_FFFF;

/// A mapped range. The memory (and with a file, the agreement not to shrink it) lives as long as it.
#[derive(Debug)]
pub(crate) struct View {
    /// What was mapped, in whole pages.
    pub(super) base: *mut u8,
    mapped: usize,
    /// From `base` to the first byte of the view.
    pub(super) skip: usize,
    len: usize,
    pub(super) memory: Arc<Memory>,
    /// Of a composite view: the parts behind the first. Empty, and then nowhere, in others.
    more: Box<[Stretch]>,
    /// Where `base` lies in the file of the memory.
    pub(super) place: u64,
    pub(super) access: ViewAccess,
    /// If faults in it are not the end; not for composite views.
    pub(super) listed: Option<Listed>,
    /// Whether it took the place of a placeholder.
    replaces: bool,
}

/// One part of a composite view.
#[derive(Debug)]
pub(super) struct Stretch {
    /// Bytes from the start of the view.
    pub start: usize,
    /// Where it lies in the file of its memory.
    pub place: u64,
    pub memory: Arc<Memory>,
}

// SAFETY: a mapped range is valid in every thread, and all access to it goes through atomics or opaque copies.
unsafe impl Send for View {}
// SAFETY: as above.
unsafe impl Sync for View {}

impl View {
    pub(super) fn map(object: &Object, request: &MapRequest) -> Result<View> {
        let access = request.access;
        let fd = descriptor(object, access)?;
        let page = object.memory.page();
        let len = request.len;
        let start = object.memory.start() + request.offset;
        let skip = (start % page as u64) as usize;
        let mapped = (skip.checked_add(len).ok_or_else(no_room)?)
            .checked_next_multiple_of(page)
            .ok_or_else(no_room)?;
        let address = match request.address {
            Some(wanted) => {
                let unit = if request.replace { page_size() } else { GRANULARITY };
                let start = check_address(wanted, mapped, request.offset, unit)?.wrapping_sub(skip);
                Some(check_page(start, page)?)
            }
            None => None,
        };
        let offset = start - skip as u64;
        let private = access.is_private();
        let map = Map { len: mapped, protection: protection(access), private, offset, address };
        let mut book = None;
        let base = match address {
            Some(start) if request.replace => {
                let book = book.insert(book::write());
                placeholder::find(book, &(start..start + mapped))?;
                // SAFETY: what is replaced permits nothing, so nobody relies on it; the book says that it may be.
                let mapped_over = unsafe { memory::map_over(fd, map) };
                if mapped_over.is_err() {
                    // SAFETY: as above; the kernel may have made room before it failed.
                    let _ = unsafe { placeholder::put_back(book, start..start + mapped) };
                }
                mapped_over.map(|()| private::pointer(start))
            }
            Some(_) => memory::map(fd, map),
            None => {
                let alignment = alignment(mapped).max(page);
                let rest = (request.offset - request.offset % page as u64) as usize % alignment;
                memory::map_aligned(fd, map, alignment, rest)
            }
        };
        let base = base.map_err(|errno| map_failed(errno, address))?;
        prefer_node(base, mapped, request.numa_node);
        let range = base.addr()..base.addr() + mapped;
        let listed = request.guarded.then(|| Listed::new(range, access.writable()));
        let (memory, more) = (object.memory.clone(), Box::default());
        let (place, replaces) = (offset, request.replace);
        let view = View { base, mapped, skip, len, memory, more, place, access, listed, replaces };
        view.enter(&mut book.unwrap_or_else(book::write));
        Ok(view)
    }

    /// A view of `len` bytes in all of what was mapped side by side, in order; there is at least one part.
    pub(super) fn of_parts(
        range: composite::Range,
        len: usize,
        mut parts: Vec<Stretch>,
        access: ViewAccess,
    ) -> View {
        let (base, mapped) = composite::Range::into_raw(range);
        let Stretch { place, memory, .. } = parts.remove(0);
        let more = parts.into();
        let (listed, replaces) = (None, false);
        let view =
            View { base, mapped, skip: 0, len, memory, more, place, access, listed, replaces };
        view.enter(&mut book::write());
        view
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.base.wrapping_add(self.skip)
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn flush(&self, offset: usize, len: usize) -> Result<()> {
        if len == 0 || self.files(offset, len).next().is_none() {
            return Ok(());
        }
        let from = (self.skip + offset) / memory::page_size() * memory::page_size();
        let to = self.skip + offset + len;
        memory::sync(self.base.wrapping_add(from), to - from)
            .map_err(|errno| fail(errno, "writing the view to its file"))?;
        self.check_still_there(offset, len)
    }

    pub(crate) fn sync(&self, offset: usize, len: usize) -> Result<()> {
        self.flush(offset, len)?;
        self.files(offset, len).try_for_each(|file| {
            let fd = file.descriptor(OpenFor::ReadWrite)?;
            files::fsync(fd.as_fd()).map_err(|errno| fail(errno, "writing the file to the disk"))
        })
    }

    pub(crate) fn residency(&self, offset: usize, len: usize) -> Result<Residency> {
        let page = memory::page_size() as u64;
        let first = (self.skip + offset) as u64;
        let wanted = whole_pages(first, first + len as u64, page);
        let (from, to) = (wanted.start as usize, wanted.end as usize);
        let mut residency = Residency { page_size: page, ..Default::default() };
        for (part, place, memory) in self.parts() {
            let (from, to) = (from.max(part.start), to.min(part.end));
            if from < to {
                let addresses = self.base.addr() + from..self.base.addr() + to;
                let at = place + (from - part.start) as u64;
                let fd = memory.any_descriptor().0;
                residency.append(residency::of_mapped(addresses, from as u64, fd, at)?);
            }
        }
        Ok(residency)
    }

    pub(crate) fn unmap(self) -> Result<()> {
        let mut view = std::mem::ManuallyDrop::new(self);
        view.leave();
        // SAFETY: `view` is never dropped, so its shares of the memory are taken out exactly once.
        drop(unsafe {
            (std::ptr::read(&raw const view.memory), std::ptr::read(&raw const view.more))
        });
        // SAFETY: mapped by `map` and never unmapped before; the view is gone for everybody else.
        let unmapped = unsafe { memory::unmap(view.base, view.mapped) };
        memory::freed(view.base, view.mapped);
        unmapped.map_err(|errno| fail(errno, "unmapping the view"))
    }

    pub(crate) fn unmap_to_placeholder(self) -> std::result::Result<(), (View, Error)> {
        if !self.replaces {
            let why = "the view took no placeholder's place";
            return Err((self, Error::new(ErrorKind::InvalidAddress, why)));
        }
        let mut view = std::mem::ManuallyDrop::new(self);
        let base = view.base.addr();
        let mut book = book::write();
        // SAFETY: the view is gone for everybody else.
        if let Err(error) = unsafe { placeholder::put_back(&mut book, base..base + view.mapped) } {
            drop(book);
            return Err((std::mem::ManuallyDrop::into_inner(view), error));
        }
        book.remove_view(base);
        view.listed = None;
        drop(book);
        // SAFETY: `view` is never dropped, so its share of the memory is taken out exactly once; it has no further parts.
        drop(unsafe { std::ptr::read(&raw const view.memory) });
        Ok(())
    }

    /// Puts it into the books, as what Windows would call a view of each part.
    fn enter(&self, book: &mut Book) {
        let (protect, replaces) = (book::protect_of(self.access), self.replaces);
        let base = self.base.expose_provenance();
        if replaces {
            book.private.remove(&base); // the placeholder
        }
        for (part, offset, memory) in self.parts() {
            let (end, memory, owner) = (base + part.end, memory.clone(), Owner::View);
            let (pages, image) = (None, None);
            let viewed = Viewed { end, protect, memory, offset, pages, image, owner };
            book.views.insert(base + part.start, viewed);
        }
    }

    /// Takes it out of the books, before others can get the addresses.
    fn leave(&mut self) {
        self.listed = None;
        let mut book = book::write();
        self.parts().for_each(|(part, ..)| drop(book.remove_view(self.base.addr() + part.start)));
    }

    /// The files that writes to a range reach.
    fn files(&self, offset: usize, len: usize) -> impl Iterator<Item = &Memory> {
        let written = self.access.writable() && !self.access.is_private();
        let (from, to) = (self.skip + offset, self.skip + offset + len.max(1));
        self.parts()
            .filter(move |(part, ..)| part.start < to && from < part.end)
            .map(|(_, _, memory)| &**memory)
            .filter(move |memory| written && memory.is_file())
    }

    /// What is mapped side by side: bytes from `base`, where they lie in the file of their memory, and that.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Range<usize>, u64, &Arc<Memory>)> {
        let starts = std::iter::once((0, self.place, &self.memory))
            .chain(self.more.iter().map(|part| (part.start, part.place, &part.memory)));
        let ends = self.more.iter().map(|part| part.start).chain([self.mapped]);
        starts.zip(ends).map(|((start, place, memory), end)| (start..end, place, memory))
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.leave();
        // SAFETY: as in `unmap`. Fails only if the process has split its memory into too many ranges; then it stays.
        let _ = unsafe { memory::unmap(self.base, self.mapped) };
        memory::freed(self.base, self.mapped);
    }
}

/// What to map for such a view.
pub(super) fn descriptor(object: &Object, access: ViewAccess) -> Result<BorrowedFd<'_>> {
    if !object.protection.access().contains(access.needs()) {
        let why = format!("the mapping is {:?}", object.protection);
        return Err(Error::new(ErrorKind::InvalidParameter, why));
    }
    let writes_through = access.writable() && !access.is_private();
    match writes_through {
        true => object.memory.descriptor(OpenFor::ReadWrite),
        false => Ok(object.memory.any_descriptor().0),
    }
}

pub(super) fn protection(access: ViewAccess) -> ProtFlags {
    let mut flags = ProtFlags::READ;
    flags.set(ProtFlags::WRITE, access.writable());
    flags.set(ProtFlags::EXEC, access.executable());
    flags
}

/// Large views lie so that huge pages of their file fit: a fault then maps many pages instead of a few.
pub(super) fn alignment(mapped: usize) -> usize {
    if mapped >= HUGE_PAGE {
        HUGE_PAGE
    } else {
        GRANULARITY
    }
}

/// The start of a view of large pages is one.
fn check_page(start: usize, page: usize) -> Result<usize> {
    if !start.is_multiple_of(page) {
        let why = format!("address and offset must leave the same rest when divided by {page}, the size of a large page");
        return Err(Error::new(ErrorKind::MappedAlignment, why));
    }
    Ok(start)
}

/// The rules of `MapViewOfFileEx` for a wanted address.
fn check_address(wanted: usize, mapped: usize, offset: u64, unit: usize) -> Result<usize> {
    if !(LOWEST..=HIGHEST).contains(&wanted) || mapped > HIGHEST - wanted {
        return Err(Error::new(ErrorKind::InvalidParameter, "no program's memory lies there"));
    }
    if wanted % unit != offset as usize % unit {
        let why = format!("address and offset must leave the same rest when divided by {unit}");
        return Err(Error::new(ErrorKind::MappedAlignment, why));
    }
    Ok(wanted)
}

pub(super) fn map_failed(errno: Errno, address: Option<usize>) -> Error {
    match (errno, address) {
        (Errno::EXIST, _) => {
            Error::new(ErrorKind::InvalidAddress, "something lies at the wanted address already")
        }
        (Errno::PERM | Errno::ACCESS, Some(_)) => {
            Error::new(ErrorKind::InvalidAddress, "the system keeps the wanted address free")
        }
        (Errno::NOMEM, _) => no_room(),
        _ => fail(errno, "mapping the view"),
    }
}

pub(super) fn no_room() -> Error {
    Error::new(ErrorKind::NotEnoughMemory, "the address space has no room for the view")
}
