//! What a cell of the picture, or the whole, consists of.

use mapview::{PageRun, Place, Sharing};

/// Every place, from the processor outwards.
pub const PLACES: [Place; 5] =
    [Place::Present, Place::Cached, Place::Swapped, Place::OnDisk, Place::NotAllocated];

/// Bytes by place and by mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mix {
    places: [u64; PLACES.len()],
    /// Bytes that their file does not have yet.
    pub dirty: u64,
    /// Bytes that more than one process has in its page table.
    pub shared: u64,
    /// Bytes in huge pages.
    pub huge: u64,
    /// Bytes that a process wrote to for itself alone.
    pub private: u64,
    /// Bytes of which the system does not say whether they are dirty, though they are in memory.
    pub untold: u64,
}

impl Mix {
    /// All runs together.
    pub fn of(runs: &[PageRun]) -> Mix {
        let mut mix = Mix::default();
        runs.iter().for_each(|run| mix.add(run, run.len));
        mix
    }

    /// Takes in `bytes` that are like `run`.
    pub fn add(&mut self, run: &PageRun, bytes: u64) {
        self.places[index(run.place)] += bytes;
        let in_memory = matches!(run.place, Place::Present | Place::Cached);
        let mut count =
            |sum: fn(&mut Mix) -> &mut u64, yes: bool| *sum(self) += u64::from(yes) * bytes;
        count(|mix| &mut mix.dirty, run.dirty == Some(true));
        count(|mix| &mut mix.shared, matches!(run.sharing, Sharing::Shared(_)));
        count(|mix| &mut mix.huge, run.huge);
        count(|mix| &mut mix.private, run.private);
        count(|mix| &mut mix.untold, run.dirty.is_none() && in_memory);
    }

    pub fn merge(&mut self, other: &Mix) {
        for (sum, more) in self.places.iter_mut().zip(other.places) {
            *sum += more;
        }
        self.dirty += other.dirty;
        self.shared += other.shared;
        self.huge += other.huge;
        self.private += other.private;
        self.untold += other.untold;
    }

    pub fn len(&self) -> u64 {
        self.places.iter().sum()
    }

    pub fn at(&self, place: Place) -> u64 {
        self.places[index(place)]
    }

    pub fn in_memory(&self) -> u64 {
        self.at(Place::Present) + self.at(Place::Cached)
    }

    /// The place nearest to the processor that anything of it is in, so that one page in 100 GiB is seen.
    pub fn nearest(&self) -> Place {
        let some = PLACES.into_iter().find(|&place| self.at(place) != 0);
        some.unwrap_or(Place::NotAllocated)
    }
}

fn index(place: Place) -> usize {
    match place {
        Place::Present => 0,
        Place::Cached => 1,
        Place::Swapped => 2,
        Place::OnDisk => 3,
        Place::NotAllocated => 4,
    }
}

/// The runs as cells of `per_cell` bytes each; the last may be shorter. Runs are in order and without gaps from 0 on.
pub fn cells(runs: &[PageRun], per_cell: u64) -> Vec<Mix> {
    let end = runs.last().map_or(0, |run| run.offset + run.len);
    let mut cells = vec![Mix::default(); end.div_ceil(per_cell) as usize];
    for run in runs {
        let (mut at, end) = (run.offset, run.offset + run.len);
        while at < end {
            let cell = at / per_cell;
            let bytes = end.min((cell + 1) * per_cell) - at;
            cells[cell as usize].add(run, bytes);
            at += bytes;
        }
    }
    cells
}

/// The runs without what lies behind `len` bytes: pages reach past the end of a file, its size does not.
pub fn clip(mut runs: Vec<PageRun>, len: u64) -> Vec<PageRun> {
    runs.retain(|run| run.offset < len);
    if let Some(last) = runs.last_mut() {
        last.len = last.len.min(len - last.offset);
    }
    runs
}

