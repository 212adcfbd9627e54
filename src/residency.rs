//! `Residency`: which pages are where.

/// Where the pages of a range are, as runs of pages that are alike.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRun {
    /// Bytes from the start of the view, range or file; a multiple of the page size.
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
}

/// Where a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Nowhere: addresses without memory, or memory or a file's hole that was never written.
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
    /// More than one; how many, where the system tells.
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
}
