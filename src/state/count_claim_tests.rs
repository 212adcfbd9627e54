//! The rules of claims on semaphores and auto-reset events; `tests/loom_all.rs` has the interleavings.

use super::count::*;
use super::parts::*;
use crate::prim::{AtomicU64, Ordering};

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

#[test]
fn a_claim_freezes_the_object_until_it_is_settled() {
    let word = word(free(0));
    assert_eq!(claim(&word, 5, false), Look::Nothing);
    release(&word, 2, 9);
    assert_eq!(claim(&word, 5, false), Look::Ready);
    assert_eq!(claim(&word, 6, false), Look::Claimed(5));
    assert_eq!(claim_of(word.load(Ordering::Relaxed)), 5);
    assert_eq!(take(&word, false), (Look::Claimed(5), false));
    assert_eq!(take(&word, true), (Look::Claimed(5), false));
    assert_eq!(lie_down(&word, true, true).0, Bed::LookAgain);
    assert_eq!(release(&word, 1, 9), Released::Claimed(5));
    assert_eq!(set(&word), Released::Claimed(5));
    assert_eq!(pulse(&word), Released::Claimed(5));
    assert_eq!(reset(&word), Look::Claimed(5));
    assert!(!settle(&word, 6, true));
    assert_eq!(now(&word), Parts { claim: 5, ..free(2) });
    assert!(!settle(&word, 5, true));
    assert_eq!(now(&word), free(1));
    assert!(!settle(&word, 5, true)); // a second one finds it settled
    assert_eq!(now(&word), free(1));
}

#[test]
fn what_is_kept_for_others_cannot_be_claimed() {
    assert_eq!(claim(&word(kept(1)), 5, false), Look::Nothing);
    assert_eq!(claim(&word(Parts { many: true, ..kept(1) }), 5, false), Look::Unsettled);
}

#[test]
fn a_wait_for_all_that_was_woken_claims_what_is_kept_for_it_before_what_is_for_everybody() {
    for (kept_before, count, taken, left) in
        [(1, 0, true, (0, 0)), (2, 1, true, (1, 1)), (2, 1, false, (2, 1)), (0, 2, true, (0, 1))]
    {
        let start = Parts { kept: kept_before, count, ..asleep() };
        let word = word(start);
        assert_eq!(claim(&word, 5, true), Look::Ready);
        // Others see a claim that they can settle as they see it, by the number that its owner gave it.
        let seen = claim_of(word.load(Ordering::Relaxed));
        assert_eq!(seen & !(1 << 29), 5);
        assert_eq!(take(&word, true), (Look::Claimed(seen), false));
        assert!(!settle(&word, 6, taken));
        assert_eq!(settle(&word, seen, taken), left != (0, 0));
        assert_eq!((now(&word).kept, now(&word).count), left, "{start:?}");
        assert_eq!(now(&word), Parts { kept: left.0, count: left.1, ..start });
        assert!(!settle(&word, 5, taken));
    }
    let word = word(kept(1));
    claim(&word, 5, true);
    assert!(!settle(&word, 5, true));
    assert_eq!(now(&word), asleep());
}

#[test]
fn what_was_claimed_as_kept_and_then_given_up_by_its_signaler_is_taken_all_the_same() {
    let word = word(free(0));
    lie_down(&word, false, true);
    release(&word, 1, 9);
    claim(&word, 5, true);
    assert!(woke(&word, 1, 0, 9)); // it was counted on, and had left
    assert_eq!(now(&word).count, 1);
    settle(&word, 5, true);
    assert_eq!(now(&word), free(0));
}

#[test]
fn settling_wakes_a_sleeper_who_may_have_missed_something() {
    for (taken, start, wakes) in [
        (true, Parts { asleep: true, ..free(1) }, false),
        (false, Parts { asleep: true, ..free(1) }, true),
        (true, Parts { asleep: true, ..free(2) }, true),
        (true, Parts { count: 1, ..kept(1) }, true),
        (false, free(2), false),
    ] {
        let word = word(start);
        assert_eq!(claim(&word, 5, false), Look::Ready);
        assert_eq!(settle(&word, 5, taken), wakes, "{start:?}");
        assert_eq!(now(&word).count, start.count - u32::from(taken));
    }
}
