//! Where the pages of any addresses are, of this process and of others.
//!
//! What lies under the page table is asked in three ways. For views of this process the books have the file. Of what else this
//! process has mapped `mincore` tells by address: no file is opened, because the end of such a descriptor would release the locks
//! that this process has on the file (POSIX, `fcntl`). Of another process the file is opened afresh, because `mincore` only
//! knows the caller's addresses.

use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;

use super::book;
use super::os::{fail::fail, files, maps, memory, page_cache};
use super::residency::{in_table, put_together};
use super::residency_cache::{self as cache, hide, Hidden};
use super::space::HIGHEST;
use crate::residency::{push, whole_pages};
use crate::{Error, ErrorKind, PageRun, Place, Residency, Result};

const NO_DETAILS: &str =
    "which pages of files are not written back or holes: ask the view or the file";
const NOT_MINE: &str =
    "which pages of the file are cached: the system tells only the file's owner and who may write it";
const NO_PATH: &str = "which pages are cached of files that have no path any more";
const NO_FILE: &str = "what of the file is cached or swapped out: this process cannot open it";

/// The residency of the pages with these bytes; of this process, or of another.
pub(crate) fn memory_residency(pid: Option<u32>, address: usize, len: usize) -> Result<Residency> {
    let page = memory::page_size();
    let pid = pid.filter(|&pid| pid != std::process::id());
    let end = address.checked_add(len).filter(|&end| end <= HIGHEST).ok_or_else(|| {
        let why = format!("{len} bytes at {address:#x} reach past the last address, {HIGHEST:#x}");
        Error::new(ErrorKind::InvalidParameter, why)
    })?;
    let addresses = whole_pages(address as u64, end as u64, page as u64);
    let mut hidden = Hidden::new();
    let ranges = match pid {
        Some(pid) => ranges_of(pid)?,
        None => maps::of_this_process().unwrap_or_else(|error| {
            hide(
                &mut hidden,
                &format!("what is mapped: /proc/self/maps is not open to it ({error})"),
            );
            Vec::new()
        }),
    };
    let table = in_table(pid, addresses.clone(), &mut hidden)?;
    let under = under(pid, &ranges, addresses.clone(), &mut hidden)?;
    let mut residency = put_together(&table, &under, hidden);
    residency.runs.iter_mut().for_each(|run| run.offset -= addresses.start);
    Ok(residency)
}

fn ranges_of(pid: u32) -> Result<Vec<maps::Range>> {
    let text = std::fs::read(format!("/proc/{pid}/maps"));
    let text = text.map_err(|error| no_process(pid, &error))?;
    if text.is_empty() {
        let why = format!("process {pid} has no memory: it has ended, or is a part of the kernel");
        return Err(Error::new(ErrorKind::NotFound, why));
    }
    Ok(maps::parse(&text))
}

fn no_process(pid: u32, error: &io::Error) -> Error {
    let errno = Errno::from_io_error(error).unwrap_or(Errno::IO);
    match errno {
        Errno::NOENT | Errno::SRCH => Error::new(ErrorKind::NotFound, format!("no process {pid}")),
        Errno::ACCESS | Errno::PERM => Error::from_os(
            ErrorKind::AccessDenied,
            errno.raw_os_error(),
            format!("process {pid} may only be looked into by its user and by CAP_SYS_PTRACE"),
        ),
        errno => fail(errno, "reading what the process has mapped"),
    }
}

/// What lies under the page table, by address, without gaps.
fn under(
    pid: Option<u32>,
    ranges: &[maps::Range],
    addresses: Range<u64>,
    hidden: &mut Hidden,
) -> Result<Vec<PageRun>> {
    let mut runs = Vec::new();
    let mut at = addresses.start;
    for range in ranges {
        let start = (range.start as u64).max(at);
        let end = (range.end as u64).min(addresses.end);
        if start >= end {
            continue;
        }
        push(&mut runs, PageRun::nowhere(at, start - at));
        if range.inode == 0 {
            push(&mut runs, PageRun::nowhere(start, end - start));
        } else {
            match pid {
                Some(pid) => of_other(pid, range, start..end, hidden, &mut runs)?,
                None => of_this(range, start..end, hidden, &mut runs)?,
            }
        }
        at = end;
    }
    push(&mut runs, PageRun::nowhere(at, addresses.end - at));
    Ok(runs)
}

/// What a range is a part of.
enum Behind {
    /// Memory that belongs to no file system that has names.
    Memory,
    File {
        may_know: bool,
    },
    /// A file that has no path any more, so that its owner is not known.
    Other,
}

