//! The rules of the word's layout, and of what a sleeper reads from the half of it on which it sleeps.

use super::count::*;
use super::parts::*;
use crate::prim::{AtomicU64, Ordering};

const MOST: u32 = i32::MAX as u32;

/// The bits of the low half that tell sleepers apart; see `parts.rs`.
const AVAILABLE: u32 = 1 << 30;
const SOME: u32 = 2 << 30;
const SOME_FOR_MANY: u32 = 3 << 30;

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

#[test]
fn both_forms_read_as_they_were_written_up_to_their_limits() {
    for count in [0, 1, MOST_NARROW - 1, MOST_NARROW, MOST_NARROW + 1, MOST - 1, MOST] {
        for kept in [0, 1, MOST_KEPT] {
            for (asleep, many, claim) in
                [(false, false, 0), (true, false, CLAIM as u32), (true, true, 1)]
            {
                let releasing = if kept == 0 { 0 } else { MOST_RELEASING };
                let pulsed = kept == 1;
                let tag = if count > MOST_NARROW { 0 } else { tag_bits(0x155) };
                let written = Parts { asleep, many, claim, releasing, kept, pulsed, count, tag };
                let read = parts(written.word());
                if count <= MOST_NARROW {
                    assert_eq!(read, written);
                } else {
                    // The wide form keeps nothing, and takes every sleeper for one that may decline.
                    let count = (count + kept).min(MOST);
                    assert_eq!(
                        read,
                        Parts {
                            many: asleep,
                            releasing: 0,
                            kept: 0,
                            pulsed: false,
                            count,
                            ..written
                        }
                    );
                }
            }
        }
    }
}

#[test]
fn a_tag_is_stored_beside_everything_else() {
    let all = Parts { tag: tag_bits(0x1FF), count: 1, ..many_asleep() };
    assert_eq!((tag(all.word()), parts(all.word())), (0x1FF, all));
    assert_eq!(tag(initial(MOST)), 0, "a count so large has none");
}

#[test]
fn the_low_half_shows_the_kernel_sleepers_signals_and_claims() {
    assert_eq!(initial(0), 0);
    assert_eq!(initial(1) as u32, AVAILABLE);
    assert_eq!(initial(MOST) as u32, AVAILABLE);
    assert_eq!(asleep().word() as u32, SOME);
    assert_eq!(many_asleep().word() as u32, SOME_FOR_MANY);
    // Whatever is there hides the sleepers: who is about to sleep at `SOME` or `SOME_FOR_MANY` does not.
    assert_eq!(kept(1).word() as u32, AVAILABLE);
    assert_eq!(Parts { count: 1, ..many_asleep() }.word() as u32, AVAILABLE);
    assert_eq!(Parts { claim: 7, ..free(1) }.word() as u32, AVAILABLE | 7);
    assert_eq!(Parts { claim: 7, ..asleep() }.word() as u32, SOME | 7);
}

#[test]
fn a_word_that_is_stored_wide_has_its_sleepers_in_the_low_half() {
    for (many, claim) in [(false, 0), (true, 0), (true, CLAIM as u32)] {
        let awake = Parts { claim, ..free(MOST) };
        let asleep = Parts { asleep: true, many, ..awake };
        assert_eq!(awake.word() as u32, AVAILABLE | claim);
        assert_eq!(asleep.word() as u32, AVAILABLE | SOME | claim);
        assert!(!parts(awake.word()).asleep && parts(asleep.word()).asleep);
        assert_eq!(asleep.word() >> 32, awake.word() >> 32);
    }
    let word = word(asleep());
    assert_eq!(release(&word, MOST, MOST), Released::Done { before: 0, wake: MOST });
    assert_eq!(word.load(Ordering::Relaxed) as u32, AVAILABLE | SOME);
    assert_eq!(take(&word, true), (Look::Ready, true));
}

#[test]
fn only_who_lies_among_sleepers_for_several_objects_listens_for_the_bell() {
    let low = |parts: Parts| parts.word() as u32;
    assert!(listens(low(many_asleep())));
    for alone in [free(0), asleep(), free(1), kept(1), Parts { count: 1, ..many_asleep() }] {
        assert!(!listens(low(alone)), "{alone:?}");
    }
    let word = word(free(0));
    let (Bed::Sleep(low), _) = lie_down(&word, false, false) else { panic!() };
    assert!(!listens(low));
    let (Bed::Sleep(low), _) = lie_down(&word, false, true) else { panic!() };
    assert!(listens(low));
    let (Bed::Sleep(low), _) = lie_down(&word, false, false) else { panic!() };
    assert!(listens(low));
}

#[test]
fn the_first_sleeper_for_several_objects_calls_all_who_sleep_already() {
    let word = word(free(0));
    assert_eq!(lie_down(&word, false, false), (Bed::Sleep(SOME), false));
    assert_eq!(lie_down(&word, false, false), (Bed::Sleep(SOME), false));
    // They sleep at another low half than this, so the kernel lets none of them back to sleep without listening.
    assert_eq!(lie_down(&word, false, true), (Bed::Sleep(SOME_FOR_MANY), true));
    assert_eq!(lie_down(&word, false, true), (Bed::Sleep(SOME_FOR_MANY), false));
    assert_eq!(lie_down(&word, false, false), (Bed::Sleep(SOME_FOR_MANY), false));
}

#[test]
fn a_sleeper_for_several_objects_calls_nobody_where_nobody_sleeps_or_it_does_not_lie_down() {
    assert_eq!(lie_down(&word(free(0)), false, true), (Bed::Sleep(SOME_FOR_MANY), false));
    for up in [free(1), Parts { count: 1, ..asleep() }, Parts { claim: 5, ..asleep() }] {
        let word = word(up);
        assert_eq!(lie_down(&word, false, true), (Bed::LookAgain, false));
        assert_eq!(now(&word), up);
    }
    let word = word(kept(1));
    assert_eq!(lie_down(&word, true, true), (Bed::LookAgain, false));
    assert_eq!(now(&word), kept(1));
    assert_eq!(lie_down(&word, false, true), (Bed::SleepBriefly(AVAILABLE), true));
}
