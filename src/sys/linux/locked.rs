//! Which pages are locked in memory: the kernel does not mind unlocking what is not, Windows does (158).

use std::ops::Range;

/// Ranges of addresses that lie apart, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Locked(Vec<Range<usize>>);

impl Locked {
    /// The parts of `range` that are not locked.
    pub(super) fn gaps(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let (mut gaps, mut from) = (Vec::new(), range.start);
        for locked in self.0.iter().filter(|locked| meet(locked, range)) {
            if from < locked.start {
                gaps.push(from..locked.start);
            }
            from = locked.end;
        }
        if from < range.end {
            gaps.push(from..range.end);
        }
        gaps
    }

    /// Whether all of `range` is locked.
    pub(super) fn has(&self, range: &Range<usize>) -> bool {
        self.gaps(range).is_empty()
    }

    pub(super) fn add(&mut self, range: Range<usize>) {
        let (mut start, mut end) = (range.start, range.end);
        self.0.retain(|locked| {
            let touches = locked.start <= end && start <= locked.end;
            if touches {
                (start, end) = (start.min(locked.start), end.max(locked.end));
            }
            !touches
        });
        let at = self.0.partition_point(|locked| locked.start < start);
        self.0.insert(at, start..end);
    }

    pub(super) fn remove(&mut self, range: &Range<usize>) {
        if !self.0.iter().any(|locked| meet(locked, range)) {
            return;
        }
        let kept = self.0.iter().flat_map(|locked| {
            let before = locked.start..locked.end.min(range.start);
            let behind = locked.start.max(range.end)..locked.end;
            [before, behind].into_iter().filter(|rest| !rest.is_empty())
        });
        self.0 = kept.collect();
    }
}

fn meet(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locked_ranges_join_split_and_show_their_gaps() {
        let mut locked = Locked::default();
        locked.add(10..20);
        locked.add(30..40);
        assert_eq!(locked.gaps(&(0..50)), [0..10, 20..30, 40..50]);
        assert_eq!(locked.gaps(&(12..18)), []);
        locked.add(20..30);
        assert_eq!(locked.gaps(&(0..50)), [0..10, 40..50]);
        locked.remove(&(15..20));
        assert_eq!(locked.0, [10..15, 20..40]);
        assert_eq!(locked.gaps(&(10..50)), [15..20, 40..50]);
        locked.add(5..60);
        locked.remove(&(0..100));
        assert_eq!(locked.0, []);
    }
}
