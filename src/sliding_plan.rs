//! Where windows lie, and in which order: only arithmetic.

use crate::{sys, Error, ErrorKind, Order, Result, SlidingOptions};

/// What is asked for, checked, and completed by what was not said.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    start: u64,
    end: u64,
    window: u64,
    overlap: u64,
    order: Order,
    /// Whether the next window is mapped, and read ahead, while one is shown.
    pub(crate) ahead: bool,
}

/// Larger windows are not faster, so by themselves they do not become larger.
const LARGEST: u64 = 64 << 20;
/// The largest pages in which systems cache files.
const LARGEST_PAGE: u64 = 8 << 20;
/// Sizes that windows get by themselves are multiples of the first that fits: pages of every size then do, too.
const STEPS: [u64; 2] = [sys::LARGE_PAGE, sys::GRANULARITY as u64];

impl Plan {
    /// `unit`: what the system maps in multiples of, both from where and how much. `threads` share the memory.
    pub(crate) fn new(
        options: &SlidingOptions,
        size: u64,
        unit: u64,
        threads: usize,
    ) -> Result<Plan> {
        let &SlidingOptions { start, overlap, order, memory, .. } = options;
        let end = options.end.unwrap_or(size);
        if end > size {
            return Err(refusal(format!("the range ends at {end}, the mapping at {size}")));
        }
        if start >= end {
            return Err(refusal(format!("the range from {start} to {end} is empty")));
        }
        let memory = memory / threads as u64;
        let worth_it = threads > 1 || order != Order::Forward || !sys::READS_AHEAD;
        // What is mapped for a window of this size.
        let cost = |window: u64| -> Option<u64> {
            let aligned = window.is_multiple_of(unit) || window >= end - start;
            let lead = if aligned { start % unit } else { unit - 1 };
            lead.checked_add(window)?.checked_add(overlap)?.checked_next_multiple_of(unit)
        };
        let fits = |window: u64, times: u64| {
            cost(window)
                .is_some_and(|cost| cost.checked_mul(times).is_some_and(|all| all <= memory))
        };
        let derive = |times: u64| {
            let room = (memory / times / unit * unit).checked_sub(overlap + start % unit)?;
            let steps = STEPS.into_iter().filter(|step| step.is_multiple_of(unit)).chain([unit]);
            let mut windows = steps.map(|step| room.min(LARGEST.max(unit)) / step * step);
            windows.find(|&window| window > overlap && fits(window, times))
        };
        let few = || {
            let threads =
                if threads > 1 { format!(" for each of {threads} threads") } else { String::new() };
            refusal(format!("{memory} bytes of memory{threads} hold no window with an overlap of {overlap}; each takes multiples of {unit}"))
        };
        if options.window == Some(0) {
            return Err(refusal("a window of 0 bytes".into()));
        }
        if overlap >= options.window.unwrap_or(u64::MAX) || overlap > u64::MAX / 4 {
            return Err(refusal(format!(
                "an overlap of {overlap} bytes, which is no part of a window"
            )));
        }
        let window = match options.window {
            Some(window) => window,
            None if worth_it => derive(2).or_else(|| derive(1)).ok_or_else(few)?,
            None => derive(1).ok_or_else(few)?,
        };
        let window = window.min(end - start);
        if !fits(window, 1) {
            return Err(few());
        }
        Ok(Plan { start, end, window, overlap, order, ahead: worth_it && fits(window, 2) })
    }

    /// How many windows there are; at least one.
    pub(crate) fn count(&self) -> u64 {
        (self.end - self.start).div_ceil(self.window)
    }

    /// Which window comes at this step, if any.
    pub(crate) fn at_step(&self, step: u64) -> Option<u64> {
        let count = self.count();
        (step < count).then(|| self.order.at(step, count))
    }

    /// Which window owns the byte at this offset in the mapping.
    pub(crate) fn at_offset(&self, offset: u64) -> Result<u64> {
        if !(self.start..self.end).contains(&offset) {
            let (start, end) = (self.start, self.end);
            return Err(refusal(format!("offset {offset} is not between {start} and {end}")));
        }
        Ok((offset - self.start) / self.window)
    }

    /// What nobody needs any more behind a window, as offset and length: with what is left of pages that straddle its
    /// border to windows before it, as a page leaves a cache whole.
    pub(crate) fn behind(&self, index: u64) -> (u64, u64) {
        let (offset, own, _) = self.span(index);
        let end = offset + own as u64;
        let (from, to) = match self.order {
            Order::Forward => (offset / LARGEST_PAGE * LARGEST_PAGE, end),
            Order::Backward => (offset, end.next_multiple_of(LARGEST_PAGE)),
            Order::Random(_) => (offset, end),
        };
        (from, to - from)
    }

    /// Where a window starts, how many bytes it owns, and how many it shows.
    pub(crate) fn span(&self, index: u64) -> (u64, usize, usize) {
        let offset = self.start + index * self.window;
        let rest = self.end - offset;
        let own = self.window.min(rest);
        (offset, own as usize, (own + self.overlap).min(rest) as usize)
    }
}

fn refusal(why: String) -> Error {
    Error::new(ErrorKind::InvalidParameter, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn plan(
        choose: impl FnOnce(&mut SlidingOptions) -> &mut SlidingOptions,
        threads: usize,
    ) -> Result<Plan> {
        Plan::new(choose(&mut SlidingOptions::new()), 1 << 40, 1 << 16, threads)
    }

    #[test]
    fn the_window_follows_from_the_memory() {
        let window = |memory: u64, order, threads| {
            let made = plan(|options| options.memory(memory as usize).order(order), threads);
            made.map(|plan| (plan.window, plan.ahead))
        };
        assert_eq!(window(16 * MIB, Order::Backward, 1).unwrap(), (8 * MIB, true));
        assert_eq!(window(16 * MIB, Order::Forward, 2).unwrap(), (4 * MIB, true));
        assert_eq!(window(1 << 40, Order::Backward, 1).unwrap(), (64 * MIB, true));
        assert_eq!(window(0x2_FFFF, Order::Backward, 1).unwrap(), (0x1_0000, true));
        assert_eq!(window(0x1_0000, Order::Backward, 1).unwrap(), (0x1_0000, false));
        assert_eq!(window(0xFFFF, Order::Backward, 1).unwrap_err().win32_code(), 87);
        assert_eq!(window(0x1_0000, Order::Backward, 2).unwrap_err().win32_code(), 87);
    }

    #[test]
    fn a_start_and_an_overlap_inside_a_unit_cost_one() {
        let made = plan(
            |options| options.memory(0x4_0000).range(5..).overlap(1).order(Order::Backward),
            1,
        );
        assert_eq!(made.unwrap().window, 0x1_0000);
        let odd = |memory: usize| plan(|options| options.memory(memory).window(0x1_0001), 1);
        assert!(odd(0x1_FFFF).is_err());
        assert!(odd(0x2_0000).is_ok());
    }

    #[test]
    fn huge_numbers_are_refused_not_wrapped() {
        for overlap in [usize::MAX, usize::MAX / 2, usize::MAX / 8] {
            assert!(plan(|options| options.overlap(overlap), 1).is_err());
            assert!(plan(|options| options.window(usize::MAX).overlap(overlap), 1).is_err());
        }
        assert!(plan(|options| options.range(u64::MAX..), 1).is_err());
        assert!(plan(|options| options.range(..=u64::MAX), 1).is_err());
        let whole = plan(|options| options.window(usize::MAX).memory(usize::MAX), 1).unwrap();
        assert_eq!((whole.window, whole.count()), (1 << 40, 1));
    }
}
