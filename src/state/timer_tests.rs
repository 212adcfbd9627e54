//! The rules of a timer's plan; `tests/loom_timer.rs` has the interleavings.

use proptest::prelude::*;

use super::count::{self, Look};
use super::manual;
use super::parts::Tagged;
use super::timer::*;
use crate::prim::{AtomicU64, Ordering};

/// Units in a millisecond.
const MS: u64 = 10_000;

struct Owned {
    word: AtomicU64,
    slots: [Slot; 2],
    manual: bool,
}

impl Owned {
    fn new(manual: bool) -> Owned {
        Owned::of(0, [0; 4], manual)
    }

    fn of(word: u64, numbers: [u64; 4], manual: bool) -> Owned {
        let [next, period, other_next, other_period] = numbers.map(AtomicU64::new);
        let slots = [Slot { next, period }, Slot { next: other_next, period: other_period }];
        Owned { word: AtomicU64::new(word), slots, manual }
    }

    fn timer(&self) -> Timer<'_> {
        Timer { word: &self.word, slots: &self.slots, manual: self.manual }
    }

    fn look(&self, now: u64) -> Step {
        self.timer().look(|_| now)
    }

    fn plan(&self, due: u64, period: u32, reset: bool) {
        assert_eq!(self.timer().plan(Plan { due, wall: false, period }, reset), Tagged::Done);
    }

    fn is_signaled(&self, now: u64) -> bool {
        let [first, second] = &self.slots;
        let numbers = [&first.next, &first.period, &second.next, &second.period];
        let numbers = numbers.map(|number| number.load(Ordering::Relaxed));
        is_signaled(numbers, self.word.load(Ordering::Relaxed), self.manual, |_| now)
    }

    fn take(&self) -> bool {
        match self.manual {
            true => manual::is_set(self.word.load(Ordering::Relaxed)),
            false => count::take(&self.word, false).0 == Look::Ready,
        }
    }
}

fn later(due: u64) -> Step {
    Step::Later { due, wall: false }
}

#[test]
fn nothing_is_planned_at_first() {
    for manual in [false, true] {
        let timer = Owned::new(manual);
        assert_eq!(timer.look(u64::MAX), Step::Never);
        assert!(!timer.is_signaled(u64::MAX) && !timer.take());
    }
}

#[test]
fn a_plan_is_fired_once_when_it_is_due() {
    for manual in [false, true] {
        let timer = Owned::new(manual);
        timer.plan(5, 0, true);
        assert_eq!((timer.look(4), timer.is_signaled(4)), (later(5), false));
        assert!(timer.is_signaled(5), "whoever listed it would find it due");
        assert!(!matches!(timer.look(5), Step::Later { .. } | Step::Never));
        assert!(timer.is_signaled(5) && timer.take());
        assert_eq!(timer.look(u64::MAX), Step::Never);
        assert_eq!(timer.take(), manual);
    }
}

#[test]
fn periods_go_on_from_the_due_time_and_what_passed_counts_once() {
    let timer = Owned::new(false);
    timer.plan(3 * MS, 2, true);
    let fired = Step::Fired { wake: 0 };
    assert_eq!([timer.look(4 * MS), timer.look(4 * MS)], [fired, later(5 * MS)]);
    assert!(timer.take());
    assert_eq!([timer.look(20 * MS), timer.look(20 * MS)], [fired, later(21 * MS)]);
    assert!(timer.take() && !timer.take());
    assert_eq!(timer.look(21 * MS - 1), later(21 * MS));
}

#[test]
fn the_wall_clock_counts_for_the_first_expiry_only() {
    let timer = Owned::new(false);
    let plan = Plan { due: 1000 * MS, wall: true, period: 10 };
    assert_eq!(timer.timer().plan(plan, true), Tagged::Done);
    let look = |wall: u64, monotonic: u64| {
        timer.timer().look(|by_wall| if by_wall { wall } else { monotonic })
    };
    assert_eq!(look(999 * MS, 5000 * MS), Step::Later { due: 1000 * MS, wall: true });
    // It was set forward by a year.
    assert_eq!(look(1 << 50, 7 * MS), Step::Fired { wake: 0 });
    assert_eq!(look(0, 7 * MS), later(17 * MS));
}

#[test]
fn setting_resets_and_cancelling_does_not() {
    for manual in [false, true] {
        let timer = Owned::new(manual);
        timer.plan(5, 1, true);
        timer.look(6);
        timer.plan(0, 0, false);
        assert_eq!(timer.look(u64::MAX), Step::Never);
        assert!(timer.is_signaled(0));
        timer.plan(LATEST + 5, 0, true);
        assert!(!timer.is_signaled(7) && !timer.take());
        assert_eq!(timer.look(7), later(LATEST));
    }
}

#[test]
fn stamps_go_round() {
    let timer = Owned::new(false);
    for turn in 1..1000 {
        timer.plan(turn, 0, true);
        assert_eq!(timer.look(turn - 1), later(turn));
        assert_eq!(timer.look(turn), Step::Fired { wake: 0 });
        assert!(timer.take() && !timer.take());
    }
}

#[test]
fn a_change_that_nobody_ended_is_ended_by_who_finds_it() {
    let words = Words::default();
    assert!(words.lock(7) && !words.lock(8));
    words.begin();
    assert!(is_changing(words.note()), "its maker may live");
    words.unlock(); // as the kernel does for one that was killed
    assert!(!is_changing(words.note()));
    assert!(words.lock(8));
    let before = words.note();
    words.begin();
    words.end();
    assert!(!is_changing(words.note()) && words.note() != before);
}

proptest! {
    #![proptest_config(super::cases(2000))]

    #[test]
    fn whatever_a_record_holds_a_look_comes_to_an_end(
        word: u64, numbers: [u64; 4], manual: bool, now: u64, due: u64, period: u32, near: bool,
    ) {
        // Mostly nothing counts in noise; so every other time the stamp does.
        let numbers = match near {
            true => numbers.map(|number| number & !0xFF | word >> 54 & 0xFF),
            false => numbers,
        };
        let timer = Owned::of(word, numbers, manual);
        timer.is_signaled(now);
        for _ in 0..3 {
            timer.look(now);
        }
        if timer.timer().plan(Plan { due, wall: false, period }, true) == Tagged::Done && due > 0 {
            let due = due.min(LATEST);
            prop_assert_eq!(timer.look(due - 1), later(due));
        }
    }
}
