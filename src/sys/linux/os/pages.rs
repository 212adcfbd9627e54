//! `/proc/self/pagemap`: what the page table of this process holds.
#![allow(unsafe_code)]

use std::ops::Range;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// What pages to look for with `PAGEMAP_SCAN`, in the kernel's categories.
#[derive(Clone, Copy, Default)]
pub(super) struct Scan {
    pub flags: u64,
    pub inverted: u64,
    /// All of these, and
    pub all: u64,
    /// any of these.
    pub any: u64,
}

#[repr(C)]
#[derive(Default)]
struct Argument {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    vec: u64,
    vec_len: u64,
    max_pages: u64,
    category_inverted: u64,
    category_mask: u64,
    category_anyof_mask: u64,
    return_mask: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Region {
    start: u64,
    end: u64,
    categories: u64,
}

const PAGEMAP_SCAN: u64 = 0xC060_6610;
const OF_FILE: u64 = 1 << 2;
const PRESENT: u64 = 1 << 3;
const SWAPPED: u64 = 1 << 4;

/// The kernel's list of this process's pages.
pub(super) fn pagemap() -> Result<OwnedFd, Errno> {
    rustix::fs::open("/proc/self/pagemap", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
}

/// The pages of a range of private memory that hold something, in memory or in the swap.
pub(in super::super) fn held(range: Range<usize>) -> Result<Vec<Range<usize>>, Errno> {
    let wanted = Scan { any: PRESENT | SWAPPED, ..Scan::default() };
    find(range, wanted, |entry| entry >> 62 != 0)
}

/// The pages of a range of a private view of a file that a write made a copy of.
pub(in super::super) fn copied(range: Range<usize>) -> Result<Vec<Range<usize>>, Errno> {
    let any = PRESENT | SWAPPED;
    let wanted = Scan { inverted: OF_FILE, all: OF_FILE, any, ..Scan::default() };
    find(range, wanted, |entry| entry >> 62 != 0 && entry >> 61 & 1 == 0)
}

/// Kernels before 6.7 have only the list.
fn find(
    range: Range<usize>,
    wanted: Scan,
    fits: fn(u64) -> bool,
) -> Result<Vec<Range<usize>>, Errno> {
    let pagemap = pagemap()?;
    match scan(&pagemap, range.clone(), wanted, usize::MAX) {
        Err(Errno::NOTTY) => read(&pagemap, range, fits),
        other => other,
    }
}

/// Asks the kernel for pages, at most so many.
pub(super) fn scan(
    pagemap: &OwnedFd,
    range: Range<usize>,
    wanted: Scan,
    most: usize,
) -> Result<Vec<Range<usize>>, Errno> {
    const REGIONS: usize = 512;
    let page = super::memory::page_size();
    let mut regions = [Region::default(); REGIONS];
    let mut runs: Vec<Range<usize>> = Vec::new();
    let (mut at, mut left) = (range.start, most);
    while at < range.end && left > 0 {
        let mut argument = Argument {
            size: size_of::<Argument>() as u64,
            flags: wanted.flags,
            start: at as u64,
            end: range.end as u64,
            vec: regions.as_mut_ptr().expose_provenance() as u64,
            vec_len: REGIONS as u64,
            max_pages: left as u64,
            category_inverted: wanted.inverted,
            category_mask: wanted.all,
            category_anyof_mask: wanted.any,
            return_mask: wanted.all | wanted.any,
            ..Argument::default()
        };
        // SAFETY: the request takes this structure, and writes at most `vec_len` regions to where it points.
        let found =
            unsafe { libc::ioctl(pagemap.as_raw_fd(), PAGEMAP_SCAN as _, &raw mut argument) };
        let found = usize::try_from(found).map_err(|_| {
            Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL)
        })?;
        for region in &regions[..found] {
            let run = region.start as usize..region.end as usize;
            left = left.saturating_sub(run.len() / page);
            push(&mut runs, run);
        }
        at = argument.walk_end as usize;
    }
    Ok(runs)
}

/// Looks at each page's entry.
fn read(
    pagemap: &OwnedFd,
    range: Range<usize>,
    fits: fn(u64) -> bool,
) -> Result<Vec<Range<usize>>, Errno> {
    let page = super::memory::page_size();
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut bytes = vec![0; 1 << 16];
    let mut at = range.start;
    while at < range.end {
        let len = bytes.len().min((range.end - at) / page * 8);
        let got =
            super::files::read_at(pagemap.as_fd(), &mut bytes[..len], (at / page * 8) as u64)?;
        if got != len {
            return Err(Errno::IO);
        }
        for word in bytes[..len].chunks_exact(8) {
            if fits(u64::from_ne_bytes(word.try_into().expect("8 bytes"))) {
                push(&mut runs, at..at + page);
            }
            at += page;
        }
    }
    Ok(runs)
}

fn push(runs: &mut Vec<Range<usize>>, run: Range<usize>) {
    match runs.last_mut() {
        Some(last) if last.end == run.start => last.end = run.end,
        _ => runs.push(run),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_and_the_scan_agree() {
        let page = super::super::memory::page_size();
        let memory =
            super::super::private::reserve(64 * page, super::super::private::Place::Aligned(page))
                .unwrap();
        let range = memory.addr()..memory.addr() + 64 * page;
        // SAFETY: fresh memory that only this test knows.
        unsafe {
            let flags = rustix::mm::ProtFlags::READ | rustix::mm::ProtFlags::WRITE;
            super::super::private::protect(memory, 64 * page, flags).unwrap();
            for at in [0, 1, 7, 63] {
                memory.add(at * page).write(1);
            }
        }
        let pagemap = pagemap().unwrap();
        let list = read(&pagemap, range.clone(), |entry| entry >> 62 != 0).unwrap();
        let pages: Vec<usize> = list
            .iter()
            .flat_map(|run| run.clone().step_by(page))
            .map(|at| (at - range.start) / page)
            .collect();
        assert!([0, 1, 7, 63].iter().all(|at| pages.contains(at)), "{pages:?}");
        assert_eq!(held(range).unwrap(), list);
        // SAFETY: as above.
        unsafe { super::super::private::unmap(memory, 64 * page).unwrap() };
    }
}
