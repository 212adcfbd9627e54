//! The word of a semaphore, and of an auto-reset event, which is a semaphore that counts to one.
//!
//! *Whose signal it is.* A signal that is given while somebody sleeps belongs to a sleeper at that instant, as on Windows:
//! it goes into `kept`, which newcomers do not touch, and the kernel is told to wake as many. If the kernel found fewer
//! asleep, the rest goes into `count`, for whoever comes ([`unkeep`]). A woken sleeper takes from `kept`; which of them
//! takes which does not matter. So the count that others see is exact as soon as a release returns, and a woken sleeper
//! that is killed leaves what was kept for it to the next one, whom the kernel wakes then.
//!
//! `many` says that among the sleepers may be some that wait for several objects, who may decline: then what is kept is not
//! settled until they did. `releasing` counts releases that have not woken all sleepers yet: what they keep may turn out to
//! be everybody's. One that dies in between leaves it above 0, and then each sleeper that goes on wakes the next.
//!
//! The claim's bits are 0 while nothing is claimed, because the kernel then passes a dead waiter's or
//! signaler's wake on ([`crate::state::mutex`] is about the same protocol).

use super::parts::{parts, Parts, CLAIM, MOST_KEPT, MOST_NARROW, MOST_RELEASING};
use crate::prim::{AtomicU64, Ordering};

/// The word of a new object.
pub(crate) fn initial(count: u32) -> u64 {
    let tag = 0;
    Parts { asleep: false, many: false, claim: 0, releasing: 0, kept: 0, pulsed: false, count, tag }
        .word()
}

/// The count that everybody sees.
pub(crate) fn count(word: u64) -> u32 {
    parts(word).count
}

/// The claim of a wait-all, or 0.
pub(crate) fn claim_of(word: u64) -> u32 {
    (word & CLAIM) as u32
}

/// What a look at a word shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// There is something for the caller; or, from [`take`], it was taken.
    Ready,
    /// Nothing for the caller.
    Nothing,
    /// Nothing now, but a sleeper who waits for several objects may decline what is kept for it.
    Unsettled,
    /// A wait-all has claimed the object: find out what came of that first.
    Claimed(u32),
}

/// Whether there is something to take. `served`: the caller slept and was woken, so what is kept is for it too.
pub(crate) fn look(word: u64, served: bool) -> Look {
    let now = parts(word);
    if now.claim != 0 {
        Look::Claimed(now.claim)
    } else if now.count > 0 || served && now.kept > 0 {
        Look::Ready
    } else if now.unsettled() {
        Look::Unsettled
    } else {
        Look::Nothing
    }
}

/// Takes one, if [`look`] would say that there is one. The flag says that another sleeper must be woken, because whoever
/// should have done so may be dead.
#[inline]
pub(crate) fn take(word: &AtomicU64, served: bool) -> (Look, bool) {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let found = look(seen, served);
        if found != Look::Ready {
            return (found, false);
        }
        let mut next = parts(seen);
        if served && next.kept > 0 {
            (next.kept, next.pulsed) = (next.kept - 1, false);
        } else {
            next.count -= 1;
        }
        match word.compare_exchange_weak(seen, next.word(), Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => {
                let forgotten = next.kept > 0 && next.releasing > 0 || next.count > 0;
                // Where the word tells of nobody, who took the flag away may have died before it woke all; see [`woke`].
                return (Look::Ready, served && (forgotten || !next.asleep));
            }
            Err(now) => seen = now,
        }
    }
}

/// What a waiter does before it sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bed {
    /// Sleep while the low half is this.
    Sleep(u32),
    /// The same, but not long: something is kept for a sleeper who may be dead.
    SleepBriefly(u32),
    /// Do not sleep; look again.
    LookAgain,
}

/// Announces a sleeper. `many`: it waits for several objects; the flag says that it is the first such one, so that all who
/// sleep already must be woken once, to listen for the bell from now on.
pub(crate) fn lie_down(word: &AtomicU64, served: bool, many: bool) -> (Bed, bool) {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let now = parts(seen);
        if now.claim != 0 || now.count > 0 || served && now.kept > 0 {
            return (Bed::LookAgain, false);
        }
        let next = Parts { asleep: true, many: now.many || many, ..now }.word();
        if next != seen {
            if let Err(now) =
                word.compare_exchange_weak(seen, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                seen = now;
                continue;
            }
        }
        let low = next as u32;
        let bed = if now.kept > 0 { Bed::SleepBriefly(low) } else { Bed::Sleep(low) };
        return (bed, many && !now.many && now.asleep);
    }
}

