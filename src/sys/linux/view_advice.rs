//! Views: advice, prefetching, locking, and the node whose memory is preferred.
#![allow(unsafe_code)]

use std::ops::Range;

use rustix::io::Errno;

use super::os::advice::{self, Advice as Kernel};
use super::os::{fail::fail, private};
use super::view::View;
use super::{book, pinned};
use crate::{Advice, Error, ErrorKind, Result};

impl View {
    pub(crate) fn advise(&self, offset: usize, len: usize, advice: Advice) -> Result<bool> {
        let pages = self.pages(offset, len);
        let told = match advice {
            Advice::Normal => tell(pages, Kernel::Normal),
            Advice::Sequential => tell(pages, Kernel::Sequential),
            Advice::Random => tell(pages, Kernel::Random),
            Advice::WillNeed => tell(pages, Kernel::WillNeed),
            Advice::WontNeed => self.let_go(pages),
            Advice::HugePages => tell(pages, Kernel::LinuxHugepage),
            Advice::NoHugePages => tell(pages, Kernel::LinuxNoHugepage),
        };
        match told {
            Ok(()) => Ok(true),
            // The kernel has no such advice, or the pages are locked.
            Err(Errno::INVAL) => Ok(false),
            Err(errno) => Err(fail(errno, "advising about the view")),
        }
    }

    pub(crate) fn prefetch(&self, offset: usize, len: usize) -> Result<()> {
        let through = self.access.writable() && !self.access.is_private();
        let wanted = self.pages(offset, len);
        for (part, _, memory) in self.parts() {
            let part = self.address(part.start)..self.address(part.end);
            let pages = wanted.start.max(part.start)..wanted.end.min(part.end);
            if pages.is_empty() {
                continue;
            }
            let advice = if memory.is_file() {
                Kernel::LinuxPopulateRead // populating for writing would make the whole file dirty
            } else if !memory.is_allocated()? {
                Kernel::WillNeed // populating would allocate what nobody has written
            } else if through {
                Kernel::LinuxPopulateWrite
            } else {
                Kernel::LinuxPopulateRead
            };
            let told = match tell(pages.clone(), advice) {
                // Kernels before 5.14; or the pages are protected otherwise by now.
                Err(Errno::INVAL) => tell(pages, Kernel::WillNeed),
                other => other,
            };
            told.map_err(|errno| match errno {
                Errno::FAULT => cannot_be_brought_in(),
                errno => fail(errno, "bringing in the view"),
            })?;
        }
        Ok(())
    }

    pub(crate) fn lock(&self, offset: usize, len: usize) -> Result<()> {
        let pages = self.pages(offset, len);
        let mut book = book::write();
        let missing = book.locked.missing(pages.clone());
        for part in &missing {
            if let Err(errno) = pinned::keep(&book, part.clone()) {
                for part in &missing {
                    let _ = private::unlock(private::pointer(part.start), part.len());
                }
                return Err(lock_failed(errno, part.len()));
            }
        }
        book.locked.set(pages, true);
        Ok(())
    }

    pub(crate) fn unlock(&self, offset: usize, len: usize) -> Result<()> {
        let pages = self.pages(offset, len);
        let mut book = book::write();
        if !book.locked.is_locked(pages.clone()) {
            return Err(Error::new(ErrorKind::NotLocked, "a page of the range is not locked"));
        }
        private::unlock(private::pointer(pages.start), pages.len())
            .map_err(|errno| fail(errno, "unlocking the view"))?;
        book.locked.set(pages, false);
        Ok(())
    }

    /// Takes pages out of the page table, where that loses nothing.
    fn let_go(&self, pages: Range<usize>) -> std::result::Result<(), Errno> {
        let book = book::read(); // nobody changes meanwhile which pages are private
        let mut from = pages.start;
        while from < pages.end {
            let (_, view) = book.view(from).ok_or(Errno::INVAL)?;
            let part = from..pages.end.min(view.end);
            from = part.end;
            for (run, shown) in view.shown(part) {
                match shown.private {
                    true => tell(run, Kernel::LinuxPageOut)?,
                    // SAFETY: shared pages of this view, which lives as long as `&self`: what they hold is kept by their
                    // file or memory file.
                    false => unsafe {
                        advice::advise(
                            private::pointer(run.start),
                            run.len(),
                            Kernel::LinuxDontNeed,
                        )?
                    },
                }
            }
        }
        Ok(())
    }

    /// The addresses of the whole pages around a range.
    pub(super) fn pages(&self, offset: usize, len: usize) -> Range<usize> {
        let start = self.skip + offset;
        let end = start + len;
        let (first, last) = (self.page_at(start), self.page_at(end - 1));
        self.address(start / first * first)..self.address(end.next_multiple_of(last))
    }

    /// The size of the page so many bytes from `base`; every part begins at a multiple of its own.
    fn page_at(&self, from_base: usize) -> usize {
        let mut parts = self.parts();
        let part = parts.find(|(part, ..)| from_base < part.end);
        part.map_or(self.memory.page(), |(_, _, memory)| memory.page())
    }

    pub(super) fn address(&self, from_base: usize) -> usize {
        self.base.addr() + from_base
    }
}

/// Gives advice that makes the kernel forget nothing.
pub(super) fn tell(pages: Range<usize>, advice: Kernel) -> std::result::Result<(), Errno> {
    debug_assert_ne!(advice, Kernel::LinuxDontNeed);
    // SAFETY: pages of a view that its callers borrow, and advice that changes only where they lie.
    unsafe { advice::advise(private::pointer(pages.start), pages.len(), advice) }
}

/// Refuses a node that this machine does not have.
pub(crate) fn check_numa_node(node: u32) -> Result<()> {
    let nodes = advice::nodes();
    let has = |span: &str| {
        let (first, last) = span.split_once('-').unwrap_or((span, span));
        match (first.parse::<u32>(), last.parse::<u32>()) {
            (Ok(first), Ok(last)) => (first..=last).contains(&node),
            _ => false,
        }
    };
    if nodes.split(',').any(has) {
        return Ok(());
    }
    let why = format!("there is no NUMA node {node}; this machine has: {nodes}");
    Err(Error::new(ErrorKind::InvalidParameter, why))
}

/// Prefers a node's memory for a mapped range. A hint: kernels without NUMA, and sandboxes that forbid the call, have
/// one kind of memory as far as this process can tell.
pub(super) fn prefer_node(base: *mut u8, len: usize, node: Option<u32>) {
    if let Some(node) = node {
        let _ = private::prefer_node(base, len, node);
    }
}

fn lock_failed(errno: Errno, len: usize) -> Error {
    let over = advice::lock_limit().filter(|(limit, locked)| locked + len as u64 > *limit);
    match (errno, over) {
        (Errno::NOMEM | Errno::PERM | Errno::AGAIN, Some((limit, locked))) => Error::from_os(
            ErrorKind::NotEnoughMemory,
            errno.raw_os_error(),
            format!(
                "locking {len} bytes on top of {locked} passes RLIMIT_MEMLOCK, {limit} bytes; raise it (`ulimit -l`) or lock less"
            ),
        ),
        (Errno::NOMEM, None) => cannot_be_brought_in(),
        _ => fail(errno, "locking the view in memory"),
    }
}

fn cannot_be_brought_in() -> Error {
    let why = "the file ends before the range does, or the disk fails";
    Error::new(ErrorKind::InPageError, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_0_exists_everywhere_and_a_wild_one_nowhere() {
        check_numa_node(0).unwrap();
        assert_eq!(check_numa_node(4000).unwrap_err().win32_code(), 87);
    }
}
