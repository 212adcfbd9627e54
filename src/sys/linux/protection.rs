//! What pages permit, by the rules of `VirtualProtect`: of private memory, of views, and of what others mapped.
#![allow(unsafe_code)]

use std::ops::Range;

use rustix::io::Errno;
use rustix::mm::ProtFlags;

use super::book::{self, copies, pages_of, Allocation, Book, Shown, Viewed};
use super::os::files::OpenFor;
use super::os::private::{self, pointer};
use super::os::{fail::fail, maps, memory};
use super::private::{invalid, past_the_end, HUGE};
use super::runs::Runs;
use super::{pages, reserved, space};
use crate::{Error, ErrorKind, MemoryKind, MemoryState, Protect, Result};

/// `VirtualProtect`.
///
/// # Safety
/// The duties of [`crate::memory::protect`].
pub(crate) unsafe fn protect(address: usize, size: usize, new: Protect) -> Result<Protect> {
    if size == 0 {
        return Err(invalid("the size is 0"));
    }
    let pages = pages_of(address, size).filter(|pages| pages.end <= space::HIGHEST);
    let pages = pages.ok_or_else(|| invalid("no program's memory lies there"))?;
    let mut book = book::write();
    if let Some((_, found)) = book.allocation_mut(pages.start) {
        if pages.end > found.end {
            return Err(past_the_end());
        }
        if copies(new) {
            return Err(invalid("copy-on-write is for views"));
        }
        if found.pages.over(pages.clone()).any(|(_, protect)| protect.is_none()) {
            return Err(not_committed());
        }
        let old = found.pages.get(pages.start).expect("committed, as was checked");
        // SAFETY: the caller's promise.
        return unsafe { set(found, pages, new).map(|()| old) };
    }
    // SAFETY: the caller's promise.
    unsafe {
        match book.view(pages.start) {
            Some((_, Viewed { image: Some(image), .. })) => {
                let whole = image.range.clone();
                of_image(&mut book, whole, pages, new)
            }
            Some((base, view)) => {
                check(view, &pages, new)?;
                if !reserved::is_committed(view, base, pages.clone())? {
                    return Err(not_committed());
                }
                of_view(&mut book, pages, new)
            }
            None => of_others(pages, new),
        }
    }
}

/// Gives pages of an allocation a protection; they are committed then.
///
/// # Safety
/// Nobody relies on what the pages permit now and will not then.
pub(super) unsafe fn set(found: &mut Allocation, pages: Range<usize>, new: Protect) -> Result<()> {
    if found.huge && !(pages.start | pages.end).is_multiple_of(HUGE) {
        return Err(invalid("large pages are protected in multiples of 2 MiB"));
    }
    // SAFETY: the caller's promise.
    let apply = |run: Range<usize>, flags| unsafe {
        private::protect(pointer(run.start), run.len(), flags)
    };
    if let Err(errno) = apply(pages.clone(), flags(new)) {
        // The kernel may have stopped halfway. What was there before needs no more ranges than it did.
        for (run, old) in found.pages.over(pages) {
            let _ = apply(run, old.map_or(ProtFlags::empty(), flags));
        }
        return Err(protect_failed(errno));
    }
    found.pages.set(pages, Some(new));
    Ok(())
}

fn protect_failed(errno: Errno) -> Error {
    match errno {
        Errno::NOMEM => Error::from_os(
            ErrorKind::CommitmentLimit,
            errno.raw_os_error(),
            "the system permits no more memory, or no more ranges than vm.max_map_count",
        ),
        Errno::ACCESS => Error::from_os(
            ErrorKind::InvalidParameter,
            errno.raw_os_error(),
            "what lies there was not mapped for this",
        ),
        _ => fail(errno, "changing what pages permit"),
    }
}

/// What the kernel shall permit. A guard page permits nothing, so that the first touch is noticed.
pub(super) fn flags(protect: Protect) -> ProtFlags {
    let mut flags = ProtFlags::empty();
    if !protect.is_guarded() {
        flags.set(ProtFlags::READ, protect.readable());
        flags.set(ProtFlags::WRITE, protect.writable());
        flags.set(ProtFlags::EXEC, protect.executable());
    }
    flags
}

fn not_committed() -> Error {
    Error::new(ErrorKind::InvalidAddress, "a page of the range is not committed")
}

/// Whether pages, the first of which lies in a view, may get a protection.
pub(super) fn check(view: &Viewed, pages: &Range<usize>, new: Protect) -> Result<()> {
    if pages.end > view.end {
        return Err(past_the_end());
    }
    if !permits(view.protect, new) {
        let why = format!("a view that was mapped {} does not permit {new}", view.protect);
        return Err(invalid(why));
    }
    Ok(())
}

/// Pages of an image, perhaps of several parts, get a protection. Images permit everything; writing makes private copies,
/// but in shared sections.
///
/// # Safety
/// The duties of [`crate::memory::protect`].
unsafe fn of_image(
    book: &mut Book,
    whole: Range<usize>,
    pages: Range<usize>,
    new: Protect,
) -> Result<Protect> {
    if pages.end > whole.end {
        return Err(past_the_end());
    }
    let mut old = None;
    let mut at = pages.start;
    while at < pages.end {
        let (_, view) = book.view(at).expect("the parts of an image leave no gap");
        let (run, shown) = view.shown(at..view.end.min(pages.end)).remove(0);
        let new = match new {
            Protect::READ_WRITE if shown.private => Protect::WRITE_COPY,
            Protect::EXECUTE_READ_WRITE if shown.private => Protect::EXECUTE_WRITE_COPY,
            new => new,
        };
        at = run.end;
        // SAFETY: the caller's promise.
        let before = unsafe { of_view(book, run, new)? };
        old.get_or_insert(before);
    }
    Ok(old.expect("at least a page"))
}

