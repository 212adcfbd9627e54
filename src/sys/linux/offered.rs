//! Content that is not needed: `MEM_RESET`, `MEM_RESET_UNDO` and `DiscardVirtualMemory`.
#![allow(unsafe_code)]

use std::ops::Range;

use super::book::{self, Allocation, Book, Locked};
use super::noted;
use super::os::private::{self, pointer};
use super::os::{fail::fail, memory::page_size};
use super::pages;
use super::private::{invalid, past_the_end};
use super::protection::flags;
use crate::memory::Allocate;
use crate::{Error, ErrorKind, Protect, Result};

/// Offers the whole pages of a range to the kernel, or takes them back.
///
/// # Safety
/// The duties of [`crate::memory::allocate`].
pub(super) unsafe fn reset(book: &mut Book, wanted: &Allocate) -> Result<()> {
    let page = page_size();
    let end = (wanted.address + wanted.size) / page * page;
    // Inwards: a page of which only a part was named is needed.
    let range = wanted.address.next_multiple_of(page)..end;
    if book.view(wanted.address).is_some() {
        return reset_view(book, wanted);
    }
    let locked = wanted.reset_undo.then(|| book.locked.clone());
    let Some((_, found)) = book.allocation_mut(wanted.address) else {
        return Err(Error::new(ErrorKind::InvalidAddress, "nothing was allocated there"));
    };
    if wanted.address + wanted.size > found.end {
        return Err(past_the_end());
    }
    if range.is_empty() || found.huge {
        return Ok(()); // large pages stay in memory, as on Windows
    }
    if let Some(locked) = locked {
        // SAFETY: the caller's promise: nobody relies on what the pages forbid.
        return unsafe { undo(found, &locked, range) };
    }
    let held = pages::held(range.clone()).map_err(|errno| fail(errno, "resetting pages"))?;
    // SAFETY: the caller's promise. Locked pages are refused, and stay, as on Windows.
    let offer = || unsafe { private::offer(pointer(range.start), range.len()) };
    let offered = noted::keeping(found, range.clone(), offer)?.is_ok();
    found.offered.set(range, false);
    if offered {
        held.into_iter().for_each(|run| found.offered.set(run, true));
    }
    Ok(())
}

/// The content of a view of memory is kept, which resetting permits; a file's content is not the process's to give away.
fn reset_view(book: &Book, wanted: &Allocate) -> Result<()> {
    let (_, view) = book.view(wanted.address).expect("found before");
    if view.memory.is_file() {
        return Err(invalid("the content of a file cannot be reset"));
    }
    if wanted.address + wanted.size > view.end {
        return Err(past_the_end());
    }
    Ok(())
}

/// Takes offered pages back: while they are locked the kernel takes none away, so what is there stays. A write then says
/// that they are needed.
///
/// # Safety
/// Nobody relies on what the pages forbid.
unsafe fn undo(found: &mut Allocation, locked: &Locked, range: Range<usize>) -> Result<()> {
    let taken = found.offered.over(range.clone()).filter(|(_, offered)| *offered);
    let taken: Vec<_> = taken.flat_map(|(run, _)| parts(run)).collect();
    found.offered.set(range, false);
    let mut lost = false;
    for part in taken {
        let unlocked = locked.missing(part.clone());
        for part in &unlocked {
            // Beyond the limit of what may be locked the kernel could take a page between the look and the touch.
            let _ = private::lock_on_fault(pointer(part.start), part.len());
        }
        let held = pages::held(part.clone()).map_err(|errno| fail(errno, "taking pages back"));
        for run in held.iter().flatten() {
            for (run, protect) in found.pages.over(run.clone()) {
                // SAFETY: pages that hold something are committed; the caller's promise.
                unsafe { touch(run, protect.unwrap_or(Protect::NO_ACCESS)) }?;
            }
        }
        for part in &unlocked {
            let _ = private::unlock(pointer(part.start), part.len());
        }
        lost |= held?.iter().map(Range::len).sum::<usize>() != part.len();
    }
    if lost {
        return Err(Error::new(
            ErrorKind::InPageError,
            "the system has taken pages; they are zero",
        ));
    }
    Ok(())
}

/// A run in parts that are small enough to be locked by everybody.
fn parts(run: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    const MOST: usize = 1 << 20;
    run.clone().step_by(MOST).map(move |at| at..run.end.min(at + MOST))
}

/// Writes to each page what it holds.
///
/// # Safety
/// Committed pages with this protection; nobody relies on what they forbid.
unsafe fn touch(run: Range<usize>, protect: Protect) -> Result<()> {
    let (start, len) = (pointer(run.start), run.len());
    let (now, needed) = (flags(protect), flags(Protect::READ_WRITE));
    let allow = |flags| {
        // SAFETY: the caller's promise.
        let done = unsafe { private::protect(start, len, flags) };
        done.map_err(|errno| fail(errno, "taking pages back"))
    };
    if !now.contains(needed) {
        allow(now | needed)?;
    }
    for at in run.step_by(page_size()) {
        // SAFETY: committed, and reading and writing are permitted since just now.
        unsafe { private::touch(pointer(at)) };
    }
    if !now.contains(needed) {
        allow(now)?;
    }
    Ok(())
}

/// `DiscardVirtualMemory`.
///
/// # Safety
/// The duties of [`crate::memory::discard`].
pub(crate) unsafe fn discard(address: usize, size: usize) -> Result<()> {
    let page = page_size();
    let end =
        address.checked_add(size).filter(|_| size != 0 && (address | size).is_multiple_of(page));
    let Some(end) = end else {
        return Err(invalid("whole pages are discarded, and at least one"));
    };
    let mut book = book::write();
    if let Some((_, view)) = book.view(address) {
        return match (view.memory.is_file(), end > view.end) {
            (true, _) => Err(invalid("the content of a file cannot be discarded")),
            (_, true) => Err(past_the_end()),
            _ => Ok(()), // keeping it is permitted, too
        };
    }
    let Some((_, found)) = book.allocation_mut(address) else {
        return Err(Error::new(ErrorKind::InvalidAddress, "nothing was allocated there"));
    };
    if end > found.end {
        return Err(past_the_end());
    }
    if found.pages.over(address..end).any(|(_, protect)| protect.is_none()) {
        return Err(Error::new(ErrorKind::InvalidAddress, "a page of the range is not committed"));
    }
    // SAFETY: the caller's promise. Locked and huge pages may be refused; keeping their content is permitted.
    let act = || unsafe { private::discard(pointer(address), size) };
    let _ = noted::keeping(found, address..end, act)?;
    found.offered.set(address..end, false);
    Ok(())
}
