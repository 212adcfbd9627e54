//! The rules of the word of semaphores and auto-reset events, one by one; `count_model.rs` has the sequences,
//! `tests/loom_count.rs` the interleavings.

use super::count::*;
use super::parts::*;
use crate::prim::{AtomicU64, Ordering};

const MOST: u32 = i32::MAX as u32;

fn word(parts: Parts) -> AtomicU64 {
    AtomicU64::new(parts.word())
}

fn now(word: &AtomicU64) -> Parts {
    parts(word.load(Ordering::Relaxed))
}

fn free(count: u32) -> Parts {
    parts(initial(count))
}

fn asleep() -> Parts {
    Parts { asleep: true, ..free(0) }
}

fn kept(kept: u32) -> Parts {
    Parts { kept, ..asleep() }
}

/// As [`asleep`], and some of the sleepers wait for several objects.
fn many_asleep() -> Parts {
    Parts { many: true, ..asleep() }
}

/// A release that woke as many as were asked for, and says so.
fn release_and_wake(word: &AtomicU64, add: u32, most: u32) -> Released {
    let released = release(word, add, most);
    if let Released::Done { wake: wake @ 1.., .. } = released {
        assert!(!woke(word, wake, wake, most));
    }
    released
}

/// The bits of the low half that tell sleepers apart; see `parts.rs`.
const AVAILABLE: u32 = 1 << 30;
const SOME: u32 = 2 << 30;
const SOME_FOR_MANY: u32 = 3 << 30;

#[test]
fn a_release_without_sleepers_is_for_everybody_and_one_with_sleepers_is_for_them() {
    let word = word(free(0));
    assert_eq!(release(&word, 2, 9), Released::Done { before: 0, wake: 0 });
    assert_eq!(take(&word, false), (Look::Ready, false));
    assert_eq!(take(&word, false), (Look::Ready, false));
    assert_eq!(take(&word, true), (Look::Nothing, false));

    assert_eq!(lie_down(&word, false, false).0, Bed::Sleep(SOME));
    assert_eq!(release(&word, 1, 9), Released::Done { before: 0, wake: 1 });
    assert_eq!(look(word.load(Ordering::Relaxed), false), Look::Nothing);
    assert_eq!(take(&word, false), (Look::Nothing, false));
    assert_eq!(lie_down(&word, false, false).0, Bed::SleepBriefly(AVAILABLE));
    assert_eq!(lie_down(&word, true, false).0, Bed::LookAgain);
    assert_eq!(take(&word, true), (Look::Ready, false));
    assert_eq!(now(&word), asleep());
}

#[test]
fn a_release_beyond_the_maximum_changes_nothing() {
    for (count, add, most) in [(1, 1, 1), (0, 2, 1), (MOST, 1, MOST), (5, MOST, MOST), (9, 1, 3)] {
        let word = word(free(count));
        assert_eq!(release(&word, add, most), Released::Full);
        assert_eq!(now(&word), free(count));
    }
    let word = word(free(0));
    assert_eq!(release(&word, MOST, MOST), Released::Done { before: 0, wake: 0 });
    assert_eq!(count(word.load(Ordering::Relaxed)), MOST);
}

#[test]
fn more_than_can_be_kept_is_for_everybody() {
    let word = word(asleep());
    assert_eq!(release_and_wake(&word, 300, 999), Released::Done { before: 0, wake: 300 });
    assert_eq!((now(&word).kept, now(&word).count), (MOST_KEPT, 300 - MOST_KEPT));
    assert_eq!(
        release_and_wake(&word, 1, 999),
        Released::Done { before: 300 - MOST_KEPT, wake: 1 }
    );
    assert_eq!((now(&word).kept, now(&word).count), (MOST_KEPT, 301 - MOST_KEPT));
    // And nothing at all is kept of what is stored wide: there is enough for everybody.
    assert_eq!(release(&word, MOST_NARROW, MOST), Released::Done { before: 46, wake: MOST_NARROW });
    assert_eq!((now(&word).kept, now(&word).count), (0, 301 + MOST_NARROW));
    assert!(now(&word).asleep);
}

