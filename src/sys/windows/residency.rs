//! Where pages are, as far as Windows tells: what is in the working set, and where a file has holes.

use std::fs::File;
use std::ops::Range;
use std::os::windows::io::{AsHandle, BorrowedHandle};

use super::api::{self, Code, PageAttributes};
use super::file::file_error;
use crate::residency::whole_pages;
use crate::{Error, ErrorKind, PageRun, Place, Residency, Result, Sharing};

const PAGE: usize = 4096;

/// Pages that are asked about at once.
const BLOCK: usize = 1 << 14;

const OUTSIDE: &str = "what is in memory outside the working set: Windows does not tell, \
    so pages of files count as on the disk and others as not allocated";

fn whole(start: usize, end: usize) -> Range<usize> {
    let pages = whole_pages(start as u64, end as u64, PAGE as u64);
    pages.start as usize..pages.end as usize
}

/// The residency of which bytes of a view that begins at this address.
pub(super) fn of_view(address: usize, offset: usize, len: usize) -> Result<Residency> {
    let pages = whole(address + offset, address + offset + len);
    of_addresses(api::current_process(), pages, address / PAGE * PAGE)
}

/// The residency of the pages with these bytes; of this process, or of another.
pub(crate) fn memory_residency(pid: Option<u32>, address: usize, len: usize) -> Result<Residency> {
    const HIGHEST: usize = 0x7FFF_FFFF_0000;
    let end = address.checked_add(len).filter(|&end| end <= HIGHEST).ok_or_else(|| {
        let why = format!("{len} bytes at {address:#x} reach past the last address, {HIGHEST:#x}");
        Error::new(ErrorKind::InvalidParameter, why)
    })?;
    let pages = whole(address, end);
    let start = pages.start;
    let Some(pid) = pid.filter(|&pid| pid != std::process::id()) else {
        return of_addresses(api::current_process(), pages, start);
    };
    let process = api::open_process_to_look(pid).map_err(|code| match code {
        // This is how Windows says that no process has the number.
        Code::INVALID_PARAMETER => {
            Error::from_os(ErrorKind::NotFound, code.0 as i32, format!("no process {pid}"))
        }
        code => code.error("cannot open the process to look at its memory"),
    })?;
    of_addresses(process.as_handle(), pages, start)
}

/// The residency of whole pages; the runs count from `base` on.
fn of_addresses(
    process: BorrowedHandle<'_>,
    addresses: Range<usize>,
    base: usize,
) -> Result<Residency> {
    let mut residency = Residency { page_size: PAGE as u64, ..Residency::default() };
    let mut outside = false;
    let mut at = addresses.start;
    while at < addresses.end {
        // Behind the last address that a program can have there is nothing.
        let there = api::pages_at(process, at).ok();
        let end = there.map_or(addresses.end, |there| there.end.min(addresses.end));
        let nowhere = PageRun::nowhere((at - base) as u64, (end - at) as u64);
        match there {
            Some(there) if there.state == api::MEM_COMMIT => {
                let is_file = there.kind != api::MEM_PRIVATE && api::is_of_file(process, at);
                let place = if is_file { Place::OnDisk } else { Place::NotAllocated };
                outside |= add(&mut residency, process, at..end, PageRun { place, ..nowhere })?;
            }
            _ => residency.push(nowhere),
        }
        at = end;
    }
    if outside {
        residency.hidden.push(OUTSIDE.to_string());
    }
    Ok(residency)
}

/// Adds committed pages; those that are not in the working set are as `outside` says. Whether there were any.
fn add(
    residency: &mut Residency,
    process: BorrowedHandle<'_>,
    addresses: Range<usize>,
    outside: PageRun,
) -> Result<bool> {
    let mut any = false;
    for start in addresses.clone().step_by(BLOCK * PAGE) {
        let count = ((addresses.end - start) / PAGE).min(BLOCK);
        let pages = api::query_working_set_ex(process, start, PAGE, count)
            .map_err(|code| code.error("cannot look at the working set"))?;
        for (index, page) in pages.into_iter().enumerate() {
            let offset = outside.offset + (start - addresses.start + index * PAGE) as u64;
            let here = outside.part(offset, offset + PAGE as u64);
            any |= !page.is_valid();
            residency.push(if page.is_valid() { present(page, here) } else { here });
        }
    }
    Ok(any)
}

fn present(page: PageAttributes, here: PageRun) -> PageRun {
    const MOST: u32 = 7;
    let sharing = match page.share_count() {
        MOST => Sharing::Shared(None),
        count @ 2.. if page.is_shared() => Sharing::Shared(Some(count)),
        _ => Sharing::Alone,
    };
    let (huge, private) = (page.is_large(), !page.is_shared());
    PageRun { place: Place::Present, sharing, huge, private, ..here }
}

pub(crate) fn file_residency(file: &File, start: u64, end: u64) -> Result<Residency> {
    let metadata = file.metadata().map_err(|error| file_error(error, None))?;
    if !metadata.is_file() {
        return Err(Error::new(ErrorKind::WrongKind, "not a plain file, so it has no pages"));
    }
    let page = PAGE as u64;
    let Range { start, end } = whole_pages(start, end.min(metadata.len()), page);
    let mut residency = Residency { page_size: page, ..Residency::default() };
    residency.hidden.push("what of the file is in memory: Windows does not tell".to_string());
    let ranges = api::query_allocated_ranges(file, start, end).unwrap_or_else(|_| {
        let why = "which parts of the file are holes: its file system does not tell";
        residency.hidden.push(why.to_string());
        vec![(start, end - start)]
    });
    let mut at = start;
    for (offset, len) in ranges {
        let from = (offset / page * page).clamp(at, end);
        let to = (offset + len).next_multiple_of(page).clamp(from, end);
        residency.push(PageRun::nowhere(at, from - at));
        residency.push(PageRun { place: Place::OnDisk, ..PageRun::nowhere(from, to - from) });
        at = to;
    }
    residency.push(PageRun::nowhere(at, end - at));
    Ok(residency)
}

pub(crate) fn physical_address(_: usize) -> Result<Option<u64>> {
    Err(Error::new(ErrorKind::Unsupported, "Windows tells no program where its pages are"))
}
