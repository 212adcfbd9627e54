//! Private memory: reserving, committing, decommitting and releasing addresses, by the rules of `VirtualAlloc` and
//! `VirtualFree`.
//!
//! Reserved is what permits nothing and counts for nothing; committing lets the pages permit something, and their memory
//! comes at first touch; decommitting puts fresh reserved pages in their place. The rest stands in the book.
#![allow(unsafe_code)]

use std::ops::Range;

use rustix::io::Errno;

use super::book::{self, copies, pages_of, Allocation, Book};
use super::os::private::{self, pointer};
use super::os::{fail::fail, free_memory, memory};
use super::space::{HIGHEST, LOWEST};
use super::view_advice::{check_numa_node, prefer_node};
use super::{noted, offered, placeholder, protection, reserved, room};
use crate::memory::{Allocate, Free};
use crate::sys::GRANULARITY;
use crate::{Error, ErrorKind, Protect, Result};

pub(super) const HUGE: usize = 2 << 20;
/// From this size on, a look at how much memory is free precedes committing.
const WORTH_A_LOOK: usize = 16 << 20;

/// `VirtualAlloc`.
///
/// # Safety
/// The duties of [`crate::memory::allocate`].
pub(crate) unsafe fn allocate(wanted: &Allocate) -> Result<*mut u8> {
    check(wanted)?;
    let pages = pages_of(wanted.address, wanted.size).filter(|pages| {
        pages.len() <= HIGHEST - LOWEST
            && (wanted.address == 0 || LOWEST <= pages.start && pages.end <= HIGHEST)
    });
    let pages = pages.ok_or_else(|| invalid("no program's memory lies there"))?;
    let mut book = book::write();
    if wanted.reset || wanted.reset_undo {
        // SAFETY: the caller's promise.
        unsafe { offered::reset(&mut book, wanted)? };
    } else if wanted.reserve || wanted.address == 0 {
        return reserve(&mut book, wanted, pages);
    } else {
        // SAFETY: the caller's promise.
        unsafe { commit(&mut book, pages.clone(), wanted.protect)? };
    }
    Ok(pointer(pages.start))
}

/// The rules that need no look at the memory.
fn check(wanted: &Allocate) -> Result<()> {
    let alone = Allocate {
        address: wanted.address,
        size: wanted.size,
        protect: wanted.protect,
        reset: wanted.reset,
        reset_undo: wanted.reset_undo && !wanted.reset,
        ..Allocate::default()
    };
    let why = if wanted.size == 0 {
        "the size is 0"
    } else if !(wanted.reserve || wanted.commit || wanted.reset || wanted.reset_undo) {
        "say what to do: reserve, commit, reset, or undo a reset"
    } else if copies(wanted.protect) {
        "copy-on-write is for views; private memory has nobody to copy from"
    } else if (wanted.reset || wanted.reset_undo) && *wanted != alone {
        "resetting, and undoing it, goes with nothing else"
    } else if wanted.write_watch && !wanted.reserve {
        "writes are watched from the reservation on"
    } else if wanted.large_pages && !(wanted.reserve && wanted.commit) {
        "large pages are reserved and committed in one"
    } else if wanted.large_pages && !(wanted.size | wanted.address).is_multiple_of(HUGE) {
        "large pages come in multiples of 2 MiB"
    } else if wanted.large_pages && wanted.write_watch {
        "the system watches writes to ordinary pages only"
    } else {
        return placeholder::check(wanted).and_then(|()| room::check(wanted));
    };
    Err(invalid(why))
}

fn reserve(book: &mut Book, wanted: &Allocate, pages: Range<usize>) -> Result<*mut u8> {
    if wanted.replace {
        return placeholder::replace(book, wanted, pages);
    }
    let start = pages.start / GRANULARITY * GRANULARITY;
    let len = pages.end - start;
    let taken = match wanted.address {
        0 => room::take(len, wanted),
        _ => room::take_at(start, len, wanted),
    };
    let base = taken.map_err(|errno| reserve_failed(errno, wanted))?;
    let all = base.addr()..base.addr() + len;
    let mut made = match wanted.placeholder {
        true => Allocation::placeholder(all),
        false => Allocation::new(all, wanted.protect),
    };
    made.huge = wanted.large_pages;
    made.caching = wanted.caching;
    let finished = finish(&mut made, base, wanted);
    if finished.is_err() {
        // SAFETY: taken above, and nobody knows it yet.
        let _ = unsafe { private::unmap(base, len) };
    } else {
        book.private.insert(base.expose_provenance(), made);
    }
    finished.map(|()| base)
}

/// What comes on top of the addresses.
pub(super) fn finish(made: &mut Allocation, base: *mut u8, wanted: &Allocate) -> Result<()> {
    let all = base.addr()..made.end;
    if let Some(node) = wanted.numa_node {
        check_numa_node(node)?;
        prefer_node(base, all.len(), Some(node));
    }
    if wanted.write_watch {
        made.watched = true;
        noted::begin(made, base.addr())?;
    }
    if wanted.commit || !wanted.reserve {
        look_at_free_memory(if wanted.large_pages { 0 } else { all.len() })?;
        // SAFETY: fresh memory that nobody knows yet.
        unsafe { protection::set(made, all, wanted.protect)? };
    }
    Ok(())
}

