//! Page tables: `/proc/<pid>/pagemap`, the `PAGEMAP_SCAN` request of kernel 6.7, and `/proc/kpagecount`.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// What `PAGEMAP_SCAN` tells about pages (`PAGE_IS_*`).
pub(in super::super) mod category {
    pub const WRITTEN: u64 = 1 << 1;
    pub const FILE: u64 = 1 << 2;
    pub const PRESENT: u64 = 1 << 3;
    pub const SWAPPED: u64 = 1 << 4;
    /// The page of zeros.
    pub const ZERO: u64 = 1 << 5;
    pub const HUGE: u64 = 1 << 6;
}

/// Neighbouring pages of the same categories (`struct page_region`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Region {
    pub start: u64,
    pub end: u64,
    pub categories: u64,
}

/// `struct pm_scan_arg`
#[repr(C)]
#[derive(Default)]
struct ScanArg {
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

/// `_IOWR('f', 16, struct pm_scan_arg)`
const PAGEMAP_SCAN: u64 = 3 << 30 | (size_of::<ScanArg>() as u64) << 16 | (b'f' as u64) << 8 | 16;

/// The page table of one process.
#[derive(Debug)]
pub(in super::super) struct PageMap(OwnedFd);

impl PageMap {
    /// Of a process, or of this one.
    pub(in super::super) fn open(pid: Option<u32>) -> Result<PageMap, Errno> {
        let path = match pid {
            Some(pid) => format!("/proc/{pid}/pagemap"),
            None => "/proc/self/pagemap".to_string(),
        };
        rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map(PageMap)
    }

    /// The pages from `start` up to `end` that are in memory or swapped out, as far as `regions` has room. Returns how many
    /// regions there are, and where the search ended.
    pub(in super::super) fn scan(
        &self,
        start: u64,
        end: u64,
        regions: &mut [Region],
    ) -> Result<(usize, u64), Errno> {
        use category::{FILE, HUGE, PRESENT, SWAPPED, ZERO};
        let mut arg = ScanArg {
            size: size_of::<ScanArg>() as u64,
            start,
            end,
            vec: regions.as_mut_ptr().expose_provenance() as u64,
            vec_len: regions.len() as u64,
            category_anyof_mask: PRESENT | SWAPPED,
            return_mask: FILE | PRESENT | SWAPPED | ZERO | HUGE,
            ..ScanArg::default()
        };
        let found = self.request(&mut arg)?;
        Ok((found, arg.walk_end))
    }

    /// The written pages from `start` up to `end`, at most so many, in a range whose writes are noted. With `forget`, those
    /// told do not count as written any more, and no write in between is lost.
    pub(in super::super) fn scan_written(
        &self,
        start: u64,
        end: u64,
        most: u64,
        forget: bool,
        regions: &mut [Region],
    ) -> Result<(usize, u64), Errno> {
        const PROTECT_AGAIN: u64 = 1;
        const FAIL_UNLESS_NOTED: u64 = 1 << 1;
        let mut arg = ScanArg {
            size: size_of::<ScanArg>() as u64,
            flags: FAIL_UNLESS_NOTED | if forget { PROTECT_AGAIN } else { 0 },
            start,
            end,
            vec: regions.as_mut_ptr().expose_provenance() as u64,
            vec_len: regions.len() as u64,
            max_pages: most,
            category_mask: category::WRITTEN,
            return_mask: category::WRITTEN,
            ..ScanArg::default()
        };
        let found = self.request(&mut arg)?;
        Ok((found, arg.walk_end))
    }

    /// `arg` tells an array that is exclusively borrowed, and its length.
    fn request(&self, arg: &mut ScanArg) -> Result<usize, Errno> {
        loop {
            // SAFETY: `arg` is what the request takes, and tells the kernel an array and its length. No flag asks for another
            // change of the page table than to note writes again.
            let found =
                unsafe { libc::ioctl(self.0.as_raw_fd(), PAGEMAP_SCAN as _, &raw mut *arg) };
            match Errno::from_io_error(&std::io::Error::last_os_error()) {
                _ if found >= 0 => return Ok(found as usize),
                Some(Errno::INTR) => {}
                errno => return Err(errno.unwrap_or(Errno::IO)),
            }
        }
    }

    /// The raw entries of pages from the page with this number on. Returns how many there were.
    pub(in super::super) fn entries(&self, page: u64, entries: &mut [u64]) -> Result<usize, Errno> {
        read_words(self.0.as_fd(), page, entries)
    }
}

/// How often each page of memory is mapped.
pub(in super::super) struct PageCounts(OwnedFd);

impl PageCounts {
    pub(in super::super) fn open() -> Result<PageCounts, Errno> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        rustix::fs::open("/proc/kpagecount", flags, Mode::empty()).map(PageCounts)
    }

    /// The counts of frames from the frame with this number on. Returns how many there were.
    pub(in super::super) fn of(&self, frame: u64, counts: &mut [u64]) -> Result<usize, Errno> {
        read_words(self.0.as_fd(), frame, counts)
    }
}

fn read_words(fd: BorrowedFd<'_>, first: u64, words: &mut [u64]) -> Result<usize, Errno> {
    let bytes = zerocopy::IntoBytes::as_mut_bytes(words);
    loop {
        match rustix::io::pread(fd, &mut *bytes, first * 8) {
            Ok(read) => return Ok(read / 8),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}
