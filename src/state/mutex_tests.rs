//! The rules of a mutex's word, one by one; `tests/loom.rs` and `tests/loom_claimed.rs` have the interleavings.

use proptest::prelude::*;

use super::mutex::*;
use crate::prim::{AtomicU64, Ordering};

#[test]
fn newcomers_leave_a_kept_mutex_alone_and_the_served_take_it() {
    let word = AtomicU64::new(7 | WAITERS);
    assert!(release(&word, 7));
    assert_eq!(try_take(&word, 8), None);
    assert_eq!(approach(&word, 8, false), Step::SleepBriefly(WAITERS as u32));
    assert_eq!(approach(&word, 9, true), Step::Taken(Taken::Clean));
    assert_eq!(word.load(Ordering::Relaxed), 9 | WAITERS);
}

#[test]
fn a_dead_owner_is_told_once() {
    let word = AtomicU64::new(OWNER_DIED);
    assert_eq!(try_take(&word, 8), Some(Taken::Abandoned));
    assert!(!release(&word, 8));
    assert_eq!(try_take(&word, 8), Some(Taken::Clean));

    let word = AtomicU64::new(OWNER_DIED | WAITERS);
    assert_eq!(approach(&word, 9, true), Step::Taken(Taken::Abandoned));
    assert_eq!(approach(&word, 8, false), Step::Sleep(9 | WAITERS as u32));
}

#[test]
fn a_release_that_wakes_nobody_frees_the_mutex() {
    let word = AtomicU64::new(7 | WAITERS);
    assert!(release(&word, 7));
    assert!(nobody_slept(&word));
    assert_eq!(try_take(&word, 8), Some(Taken::Clean));
    assert!(!nobody_slept(&word));
}

#[test]
fn a_dead_owner_whose_waiters_had_left_keeps_nobody_out() {
    let word = AtomicU64::new(OWNER_DIED | WAITERS);
    assert_eq!(try_take(&word, 8), None);
    assert!(nobody_slept(&word));
    assert!(!nobody_slept(&word));
    assert_eq!(try_take(&word, 8), Some(Taken::Abandoned));
    // One that somebody has is not freed by it.
    let word = AtomicU64::new(8 | WAITERS);
    assert!(!nobody_slept(&word));
    assert_eq!(now(&word), 8 | WAITERS);
}

fn now(word: &AtomicU64) -> u64 {
    word.load(Ordering::Relaxed)
}

/// As the kernel does for an owner that ended.
fn die(word: &AtomicU64) {
    let low = now(word) & WAITERS | OWNER_DIED;
    word.store(now(word) >> 32 << 32 | low, Ordering::Relaxed);
}

#[test]
fn who_only_lies_down_takes_nothing() {
    let word = AtomicU64::new(0);
    assert_eq!(lie_down(&word, false), None);
    let word = AtomicU64::new(OWNER_DIED);
    assert_eq!(lie_down(&word, false), None);
    let word = AtomicU64::new(7);
    assert_eq!(lie_down(&word, false), Some(Step::Sleep(7 | WAITERS as u32)));
    assert!(release(&word, 7));
    assert_eq!(lie_down(&word, false), Some(Step::SleepBriefly(WAITERS as u32)));
    assert_eq!(lie_down(&word, true), None);
    assert_eq!(now(&word), WAITERS);
}

#[test]
fn only_a_mutex_that_could_be_taken_is_claimed() {
    assert_eq!(claim(&AtomicU64::new(0), 7, 5, false), Ok(Taken::Clean));
    assert_eq!(claim(&AtomicU64::new(OWNER_DIED), 7, 5, false), Ok(Taken::Abandoned));
    assert_eq!(claim(&AtomicU64::new(8), 7, 5, true), Err(0));
    assert_eq!(claim(&AtomicU64::new(WAITERS), 7, 5, false), Err(0));
    assert_eq!(claim(&AtomicU64::new(WAITERS), 7, 5, true), Ok(Taken::Clean));
    let word = AtomicU64::new(0);
    claim(&word, 7, 5, false).unwrap();
    assert_eq!(claim(&word, 8, 6, true), Err(5));
}

#[test]
fn a_claimed_mutex_is_nobodys_until_the_claim_is_settled() {
    let word = AtomicU64::new(0);
    claim(&word, 7, 5, false).unwrap();
    assert_eq!((owner(now(&word)), claim_of(now(&word))), (7, 5));
    assert_eq!(try_take(&word, 8), None);
    assert_eq!(approach(&word, 8, true), Step::Claimed(5));
    assert_eq!(lie_down(&word, true), Some(Step::Claimed(5)));
    assert!(!settle(&word, 6, true));
    assert_eq!(claim_of(now(&word)), 5);
    assert!(!settle(&word, 5, true));
    assert_eq!(now(&word), 7);
}

#[test]
fn a_mutex_whose_claim_is_called_off_is_as_before() {
    for before in [0, OWNER_DIED, WAITERS, WAITERS | OWNER_DIED] {
        for dies in [false, true] {
            let word = AtomicU64::new(before);
            claim(&word, 7, 5, true).unwrap();
            if dies {
                die(&word);
            }
            // Who is asleep is woken: the wake it was to get may have gone to one who met the claim.
            assert_eq!(settle(&word, 5, false), before & WAITERS != 0);
            assert_eq!(now(&word), before);
            assert!(!settle(&word, 5, false));
        }
    }
}

#[test]
fn a_claimer_that_dies_after_it_has_taken_abandons() {
    for before in [0, OWNER_DIED, WAITERS, WAITERS | OWNER_DIED] {
        let word = AtomicU64::new(before);
        claim(&word, 7, 5, true).unwrap();
        die(&word);
        assert_eq!(settle(&word, 5, true), before & WAITERS != 0);
        assert_eq!(now(&word), before & WAITERS | OWNER_DIED);
        assert_eq!(approach(&word, 8, true), Step::Taken(Taken::Abandoned));
    }
}

proptest! {
    #![proptest_config(super::cases(2000))]

    #[test]
    fn a_hostile_word_is_taken_only_if_it_is_free_and_claims_end_as_they_are_settled(
        start: u64, me in 1..1_u32 << 22, mark in 1..1_u32 << 30, served: bool, taken: bool,
    ) {
        let free = claim_of(start) == 0 && owner(start) == 0 && (served || !is_kept(start));
        let word = AtomicU64::new(start);
        let step = approach(&word, me, served);
        prop_assert_eq!(matches!(step, Step::Taken(_)), free);
        prop_assert!(!free || owner(now(&word)) == me);

        let word = AtomicU64::new(start);
        prop_assert!(try_take(&word, me).is_none() || free);
        release(&word, me);
        nobody_slept(&word);

        let word = AtomicU64::new(start);
        prop_assert_eq!(lie_down(&word, served).is_none(), free);

        let word = AtomicU64::new(start);
        prop_assert_eq!(claim(&word, me, mark, served).is_ok(), free);
        let claimed = claim_of(now(&word));
        settle(&word, claimed, taken);
        prop_assert!(claimed == 0 || claim_of(now(&word)) == 0);
    }
}
