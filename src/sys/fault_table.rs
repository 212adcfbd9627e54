//! The mapped ranges in which a fault is not the end: what a fault handler looks up, whatever thread it interrupted.
//!
//! The handler may not wait for a lock and may not allocate. So the table only ever grows, in chunks that stay where they
//! are, and an entry tells by its count of changes whether it holds: an even one does, and what was read under it is whole
//! if the count is the same afterwards. Whoever faults in a range has it mapped, so that entry does not change meanwhile.

use std::ops::{Deref, Range};
use std::sync::atomic::{fence, AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::OnceLock;

const ENTRIES: usize = 64;

struct Chunk {
    /// One bit for each entry that is taken.
    taken: AtomicU64,
    entries: [Entry; ENTRIES],
    next: OnceLock<Box<Chunk>>,
}

/// A range of whole pages, and which of them were replaced because their bytes are gone.
#[derive(Debug)]
pub(crate) struct Entry {
    changes: AtomicUsize,
    start: AtomicUsize,
    end: AtomicUsize,
    writable: AtomicBool,
    /// How often pages were replaced, and how many of those times were mended.
    losses: AtomicUsize,
    mended: AtomicUsize,
    /// The replaced pages, from the first to behind the last.
    lost_from: AtomicUsize,
    lost_to: AtomicUsize,
    busy: AtomicBool,
}

static FIRST: Chunk = Chunk::new();

/// Set for good when the first page is replaced: what most look at first, because it costs next to nothing.
static LOST_ANY: AtomicBool = AtomicBool::new(false);

impl Chunk {
    const fn new() -> Chunk {
        Chunk {
            taken: AtomicU64::new(0),
            entries: [const { Entry::new() }; ENTRIES],
            next: OnceLock::new(),
        }
    }

    fn take(&self) -> Option<usize> {
        let mut taken = self.taken.load(Ordering::Relaxed);
        while taken != u64::MAX {
            let index = taken.trailing_ones();
            let with = taken | 1 << index;
            match self.taken.compare_exchange(taken, with, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Some(index as usize),
                Err(seen) => taken = seen,
            }
        }
        None
    }
}

/// A range in the table; taken out on drop.
pub(crate) struct Listed {
    entry: &'static Entry,
    chunk: &'static Chunk,
    index: usize,
}

impl Listed {
    /// Lists a mapped range of whole pages, which stays mapped until the drop.
    pub(crate) fn new(range: Range<usize>, writable: bool) -> Listed {
        let mut chunk = &FIRST;
        let index = loop {
            match chunk.take() {
                Some(index) => break index,
                None => chunk = chunk.next.get_or_init(|| Box::new(Chunk::new())),
            }
        };
        let entry = &chunk.entries[index];
        entry.start.store(range.start, Ordering::Relaxed);
        entry.end.store(range.end, Ordering::Relaxed);
        entry.writable.store(writable, Ordering::Relaxed);
        entry.mend(entry.losses());
        entry.changes.fetch_add(1, Ordering::Release);
        Listed { entry, chunk, index }
    }
}

impl Deref for Listed {
    type Target = Entry;

    #[inline]
    fn deref(&self) -> &Entry {
        self.entry
    }
}

impl std::fmt::Debug for Listed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.chunk.taken.fetch_and(!(1 << self.index), Ordering::Release);
    }
}

/// The entry whose range has this address, and whether that memory may be written. For fault handlers.
pub(crate) fn find(address: usize) -> Option<(&'static Entry, bool)> {
    let mut chunk = Some(&FIRST);
    while let Some(this) = chunk {
        let mut taken = this.taken.load(Ordering::Acquire);
        while taken != 0 {
            let entry = &this.entries[taken.trailing_zeros() as usize];
            if let Some(writable) = entry.holds(address) {
                return Some((entry, writable));
            }
            taken &= taken - 1;
        }
        chunk = this.next.get().map(|next| &**next);
    }
    None
}

impl Entry {
    const fn new() -> Entry {
        Entry {
            changes: AtomicUsize::new(1),
            start: AtomicUsize::new(0),
            end: AtomicUsize::new(0),
            writable: AtomicBool::new(false),
            losses: AtomicUsize::new(0),
            mended: AtomicUsize::new(0),
            lost_from: AtomicUsize::new(usize::MAX),
            lost_to: AtomicUsize::new(0),
            busy: AtomicBool::new(false),
        }
    }

    fn holds(&self, address: usize) -> Option<bool> {
        let changes = self.changes.load(Ordering::Acquire);
        let start = self.start.load(Ordering::Relaxed);
        let end = self.end.load(Ordering::Relaxed);
        let writable = self.writable.load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        let whole = changes.is_multiple_of(2) && self.changes.load(Ordering::Relaxed) == changes;
        (whole && (start..end).contains(&address)).then_some(writable)
    }

