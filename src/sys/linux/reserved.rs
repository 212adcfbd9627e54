//! Memory whose pages can be touched once somebody has committed them, as Windows has it of reserved sections.
//!
//! Committed is what the memory file has, so it is committed for every process, and nobody has to be told. The kernel itself
//! refuses the rest, in views by address only: a `View` shows all of the memory, and commits what it touches.

use std::ops::Range;

use super::book::{Book, Viewed};
use super::memory::{take_space, Memory};
use super::os::files::{self, OpenFor};
use super::os::userfault::{Answer, Faults};
use super::os::{fail::fail, memory};
use crate::layout::flag;
use crate::{Error, ErrorKind, Result};

impl Memory {
    pub(super) fn is_reserved(&self) -> bool {
        !self.is_file() && self.flags & flag::RESERVE != 0
    }
}

/// Has the kernel refuse pages of a new view that nobody committed. Where it is not allowed to, touching commits them.
pub(super) fn refuse_missing(book: &mut Book, view: Range<usize>) {
    if book.missing.is_none() {
        book.missing = Faults::new(Answer::RefuseMissing).ok();
    }
    if let Some(missing) = &book.missing {
        let _ = missing.add(view.start, view.len());
    }
}

/// Commits pages of a view, for everybody.
pub(super) fn commit(view: &Viewed, base: usize, pages: Range<usize>) -> Result<()> {
    let doing = "committing memory of the mapping";
    let fd = view.memory.descriptor(OpenFor::ReadWrite).map_err(|_| {
        let why = "others made the mapping, and let this process only read it";
        Error::new(ErrorKind::AccessDenied, why)
    })?;
    let mut at = pages.start;
    for done in committed(view, base, pages.clone())?
        .into_iter()
        .chain(std::iter::once(pages.end..pages.end))
    {
        if at < done.start {
            let (offset, len) = (view.offset + (at - base) as u64, done.start - at);
            take_space(fd, offset, len as u64)?;
            memory::write_as_is(fd, offset, len).map_err(|errno| fail(errno, doing))?;
        }
        at = done.end;
    }
    Ok(())
}

/// The pages of a part of a view that are committed, in order; neighbours are apart.
pub(super) fn committed(
    view: &Viewed,
    base: usize,
    part: Range<usize>,
) -> Result<Vec<Range<usize>>> {
    if !view.refuses_missing() {
        return Ok(vec![part]);
    }
    let in_file = |address: usize| view.offset + (address - base) as u64;
    let address = |at: u64| base + (at - view.offset) as usize;
    let fd = view.memory.any_descriptor().0;
    let data = files::data_in(fd, in_file(part.start)..in_file(part.end))
        .map_err(|errno| fail(errno, "looking for committed memory"))?;
    Ok(data.into_iter().map(|run| address(run.start)..address(run.end)).collect())
}

/// Whether every page of a part of a view is committed.
pub(super) fn is_committed(view: &Viewed, base: usize, part: Range<usize>) -> Result<bool> {
    Ok(committed(view, base, part.clone())? == [part])
}