/// Pages of a view get a protection that was [checked](check).
///
/// # Safety
/// The duties of [`crate::memory::protect`].
pub(super) unsafe fn of_view(
    book: &mut Book,
    pages: Range<usize>,
    new: Protect,
) -> Result<Protect> {
    let (&base, view) = book.views.range_mut(..=pages.start).next_back().expect("found before");
    let before = view.shown(pages.clone());
    let mut old = before[0].1.protect;
    let first_page = pages.start..pages.start + memory::page_size();
    if copies(old) && pages::copied(first_page).is_ok_and(|copied| !copied.is_empty()) {
        old = written(old);
    }
    let whole = base..view.end;
    let first = view.first();
    let mut now = view.pages.take().unwrap_or_else(|| Runs::new(whole, first));
    let done = before.into_iter().try_for_each(|(run, shown)| {
        parts(view, run, shown, new)?.into_iter().try_for_each(|(part, private)| {
            // SAFETY: the caller's promise; the part lies in this view.
            unsafe { show(view, base, part.clone(), shown, private, new)? };
            now.set(part, Shown { protect: new, private });
            Ok(())
        })
    });
    // Also after a failure, the book says what is.
    view.pages = Some(now);
    done.map(|()| old)
}

/// What a copy-on-write page permits once it was written.
pub(super) fn written(protect: Protect) -> Protect {
    match protect {
        Protect::EXECUTE_WRITE_COPY => Protect::EXECUTE_READ_WRITE,
        _ => Protect::READ_WRITE,
    }
}

/// Whether a view that was mapped for one thing may be protected for another.
fn permits(mapped: Protect, new: Protect) -> bool {
    let rights = |protect: Protect| match protect.unguarded() {
        Protect::NO_ACCESS => 0,
        Protect::READ_ONLY | Protect::WRITE_COPY => 0b001,
        Protect::READ_WRITE => 0b011,
        Protect::EXECUTE_READ_WRITE => 0b111,
        _ => 0b101,
    };
    rights(new) & !rights(mapped) == 0
}

/// Which parts of a run are private once they permit `new`. What is private stays so, unless the view writes through again
/// and the page was not copied.
fn parts(
    view: &Viewed,
    run: Range<usize>,
    shown: Shown,
    new: Protect,
) -> Result<Vec<(Range<usize>, bool)>> {
    let through = new.writable() && !copies(new);
    if !(through && shown.private) || view.is_private() {
        return Ok(vec![(run, shown.private || copies(new))]);
    }
    let copied =
        pages::copied(run.clone()).map_err(|errno| fail(errno, "looking for copied pages"))?;
    let mut parts = Vec::new();
    let mut at = run.start;
    for copy in copied {
        parts.push((at..copy.start, false));
        at = copy.end;
        parts.push((copy, true));
    }
    parts.push((at..run.end, false));
    parts.retain(|(part, _)| !part.is_empty());
    Ok(parts)
}

/// # Safety
/// The duties of [`crate::memory::protect`]; the part lies in the view at `base`.
unsafe fn show(
    view: &Viewed,
    base: usize,
    part: Range<usize>,
    shown: Shown,
    private: bool,
    new: Protect,
) -> Result<()> {
    let (start, len) = (pointer(part.start), part.len());
    if shown.private == private {
        // SAFETY: the caller's promise.
        let protect = |protect| unsafe { private::protect(start, len, flags(protect)) };
        return protect(new).map_err(|errno| {
            let _ = protect(shown.protect); // the kernel may have stopped halfway
            protect_failed(errno)
        });
    }
    let fd = match private {
        true => view.memory.any_descriptor().0,
        false => view.memory.descriptor(OpenFor::ReadWrite)?,
    };
    let offset = view.offset + (part.start - base) as u64;
    let map =
        memory::Map { len, protection: flags(new), private, offset, address: Some(part.start) };
    // SAFETY: the same bytes as before at the same place; the caller's promise for what they permit.
    unsafe { memory::map_over(fd, map) }.map_err(|errno| fail(errno, "changing what pages permit"))
}

/// Memory that neither this library allocated nor mapped.
///
/// # Safety
/// The duties of [`crate::memory::protect`].
unsafe fn of_others(pages: Range<usize>, new: Protect) -> Result<Protect> {
    if new.is_guarded() {
        let why = "guard pages are for memory that was allocated here";
        return Err(Error::new(ErrorKind::Unsupported, why));
    }
    let ranges = maps::of_this_process().map_err(|error| {
        Error::new(ErrorKind::Other, format!("reading /proc/self/maps: {error}"))
    })?;
    let told = space::describe(std::process::id(), &ranges);
    let inside =
        |info: &&crate::MemoryInfo| info.base < pages.end && info.base + info.len > pages.start;
    let first = space::at(&told, pages.start)?;
    let free = |info: &crate::MemoryInfo| info.state == MemoryState::Free;
    if told.iter().filter(inside).any(free) {
        return Err(Error::new(ErrorKind::InvalidAddress, "nothing lies there"));
    }
    if copies(new) && first.kind == Some(MemoryKind::Private) {
        return Err(invalid("copy-on-write is for views"));
    }
    // SAFETY: the caller's promise.
    unsafe { private::protect(pointer(pages.start), pages.len(), flags(new)) }
        .map_err(protect_failed)?;
    Ok(first.protect.unwrap_or(Protect::NO_ACCESS))
}