    /// How often pages were replaced until now.
    #[inline]
    pub(crate) fn losses(&self) -> usize {
        match LOST_ANY.load(Ordering::Acquire) {
            true => self.losses.load(Ordering::Acquire),
            false => 0,
        }
    }

    /// Whether a page was replaced and not mended.
    #[inline]
    pub(crate) fn has_lost_pages(&self) -> bool {
        let losses = self.losses();
        losses != 0 && losses != self.mended.load(Ordering::Relaxed)
    }

    /// Notes that these pages are about to be replaced.
    pub(crate) fn lose(&self, pages: Range<usize>) {
        self.lost_from.fetch_min(pages.start, Ordering::Relaxed);
        self.lost_to.fetch_max(pages.end, Ordering::Relaxed);
        self.losses.fetch_add(1, Ordering::Release);
        LOST_ANY.store(true, Ordering::Release);
    }

    /// From the first replaced page to behind the last; the whole range if that is not known.
    pub(crate) fn lost(&self) -> Range<usize> {
        let lost = self.lost_from.load(Ordering::Relaxed)..self.lost_to.load(Ordering::Relaxed);
        if lost.is_empty() {
            return self.start.load(Ordering::Relaxed)..self.end.load(Ordering::Relaxed);
        }
        lost
    }

    /// What was replaced the first so many times is the file's again. What was replaced since then stays lost.
    pub(crate) fn mend(&self, losses: usize) {
        self.lost_from.store(usize::MAX, Ordering::Relaxed);
        self.lost_to.store(0, Ordering::Relaxed);
        self.mended.store(losses, Ordering::Release);
    }

    /// Runs what replaces pages, one thread after the other. A child that was forked while somebody did, and a signal's
    /// handler in the midst of it, go ahead after a while: harmless, at worst a page is replaced twice.
    pub(crate) fn with_pages<T>(&self, replace: impl FnOnce() -> T) -> T {
        let mut patience = 1000;
        while self.busy.swap(true, Ordering::Acquire) && patience > 0 {
            patience -= 1;
            std::thread::yield_now();
        }
        let result = replace();
        self.busy.store(false, Ordering::Release);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Addresses that no test maps: the table is the process's.
    const BASE: usize = 1 << 60;

    #[test]
    fn a_range_is_found_while_it_is_listed_however_many_there_are() {
        let range = |index: usize| BASE + index * 0x2000..BASE + index * 0x2000 + 0x1000;
        let listed: Vec<Listed> =
            (0..300).map(|index| Listed::new(range(index), index % 2 == 0)).collect();
        for (index, listed) in listed.iter().enumerate() {
            let (first, last) = (range(index).start, range(index).end - 1);
            assert_eq!(find(first).unwrap().1, index % 2 == 0);
            assert!(std::ptr::eq(find(last).unwrap().0, &**listed));
            assert!(find(last + 1).is_none() && find(first - 1).is_none());
        }
        drop(listed);
        assert!(find(BASE).is_none() && find(range(299).start).is_none());
    }

    #[test]
    fn a_listed_range_starts_without_loss_and_remembers_it_until_it_is_mended() {
        let listed = Listed::new(BASE * 2..BASE * 2 + 0x9000, true);
        assert!(!listed.has_lost_pages());
        listed.lose(BASE * 2 + 0x3000..BASE * 2 + 0x4000);
        listed.lose(BASE * 2 + 0x1000..BASE * 2 + 0x2000);
        assert!(listed.has_lost_pages());
        assert_eq!(listed.lost(), BASE * 2 + 0x1000..BASE * 2 + 0x4000);
        let losses = listed.losses();
        listed.lose(BASE * 2 + 0x5000..BASE * 2 + 0x6000);
        listed.mend(losses);
        assert!(listed.has_lost_pages(), "a page was lost while others were mended");
        assert_eq!(listed.lost(), BASE * 2..BASE * 2 + 0x9000);
        listed.mend(listed.losses());
        assert!(!listed.has_lost_pages());
        listed.lose(BASE * 2..BASE * 2 + 0x1000);
        drop(listed);
        assert!(!Listed::new(BASE * 2..BASE * 2 + 0x9000, true).has_lost_pages());
    }

    #[test]
    fn a_stable_range_is_found_while_others_come_and_go() {
        let listed = Listed::new(BASE * 3..BASE * 3 + 0x1000, true);
        let churn = |from: usize| {
            for round in 0..20_000 {
                let start = from + round % 7 * 0x1000;
                let other = Listed::new(start..start + 0x1000, false);
                assert!(find(start).is_some_and(|(_, writable)| !writable));
                drop(other);
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| churn(BASE * 4));
            scope.spawn(|| churn(BASE * 5));
            for _ in 0..20_000 {
                assert!(find(BASE * 3 + 8).is_some_and(|(_, writable)| writable));
                assert!(find(BASE * 3 + 0x1000).is_none());
            }
        });
        drop(listed);
    }
}
