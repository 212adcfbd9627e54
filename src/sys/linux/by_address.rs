//! Views that are known by their addresses: mapped, unmapped and flushed like those of Win32.
#![allow(unsafe_code)]

use std::os::fd::BorrowedFd;

use rustix::io::Errno;

use super::book::{self, copies, Book, Owner, Viewed};
use super::growth::Object;
use super::mapping::Mapping;
use super::os::fail::fail;
use super::os::files::OpenFor;
use super::os::memory::{self, page_size};
use super::os::private::{self, pointer};
use super::view::{alignment, map_failed, no_room};
use super::view_advice::{check_numa_node, prefer_node};
use super::{placeholder, protection, reserved, room};
use crate::memory::{Allocate, Map};
use crate::sys::GRANULARITY;
use crate::{Access, Error, ErrorKind, Result};

/// `MapViewOfFileEx` and `MapViewOfFile3`, with addresses and rights that were checked; `needs` are those rights.
pub(crate) fn map(mapping: &Mapping, wanted: &Map, needs: Access) -> Result<*mut u8> {
    let object = mapping.object();
    if !object.protection.access().contains(needs) {
        let why = format!("the mapping is {:?}", object.protection);
        return Err(Error::new(ErrorKind::InvalidParameter, why));
    }
    let &Map { address, offset, protect, replace, numa_node, lowest, highest, .. } = wanted;
    let place = Allocate { address, lowest, highest, reserve: true, ..Allocate::default() };
    room::check(&place)?;
    let unit = object.memory.page().max(if replace { page_size() } else { GRANULARITY });
    if !address.is_multiple_of(unit) || !offset.is_multiple_of(unit as u64) {
        let why = format!("address and offset must be multiples of {unit}");
        return Err(Error::new(ErrorKind::MappedAlignment, why));
    }
    let len = len(object, wanted)?.checked_next_multiple_of(object.memory.page());
    let len = len.ok_or_else(no_room)?;
    if let Some(node) = numa_node {
        check_numa_node(node)?;
    }
    let is_reserved = object.memory.is_reserved();
    // The kernel refuses missing pages only in what could be written, be it privately.
    let private = copies(protect) || is_reserved && !protect.writable();
    let fd = match protect.writable() && !private {
        true => object.memory.descriptor(OpenFor::ReadWrite)?,
        false => object.memory.any_descriptor().0,
    };
    let offset = object.memory.start() + offset;
    let protection = protection::flags(protect);
    let map = memory::Map { len, protection, private, offset, address: None };
    let mut book = book::write();
    let base = match address {
        0 if lowest | highest != 0 => map_over(fd, map, room::take(len, &place), None)?,
        0 => {
            let alignment = alignment(len).max(object.memory.page());
            memory::map_aligned(fd, map, alignment, wanted.offset as usize % alignment)
                .map_err(|errno| map_failed(errno, None))?
        }
        _ if replace => {
            placeholder::find(&book, &(address..address + len))?;
            let taken = map_over(fd, map, Ok(pointer(address)), Some(&mut book))?;
            book.private.remove(&address);
            taken
        }
        _ => memory::map(fd, memory::Map { address: Some(address), ..map })
            .map_err(|errno| map_failed(errno, Some(address)))?,
    };
    prefer_node(base, len, numa_node);
    let start = base.expose_provenance();
    let (end, memory, owner) =
        (start + len, object.memory.clone(), Owner::Address { placeholder: replace });
    book.views
        .insert(start, Viewed { end, protect, memory, offset, pages: None, image: None, owner });
    if is_reserved {
        reserved::refuse_missing(&mut book, start..end);
    }
    Ok(base)
}

/// Bytes of the view.
fn len(object: &Object, wanted: &Map) -> Result<usize> {
    let size = object.size();
    let rest = size.checked_sub(wanted.offset).filter(|&rest| rest > 0);
    match rest {
        Some(rest) if wanted.size == 0 => usize::try_from(rest).map_err(|_| no_room()),
        Some(rest) if wanted.size as u64 <= rest => Ok(wanted.size),
        _ => {
            let &Map { size: len, offset, .. } = wanted;
            let why = format!(
                "{len} bytes from offset {offset} reach past the end, the mapping has {size}"
            );
            Err(Error::new(ErrorKind::AccessDenied, why))
        }
    }
}

/// Maps over addresses that were taken for it: a placeholder of the book, or fresh ones.
fn map_over(
    fd: BorrowedFd<'_>,
    map: memory::Map,
    taken: std::result::Result<*mut u8, Errno>,
    placeholder_of: Option<&mut Book>,
) -> Result<*mut u8> {
    let base = taken.map_err(|errno| map_failed(errno, None))?;
    // SAFETY: what is replaced permits nothing, so nobody relies on it, and it was taken for this.
    let mapped = unsafe { memory::map_over(fd, memory::Map { address: Some(base.addr()), ..map }) };
    if let Err(errno) = mapped {
        // SAFETY: as above; the kernel may have made room before it failed.
        let _ = unsafe {
            match placeholder_of {
                Some(book) => placeholder::put_back(book, base.addr()..base.addr() + map.len),
                None => private::unmap(base, map.len).map_err(|errno| map_failed(errno, None)),
            }
        };
        return Err(map_failed(errno, None));
    }
    Ok(base)
}

/// `UnmapViewOfFile2`.
///
/// # Safety
/// The duties of [`crate::memory::unmap`].
pub(crate) unsafe fn unmap(address: usize, keep: bool) -> Result<()> {
    let mut book = book::write();
    let found = book.view(address).map(|(base, view)| (base, view.end, view.owner));
    let (base, end) = match found {
        Some((base, end, Owner::Address { placeholder })) if placeholder || !keep => (base, end),
        Some((.., Owner::Address { .. })) => {
            let why = "the view took no placeholder's place, so none can be left";
            return Err(Error::new(ErrorKind::InvalidAddress, why));
        }
        _ => return Err(no_view()),
    };
    let (start, len) = (pointer(base), end - base);
    // SAFETY: the caller's promise; the book says that the range is this view's.
    unsafe {
        match keep {
            true => placeholder::put_back(&mut book, base..end)?,
            false => {
                private::unmap(start, len).map_err(|errno| fail(errno, "unmapping the view"))?
            }
        }
    }
    // The memory, perhaps the last hold on it, goes when nobody waits for the book.
    let gone = book.remove_view(base);
    drop(book);
    drop(gone);
    memory::freed(start, len);
    Ok(())
}

/// `FlushViewOfFile`.
pub(crate) fn flush(address: usize, size: usize) -> Result<()> {
    let page = page_size();
    let from = address / page * page;
    let book = book::read();
    let Some((_, view)) = book.view(from) else { return Err(no_view()) };
    let last = view.image.as_ref().map_or(view.end, |image| image.range.end);
    let end = match size {
        0 => last,
        size => {
            let end = address.checked_add(size).and_then(|end| end.checked_next_multiple_of(page));
            end.ok_or_else(no_view)?
        }
    };
    if end > last {
        return Err(no_view());
    }
    let reaches_a_file = view.memory.is_file() && view.protect.writable() && !view.is_private();
    let memory = view.memory.clone(); // stays open, and so agreed upon, while it is written
    drop(book);
    if reaches_a_file {
        memory::sync(pointer(from), end - from).map_err(|errno| match errno {
            Errno::NOMEM => no_view(), // unmapped meanwhile
            errno => fail(errno, "writing the view to its file"),
        })?;
    }
    drop(memory);
    Ok(())
}

fn no_view() -> Error {
    Error::new(ErrorKind::InvalidAddress, "no view of a mapping has all of these addresses")
}
