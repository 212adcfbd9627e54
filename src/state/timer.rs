//! The plan of a waitable timer: when it is due. It lies beside the word that says whether the timer is signaled, which is
//! that of an auto-reset event ([`super::count`]) or of a manual-reset one ([`super::manual`]).
//!
//! Nobody runs when a timer becomes due. Whoever looks at it, or wakes from a sleep that ends when it is due, compares the
//! plan with the clock and *fires* it: signals the word as setting an event does.
//!
//! ```text
//!   tag, in the word:   bit 8 which of two slots holds the plan   bits 0-7 stamp
//!   a slot:             when (bits 9-63 in 100 ns, 0 never; bit 8 by the wall clock; bits 0-7 stamp), and the period in ms
//! ```
//!
//! *Each expiry once.* A plan counts while its stamp is the word's. Firing signals the word and raises its stamp in one
//! compare-and-swap, so of all who find the timer due one fires it; and whoever is killed has fired it or has not. The plan of
//! a periodic timer is then one stamp behind, and whoever looks next plans the next expiry, again with one
//! compare-and-swap. *A new plan* is written into the slot that does not count, by one process at a time (the caller holds
//! a lock that the kernel ends with its owner), and counts from the change of the tag on.
//!
//! Stamps wrap: a process that is stopped between looking at a plan and firing it, while exactly a multiple of 256 changes
//! of the timer go by, fires one expiry too early.

use super::count::{self, Released};
use super::parts::{self, Tagged};
use super::{manual, tagged};
use crate::prim::{fence, AtomicU32, AtomicU64, Ordering};

const STAMP: u64 = 0xFF;
const WALL: u64 = 1 << 8;
const DUE_AT: u32 = 9;
/// The latest time that a plan holds, in 100 ns; about 114 years.
pub(crate) const LATEST: u64 = (1 << (64 - DUE_AT)) - 1;
/// In a tag.
const SLOT: u32 = 1 << 8;
/// 100 ns in a millisecond.
const MILLISECOND: u64 = 10_000;
/// How often a look begins anew because the timer changed under it.
const TRIES: u32 = 100;

/// Where a plan stands.
#[repr(C)]
#[derive(Debug, Default)]
pub(crate) struct Slot {
    pub next: AtomicU64,
    pub period: AtomicU64,
}

/// What a timer has in its record besides the word.
#[repr(C)]
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub slots: [Slot; 2],
    /// How often a plan began or ended to be changed; odd meanwhile. Sleepers sleep on its low half too.
    pub changes: AtomicU64,
    /// Who changes the plan, in the kernel's protocol for robust futexes; or 0.
    pub changer: AtomicU32,
}

/// The word of a timer, and its plan.
#[derive(Clone, Copy)]
pub(crate) struct Timer<'a> {
    pub word: &'a AtomicU64,
    pub slots: &'a [Slot; 2],
    /// A notification timer, with the word of a manual-reset event.
    pub manual: bool,
}

/// When a timer is due, and then every `period` milliseconds if that is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// In 100 ns; 0 for never.
    pub due: u64,
    /// By the wall clock, else by the monotonic one.
    pub wall: bool,
    pub period: u32,
}

/// What a look at a timer shows or does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It will not become due.
    Never,
    /// It is due then.
    Later { due: u64, wall: bool },
    /// It was due: now wake so many sleepers and tell [`count::woke`].
    Fired { wake: u32 },
    /// It was due: now wake all sleepers, if there is a word, and pass that to [`manual::woke`].
    FiredForAll(Option<u64>),
    /// It is due, but a wait-all has claimed it.
    Claimed(u32),
    /// Others change it all the time.
    Changing,
}

/// The bits of the thread in [`Words::changer`].
const THREAD: u32 = (1 << 30) - 1;

impl Words {
    /// Of a new timer, in a record that may have been another's: nothing is planned.
    pub(crate) fn clear(&self) {
        for slot in &self.slots {
            slot.next.store(0, Ordering::Relaxed);
            slot.period.store(0, Ordering::Relaxed);
        }
        self.changes.store(0, Ordering::Relaxed);
        self.changer.store(0, Ordering::Relaxed);
    }