/// What came of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Released {
    /// Wake so many sleepers, if any, then tell [`woke`] how many there were.
    Done {
        before: u32,
        wake: u32,
    },
    /// It would exceed the maximum; nothing changed.
    Full,
    /// What comes of it depends on another release that is not done, or on a sleeper who may decline.
    Unsettled,
    Claimed(u32),
}

/// Adds `add` to a count of at most `most`.
#[inline]
pub(crate) fn release(word: &AtomicU64, add: u32, most: u32) -> Released {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let now = parts(seen);
        if now.claim != 0 {
            return Released::Claimed(now.claim);
        }
        let Some(room) = most.checked_sub(now.count).filter(|room| add <= *room) else {
            return Released::Full;
        };
        let next = now.with(add);
        // What is kept is beyond the maximum, but not while a sleeper may decline it, nor where it is not stored apart.
        let counts = now.unsettled() || next.count > MOST_NARROW;
        let tight = u64::from(add) + u64::from(now.kept) > u64::from(room);
        if now.releasing > 0 || counts && tight {
            return Released::Unsettled;
        }
        match word.compare_exchange_weak(seen, next.word(), Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return now.released(add),
            Err(now) => seen = now,
        }
    }
}

/// Sets an auto-reset event: as a release of one, which changes nothing when the event is set.
#[inline]
pub(crate) fn set(word: &AtomicU64) -> Released {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let now = parts(seen);
        if now.claim != 0 {
            return Released::Claimed(now.claim);
        }
        // What is kept may turn out to be everybody's: then it is one signal with this one.
        let add = u32::from(now.count == 0);
        let next = now.with(add);
        match word.compare_exchange_weak(seen, next.word(), Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return now.released(add),
            Err(now) => seen = now,
        }
    }
}

impl Parts {
    /// As after a release: kept for sleepers if there are any, and the rest for everybody.
    pub(super) fn with(self, add: u32) -> Parts {
        let kept = if self.asleep { add.min(MOST_KEPT - self.kept) } else { 0 };
        let wakes = u32::from(self.asleep && add > 0);
        Parts {
            kept: self.kept + kept,
            count: self.count + (add - kept),
            releasing: (self.releasing + wakes).min(MOST_RELEASING),
            ..self
        }
    }

    /// Nobody came for up to so many of what is kept: they are everybody's, but for what a pulse gave.
    fn give_back(mut self, back: u32, most: u32) -> Parts {
        let mut back = self.kept.min(back);
        self.kept -= back;
        if back > 0 && self.pulsed {
            (back, self.pulsed) = (back - 1, false);
        }
        let count = self.count.saturating_add(back).min(most.max(self.count));
        // So large a count has nothing kept apart from it. Where both together would exceed the maximum, as little as can
        // be is cut off: of what is returned, or of everything.
        if count > MOST_NARROW && self.kept > 0 && count.saturating_add(self.kept) > most {
            match MOST_NARROW + self.kept >= most {
                true => self.count = MOST_NARROW,
                false => (self.count, self.kept) = (most, 0),
            }
            return self;
        }
        self.count = count;
        self
    }

    /// As many as `missing` sleepers less than expected were found. If so much is there all the same, nobody lay down
    /// since; else somebody took it and others may have, so the flag stays.
    fn deserted(self, missing: u32) -> Parts {
        let deserted = missing > 0 && self.kept + self.count >= missing;
        let (asleep, many) = (self.asleep && !deserted, self.many && !deserted);
        Parts { asleep, many, ..self }
    }

    pub(super) fn released(self, add: u32) -> Released {
        Released::Done { before: self.count, wake: if self.asleep { add } else { 0 } }
    }
}

/// After waking: of `wanted` sleepers the kernel found `found`. Returns whether all sleepers must be woken once more,
/// because the word may not tell of them any longer.
pub(crate) fn woke(word: &AtomicU64, wanted: u32, found: u32, most: u32) -> bool {
    change(word, |mut parts| {
        // A number that stood at its limit counted fewer than there are; it ends when nothing is kept.
        if parts.releasing < MOST_RELEASING {
            parts.releasing = parts.releasing.saturating_sub(1);
        }
        let missing = wanted.saturating_sub(found);
        parts.deserted(missing).give_back(missing, most)
    });
    found < wanted
}

