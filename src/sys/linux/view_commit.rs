//! Views: taking memory, or disk space, for a range now.

use std::ops::Range;

use rustix::io::Errno;

use super::allowance;
use super::memory::{take_space, Memory};
use super::os::advice::Advice as Kernel;
use super::os::{fail::fail, files, files::OpenFor};
use super::residency;
use super::view::View;
use super::view_advice::tell;
use crate::{Error, ErrorKind, Place, Result};

impl View {
    pub(crate) fn commit(&self, offset: usize, len: usize) -> Result<()> {
        let wanted = self.pages(offset, len);
        for (part, place, memory) in self.parts() {
            let part = self.address(part.start)..self.address(part.end);
            let pages = wanted.start.max(part.start)..wanted.end.min(part.end);
            if pages.is_empty() {
                continue;
            }
            let at = place + (pages.start - part.start) as u64;
            if self.access.is_private() {
                self.copy_now(pages, at, memory)?;
            } else if memory.is_file() {
                self.check_still_there(offset, len)?;
                take_disk_space(pages, at, memory)?;
            } else {
                self.check_room_for(&pages, at, memory)?;
                take_memory(pages, at, memory)?;
            }
        }
        Ok(())
    }

    /// Makes the private copies of pages that a write would make.
    fn copy_now(&self, pages: Range<usize>, at: u64, memory: &Memory) -> Result<()> {
        self.check_room_for(&pages, at, memory)?;
        let from = pages.start - self.as_ptr().addr().min(pages.start);
        let len = pages.len();
        populate(pages).map_err(|errno| match errno {
            Errno::INVAL => Error::new(
                ErrorKind::Unsupported,
                "pages that are not copied yet cannot be by a kernel before 5.14, nor while they may not be written",
            ),
            // Also where the file has become shorter.
            Errno::FAULT => match self.check_still_there(from, len.min(self.len() - from)) {
                Err(error) => error,
                Ok(()) => no_memory(errno, len),
            },
            errno => taking_failed(errno, len),
        })
    }

    /// Refuses to take more than there is: the kernel would end some process over it.
    fn check_room_for(&self, pages: &Range<usize>, at: u64, memory: &Memory) -> Result<()> {
        let Err(available) = allowance::take(pages.len() as u64) else { return Ok(()) };
        // Perhaps it is there already.
        let there = residency::of_mapped(pages.clone(), 0, memory.any_descriptor().0, at)?;
        let private = self.access.is_private();
        let missing = there.bytes(|run| match private {
            true => !run.private,
            false => run.place == Place::NotAllocated,
        });
        if missing > available {
            let why = format!("{missing} bytes are missing, {available} are available; end what else needs memory, or commit less");
            return Err(Error::new(ErrorKind::CommitmentLimit, why));
        }
        Ok(())
    }
}

/// Of a memory file: what it has not got, and into the page table.
fn take_memory(pages: Range<usize>, at: u64, memory: &Memory) -> Result<()> {
    let len = pages.len();
    match populate(pages) {
        // Kernels before 5.14, or pages that may not be written now: taken all the same, only not in the page table.
        Err(Errno::INVAL) => take_space(memory.descriptor(OpenFor::ReadWrite)?, at, len as u64),
        told => told.map_err(|errno| taking_failed(errno, len)),
    }
}

/// Of a file: its pages may leave the memory again, but what is written to them has its place.
fn take_disk_space(pages: Range<usize>, at: u64, memory: &Memory) -> Result<()> {
    let doing = "taking disk space for the view";
    let fd = memory.descriptor(OpenFor::ReadWrite)?;
    match files::allocate_behind_end(fd, at, pages.len() as u64) {
        // The file system takes space at the first touch, or cannot promise any.
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => {}
        told => return told.map_err(|errno| fail(errno, doing)),
    }
    match populate(pages) {
        Ok(()) | Err(Errno::INVAL) => Ok(()),
        Err(Errno::FAULT) if files::is_disk_full(fd) => Err(fail(Errno::NOSPC, doing)),
        Err(Errno::FAULT) => {
            let why = "the file ends before the range does, or the disk fails";
            Err(Error::new(ErrorKind::InPageError, why))
        }
        Err(errno) => Err(fail(errno, doing)),
    }
}

fn populate(pages: Range<usize>) -> std::result::Result<(), Errno> {
    loop {
        match tell(pages.clone(), Kernel::LinuxPopulateWrite) {
            Err(Errno::INTR) => {}
            told => return told,
        }
    }
}

fn taking_failed(errno: Errno, len: usize) -> Error {
    match errno {
        Errno::FAULT | Errno::NOMEM | Errno::NOSPC => no_memory(errno, len),
        errno => fail(errno, "taking memory for the view"),
    }
}

fn no_memory(errno: Errno, len: usize) -> Error {
    let why = format!(
        "there is no memory for all of {len} bytes of the view, or its file system is full; end what else needs memory, or commit less"
    );
    Error::from_os(ErrorKind::CommitmentLimit, errno.raw_os_error(), why)
}
