//! Sequences of everything that can be done to the word of a semaphore or auto-reset event: nothing is lost or made up,
//! the maximum holds, and no word that a hostile process may write does harm.

use proptest::prelude::*;

use super::count::*;
use super::parts::*;
use crate::prim::{AtomicU64, Ordering};

const MOST: u32 = i32::MAX as u32;

/// In a claim: it is for what is kept; see `count.rs`.
const OF_KEPT: u32 = 1 << 29;

fn now(word: &AtomicU64) -> Parts {
    parts(word.load(Ordering::Relaxed))
}

/// Everything that can be done to a word.
#[derive(Clone, Copy, Debug)]
enum Do {
    Take(bool),
    LieDown(bool, bool),
    Release(u32),
    Set,
    Woke(u32, u32),
    Unkeep(u32),
    Reset,
    Pulse,
    Pulsed(u32),
    Claim(u32, bool),
    Settle(u32, bool),
}

fn doings() -> impl Strategy<Value = Do> {
    let flag = any::<bool>;
    let amount = || prop_oneof![4 => 1..5_u32, 2 => 200..300_u32, 1 => MOST_NARROW - 9..MOST_NARROW + 9, 1 => 1..=MOST];
    prop_oneof![
        4 => flag().prop_map(Do::Take),
        3 => (flag(), flag()).prop_map(|(served, many)| Do::LieDown(served, many)),
        4 => amount().prop_map(Do::Release),
        2 => (amount(), amount()).prop_map(|(wanted, found)| Do::Woke(wanted, found.min(wanted))),
        1 => Just(Do::Set),
        1 => prop_oneof![1..3_u32, Just(u32::MAX)].prop_map(Do::Unkeep),
        1 => Just(Do::Reset),
        1 => Just(Do::Pulse),
        1 => (0..2_u32).prop_map(Do::Pulsed),
        2 => (1..4_u32, flag()).prop_map(|(claim, served)| Do::Claim(claim, served)),
        3 => (1..4_u32, flag()).prop_map(|(claim, taken)| Do::Settle(claim, taken)),
    ]
}

/// Does it, and returns by how much the word should hold more now.
fn run(word: &AtomicU64, todo: Do, most: u32) -> i64 {
    let before = now(word);
    match todo {
        Do::Take(served) => match take(word, served).0 {
            Look::Ready => -1,
            _ => 0,
        },
        Do::LieDown(served, many) => {
            lie_down(word, served, many);
            0
        }
        Do::Release(add) => match release(word, add, most) {
            Released::Done { .. } => {
                assert_eq!(before.releasing, 0, "it does not know yet what the one before does");
                add.into()
            }
            _ => 0,
        },
        Do::Set => match set(word) {
            Released::Done { before: 0, .. } => 1,
            _ => 0,
        },
        Do::Woke(wanted, found) => {
            woke(word, wanted, found, most);
            0
        }
        Do::Unkeep(back) => {
            unkeep(word, back, most);
            0
        }
        Do::Reset if reset(word) == Look::Nothing => -i64::from(before.count),
        Do::Pulse => match pulse(word) {
            Released::Done { wake, .. } if before.kept < MOST_KEPT => {
                i64::from(wake) - i64::from(before.count)
            }
            Released::Done { .. } => -i64::from(before.count),
            _ => 0,
        },
        Do::Pulsed(found) => {
            pulsed(word, found);
            let change = held(now(word)) - held(before);
            assert!((-1..=0).contains(&change), "{before:?}");
            change
        }
        Do::Claim(with, served) => {
            claim(word, with, served);
            0
        }
        Do::Settle(claim, taken) => {
            settle(word, claim, taken);
            let ours = claim == before.claim & !OF_KEPT;
            // What is claimed may be gone only where a pulse took its own signal back.
            -held(before).min(i64::from(taken && ours))
        }
        Do::Reset => 0,
    }
}

fn held(parts: Parts) -> i64 {
    i64::from(parts.count) + i64::from(parts.kept)
}

proptest! {
    #![proptest_config(super::cases(500))]

    #[test]
    fn a_word_that_was_read_and_written_stays_as_it_is(word: u64) {
        let written = parts(word).word();
        prop_assert_eq!(parts(written).word(), written);
    }

    #[test]
    fn nothing_is_lost_or_made_up(
        start in prop_oneof![Just(0), 0..=MOST], most in prop_oneof![1..9_u32, MOST_NARROW - 9..MOST_NARROW + 900, 9..=MOST],
        doings in proptest::collection::vec(doings(), 1..60),
    ) {
        let word = AtomicU64::new(initial(start.min(most)));
        let mut expected = held(now(&word));
        for todo in doings {
            let before = now(&word);
            let change = run(&word, todo, most);
            let after = now(&word);
            prop_assert!(after.count <= most, "{todo:?} made {before:?} {after:?}");
            prop_assert_eq!(after.word(), word.load(Ordering::Relaxed));
            expected += change;
            // What was kept for a pulse is for nobody else.
            let returned = matches!(todo, Do::Woke(..) | Do::Unkeep(_));
            let over = returned && before.pulsed && after.kept < before.kept;
            expected -= i64::from(over);
            // What is kept was given to sleepers, beyond the maximum; returned, it counts up to the maximum only.
            let wide = after.count > MOST_NARROW;
            if (returned || wide) && held(before) + change - i64::from(over) > i64::from(most) {
                prop_assert!(held(after) <= expected && held(after) >= i64::from(most));
                expected = held(after);
            }
            prop_assert_eq!(held(after), expected, "{:?} made {:?} {:?}", todo, before, after);
        }
    }

    #[test]
    fn hostile_words_neither_panic_nor_grow_beyond_the_maximum(
        word: u64, most in 1..=MOST, doings in proptest::collection::vec(doings(), 1..9),
    ) {
        let word = AtomicU64::new(word);
        look(word.load(Ordering::Relaxed), true);
        is_owed(word.load(Ordering::Relaxed));
        set(&AtomicU64::new(word.load(Ordering::Relaxed)));
        for todo in doings {
            let before = now(&word);
            run(&word, todo, most);
            prop_assert!(now(&word).count <= most.max(before.count + before.kept).min(MOST));
        }
    }
}
