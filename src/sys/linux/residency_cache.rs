//! Which pages of a file are in the page cache, on the disk, or nowhere.

use std::os::fd::BorrowedFd;

use rustix::io::Errno;

use super::os::page_cache::{self, CacheCounts, Extent, Lies};
use super::os::{fail::fail, files, memory};
use crate::residency::push;
use crate::{PageRun, Place, Result};

/// Parts that a range is looked at in when its pages are not all alike. Few parts find few pages in few looks; with many parts,
/// many pages are counted less often.
const FEW_PARTS: u64 = 4;
const MANY_PARTS: u64 = 16;
const MANY_PAGES: u64 = 64;

/// Pages that `mincore` is asked about at once: 1 GiB.
pub(super) const MINCORE_PAGES: usize = 1 << 18;

/// What this process cannot know, said once.
pub(super) type Hidden = Vec<String>;

pub(super) fn hide(hidden: &mut Hidden, what: &str) {
    if !hidden.iter().any(|said| said == what) {
        hidden.push(what.to_string());
    }
}

/// The runs of the file from `start` up to `end`, both whole pages; what lies behind the file's end is nowhere.
pub(super) fn runs(
    fd: BorrowedFd<'_>,
    start: u64,
    end: u64,
    hidden: &mut Hidden,
) -> Result<Vec<PageRun>> {
    let page = memory::page_size() as u64;
    let stat = files::fstat(fd).map_err(|errno| fail(errno, "looking at the file"))?;
    let file_end = (stat.st_size as u64).next_multiple_of(page).clamp(start, end);
    let lies = page_cache::lies(fd);
    let mut cached = Vec::new();
    let known = if file_end > start {
        look_at_cache(fd, &stat, start..file_end, lies, hidden, &mut cached)
    } else {
        true
    };
    if !known {
        cached = vec![PageRun::nowhere(start, file_end - start)];
    }
    push(&mut cached, PageRun::nowhere(file_end, end - file_end));
    if lies.is_in_memory() {
        return Ok(cached);
    }
    Ok(with_disk(fd, cached, file_end, known, hidden))
}

/// Finds what is cached. Whether the system told.
fn look_at_cache(
    fd: BorrowedFd<'_>,
    stat: &rustix::fs::Stat,
    range: std::ops::Range<u64>,
    lies: Lies,
    hidden: &mut Hidden,
    runs: &mut Vec<PageRun>,
) -> bool {
    if lies == Lies::InHugePages {
        hide(hidden, "what is in memory but not mapped here: huge pages are not in the cache");
        return false;
    }
    let page = memory::page_size() as u64;
    let counted = match lies {
        // The cache belongs to the file underneath, which only mappings reach.
        Lies::OnAnother => Err(Errno::NOSYS),
        _ => {
            let mut cache = Cache { fd, page, keeps_nothing: lies == Lies::InMemory, runs };
            cache.look(range.clone())
        }
    };
    let told = match counted {
        Err(Errno::NOSYS | Errno::OPNOTSUPP) => {
            runs.clear();
            if !files::may_write(fd, stat) {
                Err(Errno::PERM) // `mincore` would make something up
            } else {
                hide(hidden, "which pages are not written back: needs kernel 6.5, and no overlay");
                mincore(fd, range, page, runs)
            }
        }
        other => other,
    };
    if let Err(errno) = told {
        runs.clear();
        let why = match errno {
            Errno::PERM | Errno::ACCESS => {
                "tells only the file's owner and who may write it".to_string()
            }
            errno => format!("fails ({errno})"),
        };
        hide(hidden, &format!("which pages of the file are cached: the system {why}"));
    }
    told.is_ok()
}

struct Cache<'a> {
    fd: BorrowedFd<'a>,
    page: u64,
    /// A file in memory is never written back; what leaves the cache is in swap.
    keeps_nothing: bool,
    runs: &'a mut Vec<PageRun>,
}