fn reserve_failed(errno: Errno, wanted: &Allocate) -> Error {
    match errno {
        Errno::EXIST => {
            Error::new(ErrorKind::InvalidAddress, "something lies at the wanted address already")
        }
        Errno::PERM | Errno::ACCESS => {
            Error::new(ErrorKind::InvalidAddress, "the system keeps the wanted address free")
        }
        Errno::NOMEM | Errno::INVAL | Errno::OPNOTSUPP if wanted.large_pages => Error::from_os(
            ErrorKind::PrivilegeNotHeld,
            errno.raw_os_error(),
            "the system has not so many free pages of 2 MiB: raise vm.nr_hugepages",
        ),
        Errno::NOMEM => {
            Error::new(ErrorKind::NotEnoughMemory, "the address space has no room for so much")
        }
        _ => fail(errno, "reserving addresses"),
    }
}

fn look_at_free_memory(more: usize) -> Result<()> {
    if more < WORTH_A_LOOK {
        return Ok(());
    }
    // Committing more than there is would not fail here, it would make the kernel end some process later.
    let available = free_memory::available();
    if more as u64 > available {
        let why = format!(
            "{more} bytes are to be committed, {available} are available; reserve, and commit parts"
        );
        return Err(Error::new(ErrorKind::CommitmentLimit, why));
    }
    Ok(())
}

/// # Safety
/// As [`allocate`].
unsafe fn commit(book: &mut Book, pages: Range<usize>, protect: Protect) -> Result<()> {
    if let Some((_, found)) = book.allocation_mut(pages.start) {
        if pages.end > found.end {
            return Err(past_the_end());
        }
        if found.placeholder {
            return Err(placeholder::unused());
        }
        let reserved = found.pages.over(pages.clone()).filter(|(_, protect)| protect.is_none());
        look_at_free_memory(reserved.map(|(run, _)| run.len()).sum())?;
        // SAFETY: the caller's promise.
        return unsafe { protection::set(found, pages, protect) };
    }
    let Some((base, view)) = book.view(pages.start) else {
        return Err(Error::new(ErrorKind::InvalidAddress, "nothing is reserved there"));
    };
    if view.memory.is_file() {
        let why = "a view of a file is committed from the start";
        return Err(Error::new(ErrorKind::AccessDenied, why));
    }
    protection::check(view, &pages, protect)?;
    if view.refuses_missing() {
        reserved::commit(view, base, pages.clone())?;
    }
    // SAFETY: the caller's promise.
    unsafe { protection::of_view(book, pages, protect).map(drop) }
}

/// `VirtualFree`.
///
/// # Safety
/// The duties of [`crate::memory::free`].
pub(crate) unsafe fn free(address: usize, size: usize, how: Free) -> Result<()> {
    if how == Free::Release && size != 0 {
        return Err(invalid("an allocation is released whole: the size must be 0"));
    }
    let placeholders = matches!(how, Free::ToPlaceholder | Free::Coalesce);
    if placeholders && size == 0 {
        return Err(invalid("placeholders are cut and joined by their size, which is not 0"));
    }
    let mut book = book::write();
    if book.view(address).is_some() {
        return Err(invalid("a view is unmapped, not freed"));
    }
    if placeholders {
        // SAFETY: the caller's promise.
        return unsafe { placeholder::change(&mut book, address, size, how) };
    }
    let Some((base, found)) = book.allocation_mut(address) else {
        return Err(Error::new(ErrorKind::InvalidAddress, "nothing was allocated there"));
    };
    let at_base = address - base < memory::page_size();
    if (how == Free::Release || size == 0) && !at_base {
        let why = format!("the allocation begins at {base:#x}");
        return Err(Error::new(ErrorKind::InvalidAddress, why));
    }
    let pages = match (how, size) {
        (Free::Release, _) | (_, 0) => base..found.end,
        _ => pages_of(address, size)
            .filter(|pages| pages.end <= found.end)
            .ok_or_else(|| invalid("the range reaches past the allocation"))?,
    };
    let mut renewed = Ok(());
    match how {
        Free::Release => {
            let gone = book.private.remove(&base).expect("found above");
            // SAFETY: the caller's promise.
            if let Err(errno) = unsafe { private::unmap(pointer(base), pages.len()) } {
                book.private.insert(base, gone);
                return Err(fail(errno, "giving addresses back"));
            }
        }
        _ => {
            if found.huge {
                return Err(invalid("large pages are released, not decommitted"));
            }
            if found.placeholder {
                return Err(placeholder::unused());
            }
            // SAFETY: the caller's promise.
            unsafe { private::empty(pointer(pages.start), pages.len()) }
                .map_err(|errno| fail(errno, "decommitting"))?;
            found.pages.set(pages.clone(), None);
            found.offered.set(pages.clone(), false);
            renewed = noted::renew(found, pages.clone());
        }
    }
    book.locked.set(pages, false);
    renewed
}

pub(super) fn invalid(why: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidParameter, why)
}

pub(super) fn past_the_end() -> Error {
    Error::new(ErrorKind::InvalidAddress, "the range reaches past the allocation or view")
}
