//! Pages in memory: locking them there, asking for them early, and using them while nobody can take them away.
#![allow(unsafe_code)]

use std::ops::Range;

use rustix::io::Errno;

use super::book::{self, pages_of, Book};
use super::os::private::{self, pointer};
use super::os::{fail::fail, memory::page_size};
use super::private::invalid;
use super::{protection, query, space};
use crate::{Error, ErrorKind, MemoryState, Result};

/// Why pages cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    NotCommitted,
    Forbidden,
    Guard(usize),
}

/// `VirtualLock`.
pub(crate) fn lock_pages(address: usize, size: usize) -> Result<()> {
    let pages = range(address, size)?;
    let mut book = book::write();
    if let Some(trouble) = trouble(&book, pages.clone(), false) {
        return Err(report(&mut book, trouble));
    }
    let missing = book.locked.missing(pages.clone());
    for part in &missing {
        if let Err(errno) = keep(&book, part.clone()) {
            // The kernel has locked what came before the failure.
            for part in &missing {
                let _ = private::unlock(pointer(part.start), part.len());
            }
            drop(book);
            return Err(lock_failed(errno, pages));
        }
    }
    book.locked.set(pages, true);
    Ok(())
}

/// Brings pages into memory and keeps them there. The kernel's `mlock` writes to pages that may be written and are private,
/// which would copy those of a copy-on-write view.
pub(super) fn keep(book: &Book, pages: Range<usize>) -> std::result::Result<(), Errno> {
    let lock = |part: Range<usize>| match part.is_empty() {
        true => Ok(()),
        false => private::lock(pointer(part.start), part.len()),
    };
    let mut at = pages.start;
    for part in book.copy_on_write(pages.clone()) {
        lock(at..part.start)?;
        at = part.end;
        private::lock_on_fault(pointer(part.start), part.len())?;
        match private::bring_in(pointer(part.start), part.len()) {
            Err(Errno::INVAL) => lock(part)?, // kernels before 5.14
            Err(Errno::FAULT) => return Err(Errno::NOMEM), // as `mlock` has it
            other => other?,
        }
    }
    lock(at..pages.end)
}

fn lock_failed(errno: Errno, pages: Range<usize>) -> Error {
    let told = query::regions().unwrap_or_default();
    let inside =
        |info: &&crate::MemoryInfo| info.base < pages.end && info.base + info.len > pages.start;
    if told.iter().filter(inside).any(|info| info.state != MemoryState::Committed) {
        return Error::new(ErrorKind::InvalidAddress, "a page of the range is not committed");
    }
    match errno {
        Errno::NOMEM | Errno::AGAIN | Errno::PERM => Error::from_os(
            ErrorKind::NotEnoughMemory,
            errno.raw_os_error(),
            "this process may not lock so much: raise its limit (ulimit -l)",
        ),
        _ => fail(errno, "locking pages in memory"),
    }
}

/// `VirtualUnlock`.
pub(crate) fn unlock_pages(address: usize, size: usize) -> Result<()> {
    let pages = range(address, size)?;
    let mut book = book::write();
    if !book.locked.is_locked(pages.clone()) {
        return Err(Error::new(ErrorKind::NotLocked, "a page of the range is not locked"));
    }
    book.locked.set(pages.clone(), false);
    private::unlock(pointer(pages.start), pages.len())
        .map_err(|errno| fail(errno, "unlocking pages"))
}

/// `PrefetchVirtualMemory`: a hint, also for addresses where nothing lies.
pub(crate) fn prefetch(ranges: &[(usize, usize)]) -> Result<()> {
    if ranges.is_empty() {
        return Err(invalid("no range is given"));
    }
    let pages: Result<Vec<_>> =
        ranges.iter().map(|&(address, size)| range(address, size)).collect();
    for pages in pages? {
        let _ = private::will_need(pointer(pages.start), pages.len());
    }
    Ok(())
}

/// Lets `act` use bytes of private memory that was allocated here. While it runs nobody can take the pages away or forbid
/// them. The first page that cannot be used is reported instead; a guard page once.
pub(crate) fn with_pages<T>(
    address: usize,
    len: usize,
    write: bool,
    act: impl FnOnce() -> T,
) -> Result<T> {
    let pages = range(address, len)?;
    let book = book::read();
    let Some(trouble) = trouble(&book, pages.clone(), write) else { return Ok(act()) };
    drop(book);
    let mut book = book::write();
    Err(report(&mut book, trouble))
}

/// The first of the pages that cannot be used. Memory that was not allocated here is not looked at.
fn trouble(book: &Book, pages: Range<usize>, write: bool) -> Option<Trouble> {
    let (_, found) = book.allocation(pages.start)?;
    if pages.end > found.end {
        return Some(Trouble::NotCommitted);
    }
    found.pages.over(pages).find_map(|(run, protect)| match protect {
        None => Some(Trouble::NotCommitted),
        Some(protect) if protect.is_guarded() => Some(Trouble::Guard(run.start)),
        Some(protect) if write && !protect.writable() => Some(Trouble::Forbidden),
        Some(protect) if !write && !protect.readable() => Some(Trouble::Forbidden),
        Some(_) => None,
    })
}

fn report(book: &mut Book, trouble: Trouble) -> Error {
    let at = match trouble {
        Trouble::NotCommitted => {
            return Error::new(ErrorKind::InvalidAddress, "a page of the range is not committed");
        }
        Trouble::Forbidden => {
            return Error::new(ErrorKind::NoAccess, "a page of the range does not permit it");
        }
        Trouble::Guard(at) => at,
    };
    if let Some((_, found)) = book.allocation_mut(at) {
        // Another thread may have been here first; each of them is told.
        if let Some(protect) = found.pages.get(at).filter(|protect| protect.is_guarded()) {
            let page = if found.huge { super::private::HUGE } else { page_size() };
            // SAFETY: the page permitted nothing, and nobody can rely on that for longer than until the first touch.
            let opened = unsafe { protection::set(found, at..at + page, protect.unguarded()) };
            if let Err(error) = opened {
                return error;
            }
        }
    }
    Error::new(ErrorKind::GuardPage, format!("it is the page at {at:#x}"))
}

fn range(address: usize, size: usize) -> Result<Range<usize>> {
    let pages = pages_of(address, size).filter(|pages| size != 0 && pages.end <= space::HIGHEST);
    pages.ok_or_else(|| invalid("the range is empty, or no program's memory lies there"))
}