#[test]
fn no_release_is_answered_while_another_has_not_told_how_many_it_woke() {
    let word = word(asleep());
    assert_eq!(release(&word, 1, 9), Released::Done { before: 0, wake: 1 });
    let undone = Parts { releasing: 1, ..kept(1) };
    assert_eq!(release(&word, 1, 9), Released::Unsettled);
    assert_eq!(now(&word), undone);
    // What does not fit however that one ends needs no answer of it.
    assert_eq!(release(&word, 10, 9), Released::Full);
    assert_eq!(now(&word), undone);
    assert!(!woke(&word, 1, 1, 9));
    assert_eq!(now(&word), kept(1));
    assert_eq!(release(&word, 1, 9), Released::Done { before: 0, wake: 1 });

    // Nor while a set or a pulse has not.
    for (signal, pulsed) in [(set as fn(&_) -> _, false), (pulse, true)] {
        let word = AtomicU64::new(asleep().word());
        assert_eq!(signal(&word), Released::Done { before: 0, wake: 1 });
        assert_eq!(now(&word), Parts { pulsed, ..undone });
        assert_eq!(release(&word, 1, 9), Released::Unsettled);
    }
}

#[test]
fn a_release_that_is_not_done_matters_no_longer_when_nothing_of_it_is_kept() {
    let word = word(asleep());
    release(&word, 1, 9);
    assert_eq!(take(&word, true), (Look::Ready, false));
    assert_eq!(now(&word), asleep());
    assert_eq!(release(&word, 1, 9), Released::Done { before: 0, wake: 1 });
    // Its own word, which comes late, may end another's; it never gets below nothing.
    woke(&word, 1, 1, 9);
    woke(&word, 1, 1, 9);
    assert_eq!(now(&word), kept(1));
}

#[test]
fn what_is_kept_counts_where_it_is_not_stored_apart() {
    let most = MOST_NARROW + 300;
    let word = word(kept(2));
    assert_eq!(release(&word, most, most), Released::Unsettled);
    assert_eq!(take(&word, true), (Look::Ready, false));
    assert_eq!(take(&word, true), (Look::Ready, false));
    assert_eq!(release(&word, most, most), Released::Done { before: 0, wake: most });
    assert_eq!(take(&word, true), (Look::Ready, true));
}

#[test]
fn who_was_counted_on_and_had_left_leaves_the_signal_to_everybody() {
    let word = word(asleep());
    release(&word, 3, 9);
    assert!(woke(&word, 3, 1, 9));
    assert_eq!(now(&word), Parts { kept: 1, ..free(2) });

    // It may have been taken meanwhile by one who slept briefly; then nothing comes back.
    let word = AtomicU64::new(asleep().word());
    release(&word, 1, 9);
    assert_eq!(take(&word, true), (Look::Ready, false));
    assert!(woke(&word, 1, 0, 9));
    assert_eq!(now(&word), asleep());
}

#[test]
fn a_wake_that_found_its_one_sleeper_changes_nothing() {
    let word = word(kept(1));
    assert!(!woke(&word, 1, 1, 9));
    assert_eq!(now(&word), kept(1));
}

#[test]
fn the_sleepers_of_a_release_of_several_that_died_wake_each_other() {
    let word = word(asleep());
    release(&word, 3, 9); // and it dies
    assert_eq!(take(&word, true), (Look::Ready, true));
    assert_eq!(take(&word, true), (Look::Ready, true));
    assert_eq!(take(&word, true), (Look::Ready, false));
    assert_eq!(now(&word), asleep());

    release(&word, 3, 9);
    assert!(!woke(&word, 3, 3, 9)); // this one lived
    assert_eq!(take(&word, true), (Look::Ready, false));
}

