//! Which pages of an allocation were written, by the rules of `GetWriteWatch`.

use std::ops::Range;

use rustix::io::Errno;

use super::book::{self, pages_of, Allocation};
use super::os::{fail::fail, written::Watched};
use super::private::invalid;
use crate::{Error, ErrorKind, Result};

/// Watches a new allocation.
pub(super) fn begin(made: &mut Allocation, base: usize) -> Result<()> {
    let all = base..made.end;
    let watched = Watched::new().map_err(missing)?;
    watched.add(all.start, all.len()).map_err(missing)?;
    watched.forget(all.start, all.len()).map_err(missing)?;
    made.watch = Some(watched);
    Ok(())
}

fn missing(errno: Errno) -> Error {
    let why = match errno {
        Errno::PERM | Errno::ACCESS => {
            "watching writes needs userfaultfd, which this container or system forbids"
        }
        _ => "watching writes needs Linux 6.7 with userfaultfd, and /proc",
    };
    Error::from_os(ErrorKind::Unsupported, errno.raw_os_error(), why)
}

/// The watch of an allocation. A child by `fork` has none of its parent's, so it begins one, and everything committed counts
/// as written.
fn watch(base: usize, found: &mut Allocation) -> Result<&Watched> {
    if found.watch.is_none() {
        let watched = Watched::new().map_err(missing)?;
        watched.add(base, found.end - base).map_err(missing)?;
        for (run, protect) in found.pages.over(base..found.end) {
            if protect.is_none() {
                watched.forget(run.start, run.len()).map_err(missing)?;
            }
        }
        found.watch = Some(watched);
    }
    Ok(found.watch.as_ref().expect("there now"))
}

/// Goes on with pages that were just replaced by fresh ones.
pub(super) fn renew(found: &mut Allocation, pages: Range<usize>) -> Result<()> {
    let Some(watched) = &found.watch else { return Ok(()) };
    watched.add(pages.start, pages.len()).map_err(missing)?;
    watched.forget(pages.start, pages.len()).map_err(missing)
}

/// Does something that makes the kernel take every page of the range for written, and sees to it that only those count that
/// did before.
pub(super) fn keeping<T>(
    found: &Allocation,
    pages: Range<usize>,
    act: impl FnOnce() -> T,
) -> Result<T> {
    let Some(watched) = &found.watch else { return Ok(act()) };
    let looking = |errno| fail(errno, "looking for written pages");
    let page = super::os::memory::page_size();
    let written = watched.written(pages.clone(), usize::MAX, false).map_err(looking)?;
    let done = act();
    let mut at = pages.start;
    for next in written.into_iter().chain([pages.end]) {
        if at < next {
            watched.forget(at, next - at).map_err(looking)?;
        }
        at = next + page;
    }
    Ok(done)
}

/// `GetWriteWatch`: the addresses of the written pages, in order, at most so many; `reset` forgets those.
pub(crate) fn written(address: usize, size: usize, reset: bool, most: usize) -> Result<Vec<usize>> {
    on(address, size, |watched, pages| watched.written(pages, most, reset))
}

/// `ResetWriteWatch`.
pub(crate) fn reset_written(address: usize, size: usize) -> Result<()> {
    on(address, size, |watched, pages| watched.forget(pages.start, pages.len()))
}

fn on<T>(
    address: usize,
    size: usize,
    act: impl FnOnce(&Watched, Range<usize>) -> std::result::Result<T, Errno>,
) -> Result<T> {
    let mut book = book::write();
    let pages = pages_of(address, size).filter(|_| size != 0);
    let pages = pages.ok_or_else(|| invalid("the range is empty or beyond all addresses"))?;
    let found = book.allocation_mut(pages.start);
    let Some((base, found)) = found.filter(|(_, found)| found.watched && pages.end <= found.end)
    else {
        return Err(invalid("nobody watches the writes of this range"));
    };
    act(watch(base, found)?, pages).map_err(|errno| fail(errno, "looking for written pages"))
}