/// The part of the runs from `from` on, `len` bytes, with offsets that begin at 0.
pub fn part(runs: &[PageRun], from: u64, len: u64) -> Vec<PageRun> {
    let first = runs.partition_point(|run| run.offset + run.len <= from);
    let inside = runs[first..].iter().take_while(|run| run.offset < from + len);
    let cut = |run: &PageRun| {
        let start = run.offset.max(from);
        let end = (run.offset + run.len).min(from + len);
        PageRun { offset: start - from, len: end - start, ..*run }
    };
    inside.map(cut).collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Runs of these lengths in pages, of changing kinds.
    pub fn runs(kinds: &[(u8, u64)]) -> Vec<PageRun> {
        let mut offset = 0;
        let mut runs = Vec::new();
        for &(kind, pages) in kinds {
            let place = PLACES[usize::from(kind) % 5];
            let in_memory = matches!(place, Place::Present | Place::Cached);
            runs.push(PageRun {
                offset,
                len: pages * 4096,
                place,
                dirty: in_memory.then_some(kind & 8 != 0),
                sharing: match kind & 16 != 0 && in_memory {
                    true => Sharing::Shared(Some(2)),
                    false => Sharing::Unknown,
                },
                huge: kind & 32 != 0 && in_memory,
                private: kind & 64 != 0 && in_memory,
            });
            offset += pages * 4096;
        }
        runs
    }

    /// What the page at `offset` is, one page at a time: the slow truth.
    fn page(runs: &[PageRun], offset: u64) -> &PageRun {
        runs.iter().find(|run| offset >= run.offset && offset < run.offset + run.len).unwrap()
    }

    proptest! {
        #[test]
        fn every_cell_has_exactly_its_pages(
            kinds in prop::collection::vec((any::<u8>(), 1_u64..40), 0..20),
            pages_per_cell in 1_u64..70,
        ) {
            let runs = runs(&kinds);
            let (total, per_cell) = (Mix::of(&runs), pages_per_cell * 4096);
            let cells = cells(&runs, per_cell);
            let mut sum = Mix::default();
            for (index, cell) in cells.iter().enumerate() {
                let start = index as u64 * per_cell;
                let end = total.len().min(start + per_cell);
                prop_assert_eq!(cell.len(), end - start);
                let mut slow = Mix::default();
                (start..end).step_by(4096).for_each(|at| slow.add(page(&runs, at), 4096));
                prop_assert_eq!(*cell, slow);
                sum.merge(cell);
            }
            prop_assert_eq!(sum, total);
        }

        #[test]
        fn clipping_keeps_what_is_inside(
            kinds in prop::collection::vec((any::<u8>(), 1_u64..40), 1..20),
            missing in 0_u64..4096 * 50,
        ) {
            let runs = runs(&kinds);
            let len = Mix::of(&runs).len().saturating_sub(missing);
            let clipped = clip(runs.clone(), len);
            prop_assert_eq!(Mix::of(&clipped).len(), len);
            prop_assert!(clipped.iter().all(|run| run.len != 0));
            prop_assert!(clipped.iter().zip(&runs).all(|(a, b)| a.offset == b.offset && a.place == b.place));
        }
    }

    #[test]
    fn a_part_begins_at_0_and_has_what_is_inside() {
        let runs = runs(&[(0, 4), (1, 4), (4, 4)]);
        let part = part(&runs, 3 * 4096, 6 * 4096);
        let told: Vec<_> = part.iter().map(|run| (run.offset / 4096, run.len / 4096)).collect();
        assert_eq!(told, [(0, 1), (1, 4), (5, 1)]);
        assert_eq!(super::part(&runs, 12 * 4096, 4096), []);
    }

    #[test]
    fn one_page_in_a_hundred_gib_is_seen() {
        let runs = runs(&[(4, 20_000_000), (0, 1), (4, 6_214_399)]);
        let cells = cells(&runs, 128 << 20);
        assert_eq!(cells.len(), 800);
        let seen: Vec<usize> =
            (0..800).filter(|&cell| cells[cell].nearest() == Place::Present).collect();
        assert_eq!(seen, [20_000_000 * 4096 / (128 << 20)]);
    }
}