#[test]
fn more_signals_than_are_counted_count_as_dead_until_nothing_is_kept() {
    let word = word(asleep());
    for counted in [1, 2, MOST_RELEASING, MOST_RELEASING] {
        assert_eq!(set(&word), Released::Done { before: 0, wake: 1 });
        assert_eq!(now(&word).releasing, counted);
    }
    for _ in 0..4 {
        assert!(!woke(&word, 1, 1, 1));
    }
    assert_eq!(now(&word), Parts { releasing: MOST_RELEASING, ..kept(4) });
    for left in (0..4).rev() {
        assert_eq!(take(&word, true), (Look::Ready, left > 0));
    }
    assert_eq!(now(&word), asleep());
}

#[test]
fn what_a_sleeper_for_several_may_decline_is_not_settled() {
    let word = word(free(0));
    assert_eq!(lie_down(&word, false, true).0, Bed::Sleep(SOME_FOR_MANY));
    assert_eq!(release_and_wake(&word, 1, 1), Released::Done { before: 0, wake: 1 });
    assert_eq!(take(&word, false), (Look::Unsettled, false));
    assert_eq!(release(&word, 1, 1), Released::Unsettled);
    assert_eq!(reset(&word), Look::Unsettled);
    assert_eq!(now(&word), Parts { kept: 1, ..many_asleep() });
    assert!(unkeep(&word, u32::MAX, 1));
    assert_eq!(release(&word, 1, 1), Released::Full);
    assert_eq!(take(&word, false), (Look::Ready, false));
}

#[test]
fn nobody_waits_for_a_decision_that_cannot_matter() {
    let word = word(Parts { many: true, ..kept(1) });
    assert_eq!(release(&word, 1, 2), Released::Done { before: 0, wake: 1 });
    let word = AtomicU64::new(kept(1).word());
    assert_eq!(release_and_wake(&word, 1, 1), Released::Done { before: 0, wake: 1 });
    assert_eq!(reset(&word), Look::Nothing);
    assert_eq!(now(&word), kept(2)); // who was let through before the reset stays let through
}

#[test]
fn what_is_declined_goes_to_everybody_piece_by_piece_up_to_the_maximum() {
    let word = word(Parts { many: true, ..kept(3) });
    assert!(unkeep(&word, 1, 9));
    assert_eq!(now(&word), Parts { kept: 2, ..free(1) });
    assert!(unkeep(&word, 1, 9));
    assert_eq!(now(&word), Parts { kept: 1, ..free(2) });
    assert!(unkeep(&word, u32::MAX, 2));
    assert_eq!(now(&word), free(2));
    assert!(!unkeep(&word, u32::MAX, 9));
    assert_eq!(now(&word), free(2));

    // Out of patience it is not known whether somebody sleeps.
    let word = AtomicU64::new(Parts { many: true, ..kept(3) }.word());
    assert!(unkeep(&word, u32::MAX, 9));
    assert_eq!(now(&word), Parts { count: 3, ..many_asleep() });
}

#[test]
fn setting_a_set_event_changes_nothing() {
    for before in [free(1), Parts { asleep: true, ..free(1) }] {
        let word = word(before);
        assert_eq!(set(&word), Released::Done { before: 1, wake: 0 });
        assert_eq!(now(&word), before);
    }
}

#[test]
fn an_event_that_is_set_while_a_signal_is_not_settled_is_set_once() {
    let word = word(Parts { many: true, ..kept(1) });
    assert_eq!(set(&word), Released::Done { before: 0, wake: 1 });
    assert_eq!((now(&word).kept, now(&word).count), (2, 0));
    assert!(unkeep(&word, u32::MAX, 1));
    assert_eq!((now(&word).kept, now(&word).count), (0, 1));
}

#[test]
fn resetting_takes_what_is_there_and_leaves_what_is_kept() {
    let word = word(Parts { count: 1, ..kept(1) });
    assert_eq!(reset(&word), Look::Nothing);
    assert_eq!(now(&word), kept(1));
}

