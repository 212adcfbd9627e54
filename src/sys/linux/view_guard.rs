//! Views whose bytes can go away: what is told about it, and how a view gets them back.
#![allow(unsafe_code)]

use std::ops::Range;

use super::book::{self, Shown};
use super::memory::Memory;
use super::os::{fail::fail, files, files::OpenFor, memory, memory::Map};
use super::protection::flags;
use super::view::View;
use crate::sys::fault_copy::FORBIDDEN;
use crate::{Error, ErrorKind, Result};

impl View {
    #[inline]
    pub(crate) fn is_guarded(&self) -> bool {
        self.listed.is_some()
    }

    /// Whether pages of zeros stand where access in place met missing ones.
    #[inline]
    pub(crate) fn has_lost_pages(&self) -> bool {
        self.listed.as_ref().is_some_and(|listed| listed.has_lost_pages())
    }

    /// How often pages of zeros were put there until now.
    #[inline]
    pub(crate) fn losses(&self) -> usize {
        self.listed.as_ref().map_or(0, |listed| listed.losses())
    }

    /// Why a copy ended at `address`.
    #[cold]
    pub(crate) fn why_given_up(&self, address: usize) -> Error {
        let forbidden = address & FORBIDDEN != 0;
        let address = address & !FORBIDDEN;
        let offset = address.wrapping_sub(self.as_ptr().addr());
        if offset >= self.len() {
            let why = format!("it is the buffer at {address:#x}, not the view");
            let kind = if forbidden { ErrorKind::NoAccess } else { ErrorKind::InPageError };
            return Error::new(kind, why);
        }
        if forbidden {
            let why = format!("at offset {offset} of the view");
            return Error::new(ErrorKind::NoAccess, why);
        }
        self.why_missing(offset)
    }

    /// The error for a view that has lost pages.
    #[cold]
    pub(crate) fn why_damaged(&self) -> Error {
        if !self.has_lost_pages() {
            let why = "a page was missing meanwhile, and is there again; try once more";
            return Error::new(ErrorKind::InPageError, why);
        }
        let lost = self.listed.as_ref().map_or(0..0, |listed| listed.lost());
        let from = lost.start.saturating_sub(self.as_ptr().addr());
        let why = format!(
            "its page at offset {from} was missing when it was used in place, and holds private zeros since; \
             `View::repair` maps the file again"
        );
        Error::new(ErrorKind::InPageError, why)
    }

    /// Refuses a range of which a file has lost bytes.
    pub(super) fn check_still_there(&self, offset: usize, len: usize) -> Result<()> {
        if self.has_lost_pages() {
            return Err(self.why_damaged());
        }
        let (from, to) = (self.skip + offset, self.skip + offset + len);
        for (part, place, memory) in self.parts() {
            let end = to.min(part.end);
            if from.max(part.start) >= end {
                continue;
            }
            match len_of(memory) {
                Some(len) if place + (end - part.start) as u64 > len => {
                    return Err(truncated(end - 1 - self.skip, len));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Maps the file again where pages were lost, if it has them again.
    pub(crate) fn repair(&self) -> Result<()> {
        let Some(listed) = &self.listed else { return Ok(()) };
        let book = book::read(); // what the pages permit stays the same meanwhile
        listed.with_pages(|| {
            if !listed.has_lost_pages() {
                return Ok(());
            }
            let (losses, lost) = (listed.losses(), listed.lost());
            let end = (lost.end - self.as_ptr().addr()).min(self.len());
            match self.file_len() {
                Some(len) if self.position(end) > len => return Err(truncated(end - 1, len)),
                _ => {}
            }
            let (_, view) = book.view(self.base.addr()).expect("a view is in the book");
            for (run, shown) in view.shown(lost) {
                self.map_again(run, shown)?;
            }
            listed.mend(losses);
            Ok(())
        })
    }

    fn map_again(&self, pages: Range<usize>, shown: Shown) -> Result<()> {
        let fd = match self.access.writable() && !shown.private {
            true => self.memory.descriptor(OpenFor::ReadWrite)?,
            false => self.memory.any_descriptor().0,
        };
        let map = Map {
            len: pages.len(),
            protection: flags(shown.protect),
            private: shown.private,
            offset: self.place + (pages.start - self.base.addr()) as u64,
            address: Some(pages.start),
        };
        // SAFETY: pages of this view, which hold zeros that nobody relies on, or the bytes of the file already.
        unsafe { memory::map_over(fd, map) }.map_err(|errno| fail(errno, "mapping the file again"))
    }

    fn why_missing(&self, offset: usize) -> Error {
        match self.file_len() {
            Some(len) if self.position(offset) >= len => truncated(offset, len),
            _ if files::is_disk_full(self.memory.any_descriptor().0) => {
                let why =
                    format!("the disk has no room for the page at offset {offset} of the view");
                Error::new(ErrorKind::InPageError, why)
            }
            _ => {
                let why = format!(
                    "at offset {offset} of the view; the disk or the memory under it fails, or the file was shorter \
                     for a moment"
                );
                Error::new(ErrorKind::InPageError, why)
            }
        }
    }

    /// Where a byte of the view lies in the file.
    fn position(&self, offset: usize) -> u64 {
        self.place + (self.skip + offset) as u64
    }

    fn file_len(&self) -> Option<u64> {
        len_of(&self.memory)
    }
}

fn len_of(memory: &Memory) -> Option<u64> {
    let stat = files::fstat(memory.any_descriptor().0).ok()?;
    Some(stat.st_size as u64)
}

fn truncated(offset: usize, len: u64) -> Error {
    let why = format!(
        "byte {offset} of the view is gone: somebody truncated the file to {len} bytes; it can be used again when the \
         file has grown back"
    );
    Error::new(ErrorKind::InPageError, why)
}
