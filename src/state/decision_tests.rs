//! The rules of an attempt's word; `tests/loom_all.rs` has the interleavings.

use proptest::prelude::*;

use super::decision::*;
use crate::prim::{AtomicU64, Ordering};

fn now(word: &AtomicU64, number: u32) -> Decision {
    read(word.load(Ordering::Acquire), number)
}

#[test]
fn an_attempt_is_undecided_until_it_is_committed() {
    let word = AtomicU64::new(0);
    let number = begin(&word);
    assert_eq!(now(&word, number), Decision::Undecided);
    assert!(commit(&word, number));
    assert_eq!(now(&word, number), Decision::Committed);
    assert_eq!(call_off(&word, number), Decision::Committed);
    assert!(!commit(&word, number));
}

#[test]
fn an_attempt_that_was_called_off_cannot_be_committed() {
    let word = AtomicU64::new(0);
    let number = begin(&word);
    assert_eq!(call_off(&word, number), Decision::CalledOff);
    assert!(!commit(&word, number));
    assert_eq!(call_off(&word, number), Decision::CalledOff);
    assert_eq!(now(&word, number), Decision::CalledOff);
}

#[test]
fn only_a_committed_attempt_that_has_not_ended_is_remembered() {
    let word = AtomicU64::new(0);
    assert!(is_over(word.load(Ordering::Relaxed)));
    let number = begin(&word);
    assert!(is_over(word.load(Ordering::Relaxed)));
    commit(&word, number);
    assert!(!is_over(word.load(Ordering::Relaxed)));
    end(&word);
    assert!(is_over(word.load(Ordering::Relaxed)));
    assert_eq!(now(&word, number), Decision::CalledOff);
    let number = begin(&word);
    call_off(&word, number);
    assert!(is_over(word.load(Ordering::Relaxed)));
}

#[test]
fn a_number_of_another_attempt_reads_as_called_off_and_decides_nothing() {
    let word = AtomicU64::new(0);
    let first = begin(&word);
    end(&word);
    let second = begin(&word);
    assert_ne!(first, second);
    assert!(!commit(&word, first));
    assert_eq!(call_off(&word, first), Decision::CalledOff);
    assert_eq!(now(&word, second), Decision::Undecided);
    assert!(commit(&word, second));
    assert_eq!(now(&word, first), Decision::CalledOff);
}

#[test]
fn numbers_count_up_and_start_anew_after_the_last_and_are_never_0() {
    let last = (1 << NUMBER_BITS) - 1;
    let word = AtomicU64::new(0);
    assert_eq!(begin(&word), 1);
    assert_eq!(begin(&AtomicU64::new(u64::from(last - 1) << 2)), last);
    let word = AtomicU64::new(u64::from(last) << 2);
    assert_eq!(begin(&word), 1);
    assert!(!commit(&word, 0));
    assert!(commit(&word, 1));
    end(&word);
    assert_eq!(begin(&word), 2);
}

#[test]
fn a_word_with_foreign_bits_is_not_undecided_for_ever() {
    let word = AtomicU64::new(0);
    let number = begin(&word);
    word.fetch_or(1 << 40, Ordering::Relaxed);
    assert_eq!(call_off(&word, number), Decision::CalledOff);
    assert!(!commit(&word, number));
}

proptest! {
    #![proptest_config(super::cases(2000))]

    #[test]
    fn after_any_word_an_attempt_is_decided_once(start: u64, off: bool) {
        let word = AtomicU64::new(start);
        is_over(start);
        end(&word);
        prop_assert!(is_over(word.load(Ordering::Relaxed)));
        let number = begin(&word);
        prop_assert!((1..1 << NUMBER_BITS).contains(&number));
        prop_assert_eq!(now(&word, number), Decision::Undecided);
        if off {
            prop_assert_eq!(call_off(&word, number), Decision::CalledOff);
        }
        prop_assert_eq!(commit(&word, number), !off);
        prop_assert_eq!(call_off(&word, number) == Decision::CalledOff, off);
    }

    #[test]
    fn of_a_hostile_word_every_number_reads_as_something(start: u64, number in 0..1_u32 << NUMBER_BITS) {
        let before = read(start, number);
        let word = AtomicU64::new(start);
        let after = call_off(&word, number);
        prop_assert!(before == Decision::Undecided || after == before);
        prop_assert_eq!(commit(&word, number), after == Decision::Undecided);
    }
}