#[test]
fn a_pulse_is_for_one_sleeper_or_nobody() {
    let word = word(free(1));
    assert_eq!(pulse(&word), Released::Done { before: 1, wake: 0 });
    assert_eq!(now(&word), free(0));
    lie_down(&word, false, false);
    assert_eq!(pulse(&word), Released::Done { before: 0, wake: 1 });
    let one = Parts { pulsed: true, ..kept(1) };
    assert_eq!(now(&word), Parts { releasing: 1, ..one });
    assert!(!pulsed(&word, 1));
    assert_eq!(now(&word), one);
    // Declined, it is gone; what was kept for a set is everybody's.
    let declined = AtomicU64::new(one.word());
    assert!(unkeep(&declined, 1, 1));
    assert_eq!(now(&declined), free(0));
    assert_eq!(take(&word, true), (Look::Ready, false));
    assert_eq!(now(&word), asleep());
}

#[test]
fn a_pulse_that_finds_no_room_spoils_no_other_signal() {
    let word = word(kept(MOST_KEPT));
    pulse(&word);
    assert!(!now(&word).pulsed);
}

#[test]
fn a_pulse_that_nobody_came_for_is_gone() {
    let word = word(many_asleep());
    assert_eq!(pulse(&word), Released::Done { before: 0, wake: 1 });
    assert!(pulsed(&word, 0));
    assert_eq!(now(&word), free(0));

    // Only its own signal: what another gave stays kept.
    let word = AtomicU64::new(kept(1).word());
    assert_eq!(pulse(&word), Released::Done { before: 0, wake: 1 });
    assert!(pulsed(&word, 0));
    assert_eq!(now(&word), Parts { kept: 1, ..free(0) });
}

#[test]
fn a_wake_is_owed_while_something_is_there_or_the_word_tells_of_nobody() {
    assert!(!is_owed(asleep().word()));
    assert!(!is_owed(many_asleep().word()));
    assert!(is_owed(initial(0)));
    assert!(is_owed(initial(1)));
    assert!(is_owed(kept(1).word()));
    assert!(is_owed(Parts { asleep: true, ..free(1) }.word()));
}

#[test]
fn a_sleeper_of_whom_the_word_does_not_tell_wakes_another() {
    let word = word(free(2));
    assert_eq!(take(&word, true), (Look::Ready, true));
    assert_eq!(take(&word, true), (Look::Ready, true));
    lie_down(&word, true, false);
    release_and_wake(&word, 1, 9);
    assert_eq!(take(&word, true), (Look::Ready, false));
}

#[test]
fn who_found_nobody_forgets_the_sleepers_only_if_what_was_for_them_is_still_there() {
    for (start, missing, remembers) in [
        (kept(1), 1, false),
        (kept(1), 2, true),
        (asleep(), 1, true),
        (Parts { asleep: true, ..free(MOST) }, 9, false),
    ] {
        let word = word(start);
        assert!(woke(&word, missing, 0, MOST));
        assert_eq!(now(&word).asleep, remembers, "{start:?}");
    }
    for (start, remembers) in [(Parts { pulsed: true, ..kept(1) }, false), (asleep(), true)] {
        let word = word(start);
        assert!(pulsed(&word, 0));
        assert_eq!(now(&word), Parts { asleep: remembers, ..free(0) });
    }
}

#[test]
fn what_is_returned_to_a_large_count_never_exceeds_the_maximum() {
    let most = MOST_NARROW + 1;
    let large = |count, kept| word(Parts { asleep: true, kept, count, ..free(0) });
    let returned = large(MOST_NARROW, 254);
    unkeep(&returned, 1, most);
    assert_eq!((now(&returned).count, now(&returned).kept), (MOST_NARROW, 253));

    let most = MOST_NARROW + 200;
    let returned = large(MOST_NARROW, 254);
    unkeep(&returned, 200, most);
    assert_eq!((now(&returned).count, now(&returned).kept), (most, 0));
    let returned = large(MOST_NARROW, 4);
    unkeep(&returned, 3, most);
    assert_eq!(now(&returned).count, MOST_NARROW + 4, "there is room for all");
}
