//! Where a new reservation lies: anywhere, at an address, as high as possible, or between two addresses.

use rustix::io::Errno;

use super::os::maps;
use super::os::private::{self, Place};
use super::private::{invalid, HUGE};
use super::space::{HIGHEST, LOWEST};
use crate::memory::Allocate;
use crate::sys::GRANULARITY;
use crate::Result;

/// The rules for limits of addresses that need no look at the memory.
pub(super) fn check(wanted: &Allocate) -> Result<()> {
    let &Allocate { address, lowest, highest, alignment, .. } = wanted;
    let page = super::os::memory::page_size();
    let why = if (lowest, highest, alignment) == (0, 0, 0) {
        return Ok(());
    } else if address != 0 {
        "an address leaves nothing to choose: give it, or limits and an alignment"
    } else if alignment != 0 && !(alignment >= GRANULARITY && alignment.is_power_of_two()) {
        "the alignment is a power of two, from 64 KiB on"
    } else if !lowest.is_multiple_of(GRANULARITY) || lowest >= HIGHEST {
        "the lowest address is a multiple of 64 KiB, where programs have their memory"
    } else if highest != 0 && (highest >= HIGHEST || !(highest + 1).is_multiple_of(page)) {
        "the highest address is the last of a page, where programs have their memory"
    } else if highest != 0 && highest < lowest.max(LOWEST) {
        "the highest address lies below the lowest"
    } else {
        return Ok(());
    };
    Err(invalid(why))
}

type Taken = std::result::Result<*mut u8, Errno>;

/// Takes free addresses as `wanted` says.
pub(super) fn take(len: usize, wanted: &Allocate) -> Taken {
    let usual = if wanted.large_pages { HUGE } else { GRANULARITY };
    let alignment = wanted.alignment.max(usual);
    if !wanted.top_down && (wanted.lowest, wanted.highest) == (0, 0) {
        return taker(wanted)(len, Place::Aligned(alignment));
    }
    highest(len, alignment, wanted)
}

/// Takes these addresses if nobody has them.
pub(super) fn take_at(start: usize, len: usize, wanted: &Allocate) -> Taken {
    taker(wanted)(len, Place::At(start))
}

fn taker(wanted: &Allocate) -> fn(usize, Place) -> Taken {
    if wanted.large_pages {
        private::huge
    } else {
        private::reserve
    }
}

/// Takes the highest free addresses within the limits. Where the stack may grow is not free.
fn highest(len: usize, alignment: usize, wanted: &Allocate) -> Taken {
    const STACK_GUARD: usize = 1 << 20; // what the kernel keeps free below a stack
    for _ in 0..64 {
        let ranges = maps::of_this_process().map_err(|_| Errno::IO)?;
        let stack = |range: &maps::Range| match range.path == "[stack]" {
            true => range.end.saturating_sub(private::stack_room() + STACK_GUARD).min(range.start),
            false => range.start,
        };
        let floor = wanted.lowest.max(LOWEST);
        let mut ceiling = if wanted.highest == 0 { HIGHEST } else { wanted.highest + 1 };
        let mut place = None;
        for (start, end) in
            ranges.iter().rev().map(|range| (stack(range), range.end)).chain([(0, floor)])
        {
            place = ceiling.checked_sub(len).map(|start| start / alignment * alignment);
            if place.is_some_and(|place| place >= end.max(floor)) {
                break;
            }
            place = None;
            ceiling = ceiling.min(start);
        }
        match take_at(place.ok_or(Errno::NOMEM)?, len, wanted) {
            Err(Errno::EXIST) => {} // another thread was faster
            other => return other,
        }
    }
    Err(Errno::NOMEM)
}