    /// Whether somebody changes the plan. The kernel takes the thread out of the word when it ends.
    fn is_locked(&self) -> bool {
        self.changer.load(Ordering::Acquire) & THREAD != 0
    }

    /// Makes thread `tid` the one that may change the plan. `false`: another one is.
    pub(crate) fn lock(&self, tid: u32) -> bool {
        let seen = self.changer.load(Ordering::Relaxed);
        let (success, failure) = (Ordering::Acquire, Ordering::Relaxed);
        seen & THREAD == 0 && self.changer.compare_exchange(seen, tid, success, failure).is_ok()
    }

    pub(crate) fn unlock(&self) {
        self.changer.store(0, Ordering::Release);
    }

    /// Under the lock: says that the plan is being changed. Then wake all who sleep on `changes`: until [`Words::end`] they
    /// sleep but briefly, so whoever is killed before it has everybody look again.
    pub(crate) fn begin(&self) {
        self.count(|changes| if is_changing(changes) { 2 } else { 1 });
    }

    /// Under the lock: says that the plan is changed. Then wake all who sleep on `changes`.
    pub(crate) fn end(&self) {
        self.count(|changes| if is_changing(changes) { 1 } else { 2 });
    }

    fn count(&self, by: impl Fn(u64) -> u64) {
        let mut seen = self.changes.load(Ordering::Relaxed);
        loop {
            let next = seen.wrapping_add(by(seen));
            match self.changes.compare_exchange_weak(
                seen,
                next,
                Ordering::AcqRel,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }

    /// What a sleeper notes before it looks at the plan: the count of changes at which it may sleep. Ends the change of one who
    /// was killed.
    pub(crate) fn note(&self) -> u64 {
        let seen = self.changes.load(Ordering::Acquire);
        if !is_changing(seen) || self.is_locked() {
            return seen;
        }
        // Who locks it in between counts on, and this fails or is counted on from.
        let next = seen.wrapping_add(1);
        match self.changes.compare_exchange(seen, next, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => next,
            Err(now) => now,
        }
    }
}

/// Whether a plan is being changed: sleep but briefly.
pub(crate) fn is_changing(changes: u64) -> bool {
    changes & 1 != 0
}

/// A plan as it stood at one instant, with the tag that the timer had.
#[derive(Clone, Copy)]
struct Seen {
    tag: u32,
    next: u64,
    period: u32,
}

impl Seen {
    fn due(&self) -> u64 {
        self.next >> DUE_AT
    }

    fn wall(&self) -> bool {
        self.next & WALL != 0
    }

    /// It says when the timer is due.
    fn counts(&self) -> bool {
        self.due() != 0 && self.next & STAMP == u64::from(self.tag) & STAMP
    }

    /// It was fired, and the next expiry is to be planned.
    fn is_behind(&self) -> bool {
        let (stamp, plan) = (u64::from(self.tag), self.next.wrapping_add(1));
        self.due() != 0 && self.period != 0 && plan & STAMP == stamp & STAMP
    }

    /// The next expiry. All that passed in the meantime count as one with the one that was fired. A wall clock's plan goes
    /// on by the monotonic one: a period is a time that passes.
    fn following(&self, now: u64) -> u64 {
        let period = u64::from(self.period) * MILLISECOND;
        let from = if self.wall() { now } else { self.due() };
        let passed = now.saturating_sub(from) / period;
        let due = from.saturating_add((passed + 1).saturating_mul(period)).min(LATEST);
        due << DUE_AT | self.next.wrapping_add(1) & STAMP
    }
}

/// The tag after firing.
fn fired(tag: u32) -> u32 {
    tag & SLOT | tag.wrapping_add(1) & STAMP as u32
}

impl Timer<'_> {
    fn tag(&self) -> u32 {
        let word = self.word.load(Ordering::Acquire);
        if self.manual {
            manual::tag(word)
        } else {
            parts::tag(word)
        }
    }

    fn slot(&self, tag: u32) -> &Slot {
        &self.slots[usize::from(tag & SLOT != 0)]
    }

    /// `None` if others change it all the time.
    fn seen(&self) -> Option<Seen> {
        (0..TRIES).find_map(|_| {
            let tag = self.tag();
            let slot = self.slot(tag);
            // Acquire: what is seen of a later plan shows the change of the tag that came before it, too.
            let next = slot.next.load(Ordering::Acquire);
            let period = slot.period.load(Ordering::Acquire) as u32;
            (self.tag() == tag).then_some(Seen { tag, next, period })
        })
    }

    /// Whether somebody may sleep for it. Who lies down after this finds what was written before it.
    pub(crate) fn has_sleepers(&self) -> bool {
        fence(Ordering::SeqCst);
        let word = self.word.load(Ordering::Relaxed);
        if self.manual {
            manual::must_help(word)
        } else {
            parts::parts(word).asleep
        }
    }

    /// Looks at the timer, and fires it if it is due. `now` tells the time by the wall clock or the monotonic one.
    pub(crate) fn look(&self, now: impl Fn(bool) -> u64) -> Step {
        for _ in 0..TRIES {
            let Some(seen) = self.seen() else { return Step::Changing };
            if seen.is_behind() {
                let next = seen.following(now(false));
                let slot = &self.slot(seen.tag).next;
                // If it fails, somebody else did it, or there is a new plan.
                let _ = slot.compare_exchange(seen.next, next, Ordering::AcqRel, Ordering::Relaxed);
                continue;
            }
            if !seen.counts() {
                return Step::Never;
            }
            let (due, wall) = (seen.due(), seen.wall());
            if now(wall) < due {
                return Step::Later { due, wall };
            }
            match self.fire(seen.tag) {
                Some(step) => return step,
                None => continue,
            }
        }
        Step::Changing
    }

    fn fire(&self, tag: u32) -> Option<Step> {
        if self.manual {
            return manual::fire(self.word, tag, fired(tag)).map(Step::FiredForAll);
        }
        tagged::fire(self.word, tag, fired(tag)).map(|released| match released {
            Released::Done { wake, .. } => Step::Fired { wake },
            Released::Claimed(claim) => Step::Claimed(claim),
            Released::Full | Released::Unsettled => Step::Changing,
        })
    }

    /// Makes this the plan, and resets the timer if `reset`. One process at a time; on anything but `Done`, call it again.
    pub(crate) fn plan(&self, plan: Plan, reset: bool) -> Tagged {
        let from = self.tag();
        let to = fired(from) ^ SLOT;
        let (due, wall) = (plan.due.min(LATEST), if plan.wall { WALL } else { 0 });
        let slot = self.slot(to);
        // Release: whoever sees these sees that the slot had stopped counting.
        slot.period.store(plan.period.into(), Ordering::Release);
        slot.next.store(due << DUE_AT | wall | u64::from(to) & STAMP, Ordering::Release);
        if self.manual {
            manual::retag(self.word, from, to, reset)
        } else {
            tagged::retag(self.word, from, to, reset)
        }
    }
}

/// Whether a timer with these numbers in its slots and this word is signaled, or would be for whoever waits now.
pub(crate) fn is_signaled(
    slots: [u64; 4],
    word: u64,
    manual: bool,
    now: impl Fn(bool) -> u64,
) -> bool {
    let [first, first_period, second, second_period] = slots;
    let (signaled, tag) = match manual {
        true => (manual::is_set(word), manual::tag(word)),
        false => (count::count(word) > 0, parts::tag(word)),
    };
    let (next, period) = match tag & SLOT {
        0 => (first, first_period),
        _ => (second, second_period),
    };
    let seen = Seen { tag, next, period: period as u32 };
    signaled || seen.counts() && now(seen.wall()) >= seen.due()
}
