//! Which pages were written: `userfaultfd` protects them and notes the first write to each by itself (Linux 6.7), and
//! `PAGEMAP_SCAN` tells and forgets.

use rustix::io::Errno;

use super::pagemap::{PageMap, Region};
use super::userfault::{Answer, Faults};

/// A range whose writes are noted, as long as this lives and in this process only.
#[derive(Debug)]
pub(in super::super) struct Watched {
    faults: Faults,
    pagemap: PageMap,
}

impl Watched {
    /// Notes writes from now on, in none yet.
    pub(in super::super) fn new() -> Result<Watched, Errno> {
        let faults = Faults::new(Answer::NoteWrites)?;
        Ok(Watched { faults, pagemap: PageMap::open(None)? })
    }

    /// Begins with a range of whole pages; every page of it counts as written until `forget`.
    pub(in super::super) fn add(&self, start: usize, len: usize) -> Result<(), Errno> {
        self.faults.add(start, len)
    }

    /// No page of the range counts as written.
    pub(in super::super) fn forget(&self, start: usize, len: usize) -> Result<(), Errno> {
        self.faults.protect_writes(start, len)
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