impl Cache<'_> {
    /// Counts the pages of the range; while they are not alike, those of its parts.
    fn look(&mut self, range: std::ops::Range<u64>) -> std::result::Result<(), Errno> {
        let pages = (range.end - range.start) / self.page;
        let counts = page_cache::cachestat(self.fd, range.start, range.end - range.start)?;
        if let Some(run) = alike(pages, counts, self.keeps_nothing) {
            push(self.runs, run.part(range.start, range.end));
            return Ok(());
        }
        let parts = if counts.cached < MANY_PAGES { FEW_PARTS } else { MANY_PARTS };
        // Of a size that the kernel's tree of pages has, too.
        let part = pages.div_ceil(parts).next_power_of_two() * self.page;
        let mut at = range.start;
        while at < range.end {
            let next = ((at / part + 1) * part).min(range.end);
            self.look(at..next)?;
            at = next;
        }
        Ok(())
    }
}

/// What all of so many pages are, if they are all alike.
fn alike(pages: u64, counts: CacheCounts, keeps_nothing: bool) -> Option<PageRun> {
    let CacheCounts { cached, dirty, writeback, .. } = counts;
    let swapped = if keeps_nothing { counts.evicted } else { 0 };
    let nowhere = PageRun::nowhere(0, 0);
    let written_back = match () {
        () if keeps_nothing => Some(None),
        () if dirty == 0 && writeback == 0 => Some(Some(false)),
        () if dirty >= pages || writeback >= pages => Some(Some(true)),
        () => None,
    };
    match (cached, swapped) {
        (0, 0) => Some(nowhere),
        (0, swapped) if swapped >= pages => Some(PageRun { place: Place::Swapped, ..nowhere }),
        (cached, 0) if cached >= pages => {
            written_back.map(|dirty| PageRun { place: Place::Cached, dirty, ..nowhere })
        }
        // What was one page changed while it was counted.
        _ if pages == 1 => Some(PageRun { place: Place::Cached, ..nowhere }),
        _ => None,
    }
}

/// Asks about pages of a mapping that is made for this and never touched.
fn mincore(
    fd: BorrowedFd<'_>,
    range: std::ops::Range<u64>,
    page: u64,
    runs: &mut Vec<PageRun>,
) -> std::result::Result<(), Errno> {
    let mut at = range.start;
    let mut pages = Vec::new();
    while at < range.end {
        let len = (range.end - at).min(MINCORE_PAGES as u64 * page) as usize;
        pages.resize(len / page as usize, 0);
        let looked = memory::with_mapped(fd, at, len, |address| {
            page_cache::mincore(address, page as usize, &mut pages)
        })?;
        looked?;
        push_cached(&pages, PageRun::nowhere(at, len as u64), page, runs);
        at += len as u64;
    }
    Ok(())
}

/// Adds what `mincore` said of the pages of a run; those that are not in memory are what the run is.
pub(super) fn push_cached(pages: &[u8], absent: PageRun, page: u64, runs: &mut Vec<PageRun>) {
    for (index, said) in pages.iter().enumerate() {
        let offset = absent.offset + index as u64 * page;
        let here = absent.part(offset, offset + page);
        let cached = said & 1 != 0;
        push(runs, if cached { PageRun { place: Place::Cached, ..here } } else { here });
    }
}

