//! What the page table of a process has: pages in memory, and private pages in swap.

use std::ops::Range;

use rustix::io::Errno;

use super::os::pagemap::{category, PageCounts, PageMap, Region};
use crate::residency::push;
use crate::{PageRun, Place, Sharing};

/// Entries read at once: those of 128 MiB.
const BLOCK: usize = 1 << 15;

/// An entry of `/proc/<pid>/pagemap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry(pub u64);

impl Entry {
    fn has(self, bit: u32) -> bool {
        self.0 >> bit & 1 != 0
    }

    /// Where the page is, by this table; `None` if it knows nothing of it.
    pub(super) fn place(self) -> Option<Place> {
        let guard_without_memory = self.has(58);
        match (self.has(63), self.has(62)) {
            (true, _) => Some(Place::Present),
            (false, true) if guard_without_memory => None,
            // A page of a file never has a swap entry here; this one is about to move to another frame.
            (false, true) if self.is_shared_memory() => Some(Place::Present),
            (false, true) => Some(Place::Swapped),
            (false, false) => None,
        }
    }

    /// Whether the page belongs to a file or to shared memory, and not to this process.
    pub(super) fn is_shared_memory(self) -> bool {
        self.has(61)
    }

    /// Whether nobody else has the page in its table.
    pub(super) fn is_exclusive(self) -> bool {
        self.has(56)
    }

    /// The number of the page's frame; `None` if the page is in none, `Some(0)` if the kernel hides it.
    pub(super) fn frame(self) -> Option<u64> {
        self.has(63).then_some(self.0 & ((1 << 55) - 1))
    }
}

/// What is known about pages: entry by entry, and what only a scan tells.
pub(super) struct Table {
    map: PageMap,
    counts: Option<PageCounts>,
    page: u64,
    /// Whether somebody shares a page and the kernel hides how many do.
    pub counts_hidden: bool,
    /// Whether the kernel is too old to tell huge pages and the page of zeros from others.
    pub scan_missing: bool,
}

impl Table {
    /// Of a process, or of this one.
    pub(super) fn open(pid: Option<u32>, page: usize) -> Result<Table, Errno> {
        let map = PageMap::open(pid)?;
        let counts = PageCounts::open().ok();
        Ok(Table { map, counts, page: page as u64, counts_hidden: false, scan_missing: false })
    }

    /// The runs of pages that are in the table, by address; what is not has no run.
    pub(super) fn runs(&mut self, addresses: Range<u64>) -> Result<Vec<PageRun>, Errno> {
        let mut runs = Vec::new();
        match self.scanned(addresses.clone(), &mut runs) {
            // Kernels before 6.7; a /proc that is not the kernel's.
            Err(Errno::NOTTY | Errno::INVAL | Errno::OPNOTSUPP) => {
                self.scan_missing = true;
                runs.clear();
                self.read(addresses, false, &mut runs)?;
            }
            other => other?,
        }
        Ok(runs)
    }

    fn scanned(&mut self, addresses: Range<u64>, runs: &mut Vec<PageRun>) -> Result<(), Errno> {
        let mut regions = vec![Region::default(); 1024];
        let mut at = addresses.start;
        while at < addresses.end {
            let (found, walked_to) = self.map.scan(at, addresses.end, &mut regions)?;
            for region in &regions[..found] {
                if region.categories & category::ZERO == 0 {
                    let huge = region.categories & category::HUGE != 0;
                    self.read(region.start..region.end, huge, runs)?;
                }
            }
            if walked_to <= at {
                break;
            }
            at = walked_to;
        }
        Ok(())
    }

    /// Adds what the entries of these addresses say.
    pub(super) fn read(
        &mut self,
        addresses: Range<u64>,
        huge: bool,
        runs: &mut Vec<PageRun>,
    ) -> Result<(), Errno> {
        let (mut at, end) = (addresses.start / self.page, addresses.end / self.page);
        let mut block = vec![0; BLOCK.min((end - at) as usize)];
        while at < end {
            let wanted = block.len().min((end - at) as usize);
            let read = self.map.entries(at, &mut block[..wanted])?;
            if read == 0 {
                break; // behind the last address that a program can have
            }
            self.add(&block[..read], at, huge, runs);
            at += read as u64;
        }
        Ok(())
    }

    fn add(&mut self, entries: &[u64], first: u64, huge: bool, runs: &mut Vec<PageRun>) {
        let mut index = 0;
        while index < entries.len() {
            let entry = Entry(entries[index]);
            let len = self.alike(&entries[index..]);
            if let Some(place) = entry.place() {
                let private = !entry.is_shared_memory();
                let run = PageRun {
                    place,
                    sharing: Sharing::Unknown,
                    huge: huge && place == Place::Present,
                    private,
                    ..PageRun::nowhere((first + index as u64) * self.page, len as u64 * self.page)
                };
                self.add_shared(entry, run, runs);
            }
            index += len;
        }
    }

