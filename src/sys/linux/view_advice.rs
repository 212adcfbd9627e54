//! Views: advice, prefetching, locking, and the node whose memory is preferred.
#![allow(unsafe_code)]

use std::ops::Range;

use rustix::io::Errno;

use super::memory::Memory;
use super::os::{advice, fail::fail};
use super::pinned;
use super::view::View;
use crate::{Advice, Error, ErrorKind, Result};

impl View {
    pub(crate) fn advise(&self, offset: usize, len: usize, advice: Advice) -> Result<bool> {
        use advice::Advice as Kernel;
        let private = self.access.is_private();
        let to_kernel = match advice {
            Advice::Normal => Kernel::Normal,
            Advice::Sequential => Kernel::Sequential,
            Advice::Random => Kernel::Random,
            Advice::WillNeed => Kernel::WillNeed,
            Advice::WontNeed if private => Kernel::LinuxPageOut,
            Advice::WontNeed => Kernel::LinuxDontNeed,
            Advice::HugePages => Kernel::LinuxHugepage,
            Advice::NoHugePages => Kernel::LinuxNoHugepage,
        };
        match self.tell(self.pages(offset, len), to_kernel) {
            Ok(()) => Ok(true),
            // The kernel has no such advice, or the pages are locked.
            Err(Errno::INVAL) => Ok(false),
            Err(errno) => Err(fail(errno, "advising about the view")),
        }
    }

    pub(crate) fn prefetch(&self, offset: usize, len: usize) -> Result<()> {
        let range = self.pages(offset, len);
        for (part, _, memory) in self.parts() {
            let range = range.start.max(part.start)..range.end.min(part.end);
            if !range.is_empty() {
                self.prefetch_part(range, memory)?;
            }
        }
        Ok(())
    }

    /// Whole pages of one part of the view.
    fn prefetch_part(&self, range: Range<usize>, memory: &Memory) -> Result<()> {
        use advice::Advice as Kernel;
        let through = self.access.writable() && !self.access.is_private();
        let advice = if memory.is_file() {
            Kernel::LinuxPopulateRead // populating for writing would make the whole file dirty
        } else if !memory.is_allocated()? {
            Kernel::WillNeed // populating would allocate what nobody has written
        } else if through {
            Kernel::LinuxPopulateWrite
        } else {
            Kernel::LinuxPopulateRead
        };
        let told = match self.tell(range.clone(), advice) {
            // Kernels before 5.14.
            Err(Errno::INVAL) => self.tell(range, Kernel::WillNeed),
            other => other,
        };
        told.map_err(|errno| match errno {
            Errno::FAULT => cannot_be_brought_in(),
            errno => fail(errno, "bringing in the view"),
        })
    }

    pub(crate) fn lock(&self, offset: usize, len: usize) -> Result<()> {
        let range = self.pages(offset, len);
        pinned::lock_pages(self.base.addr() + range.start, range.len())
    }

    pub(crate) fn unlock(&self, offset: usize, len: usize) -> Result<()> {
        let range = self.pages(offset, len);
        pinned::unlock_pages(self.base.addr() + range.start, range.len())
    }

    /// The whole pages around a range, counted from the start of what is mapped.
    fn pages(&self, offset: usize, len: usize) -> Range<usize> {
        let page = self.memory.page();
        let start = (self.skip + offset) / page * page;
        start..(self.skip + offset + len).next_multiple_of(page)
    }

    fn tell(
        &self,
        range: Range<usize>,
        advice: advice::Advice,
    ) -> std::result::Result<(), Errno> {
        // SAFETY: pages of this view, which lives as long as `&self`. The one advice above that makes the kernel forget
        // pages is given to shared views only, whose bytes the file or memory file keeps.
        unsafe { advice::advise(self.base.wrapping_add(range.start), range.len(), advice) }
    }
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
        let _ = advice::prefer_node(base, len, node);
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
