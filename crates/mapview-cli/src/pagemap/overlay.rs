//! What a file's pages look like, seen from all page tables at once.

use mapview::{PageRun, Place, Sharing};

/// Pages that a process has in its page table, by their place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub pid: u32,
    /// Bytes from the start of the file.
    pub offset: u64,
    pub len: u64,
    pub huge: bool,
}

/// The runs of a file with what processes have in their page tables: that is present, and shared if several have it.
///
/// `complete` says that there is no process that could not be looked at; only then a page is one process's alone.
pub fn overlay(base: &[PageRun], held: &[Held], complete: bool) -> Vec<PageRun> {
    let mut cuts: Vec<u64> =
        held.iter().flat_map(|held| [held.offset, held.offset + held.len]).collect();
    cuts.extend(base.iter().map(|run| run.offset));
    let end = base.last().map_or(0, |run| run.offset + run.len);
    cuts.push(end);
    cuts.retain(|&cut| cut <= end);
    cuts.sort_unstable();
    cuts.dedup();

    let mut held: Vec<&Held> = held.iter().collect();
    held.sort_unstable_by_key(|held| held.offset);
    let mut coming = held.into_iter().peekable();
    let mut open: Vec<&Held> = Vec::new();
    let mut base = base.iter().peekable();
    let mut merged: Vec<PageRun> = Vec::new();
    for pair in cuts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        while base.next_if(|run| run.offset + run.len <= from).is_some() {}
        let Some(below) = base.peek() else { break };
        open.retain(|held| held.offset + held.len > from);
        while let Some(next) = coming.next_if(|held| held.offset <= from) {
            if next.offset + next.len > from {
                open.push(next);
            }
        }
        push(&mut merged, seen(below, &open, complete, from, to - from));
    }
    merged
}

/// A piece of the file that lies in one run and in all of `open`.
fn seen(below: &PageRun, open: &[&Held], complete: bool, offset: u64, len: u64) -> PageRun {
    let mut pids: Vec<u32> = open.iter().map(|held| held.pid).collect();
    pids.sort_unstable();
    pids.dedup();
    let known = match below.sharing {
        Sharing::Shared(Some(count)) => count,
        _ => 0,
    };
    let count = known.max(pids.len() as u32);
    let sharing = match count {
        0 => below.sharing,
        1 if !complete && below.sharing != Sharing::Alone => Sharing::Unknown,
        1 => Sharing::Alone,
        count => Sharing::Shared(Some(count)),
    };
    let place = if open.is_empty() { below.place } else { Place::Present };
    let huge = below.huge || open.iter().any(|held| held.huge);
    PageRun { offset, len, place, dirty: below.dirty, sharing, huge, private: false }
}

/// Appends, or lengthens the last run if it is alike.
fn push(runs: &mut Vec<PageRun>, run: PageRun) {
    if let Some(last) = runs.last_mut() {
        if (PageRun { offset: run.offset, len: run.len, ..*last }) == run {
            last.len += run.len;
            return;
        }
    }
    runs.push(run);
}

#[cfg(test)]
mod tests {
    use super::super::mix::tests::runs;
    use super::*;
    use proptest::prelude::*;

    fn held(pid: u32, page: u64, pages: u64) -> Held {
        Held { pid, offset: page * 4096, len: pages * 4096, huge: false }
    }

    #[test]
    fn two_page_tables_make_a_page_shared() {
        let base = runs(&[(1, 4), (4, 4)]);
        let merged = overlay(&base, &[held(7, 0, 3), held(8, 2, 2), held(7, 1, 1)], true);
        let told: Vec<_> =
            merged.iter().map(|run| (run.len / 4096, run.place, run.sharing)).collect();
        assert_eq!(
            told,
            [
                (2, Place::Present, Sharing::Alone),
                (1, Place::Present, Sharing::Shared(Some(2))),
                (1, Place::Present, Sharing::Alone),
                (4, Place::NotAllocated, Sharing::Unknown),
            ]
        );
        let unsure = overlay(&base, &[held(7, 0, 4)], false);
        assert_eq!(unsure[0].sharing, Sharing::Unknown, "somebody unseen may have it");
    }

    proptest! {
        #[test]
        fn every_page_is_what_counting_by_hand_says(
            kinds in prop::collection::vec((0_u8..8, 1_u64..9), 1..8),
            views in prop::collection::vec((1_u32..4, 0_u64..40, 1_u64..20), 0..8),
        ) {
            let base = runs(&kinds);
            let views: Vec<Held> = views.into_iter().map(|(pid, at, len)| held(pid, at, len)).collect();
            let merged = overlay(&base, &views, true);
            let mut at = 0;
            for run in &merged {
                prop_assert_eq!(run.offset, at);
                at += run.len;
                for page in (run.offset..at).step_by(4096) {
                    let mut pids: Vec<u32> = views
                        .iter()
                        .filter(|held| (held.offset..held.offset + held.len).contains(&page))
                        .map(|held| held.pid)
                        .collect();
                    pids.sort();
                    pids.dedup();
                    let below = base.iter().find(|run| page < run.offset + run.len).unwrap();
                    let place = if pids.is_empty() { below.place } else { Place::Present };
                    let sharing = match pids.len() {
                        0 => below.sharing,
                        1 => Sharing::Alone,
                        count => Sharing::Shared(Some(count as u32)),
                    };
                    prop_assert_eq!((run.place, run.sharing), (place, sharing));
                }
            }
            let last = base.last().unwrap();
            prop_assert_eq!(at, last.offset + last.len);
            let alike = |a: &PageRun, b: &PageRun| {
                (a.place, a.dirty, a.sharing, a.huge) == (b.place, b.dirty, b.sharing, b.huge)
            };
            prop_assert!(merged.windows(2).all(|pair| !alike(&pair[0], &pair[1])));
        }
    }
}
