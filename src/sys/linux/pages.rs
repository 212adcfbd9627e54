//! Which pages of private memory hold something.

use std::ops::Range;

use rustix::io::Errno;

use super::os::memory::page_size;
use super::os::pagemap::{category, PageMap, Region};

/// The pages of a range of private memory that hold something, in memory or in the swap.
pub(super) fn held(range: Range<usize>) -> Result<Vec<Range<usize>>, Errno> {
    find(range, |_| true, |entry| entry >> 62 != 0)
}

/// The pages of a range of a private view of a file that a write made a copy of.
pub(super) fn copied(range: Range<usize>) -> Result<Vec<Range<usize>>, Errno> {
    let is_copy = |categories| categories & category::FILE == 0;
    find(range, is_copy, |entry| entry >> 62 != 0 && entry >> 61 & 1 == 0)
}

/// Kernels before 6.7 tell each page's entry only.
fn find(
    range: Range<usize>,
    in_category: fn(u64) -> bool,
    in_entry: fn(u64) -> bool,
) -> Result<Vec<Range<usize>>, Errno> {
    let table = PageMap::open(None)?;
    match scan(&table, range.clone(), in_category) {
        Err(Errno::NOTTY | Errno::INVAL) => read(&table, range, in_entry),
        other => other,
    }
}

fn scan(
    table: &PageMap,
    range: Range<usize>,
    fits: fn(u64) -> bool,
) -> Result<Vec<Range<usize>>, Errno> {
    let mut regions = [Region::default(); 512];
    let mut runs = Vec::new();
    let (mut at, end) = (range.start as u64, range.end as u64);
    while at < end {
        let (found, reached) = table.scan(at, end, &mut regions)?;
        for region in regions[..found].iter().filter(|region| fits(region.categories)) {
            push(&mut runs, region.start as usize..region.end as usize);
        }
        at = reached;
    }
    Ok(runs)
}

fn read(
    table: &PageMap,
    range: Range<usize>,
    fits: fn(u64) -> bool,
) -> Result<Vec<Range<usize>>, Errno> {
    let page = page_size();
    let mut runs = Vec::new();
    let mut entries = vec![0; 1 << 13];
    let mut at = range.start;
    while at < range.end {
        let wanted = entries.len().min((range.end - at) / page);
        let got = table.entries((at / page) as u64, &mut entries[..wanted])?;
        if got == 0 {
            return Err(Errno::IO);
        }
        for entry in &entries[..got] {
            if fits(*entry) {
                push(&mut runs, at..at + page);
            }
            at += page;
        }
    }
    Ok(runs)
}

fn push(runs: &mut Vec<Range<usize>>, run: Range<usize>) {
    match runs.last_mut() {
        Some(last) if last.end == run.start => last.end = run.end,
        _ => runs.push(run),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Protect, Region, RegionOptions};

    #[test]
    fn the_list_and_the_scan_agree() {
        let page = page_size();
        let region: Region =
            RegionOptions::new().size(64 * page).commit(Protect::READ_WRITE).unwrap();
        for at in [0, 1, 7, 63] {
            region.write(at * page, &1_u8).unwrap();
        }
        let base = region.as_ptr().addr();
        let table = PageMap::open(None).unwrap();
        let list = read(&table, base..base + 64 * page, |entry| entry >> 62 != 0).unwrap();
        let pages: Vec<usize> = list.iter().cloned().flat_map(|run| run.step_by(page)).collect();
        assert!([0, 1, 7, 63].iter().all(|at| pages.contains(&(base + at * page))), "{pages:x?}");
        assert_eq!(held(base..base + 64 * page).unwrap(), list);
    }
}
