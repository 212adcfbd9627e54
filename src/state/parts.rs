//! The parts of the word of a semaphore, an auto-reset event or a synchronization timer.
//!
//! ```text
//!   low half, on which waiters sleep (the kernel compares it):
//!     bits 0-29   claim of a wait-all, 0 for none
//!     bits 30-31  0 nobody sleeps   1 something is there   2 somebody sleeps   3 somebody sleeps for several objects
//!   high half, narrow:
//!     bit 31 0   bits 22-30 tag of a timer   bit 21 MANY   bit 20 ASLEEP   bits 18-19 releasing   bits 10-17 kept
//!     bit 9 PULSED   bits 0-8 count
//!   high half, wide, for a count that is too large for that:
//!     bit 31 1   bits 0-30 count; then bit 31 of the low half is ASLEEP, and nothing is kept: there is enough for everybody
//! ```
//!
//! The low half tells a waiter who is about to sleep everything that has to keep it from doing so: that something is there
//! now, that the flag of sleepers is gone, and that it must listen for the bell because others wait for several objects.

const SLEEPERS_AT: u32 = 30;
const AVAILABLE: u32 = 1;
const SOME: u32 = 2;
const SOME_FOR_MANY: u32 = 3;
/// The bits of a claim.
pub(crate) const CLAIM: u64 = (1 << SLEEPERS_AT) - 1;
const WIDE: u32 = 1 << 31;
/// The bits of a tag in the high half.
const TAG: u32 = 0x1FF << 22;
const MANY: u32 = 1 << 21;
const ASLEEP: u32 = 1 << 20;
/// In the low half of a wide word.
const ASLEEP_WIDE: u32 = 2 << SLEEPERS_AT;
const RELEASING: u32 = 18;
const KEPT: u32 = 10;
pub(crate) const MOST_RELEASING: u32 = 3;
pub(crate) const MOST_KEPT: u32 = 0xFF;
const PULSED: u32 = 1 << 9;
pub(crate) const MOST_NARROW: u32 = PULSED - 1;

/// A word, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Somebody may sleep.
    pub asleep: bool,
    /// Some of the sleepers may wait for several objects.
    pub many: bool,
    pub claim: u32,
    /// Releases that are not done.
    pub releasing: u32,
    /// For sleepers that were woken.
    pub kept: u32,
    /// Of what is kept, one is for who slept at that instant or for nobody.
    pub pulsed: bool,
    /// For everybody.
    pub count: u32,
    /// Of a timer, see [`super::timer`], where it stands in the high half; else 0.
    pub tag: u32,
}

/// Of a sleeper: whether the low half at which it sleeps says that it must listen for the bell.
pub(crate) fn listens(low: u32) -> bool {
    low >> SLEEPERS_AT == SOME_FOR_MANY
}

/// The tag of a timer with this word.
pub(crate) fn tag(word: u64) -> u32 {
    parts(word).tag >> TAG.trailing_zeros()
}

/// Where a tag stands in the high half.
pub(crate) fn tag_bits(tag: u32) -> u32 {
    tag << TAG.trailing_zeros() & TAG
}

/// Takes a word apart.
pub(crate) fn parts(word: u64) -> Parts {
    let (high, claim) = ((word >> 32) as u32, (word & CLAIM) as u32);
    if high & WIDE != 0 {
        let asleep = word as u32 & ASLEEP_WIDE != 0;
        let count = high & !WIDE;
        let many = asleep;
        return Parts { asleep, many, claim, releasing: 0, kept: 0, pulsed: false, count, tag: 0 };
    }
    Parts {
        asleep: high & ASLEEP != 0,
        many: high & MANY != 0,
        claim,
        releasing: high >> RELEASING & MOST_RELEASING,
        kept: high >> KEPT & MOST_KEPT,
        pulsed: high & PULSED != 0,
        count: high & MOST_NARROW,
        tag: high & TAG,
    }
}

impl Parts {
    /// Puts it together again.
    pub(crate) fn word(self) -> u64 {
        if self.count > MOST_NARROW {
            let count = self.count.saturating_add(self.kept).min(!WIDE);
            let asleep = if self.asleep { ASLEEP_WIDE } else { 0 };
            let low = AVAILABLE << SLEEPERS_AT | asleep | self.claim;
            return u64::from(WIDE | count) << 32 | u64::from(low);
        }
        let sleepers = match self {
            Parts { count, kept, .. } if count > 0 || kept > 0 => AVAILABLE,
            Parts { asleep: true, many: true, .. } => SOME_FOR_MANY,
            Parts { asleep: true, .. } => SOME,
            _ => 0,
        };
        // A dead release matters only to those that it kept something for.
        let releasing = if self.kept == 0 { 0 } else { self.releasing };
        let flag = |on, flag| if on { flag } else { 0 };
        let high = self.tag
            | flag(self.many, MANY)
            | flag(self.asleep, ASLEEP)
            | releasing << RELEASING
            | self.kept << KEPT
            | flag(self.pulsed && self.kept > 0, PULSED)
            | self.count;
        u64::from(high) << 32 | u64::from(sleepers << SLEEPERS_AT | self.claim)
    }

    /// Sleepers that wait for several objects may still decline what is kept.
    pub(crate) fn unsettled(self) -> bool {
        self.many && self.kept > 0
    }
}

/// What came of giving a timer another tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tagged {
    Done,
    /// It had another tag by then.
    Changed,
    /// What comes of it depends on a sleeper who may decline what is kept for it.
    Unsettled,
    /// By a wait-all.
    Claimed(u32),
}
