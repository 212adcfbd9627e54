//! What this process allocated and mapped: the kernel keeps protections, and cannot tell reserved memory from forbidden, a
//! guard page from either, or where one view ends and the next begins.
//!
//! One lock for everything: a range of addresses belongs to the process. Who reads or writes memory that others could take
//! away holds it for reading.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::memory::Memory;
use super::os::{memory::page_size, userfault::Faults, written::Watched};
use super::runs::Runs;
use crate::{Caching, MemoryInfo, MemoryKind, MemoryState, Protect, ViewAccess};

/// Everything, by the address where it begins.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub private: BTreeMap<usize, Allocation>,
    pub views: BTreeMap<usize, Viewed>,
    pub locked: Locked,
    /// Where the kernel refuses pages that nobody committed, once there is such a view.
    pub missing: Option<Faults>,
}

/// One allocation of private memory.
#[derive(Debug)]
pub(super) struct Allocation {
    pub end: usize,
    /// What it was first asked to permit.
    pub protect: Protect,
    /// What each page permits; `None` is reserved.
    pub pages: Runs<Option<Protect>>,
    /// Of huge pages, which come and go whole.
    pub huge: bool,
    /// Whether writes to it are noted, and what notes them: in a child by `fork`, nothing yet.
    pub watched: bool,
    pub watch: Option<Watched>,
    /// Told, and nothing else: only drivers would see a difference.
    pub caching: Caching,
    /// Pages that held something when they were offered to the kernel.
    pub offered: Runs<bool>,
    /// Addresses only, which others can take the place of.
    pub placeholder: bool,
    /// Whether it took the place of a placeholder.
    pub replaces: bool,
}

/// One view.
#[derive(Debug)]
pub(super) struct Viewed {
    pub end: usize,
    /// What it was mapped for.
    pub protect: Protect,
    pub memory: Arc<Memory>,
    /// Where in the memory it begins.
    pub offset: u64,
    /// What each page permits, where that was changed.
    pub pages: Option<Runs<Shown>>,
    /// The image that it is a part of.
    pub image: Option<Imaged>,
    pub owner: Owner,
}

/// An image, of which each part is a view in this book.
#[derive(Clone, Debug)]
pub(super) struct Imaged {
    pub range: Range<usize>,
    /// Its file, also if all bytes of it were copied: as long as it is open, no other file can pass for it.
    pub file: Arc<Memory>,
}

/// Who ends a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A `View`, when it is dropped.
    View,
    /// Whoever knows its address; `placeholder` says that it took the place of one.
    Address { placeholder: bool },
}

/// How a page of a view is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub protect: Protect,
    /// A write makes a private copy, or has done so.
    pub private: bool,
}

static BOOK: LazyLock<RwLock<Book>> = LazyLock::new(|| {
    super::registry::install(); // a child by fork must find the lock free and the book whole
    RwLock::default()
});

pub(super) fn read() -> RwLockReadGuard<'static, Book> {
    BOOK.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write() -> RwLockWriteGuard<'static, Book> {
    BOOK.write().unwrap_or_else(PoisonError::into_inner)
}

/// The whole pages that a range of bytes touches; `None` where that is beyond all addresses.
pub(super) fn pages_of(address: usize, size: usize) -> Option<Range<usize>> {
    let page = page_size();
    let end = address.checked_add(size)?.checked_next_multiple_of(page)?;
    Some(address / page * page..end)
}

impl Book {
    /// The allocation with an address.
    pub(super) fn allocation(&self, address: usize) -> Option<(usize, &Allocation)> {
        let (base, found) = self.private.range(..=address).next_back()?;
        (address < found.end).then_some((*base, found))
    }

    pub(super) fn allocation_mut(&mut self, address: usize) -> Option<(usize, &mut Allocation)> {
        let (base, found) = self.private.range_mut(..=address).next_back()?;
        (address < found.end).then_some((*base, found))
    }

    /// The view with an address.
    pub(super) fn view(&self, address: usize) -> Option<(usize, &Viewed)> {
        let (base, found) = self.views.range(..=address).next_back()?;
        (address < found.end).then_some((*base, found))
    }

    /// The parts of a range where writes to views make private copies, in order.
    pub(super) fn copy_on_write(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let first = self.view(range.start).map_or(range.start, |(base, _)| base);
        let views = self.views.range(first..range.end);
        let shown = views
            .flat_map(|(&base, view)| view.shown(base.max(range.start)..view.end.min(range.end)));
        shown.filter(|(_, shown)| shown.private).map(|(run, _)| run).collect()
    }

