//! `Residency`: which pages are where.

/// Where the pages of a range are, as runs of pages that are alike.
///
/// It is a look at something that moves: other processes, and the system, go on meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Residency {
    /// The runs, in order, without gaps; neighbours differ.
    pub runs: Vec<PageRun>,
    /// Bytes of a page.
    pub page_size: u64,
    /// What could not be found out, and which privilege or setting would have told.
    pub hidden: Vec<String>,
}

/// Neighbouring pages that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRun {
    /// Bytes from the start of the page in which the view, the asked range of addresses or the file begins; a multiple of the
    /// page size.
    pub offset: u64,
    /// Bytes, in whole pages; never zero.
    pub len: u64,
    /// Where the pages are.
    pub place: Place,
    /// Whether the pages hold what their file does not yet; `None` where the system does not tell, and for memory without a
    /// file.
    pub dirty: Option<bool>,
    /// Who else has the pages in its page table.
    pub sharing: Sharing,
    /// Whether the page table holds them as huge pages (2 MiB on x86-64).
    pub huge: bool,
    /// Whether what was written there is this process's own: its private memory, or a page of a copy-on-write view since it was
    /// written.
    pub private: bool,
}

/// Where a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Nowhere: addresses without memory, or memory or a file's hole that was never written. Private memory that was only read
    /// counts, too: it shows the page of zeros that belongs to everybody.
    NotAllocated,
    /// In its file only; touching it reads the disk.
    OnDisk,
    /// In the paging file (swap); touching it reads the disk.
    Swapped,
    /// In memory, but not in this process's page table; touching it costs a soft fault.
    Cached,
    /// In this process's page table; touching it costs nothing.
    Present,
}

/// Who has a page in its page table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// Nobody, or the system does not tell.
    Unknown,
    /// This process alone.
    Alone,
    /// More than one; how many, where the system tells. A process that maps a page twice counts twice.
    Shared(Option<u32>),
}

impl Residency {
    /// Bytes that are in memory, in this process's page table or not.
    pub fn in_memory(&self) -> u64 {
        self.bytes(|run| matches!(run.place, Place::Cached | Place::Present))
    }

    /// Bytes of the runs that `choose` picks.
    pub fn bytes(&self, choose: impl Fn(&PageRun) -> bool) -> u64 {
        self.runs.iter().filter(|run| choose(run)).map(|run| run.len).sum()
    }

    /// The run in which this offset lies; `None` behind the last.
    ///
    /// ```
    /// let view = mapview::MappingOptions::new().size(3 << 20).create()?.view()?;
    /// view.write(1 << 20, &7_u8)?;
    /// let residency = view.residency()?;
    /// assert_eq!(residency.run_at(1 << 20).unwrap().place, mapview::Place::Present);
    /// assert!(residency.run_at(3 << 20).is_none());
    /// # Ok::<(), mapview::Error>(())
    /// ```
    pub fn run_at(&self, offset: u64) -> Option<&PageRun> {
        let next = self.runs.partition_point(|run| run.offset <= offset);
        let run = &self.runs[next.checked_sub(1)?];
        (offset - run.offset < run.len).then_some(run)
    }

    /// Adds what lies behind.
    #[allow(dead_code)] // not every system puts views together from parts
    pub(crate) fn append(&mut self, behind: Residency) {
        behind.runs.into_iter().for_each(|run| self.push(run));
        for hidden in behind.hidden {
            if !self.hidden.contains(&hidden) {
                self.hidden.push(hidden);
            }
        }
    }

    /// Adds a run behind the last; grows the last if they are alike.
    pub(crate) fn push(&mut self, run: PageRun) {
        push(&mut self.runs, run);
    }
}

/// As [`Residency::push`], where there may be gaps.
pub(crate) fn push(runs: &mut Vec<PageRun>, run: PageRun) {
    match runs.last_mut() {
        _ if run.len == 0 => {}
        Some(last) if last.end() == run.offset && run.is_like(last) => last.len += run.len,
        _ => runs.push(run),
    }
}

impl PageRun {
    /// Pages that are nowhere.
    pub(crate) fn nowhere(offset: u64, len: u64) -> PageRun {
        PageRun {
            offset,
            len,
            place: Place::NotAllocated,
            dirty: None,
            sharing: Sharing::Unknown,
            huge: false,
            private: false,
        }
    }

    fn is_like(&self, other: &PageRun) -> bool {
        PageRun { offset: other.offset, len: other.len, ..*self } == *other
    }

    /// The offset behind the last byte.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.len
    }

    /// The part of the run from `from` up to `to`, which lie in it.
    pub(crate) fn part(&self, from: u64, to: u64) -> PageRun {
        PageRun { offset: from, len: to - from, ..*self }
    }
}

/// The whole pages with these bytes; none if there are no bytes.
pub(crate) fn whole_pages(start: u64, end: u64, page: u64) -> std::ops::Range<u64> {
    let first = start / page * page;
    first..if start < end { end.next_multiple_of(page) } else { first }
}
