//! The page cache: `cachestat` (kernel 6.5), `mincore`, and which parts of a file are on its disk (`FIEMAP`).
#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::io::Errno;

const SYS_CACHESTAT: libc::c_long = 451;

/// How many pages of a range are in the cache (`struct cachestat`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct CacheCounts {
    pub cached: u64,
    pub dirty: u64,
    pub writeback: u64,
    /// Of a file in memory: swapped out.
    pub evicted: u64,
    recently_evicted: u64,
}

/// Counts the pages of a range that is not empty.
pub(in super::super) fn cachestat(
    fd: BorrowedFd<'_>,
    offset: u64,
    len: u64,
) -> Result<CacheCounts, Errno> {
    let range = [offset, len];
    let mut counts = CacheCounts::default();
    let no_flags = 0;
    // SAFETY: reads the two words of `range` and fills `counts`, which both live through the call.
    check(unsafe {
        libc::syscall(SYS_CACHESTAT, fd.as_raw_fd(), range.as_ptr(), &raw mut counts, no_flags)
    })?;
    Ok(counts)
}

/// Whether the pages from an address of this process on are in memory, in bit 0 of each byte. Where this process may not
/// know, the kernel says that all of them are.
pub(in super::super) fn mincore(
    address: usize,
    page: usize,
    pages: &mut [u8],
) -> Result<(), Errno> {
    let start = std::ptr::without_provenance_mut(address);
    // SAFETY: writes one byte for each page into the exclusively borrowed slice; touches no page of the range.
    check(unsafe { libc::mincore(start, pages.len() * page, pages.as_mut_ptr()) }.into())
}

/// A piece of a file that has its place on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Extent {
    pub start: u64,
    pub end: u64,
    /// Whether it was ever written, and is not merely kept free for the file.
    pub written: bool,
}

/// `struct fiemap_extent`
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct RawExtent {
    logical: u64,
    physical: u64,
    len: u64,
    reserved_wide: [u64; 2],
    flags: u32,
    reserved: [u32; 3],
}

const ROOM: usize = 128;

/// `struct fiemap` with room for some extents
#[repr(C)]
struct FieMap {
    start: u64,
    len: u64,
    flags: u32,
    mapped: u32,
    room: u32,
    reserved: u32,
    extents: [RawExtent; ROOM],
}

/// `_IOWR('f', 11, struct fiemap)`, of which the extents are not counted
const FIEMAP: u64 = 3 << 30 | 32 << 16 | (b'f' as u64) << 8 | 11;
const UNWRITTEN: u32 = 0x800;
const LAST: u32 = 1;

/// The extents that lie in `start` to `end`, in order.
///
/// Unlike `SEEK_DATA` this moves no file position that others may be using, and unlike a descriptor of our own its end does
/// not release the locks that this process has on the file.
pub(in super::super) fn extents(
    fd: BorrowedFd<'_>,
    start: u64,
    end: u64,
    mut each: impl FnMut(Extent),
) -> Result<(), Errno> {
    let mut at = start;
    while at < end {
        let mut map = FieMap {
            start: at,
            len: end - at,
            flags: 0,
            mapped: 0,
            room: ROOM as u32,
            reserved: 0,
            extents: [RawExtent::default(); ROOM],
        };
        // SAFETY: the request fills in at most `room` extents, for which there is room.
        check(unsafe { libc::ioctl(fd.as_raw_fd(), FIEMAP as _, &raw mut map) }.into())?;
        let found = &map.extents[..(map.mapped as usize).min(ROOM)];
        let before = at;
        for extent in found {
            let extent_end = extent.logical.saturating_add(extent.len);
            let written = extent.flags & UNWRITTEN == 0;
            each(Extent { start: extent.logical.max(at), end: extent_end.min(end), written });
            at = at.max(extent_end);
        }
        if at == before || found.last().is_some_and(|extent| extent.flags & LAST != 0) {
            break;
        }
    }
    Ok(())
}

/// What kind of file system the file lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Lies {
    /// In memory only.
    InMemory,
    /// In memory, in huge pages that are no part of the cache.
    InHugePages,
    /// In a file of another file system, which has the cache.
    OnAnother,
    OnDisk,
}

impl Lies {
    pub(in super::super) fn is_in_memory(self) -> bool {
        matches!(self, Lies::InMemory | Lies::InHugePages)
    }

    fn of(answer: Result<rustix::fs::StatFs, Errno>) -> Lies {
        match answer.map_or(0, |answer| answer.f_type as u64 & 0xFFFF_FFFF) {
            0x0102_1994 | 0x8584_58F6 => Lies::InMemory, // tmpfs and memory files; ramfs
            0x9584_58F6 => Lies::InHugePages,            // hugetlbfs
            0x794C_7630 => Lies::OnAnother,              // overlayfs
            _ => Lies::OnDisk,
        }
    }
}

pub(in super::super) fn lies(fd: BorrowedFd<'_>) -> Lies {
    Lies::of(rustix::fs::fstatfs(fd))
}

pub(in super::super) fn lies_at(path: &std::ffi::OsStr) -> Lies {
    Lies::of(rustix::fs::statfs(path))
}

fn check(result: libc::c_long) -> Result<(), Errno> {
    if result >= 0 {
        return Ok(());
    }
    Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO))
}
