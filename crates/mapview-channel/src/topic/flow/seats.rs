//! Who sits where.

use crate::prim::{AtomicU64, Ordering};

/// What a place's owner word says at one instant: `how often it was taken (40) | blocking (1) | member (17)`; without a member the place is
/// free. Because it counts, no two owners of a place have the same word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner(pub u64);

const MEMBER: u64 = (1 << 17) - 1;
const BLOCKING: u64 = 1 << 20;
const COUNT_AT: u32 = 24;

impl Owner {
    /// The member's tag; 0 for nobody.
    pub(crate) fn member(self) -> u32 {
        (self.0 & MEMBER) as u32
    }

    /// Whether publishers wait for it.
    #[inline]
    pub(crate) fn is_blocking(self) -> bool {
        self.0 & BLOCKING != 0
    }

    /// The place taken by another member.
    pub(crate) fn replaced(self, member: u32) -> Owner {
        Owner(((self.0 >> COUNT_AT) + 1) << COUNT_AT | u64::from(member))
    }

    /// The place given up.
    pub(crate) fn freed(self) -> Owner {
        Owner(self.0 >> COUNT_AT << COUNT_AT)
    }

    pub(crate) fn blocking(self, blocking: bool) -> Owner {
        Owner(if blocking { self.0 | BLOCKING } else { self.0 & !BLOCKING })
    }
}

/// The subscribers' words, as publishers look at them.
#[derive(Clone, Copy)]
pub(crate) struct Seats<'a> {
    /// A bit for each seat that was ever taken.
    pub taken: &'a AtomicU64,
    /// How many subscribers came; counted when they are to be waited for.
    pub arrivals: &'a AtomicU64,
    pub owners: &'a [AtomicU64],
    /// Of all seats one after the other; see [`Shape`](super::Shape).
    pub words: &'a [AtomicU64],
}

impl Seats<'_> {
    /// The seats that were ever taken.
    #[inline]
    pub(super) fn taken(self) -> impl Iterator<Item = usize> {
        bits(self.taken.load(Ordering::Acquire)).take_while({
            let count = self.owners.len();
            move |seat| *seat < count
        })
    }

    /// How many have an owner.
    pub(crate) fn occupied(self) -> usize {
        self.taken().filter(|seat| self.owner(*seat).member() != 0).count()
    }

    #[inline]
    pub(crate) fn owner(self, seat: usize) -> Owner {
        Owner(self.owners[seat].load(Ordering::Acquire))
    }
}

/// The positions of the bits that are set.
#[inline]
pub(crate) fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        word &= word.wrapping_sub(1);
        (bit < 64).then_some(bit)
    })
}