    /// Strikes a view out, before it is unmapped: as soon as it is, the addresses may belong to another.
    pub(super) fn remove_view(&mut self, base: usize) -> Option<Viewed> {
        let view = self.views.remove(&base)?;
        self.locked.set(base..view.end, false);
        Some(view)
    }

    /// What a child by `fork` does not have from its parent.
    pub(super) fn disown(&mut self) {
        self.locked = Locked::default();
        self.missing = None;
        self.private.values_mut().for_each(|found| found.watch = None);
    }
}

/// Where pages are locked in memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Locked(Option<Runs<bool>>);

impl Locked {
    pub(super) fn set(&mut self, range: Range<usize>, locked: bool) {
        if self.0.is_some() || locked {
            self.0.get_or_insert_with(|| Runs::new(0..usize::MAX, false)).set(range, locked);
        }
    }

    /// The parts of a range that are not locked.
    pub(super) fn missing(&self, range: Range<usize>) -> Vec<Range<usize>> {
        match &self.0 {
            Some(runs) => runs.over(range).filter(|run| !run.1).map(|run| run.0).collect(),
            None => vec![range],
        }
    }

    /// Whether every page of a range is locked.
    pub(super) fn is_locked(&self, range: Range<usize>) -> bool {
        self.0.as_ref().is_some_and(|runs| runs.over(range).all(|(_, locked)| locked))
    }
}

impl Allocation {
    /// Addresses that were just reserved.
    pub(super) fn new(range: Range<usize>, protect: Protect) -> Allocation {
        Allocation {
            end: range.end,
            protect,
            pages: Runs::new(range.clone(), None),
            huge: false,
            watched: false,
            watch: None,
            caching: Caching::Cached,
            offered: Runs::new(range, false),
            placeholder: false,
            replaces: false,
        }
    }

    pub(super) fn placeholder(range: Range<usize>) -> Allocation {
        Allocation { placeholder: true, ..Allocation::new(range, Protect::NO_ACCESS) }
    }

    /// A part of it that is one of its own from now on; its writes are not watched.
    pub(super) fn part(&self, range: Range<usize>) -> Allocation {
        Allocation {
            pages: self.pages.part(range.clone()),
            offered: self.offered.part(range.clone()),
            caching: self.caching,
            placeholder: self.placeholder,
            replaces: self.replaces,
            ..Allocation::new(range, self.protect)
        }
    }

    /// What is at a part of it.
    pub(super) fn info(
        &self,
        base: usize,
        part: Range<usize>,
    ) -> impl Iterator<Item = MemoryInfo> + '_ {
        self.pages.over(part).map(move |(run, protect)| MemoryInfo {
            base: run.start,
            len: run.len(),
            allocation_base: base,
            allocation_protect: Some(self.protect),
            state: if protect.is_some() { MemoryState::Committed } else { MemoryState::Reserved },
            protect,
            caching: self.caching,
            kind: Some(MemoryKind::Private),
            file: None,
        })
    }
}

impl Viewed {
    /// Whether the kernel refuses its pages that nobody committed.
    pub(super) fn refuses_missing(&self) -> bool {
        self.memory.is_reserved() && self.owner != Owner::View
    }

    /// Whether writes to its pages go to private copies, from the start.
    pub(super) fn is_private(&self) -> bool {
        copies(self.protect)
    }

    /// How the pages of a part of it are shown.
    pub(super) fn shown(&self, part: Range<usize>) -> Vec<(Range<usize>, Shown)> {
        match &self.pages {
            Some(pages) => pages.over(part).collect(),
            None => vec![(part, self.first())],
        }
    }

    /// How every page was shown first.
    pub(super) fn first(&self) -> Shown {
        Shown { protect: self.protect, private: self.is_private() }
    }
}

/// What a view for this shows at first.
pub(super) fn protect_of(access: ViewAccess) -> Protect {
    match access {
        ViewAccess::Read => Protect::READ_ONLY,
        ViewAccess::ReadWrite => Protect::READ_WRITE,
        ViewAccess::CopyOnWrite => Protect::WRITE_COPY,
        ViewAccess::ExecuteRead => Protect::EXECUTE_READ,
        ViewAccess::ExecuteReadWrite => Protect::EXECUTE_READ_WRITE,
        ViewAccess::ExecuteCopyOnWrite => Protect::EXECUTE_WRITE_COPY,
    }
}

/// Whether a write makes a private copy.
pub(super) fn copies(protect: Protect) -> bool {
    matches!(protect.unguarded(), Protect::WRITE_COPY | Protect::EXECUTE_WRITE_COPY)
}