/// Tells what is on the disk from what is nowhere, in the runs that are not cached.
fn with_disk(
    fd: BorrowedFd<'_>,
    cached: Vec<PageRun>,
    file_end: u64,
    cache_known: bool,
    hidden: &mut Hidden,
) -> Vec<PageRun> {
    let is_absent = |run: &&PageRun| run.place == Place::NotAllocated && run.offset < file_end;
    let Some(first) = cached.iter().find(is_absent).map(|run| run.offset) else { return cached };
    let page = memory::page_size() as u64;
    let mut written = Vec::new();
    let told = page_cache::extents(fd, first, file_end, |Extent { start, end, written: is }| {
        if is {
            let (start, end) = (start / page * page, end.next_multiple_of(page));
            push(&mut written, on_disk(start, end, cache_known));
        }
    });
    if told.is_err() {
        hide(hidden, "which parts of the file are holes: its file system does not tell");
        written = vec![on_disk(first, file_end, cache_known)];
    }
    let mut runs = Vec::with_capacity(cached.len());
    super::residency::overlay(&cached, &written, |run, above| {
        let absent = run.place == Place::NotAllocated && run.offset < file_end;
        match above {
            Some(above) if absent => push(&mut runs, above.part(run.offset, run.end())),
            _ => push(&mut runs, run),
        }
    });
    runs
}

fn on_disk(start: u64, end: u64, cache_known: bool) -> PageRun {
    let dirty = cache_known.then_some(false);
    PageRun { place: Place::OnDisk, dirty, ..PageRun::nowhere(start, end - start) }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileExt;

    use super::*;

    fn counts(cached: u64, dirty: u64, writeback: u64, evicted: u64) -> CacheCounts {
        let mut counts = CacheCounts::default();
        (counts.cached, counts.dirty) = (cached, dirty);
        (counts.writeback, counts.evicted) = (writeback, evicted);
        counts
    }

    #[test]
    fn counts_say_what_pages_are_where_all_are_alike() {
        let on_disk = |counts| alike(8, counts, false).map(|run| (run.place, run.dirty));
        assert_eq!(on_disk(counts(0, 0, 0, 0)), Some((Place::NotAllocated, None)));
        assert_eq!(on_disk(counts(0, 0, 0, 5)), Some((Place::NotAllocated, None))); // was cached once
        assert_eq!(on_disk(counts(8, 0, 0, 0)), Some((Place::Cached, Some(false))));
        assert_eq!(on_disk(counts(8, 8, 0, 0)), Some((Place::Cached, Some(true))));
        assert_eq!(on_disk(counts(8, 0, 8, 0)), Some((Place::Cached, Some(true))));
        assert_eq!(on_disk(counts(8, 3, 5, 0)), None);
        assert_eq!(on_disk(counts(7, 0, 0, 0)), None);
        let in_memory = |counts| alike(8, counts, true).map(|run| (run.place, run.dirty));
        assert_eq!(in_memory(counts(8, 8, 0, 0)), Some((Place::Cached, None)));
        assert_eq!(in_memory(counts(0, 0, 0, 8)), Some((Place::Swapped, None)));
        assert_eq!(in_memory(counts(3, 0, 0, 5)), None);
        assert_eq!(in_memory(counts(0, 0, 0, 5)), None);
    }

    #[test]
    fn one_page_is_always_alike() {
        for numbers in 0..16 {
            let bit = |bit: u64| numbers >> bit & 1;
            let counts = counts(bit(0), bit(1), bit(2), bit(3));
            assert!(alike(1, counts, false).is_some() && alike(1, counts, true).is_some());
        }
    }

    #[test]
    fn mincore_tells_what_counting_tells() {
        let page = memory::page_size() as u64;
        let file = tempfile::tempfile_in("/dev/shm").unwrap();
        file.set_len(300 * page).unwrap();
        for index in [0, 7, 8, 9, 200, 299] {
            file.write_all_at(b"x", index * page).unwrap();
        }
        let (mut counted, mut asked) = (Vec::new(), Vec::new());
        let whole = 0..300 * page;
        mincore(file.as_fd(), whole.clone(), page, &mut asked).unwrap();
        let mut cache = Cache { fd: file.as_fd(), page, keeps_nothing: true, runs: &mut counted };
        match cache.look(whole) {
            Err(Errno::NOSYS) => {} // kernels before 6.5
            told => {
                told.unwrap();
                assert_eq!(asked, counted);
            }
        }
        assert_eq!(asked.iter().filter(|run| run.place == Place::Cached).count(), 4);
    }
}
