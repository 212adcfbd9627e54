//! A value for each address of a range, kept as runs of equal values.

use std::collections::BTreeMap;
use std::ops::Range;

/// Neighbouring runs differ.
#[derive(Clone, Debug)]
pub(super) struct Runs<T> {
    /// Where each run begins.
    starts: BTreeMap<usize, T>,
    end: usize,
}

impl<T: Copy + PartialEq> Runs<T> {
    /// One value for the whole range, which is not empty.
    pub(super) fn new(range: Range<usize>, value: T) -> Runs<T> {
        Runs { starts: BTreeMap::from([(range.start, value)]), end: range.end }
    }

    /// The value at an address of the range.
    pub(super) fn get(&self, at: usize) -> T {
        *self.starts.range(..=at).next_back().expect("an address of the range").1
    }

    /// Gives a part of the range one value.
    pub(super) fn set(&mut self, part: Range<usize>, value: T) {
        if part.is_empty() {
            return;
        }
        let behind = (part.end < self.end).then(|| self.get(part.end));
        let before = self.starts.range(..part.start).next_back().map(|(_, value)| *value);
        let gone: Vec<usize> =
            self.starts.range(part.start..=part.end).map(|(at, _)| *at).collect();
        for at in gone {
            self.starts.remove(&at);
        }
        if before != Some(value) {
            self.starts.insert(part.start, value);
        }
        if let Some(behind) = behind.filter(|behind| *behind != value) {
            self.starts.insert(part.end, behind);
        }
    }

    /// The same values for a part of the range, which is not empty.
    pub(super) fn part(&self, part: Range<usize>) -> Runs<T> {
        let starts = self.over(part.clone()).map(|(run, value)| (run.start, value)).collect();
        Runs { starts, end: part.end }
    }

    /// The runs of a part of the range, in order, cut to it.
    pub(super) fn over(&self, part: Range<usize>) -> impl Iterator<Item = (Range<usize>, T)> + '_ {
        let first = match part.is_empty() {
            true => None,
            false => Some((part.start, self.get(part.start))),
        };
        let inner = (part.start + 1).min(part.end)..part.end;
        let rest = self.starts.range(inner).map(|(at, value)| (*at, *value));
        let mut runs = first.into_iter().chain(rest).peekable();
        std::iter::from_fn(move || {
            let (start, value) = runs.next()?;
            let end = runs.peek().map_or(part.end, |next| next.0);
            Some((start..end, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn runs_hold_what_an_array_would(
            changes in proptest::collection::vec((0_usize..40, 0_usize..40, 0_u8..3), 0..30),
            part in (0_usize..40, 0_usize..40),
        ) {
            let mut runs = Runs::new(100..140, 0);
            let mut array = [0; 40];
            for (from, to, value) in changes {
                let (from, to) = (from.min(to), from.max(to));
                runs.set(100 + from..100 + to, value);
                array[from..to].fill(value);
                assert!((0..40).all(|at| runs.get(100 + at) == array[at]));
                let values: Vec<u8> = runs.starts.values().copied().collect();
                assert!(values.windows(2).all(|pair| pair[0] != pair[1]));
            }
            let (from, to) = (part.0.min(part.1), part.0.max(part.1));
            let mut at = 100 + from;
            for (run, value) in runs.over(100 + from..100 + to) {
                assert!(run.start == at && run.end > at);
                assert!(run.clone().all(|at| array[at - 100] == value));
                at = run.end;
            }
            assert_eq!(at, 100 + to);
            if from < to {
                let part = runs.part(100 + from..100 + to);
                assert!((from..to).all(|at| part.get(100 + at) == array[at]));
            }
        }
    }
}
