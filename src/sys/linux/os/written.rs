//! Which pages were written: `userfaultfd` protects them and notes the first write to each by itself (Linux 6.7), and
//! `PAGEMAP_SCAN` tells and forgets.
#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, OwnedFd};

use rustix::io::Errno;
use rustix::mm::UserfaultfdFlags;

use super::pagemap::{PageMap, Region};

/// A range whose writes are noted, as long as this lives and in this process only.
#[derive(Debug)]
pub(in super::super) struct Watched {
    faults: OwnedFd,
    pagemap: PageMap,
}

#[repr(C)]
struct Api {
    api: u64,
    features: u64,
    ioctls: u64,
}

#[repr(C)]
struct Register {
    start: u64,
    len: u64,
    mode: u64,
    ioctls: u64,
}

#[repr(C)]
struct WriteProtect {
    start: u64,
    len: u64,
    mode: u64,
}

const UFFD_USER_MODE_ONLY: u32 = 1;
const UFFDIO_API: u64 = 0xC018_AA3F;
const UFFDIO_REGISTER: u64 = 0xC020_AA00;
const UFFDIO_WRITEPROTECT: u64 = 0xC018_AA06;

/// Also pages that were never touched can be protected; a write is noted without asking anybody.
const FEATURES: u64 = 1 << 13 | 1 << 15;
const PROTECT_WRITES: u64 = 1 << 1;
const WRITEPROTECT: u64 = 1;

impl Watched {
    /// Notes writes from now on, in none yet.
    pub(in super::super) fn new() -> Result<Watched, Errno> {
        let flags = UserfaultfdFlags::CLOEXEC
            | UserfaultfdFlags::NONBLOCK
            | UserfaultfdFlags::from_bits_retain(UFFD_USER_MODE_ONLY);
        // SAFETY: only write protection without anybody to ask is used below, which stops no thread.
        let faults = unsafe { rustix::mm::userfaultfd(flags)? };
        let mut api = Api { api: 0xAA, features: FEATURES, ioctls: 0 };
        ioctl(&faults, UFFDIO_API, &mut api)?;
        Ok(Watched { faults, pagemap: PageMap::open(None)? })
    }

    /// Begins with a range of whole pages; every page of it counts as written until `forget`.
    pub(in super::super) fn add(&self, start: usize, len: usize) -> Result<(), Errno> {
        let (start, len) = (start as u64, len as u64);
        let mut register = Register { start, len, mode: PROTECT_WRITES, ioctls: 0 };
        ioctl(&self.faults, UFFDIO_REGISTER, &mut register)
    }

    /// No page of the range counts as written.
    pub(in super::super) fn forget(&self, start: usize, len: usize) -> Result<(), Errno> {
        let (start, len) = (start as u64, len as u64);
        ioctl(
            &self.faults,
            UFFDIO_WRITEPROTECT,
            &mut WriteProtect { start, len, mode: WRITEPROTECT },
        )
    }

    /// The written pages of a range in order, at most so many; with `forget`, those told do not count any more, and no write
    /// in between is lost.
    pub(in super::super) fn written(
        &self,
        range: std::ops::Range<usize>,
        most: usize,
        forget: bool,
    ) -> Result<Vec<usize>, Errno> {
        let page = super::memory::page_size();
        let mut regions = [Region::default(); 512];
        let (mut pages, mut at, end) = (Vec::new(), range.start as u64, range.end as u64);
        while at < end && pages.len() < most {
            let left = (most - pages.len()) as u64;
            let (found, reached) =
                self.pagemap.scan_written(at, end, left, forget, &mut regions)?;
            let runs = regions[..found].iter();
            pages.extend(runs.flat_map(|run| (run.start as usize..run.end as usize).step_by(page)));
            at = reached;
        }
        Ok(pages)
    }
}

fn ioctl<T>(fd: &OwnedFd, request: u64, argument: &mut T) -> Result<(), Errno> {
    // SAFETY: every request above goes with the structure of its size.
    let result = unsafe { libc::ioctl(fd.as_raw_fd(), request as _, std::ptr::from_mut(argument)) };
    match result {
        0 => Ok(()),
        _ => Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL)),
    }
}
