//! The pages of many ranges of one process.

use std::ops::Range;

use mapview::PageRun;

use crate::pagemap::mix::part;

/// Ranges that are not further apart are asked for at once: a process may have tens of thousands, and at each question the
/// system lists them all.
const NEAR: u64 = 256 << 20;

/// The pages of each range, which are in order; each with offsets that begin at 0.
#[derive(Default)]
pub struct Pages {
    pub of: Vec<Vec<PageRun>>,
    /// Bytes.
    pub page_size: Option<u64>,
    pub hidden: Vec<String>,
}

/// Looks at these addresses of a process.
pub fn of_process(pid: u32, ranges: &[Range<u64>]) -> mapview::Result<Pages> {
    let mut pages = Pages::default();
    for near in ranges.chunk_by(|a, b| b.start - a.end <= NEAR) {
        let (start, end) = (near[0].start, near[near.len() - 1].end);
        let seen = mapview::process_residency(pid, start as usize, (end - start) as usize)?;
        let of =
            |range: &Range<u64>| part(&seen.runs, range.start - start, range.end - range.start);
        pages.of.extend(near.iter().map(of));
        pages.page_size = Some(seen.page_size);
        add_new(&mut pages.hidden, seen.hidden);
    }
    Ok(pages)
}

/// Adds what is not said yet.
pub fn add_new(said: &mut Vec<String>, more: Vec<String>) {
    for line in more {
        if !said.contains(&line) {
            said.push(line);
        }
    }
}