fn behind(range: &maps::Range) -> Behind {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let path = range.path.as_encoded_bytes();
    let memory: [&[u8]; 4] = [b"/memfd:", b"/dev/zero", b"/SYSV", b"/anon_hugepage"];
    if memory.iter().any(|name| path.starts_with(name)) {
        return Behind::Memory;
    }
    match std::fs::metadata(&range.path) {
        Ok(about) if about.is_file() && about.ino() == range.inode => {
            if page_cache::lies_at(&range.path).is_in_memory() {
                return Behind::Memory;
            }
            Behind::File { may_know: files::may_write_at(&range.path, about.uid()) }
        }
        Ok(about) if about.file_type().is_char_device() => Behind::Memory,
        _ => Behind::Other,
    }
}

/// Adds what lies under addresses of this process, at which a file is mapped.
fn of_this(
    range: &maps::Range,
    part: Range<u64>,
    hidden: &mut Hidden,
    runs: &mut Vec<PageRun>,
) -> Result<()> {
    let mut at = part.start;
    while at < part.end {
        let (view, next) = {
            let book = book::read();
            let view = book.view(at as usize).map(|(base, view)| {
                let offset = view.offset + at - base as u64;
                (view.end as u64, view.memory.clone(), offset)
            });
            (view, book.views.range(at as usize + 1..).next().map(|(base, _)| *base as u64))
        };
        let to = view.as_ref().map(|view| view.0).or(next).unwrap_or(part.end).min(part.end);
        match view {
            Some((_, memory, offset)) => {
                add_file(memory.any_descriptor().0, offset, at..to, hidden, runs)?;
            }
            None => without_file(range, at..to, hidden, runs),
        }
        at = to;
    }
    Ok(())
}

/// Adds what `mincore` says of addresses of this process, at which a file is mapped.
fn without_file(
    range: &maps::Range,
    part: Range<u64>,
    hidden: &mut Hidden,
    runs: &mut Vec<PageRun>,
) {
    let behind = behind(range);
    let elsewhere = match behind {
        Behind::Memory => Place::NotAllocated,
        Behind::File { .. } | Behind::Other => Place::OnDisk,
    };
    let whole = PageRun { place: elsewhere, ..PageRun::nowhere(part.start, part.end - part.start) };
    match behind {
        Behind::Memory => {}
        Behind::File { may_know: true } => hide(hidden, NO_DETAILS),
        Behind::File { may_know: false } => {
            hide(hidden, NOT_MINE);
            return push(runs, whole);
        }
        Behind::Other => {
            hide(hidden, NO_PATH);
            return push(runs, whole);
        }
    }
    let page = memory::page_size() as u64;
    let block = cache::MINCORE_PAGES as u64 * page;
    let mut pages = Vec::new();
    for start in (part.start..part.end).step_by(block as usize) {
        let end = (start + block).min(part.end);
        pages.clear();
        pages.resize(((end - start) / page) as usize, 0);
        if page_cache::mincore(start as usize, page as usize, &mut pages).is_err() {
            pages.fill(0); // unmapped meanwhile
        }
        cache::push_cached(&pages, whole.part(start, end), page, runs);
    }
}

/// Adds what lies under addresses of another process, at which a file is mapped.
fn of_other(
    pid: u32,
    range: &maps::Range,
    part: Range<u64>,
    hidden: &mut Hidden,
    runs: &mut Vec<PageRun>,
) -> Result<()> {
    let Some(fd) = open(pid, range) else {
        hide(hidden, NO_FILE);
        let in_memory = matches!(behind(range), Behind::Memory);
        let place = if in_memory { Place::NotAllocated } else { Place::OnDisk };
        push(runs, PageRun { place, ..PageRun::nowhere(part.start, part.end - part.start) });
        return Ok(());
    };
    let offset = part.start - range.start as u64 + range.offset;
    add_file(fd.as_fd(), offset, part, hidden, runs)
}

/// Adds what lies under addresses at which the file is mapped from `offset` on.
fn add_file(
    fd: BorrowedFd<'_>,
    offset: u64,
    part: Range<u64>,
    hidden: &mut Hidden,
    runs: &mut Vec<PageRun>,
) -> Result<()> {
    for mut run in cache::runs(fd, offset, offset + part.end - part.start, hidden)? {
        run.offset = run.offset - offset + part.start;
        push(runs, run);
    }
    Ok(())
}

/// Opens the plain file that a process has mapped: as what is mapped (which only the privileged may), as what it has open, or
/// by its path.
fn open(pid: u32, range: &maps::Range) -> Option<OwnedFd> {
    let mapped = format!("/proc/{pid}/map_files/{:x}-{:x}", range.start, range.end);
    let mut path = std::ffi::OsString::from(format!("/proc/{pid}/root"));
    path.push(&range.path);
    let opened = std::fs::read_dir(format!("/proc/{pid}/fd"));
    let opened = opened.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    std::iter::once(mapped.into())
        .chain(opened)
        .chain([path.into()])
        .find_map(|path: std::path::PathBuf| files::open_if_it_is(&path, range.dev, range.inode))
}