/// Resets an auto-reset event.
pub(crate) fn reset(word: &AtomicU64) -> Look {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let now = parts(seen);
        if now.claim != 0 {
            return Look::Claimed(now.claim);
        }
        if now.unsettled() {
            return Look::Unsettled;
        }
        let next = Parts { count: 0, ..now }.word();
        match word.compare_exchange_weak(seen, next, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return Look::Nothing,
            Err(now) => seen = now,
        }
    }
}

/// Pulses an auto-reset event: keeps a signal for a sleeper, if there is one. Then wake one and tell [`pulsed`].
pub(crate) fn pulse(word: &AtomicU64) -> Released {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let now = parts(seen);
        if now.claim != 0 {
            return Released::Claimed(now.claim);
        }
        let next = Parts { count: 0, ..now }.with(u32::from(now.asleep));
        // What is kept already is another's signal, where no more can be kept.
        let pulsed = now.pulsed || next.kept > now.kept;
        let next = Parts { count: 0, pulsed, ..next }.word();
        match word.compare_exchange_weak(seen, next, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return Released::Done { before: now.count, wake: u32::from(now.asleep) },
            Err(now) => seen = now,
        }
    }
}

/// After the wake of a pulse. What nobody came for is gone. Returns as [`woke`].
pub(crate) fn pulsed(word: &AtomicU64, found: u32) -> bool {
    change(word, |mut parts| {
        if parts.releasing < MOST_RELEASING {
            parts.releasing = parts.releasing.saturating_sub(1);
        }
        if found == 0 {
            parts = parts.deserted(1).give_back(1, 1);
        }
        parts
    });
    found == 0
}

/// Nobody came for up to `back` of what is kept; for all of it (`u32::MAX`) somebody may come yet. Returns as [`woke`].
pub(crate) fn unkeep(word: &AtomicU64, back: u32, most: u32) -> bool {
    if parts(word.load(Ordering::Relaxed)).kept == 0 {
        return false;
    }
    change(word, |parts| parts.deserted(back).give_back(back, most));
    true
}

/// Whether somebody who was woken and takes nothing must wake another: something is there, or the word tells of nobody.
pub(crate) fn is_owed(word: u64) -> bool {
    let now = parts(word);
    now.kept > 0 || now.count > 0 || !now.asleep
}

/// In a claim: it is for what is kept. The claims that callers make do not use this bit.
const OF_KEPT: u32 = 1 << 29;

/// What a wait-all does first: marks an object that has something for it. `served`: as in [`look`].
pub(crate) fn claim(word: &AtomicU64, claim: u32, served: bool) -> Look {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        match look(seen, served) {
            Look::Ready => {}
            other => return other,
        }
        let now = parts(seen);
        let claim = if served && now.kept > 0 { claim | OF_KEPT } else { claim };
        let next = Parts { claim, ..now }.word();
        match word.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return Look::Ready,
            Err(now) => seen = now,
        }
    }
}

/// Ends a claim, if it is still there. Returns whether a sleeper must be woken, who may have missed a wake meanwhile.
pub(crate) fn settle(word: &AtomicU64, claim: u32, taken: bool) -> bool {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let now = parts(seen);
        if now.claim == 0 || now.claim & !OF_KEPT != claim & !OF_KEPT {
            return false;
        }
        let mut next = Parts { claim: 0, ..now };
        if taken && now.claim & OF_KEPT != 0 && now.kept > 0 {
            (next.kept, next.pulsed) = (next.kept - 1, false);
        } else if taken {
            next.count = next.count.saturating_sub(1);
        }
        match word.compare_exchange_weak(seen, next.word(), Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return next.asleep && (next.kept > 0 || next.count > 0),
            Err(now) => seen = now,
        }
    }
}

fn change(word: &AtomicU64, with: impl Fn(Parts) -> Parts) {
    let mut seen = word.load(Ordering::Relaxed);
    loop {
        let next = with(parts(seen)).word();
        match word.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return,
            Err(now) => seen = now,
        }
    }
}