    /// How many of the entries say the same as the first one, in frames that follow one another.
    fn alike(&self, entries: &[u64]) -> usize {
        let first = entries[0];
        let step = u64::from(Entry(first).frame().is_some_and(|frame| frame != 0));
        let goes_on = |(index, entry): &(usize, &u64)| **entry == first + *index as u64 * step;
        entries.iter().enumerate().take_while(goes_on).count()
    }

    /// Adds a run of pages whose frames follow one another from that of `entry` on.
    fn add_shared(&mut self, entry: Entry, run: PageRun, runs: &mut Vec<PageRun>) {
        let Some(frame) = entry.frame() else { return push(runs, run) };
        if entry.is_exclusive() {
            return push(runs, PageRun { sharing: Sharing::Alone, ..run });
        }
        let mut counts = vec![0; (run.len / self.page) as usize];
        let known = match &self.counts {
            Some(file) if frame != 0 => file.of(frame, &mut counts).unwrap_or(0),
            _ => 0,
        };
        for (index, &count) in counts.iter().enumerate() {
            let sharing = match count as u32 {
                _ if index >= known => Sharing::Shared(None),
                0 | 1 => Sharing::Alone, // the other one has gone since
                count => Sharing::Shared(Some(count)),
            };
            self.counts_hidden |= sharing == Sharing::Shared(None);
            let offset = run.offset + index as u64 * self.page;
            push(runs, PageRun { sharing, ..run.part(offset, offset + self.page) });
        }
    }

    /// The entry of the page at an address.
    pub(super) fn entry(&self, address: u64) -> Result<Entry, Errno> {
        let mut entry = [0];
        self.map.entries(address / self.page, &mut entry)?;
        Ok(Entry(entry[0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Protect;

    #[test]
    fn entries_alone_tell_what_a_scan_tells() {
        let page = super::super::os::memory::page_size();
        let region = crate::Region::options().size(64 * page).commit(Protect::READ_WRITE).unwrap();
        [3, 4, 20].iter().for_each(|index| region.write(index * page, &1_u8).unwrap());
        let first = region.as_ptr().addr() as u64;
        let addresses = first..first + 64 * page as u64;
        let mut table = Table::open(None, page).unwrap();
        let scanned = table.runs(addresses.clone()).unwrap();
        let mut read = Vec::new();
        table.read(addresses, false, &mut read).unwrap();
        assert_eq!(table.scan_missing, read.is_empty(), "kernels from 6.7 on can scan");
        let places = |runs: &[PageRun]| {
            runs.iter().map(|run| (run.offset, run.len, run.place, run.private)).collect::<Vec<_>>()
        };
        assert_eq!(places(&read), places(&scanned));
        assert_eq!(read.iter().map(|run| run.len).sum::<u64>(), 3 * page as u64);
    }

    #[test]
    fn an_entry_says_where_the_page_is() {
        let place = |bits: &[u32]| Entry(bits.iter().fold(0, |all, bit| all | 1 << bit)).place();
        assert_eq!(place(&[]), None);
        assert_eq!(place(&[55]), None); // soft-dirty alone
        assert_eq!(place(&[63]), Some(Place::Present));
        assert_eq!(place(&[63, 61]), Some(Place::Present));
        assert_eq!(place(&[62]), Some(Place::Swapped));
        assert_eq!(place(&[62, 5, 0]), Some(Place::Swapped)); // with swap type and offset
        assert_eq!(place(&[62, 61]), Some(Place::Present)); // on its way to another frame
        assert_eq!(place(&[62, 58]), None); // a guard page without memory
    }

    #[test]
    fn an_entry_says_whose_the_page_is() {
        let shared = Entry(1 << 63 | 1 << 61 | 0x1234);
        assert!(shared.is_shared_memory() && !shared.is_exclusive());
        assert_eq!(shared.frame(), Some(0x1234));
        assert!(Entry(1 << 63 | 1 << 56).is_exclusive());
        assert_eq!(Entry(1 << 63 | 1 << 56).frame(), Some(0)); // hidden
        assert_eq!(Entry(1 << 62 | 0x77).frame(), None); // swap type and offset, no frame
        let widest = Entry(1 << 63 | ((1 << 55) - 1));
        assert_eq!(widest.frame(), Some((1 << 55) - 1));
    }
}
