//! Placeholders: addresses that are kept for views and memory to take the place of, by the rules of `VirtualAlloc2`.
//!
//! For the kernel a placeholder is what every reservation is; where one ends and the next begins stands in the book.
#![allow(unsafe_code)]

use std::ops::Range;

use super::book::{pages_of, Allocation, Book};
use super::os::fail::fail;
use super::os::private::{self, pointer};
use super::private::{finish, invalid};
use crate::memory::{Allocate, Free};
use crate::{Error, ErrorKind, Result};

/// The rules that need no look at the memory.
pub(super) fn check(wanted: &Allocate) -> Result<()> {
    let &Allocate { reserve, commit, top_down, large_pages, write_watch, .. } = wanted;
    let why = if wanted.placeholder
        && (!reserve || commit || large_pages || write_watch || wanted.replace)
    {
        "a placeholder is reserved, and nothing else"
    } else if wanted.replace && (!reserve || top_down || large_pages || wanted.address == 0) {
        "what takes the place of a placeholder is reserved at its address, of ordinary pages"
    } else {
        return Ok(());
    };
    Err(invalid(why))
}

/// Puts private memory in the place of a placeholder.
pub(super) fn replace(book: &mut Book, wanted: &Allocate, pages: Range<usize>) -> Result<*mut u8> {
    find(book, &pages)?;
    let mut made = Allocation::new(pages.clone(), wanted.protect);
    (made.replaces, made.caching) = (true, wanted.caching);
    let base = pointer(pages.start);
    if let Err(error) = finish(&mut made, base, wanted) {
        // SAFETY: a placeholder again, as it was; nobody uses it.
        let _ = unsafe { private::empty(base, pages.len()) };
        return Err(error);
    }
    book.private.insert(pages.start, made);
    Ok(base)
}

/// Makes sure that a placeholder has exactly these addresses.
///
/// # Errors
/// `InvalidAddress`: none has.
pub(super) fn find(book: &Book, pages: &Range<usize>) -> Result<()> {
    match book.allocation(pages.start) {
        Some((base, found)) if found.placeholder && (base..found.end) == *pages => Ok(()),
        _ => {
            let why = "no placeholder has exactly these addresses; cut one first, or join some";
            Err(Error::new(ErrorKind::InvalidAddress, why))
        }
    }
}

/// Puts a placeholder in the place of what lies at these addresses.
///
/// # Safety
/// They belong to the caller, and nobody uses what is there.
pub(super) unsafe fn put_back(book: &mut Book, pages: Range<usize>) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe { private::empty(pointer(pages.start), pages.len()) }
        .map_err(|errno| fail(errno, "leaving a placeholder"))?;
    book.locked.set(pages.clone(), false);
    book.private.insert(pages.start, Allocation::placeholder(pages));
    Ok(())
}

/// Cuts placeholders, makes some of memory, or joins them.
///
/// # Safety
/// The duties of [`crate::memory::free`].
pub(super) unsafe fn change(book: &mut Book, address: usize, size: usize, how: Free) -> Result<()> {
    let pages = pages_of(address, size).ok_or_else(|| invalid("no program's memory lies there"))?;
    match how {
        Free::Coalesce => join(book, pages),
        // SAFETY: the caller's promise.
        _ => unsafe { cut(book, pages) },
    }
}

/// # Safety
/// The duties of [`crate::memory::free`].
unsafe fn cut(book: &mut Book, pages: Range<usize>) -> Result<()> {
    let wrong = |why| Err(Error::new(ErrorKind::InvalidAddress, why));
    let Some((base, found)) = book.allocation(pages.start) else {
        return wrong("nothing was allocated there");
    };
    let whole = base..found.end;
    if pages.end > whole.end {
        return Err(invalid("the range reaches past the allocation"));
    }
    if found.placeholder && pages == whole {
        return wrong("it is a placeholder of its own already");
    } else if !found.placeholder && !found.replaces {
        return wrong("it never took the place of a placeholder");
    } else if found.watched && pages != whole {
        return wrong("memory whose writes are watched becomes a placeholder whole");
    }
    let rest =
        [base..pages.start, pages.end..whole.end].into_iter().filter(|part| !part.is_empty());
    let rest: Vec<_> = rest.map(|part| (part.start, found.part(part))).collect();
    // SAFETY: the caller's promise.
    unsafe { put_back(book, pages.clone())? };
    // Where the range begins with the allocation, that was replaced just now; else the first part replaces it.
    book.private.extend(rest);
    Ok(())
}

fn join(book: &mut Book, pages: Range<usize>) -> Result<()> {
    let parts: Vec<usize> = book
        .private
        .range(pages.clone())
        .filter(|(_, found)| found.placeholder && found.end <= pages.end)
        .map(|(base, _)| *base)
        .collect();
    let covered: usize = parts.iter().map(|base| book.private[base].end - base).sum();
    if parts.len() < 2 || covered != pages.len() {
        let why = "these addresses are not exactly two placeholders or more, side by side";
        return Err(Error::new(ErrorKind::InvalidAddress, why));
    }
    parts.iter().for_each(|base| drop(book.private.remove(base)));
    book.private.insert(pages.start, Allocation::placeholder(pages));
    Ok(())
}

/// A placeholder is neither committed nor decommitted.
pub(super) fn unused() -> Error {
    let why = "it is a placeholder: something has to take its place first";
    Error::new(ErrorKind::InvalidAddress, why)
}
