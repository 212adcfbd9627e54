//! Where pages are: what the page table has, over what the page cache and the disk have.

use std::fs::File;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::io::Errno;

use super::os::{fail::fail, files, memory};
use super::residency_cache::{self as cache, hide, Hidden};
use super::residency_table::Table;
use crate::residency::whole_pages;
use crate::{Error, ErrorKind, PageRun, Place, Residency, Result};

const MANY: &str = "how many have a shared page: needs CAP_SYS_ADMIN";
const OLD: &str = "huge pages, and which private pages were only read: needs kernel 6.7";

/// The residency of addresses at which this process maps the memory `fd` from `at` on. All are whole pages, and the runs
/// count from `offset` on.
pub(super) fn of_mapped(
    addresses: Range<usize>,
    offset: u64,
    fd: BorrowedFd<'_>,
    at: u64,
) -> Result<Residency> {
    let mut hidden = Hidden::new();
    let len = addresses.len() as u64;
    let mut table = in_table(None, addresses.start as u64..addresses.end as u64, &mut hidden)?;
    table.iter_mut().for_each(|run| run.offset = run.offset - addresses.start as u64 + offset);
    // Looked at second: what was in the table a moment ago is in the cache still.
    let mut under = cache::runs(fd, at, at + len, &mut hidden)?;
    under.iter_mut().for_each(|run| run.offset = run.offset - at + offset);
    Ok(put_together(&table, &under, hidden))
}

/// Where the bytes from `start` up to `end` of a file are; `end` may lie behind the file's.
pub(crate) fn file_residency(file: &File, start: u64, end: u64) -> Result<Residency> {
    let stat = files::fstat(file).map_err(|errno| fail(errno, "looking at the file"))?;
    if !files::is_file(&stat) {
        return Err(Error::new(ErrorKind::WrongKind, "not a plain file, so it has no pages"));
    }
    let page = memory::page_size() as u64;
    let wanted = whole_pages(start, end.min(stat.st_size as u64), page);
    let mut hidden = Hidden::new();
    let runs = cache::runs(file.as_fd(), wanted.start, wanted.end, &mut hidden)?;
    Ok(Residency { runs, page_size: page, hidden })
}

/// Where in the machine's memory the byte at an address of this process is.
pub(crate) fn physical_address(address: usize) -> Result<Option<u64>> {
    const ONLY: &str = "only CAP_SYS_ADMIN may know where pages are in the machine's memory";
    let page = memory::page_size() as u64;
    let hidden =
        |errno: Errno| Error::from_os(ErrorKind::PrivilegeNotHeld, errno.raw_os_error(), ONLY);
    let entry = match Table::open(None, page as usize).and_then(|table| table.entry(address as u64))
    {
        Ok(entry) => entry,
        Err(errno @ (Errno::ACCESS | Errno::PERM)) => return Err(hidden(errno)),
        Err(errno) => return Err(fail(errno, "reading the page table")),
    };
    match entry.frame() {
        Some(0) => Err(Error::new(ErrorKind::PrivilegeNotHeld, ONLY)),
        frame => Ok(frame.map(|frame| frame * page + address as u64 % page)),
    }
}

/// The runs of what is in the page table of a process, by address.
pub(super) fn in_table(
    pid: Option<u32>,
    addresses: Range<u64>,
    hidden: &mut Hidden,
) -> Result<Vec<PageRun>> {
    let mut table = match Table::open(pid, memory::page_size()) {
        Ok(table) => table,
        Err(errno @ (Errno::NOENT | Errno::ACCESS | Errno::PERM)) if pid.is_none() => {
            let why = format!(
                "what is in the page table: /proc/self/pagemap is not open to it ({errno})"
            );
            hide(hidden, &why);
            return Ok(Vec::new());
        }
        Err(errno) => return Err(fail(errno, "opening the page table")),
    };
    let runs = table.runs(addresses).map_err(|errno| fail(errno, "reading the page table"))?;
    if table.counts_hidden {
        hide(hidden, MANY);
    }
    if table.scan_missing {
        hide(hidden, OLD);
    }
    Ok(runs)
}

/// The page table over what lies under it.
pub(super) fn put_together(table: &[PageRun], under: &[PageRun], hidden: Hidden) -> Residency {
    let mut residency =
        Residency { page_size: memory::page_size() as u64, hidden, ..Default::default() };
    overlay(under, table, |run, above| {
        let Some(above) = above else { return residency.push(run) };
        // Whether the cache will be written back; a copy of its own never will.
        let dirty = run.dirty.filter(|_| !above.private && run.place == Place::Cached);
        residency.push(PageRun { dirty, ..above.part(run.offset, run.end()) });
    });
    residency
}

/// Goes through `under` in pieces, each with the run of `above` that lies over all of it, if one does. Both are in order;
/// `above` may have gaps.
pub(super) fn overlay(
    under: &[PageRun],
    above: &[PageRun],
    mut each: impl FnMut(PageRun, Option<&PageRun>),
) {
    let mut above = above.iter().peekable();
    for run in under {
        let mut at = run.offset;
        while at < run.end() {
            while above.next_if(|above| above.end() <= at).is_some() {}
            let (to, over) = match above.peek() {
                Some(above) if above.offset <= at => (above.end(), Some(*above)),
                Some(above) => (above.offset, None),
                None => (run.end(), None),
            };
            let to = to.min(run.end());
            each(run.part(at, to), over);
            at = to;
        }
    }
}
