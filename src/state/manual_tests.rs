//! The rules of a manual-reset event's word; `tests/loom_manual.rs` has the interleavings.

use proptest::prelude::*;

use super::count::{Bed, Look};
use super::manual::*;
use crate::prim::{AtomicU64, Ordering};

fn now(word: &AtomicU64) -> u64 {
    word.load(Ordering::Relaxed)
}

/// The low half at which a waiter who comes now sleeps.
fn lain_down(word: &AtomicU64) -> u32 {
    match lie_down(word, times(now(word))) {
        Bed::Sleep(low) => low,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_event_is_as_asked_for() {
    assert!(is_set(initial(true)));
    assert!(!is_set(initial(false)));
    assert!(lets_through(initial(true), 0));
    assert!(!lets_through(initial(false), 0));
}

#[test]
fn setting_lets_through_until_reset_and_is_counted_once() {
    let word = AtomicU64::new(initial(false));
    assert_eq!(set(&word), None);
    assert_eq!(set(&word), None);
    assert!(is_set(now(&word)));
    assert_eq!(times(now(&word)), 1);
    assert_eq!(lie_down(&word, 1), Bed::LookAgain);
    assert_eq!(reset(&word), Look::Nothing);
    assert!(!lets_through(now(&word), 1));
}

#[test]
fn who_began_to_wait_before_it_was_set_goes_on_though_it_was_reset() {
    let word = AtomicU64::new(initial(false));
    let noted = times(now(&word));
    lain_down(&word);
    set(&word);
    reset(&word);
    assert!(lets_through(now(&word), noted));
    assert_eq!(lie_down(&word, noted), Bed::LookAgain);
}

#[test]
fn the_low_half_on_which_a_waiter_was_about_to_sleep_is_another_after_a_set_and_reset() {
    let word = AtomicU64::new(initial(false));
    let low = lain_down(&word);
    set(&word);
    reset(&word);
    assert_ne!(now(&word) as u32, low);
    lain_down(&word); // a later waiter
    assert_ne!(now(&word) as u32, low);
}

#[test]
fn the_low_half_is_such_that_the_kernel_passes_wakes_on() {
    let word = AtomicU64::new(initial(false));
    for _ in 0..4 {
        lain_down(&word);
        assert_eq!(now(&word) & 0x3FFF_FFFF, 0);
        set(&word);
        assert_eq!(now(&word) & 0x3FFF_FFFF, 0);
        pulse(&word);
    }
}

#[test]
fn whoever_sets_wakes_the_sleepers_and_then_forgets_them() {
    let word = AtomicU64::new(initial(false));
    lain_down(&word);
    let seen = set(&word).expect("there is a sleeper");
    assert!(must_help(seen));
    woke(&word, seen);
    assert!(!must_help(now(&word)));
    assert!(is_set(now(&word)));
    assert_eq!(set(&word), None);
}

#[test]
fn setting_once_more_wakes_those_that_a_dead_setter_left() {
    let word = AtomicU64::new(initial(false));
    lain_down(&word);
    set(&word); // and it dies
    let seen = set(&word).expect("the sleepers are still there");
    woke(&word, seen);
    assert!(!must_help(now(&word)));
}

#[test]
fn sleepers_who_came_after_a_reset_are_not_forgotten() {
    let word = AtomicU64::new(initial(false));
    lain_down(&word);
    let seen = set(&word).expect("there is a sleeper");
    reset(&word);
    lain_down(&word);
    woke(&word, seen);
    assert!(must_help(now(&word)));
    woke(&word, now(&word)); // of an event that is not set nothing is known
    assert!(must_help(now(&word)));
}

#[test]
fn a_pulse_lets_through_who_waits_and_nobody_else() {
    let word = AtomicU64::new(initial(false));
    assert_eq!(pulse(&word), (Look::Nothing, false));
    let noted = times(now(&word));
    lain_down(&word);
    assert_eq!(pulse(&word), (Look::Nothing, true));
    assert!(lets_through(now(&word), noted));
    assert!(!lets_through(now(&word), times(now(&word))));
    set(&word);
    pulse(&word);
    assert!(!is_set(now(&word)));
}

#[test]
fn only_a_set_event_is_claimed_and_it_stays_set_until_settled() {
    let word = AtomicU64::new(initial(false));
    assert_eq!(claim(&word, 5), Look::Nothing);
    set(&word);
    assert_eq!(claim(&word, 5), Look::Ready);
    assert_eq!(claim_of(now(&word)), 5);
    assert_eq!(claim(&word, 6), Look::Claimed(5));
    assert_eq!(reset(&word), Look::Claimed(5));
    assert_eq!(pulse(&word), (Look::Claimed(5), false));
    assert!(lets_through(now(&word), times(now(&word))));
    assert_eq!(set(&word), None);
    settle(&word, 6);
    assert_eq!(claim_of(now(&word)), 5);
    settle(&word, 5);
    assert_eq!(claim_of(now(&word)), 0);
    assert!(is_set(now(&word)));
    settle(&word, 5);
    assert_eq!(reset(&word), Look::Nothing);
}

#[test]
fn the_count_of_times_starts_anew_after_the_last_and_touches_nothing_else() {
    let word = AtomicU64::new(initial(false));
    lain_down(&word);
    let all_times = u64::from(MOST_TIMES) << 31;
    let word = AtomicU64::new(now(&word) | all_times);
    assert_eq!(times(now(&word)), MOST_TIMES);
    let seen = set(&word).expect("there is a sleeper");
    assert_eq!(times(now(&word)), 0);
    assert!(must_help(seen) && is_set(seen) && claim_of(seen) == 0);
    let word = AtomicU64::new(all_times);
    assert_eq!(pulse(&word), (Look::Nothing, false));
    assert_eq!(now(&word), initial(false));
}

proptest! {
    #![proptest_config(super::cases(2000))]

    #[test]
    fn every_change_of_a_hostile_word_is_the_change_meant(start: u64, noted: u32, claimer in 1..1_u32 << 30) {
        let fresh = || AtomicU64::new(start);
        let (flags, claimed) = (must_help(start), claim_of(start) != 0);
        let more_times = |word| times(word).wrapping_sub(times(start)) & MOST_TIMES;

        let word = fresh();
        prop_assert_eq!(lie_down(&word, noted) == Bed::LookAgain, lets_through(start, noted));
        prop_assert_eq!((is_set(start), times(start)), (is_set(now(&word)), times(now(&word))));

        let word = fresh();
        let seen = set(&word);
        prop_assert!(is_set(now(&word)) && claim_of(now(&word)) == claim_of(start));
        prop_assert_eq!(seen.is_some(), flags);
        prop_assert_eq!(more_times(now(&word)), u32::from(!is_set(start)));
        prop_assert_eq!(tag(now(&word)), tag(start));
        woke(&word, now(&word));
        prop_assert!(!must_help(now(&word)));

        for (look, after, add) in [
            { let word = fresh(); (reset(&word), now(&word), 0) },
            { let word = fresh(); (pulse(&word).0, now(&word), 1) },
        ] {
            if claimed {
                prop_assert_eq!((look, after), (Look::Claimed(claim_of(start)), start));
            } else {
                prop_assert_eq!((look, is_set(after), must_help(after)), (Look::Nothing, false, flags));
                prop_assert_eq!((more_times(after), tag(after)), (add, tag(start)));
            }
        }

        let word = fresh();
        if claim(&word, claimer) == Look::Ready {
            prop_assert!(!claimed && is_set(start) && claim_of(now(&word)) == claimer);
            settle(&word, claimer);
        }
        prop_assert_eq!(now(&word), start);
    }
}
