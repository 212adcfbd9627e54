//! The state machine of semaphores and auto-reset events in every interleaving, with a model of the kernel's futex: no
//! lost wake (loom reports a deadlock), and every signal is taken exactly once, also when somebody is killed in between.
//! What surrounds the word is as in `sys/linux/signal.rs` and `sys/linux/wait.rs`.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

#[path = "../src/state/count.rs"]
#[allow(dead_code)]
mod count;

#[path = "../src/state/parts.rs"]
#[allow(dead_code)]
mod parts;

#[path = "../src/state/decision.rs"]
#[allow(dead_code)]
mod decision;

#[path = "support/kernel.rs"]
#[allow(dead_code)]
mod kernel;

#[path = "support/objects.rs"]
#[allow(dead_code)]
mod objects;

use count::Look;
use kernel::{check, pause};
use loom::sync::Arc;
use objects::{beside, sleeper, Announced, Killed, Objects, A, B};
use prim::Ordering;

fn objects(most: u32) -> Arc<Objects> {
    Arc::new(Objects::new([0, 0], most))
}

/// Where who needs an answer does not wait for it at all.
fn impatient(most: u32) -> Arc<Objects> {
    Arc::new(Objects { patient: false, ..Objects::new([0, 0], most) })
}

#[test]
fn every_signal_is_taken_exactly_once() {
    check(3, || {
        let objects = objects(9);
        let sleepers = [1, 2].map(|me| sleeper(&objects, me, &[A]));
        assert!(objects.release(A, 1, Killed::Never));
        assert!(objects.release(A, 1, Killed::Never));
        for sleeper in sleepers {
            assert_eq!(sleeper.join().unwrap(), Some(A));
        }
        assert_eq!(objects.left(A), (0, 0));
    });
}

#[test]
fn two_who_release_and_two_who_take_lose_nothing() {
    check(2, || {
        let objects = objects(9);
        let sleepers = [1, 2].map(|me| sleeper(&objects, me, &[A]));
        let other = beside(&objects, move |other| assert!(other.release(A, 2, Killed::Never)));
        assert!(objects.release(A, 1, Killed::Never));
        for sleeper in sleepers {
            assert_eq!(sleeper.join().unwrap(), Some(A));
        }
        other.join().unwrap();
        assert_eq!(objects.left(A), (1, 0));
    });
}

#[test]
fn an_event_that_two_set_is_set_once_for_each_who_slept() {
    check(3, || {
        let objects = objects(1);
        let sleeper = sleeper(&objects, 1, &[A]);
        let other = beside(&objects, move |other| other.set(A, Killed::Never));
        objects.set(A, Killed::Never);
        other.join().unwrap();
        assert_eq!(sleeper.join().unwrap(), Some(A));
        let (free, kept) = objects.left(A);
        assert!(free <= 1 && kept == 0);
    });
}

#[test]
fn an_event_is_never_set_twice_though_a_sleeper_declines() {
    check(3, || {
        let objects = objects(1);
        let sleeper = sleeper(&objects, 1, &[B, A]);
        let other = beside(&objects, move |other| {
            other.set(A, Killed::Never);
            other.set(A, Killed::Never);
        });
        objects.release(B, 1, Killed::Never);
        other.join().unwrap();
        sleeper.join().unwrap();
        let (free, kept) = objects.left(A);
        assert!(free + kept <= 1, "{free} {kept}");
    });
}

#[test]
fn who_gives_up_in_time_leaves_the_signal_to_the_next() {
    check(3, || {
        let objects = objects(9);
        let limited = sleeper(&objects, 1, &[A]);
        let patient = sleeper(&objects, 2, &[A]);
        objects.kernel.expire(1);
        assert!(objects.release(A, 1, Killed::Never));
        if limited.join().unwrap().is_some() {
            assert!(objects.release(A, 1, Killed::Never));
        }
        assert_eq!(patient.join().unwrap(), Some(A));
        assert_eq!(objects.left(A), (0, 0));
    });
}

#[test]
fn who_is_killed_after_it_was_woken_leaves_the_signal_to_the_next() {
    check(3, || {
        let objects = objects(9);
        let killed = beside(&objects, move |killed| killed.sleep_and_be_killed(1, &[A]));
        let sleeper = sleeper(&objects, 2, &[A]);
        assert!(objects.release(A, 1, Killed::Never));
        assert_eq!(sleeper.join().unwrap(), Some(A));
        objects.kernel.expire(1);
        killed.join().unwrap();
        assert_eq!(objects.left(A), (0, 0));
    });
}

#[test]
fn who_is_killed_while_it_releases_has_released() {
    for killed in [Killed::BeforeTheWake, Killed::BeforeTheLastWake] {
        check(2, move || {
            let objects = impatient(9);
            // As if somebody had lain down there who has left since.
            count::lie_down(&objects.words[A], false, false);
            let sleepers = [1, 2].map(|me| sleeper(&objects, me, &[A]));
            objects.release(A, 1, killed);
            objects.release(A, 1, Killed::Never);
            for sleeper in sleepers {
                assert_eq!(sleeper.join().unwrap(), Some(A));
            }
            assert_eq!(objects.left(A), (0, 0));
        });
    }
}

#[test]
fn sleepers_of_whom_the_word_does_not_tell_wake_each_other() {
    check(2, || {
        let objects = objects(9);
        let sleepers = [1, 2].map(|me| sleeper(&objects, me, &[A]));
        // Somebody takes the flag away from above them, and is killed before its last wake. (It takes four threads to come
        // to that, so this is only how it ends.)
        let word = &objects.words[A];
        let forget = |word| Some(parts::Parts { asleep: false, ..parts::parts(word) }.word());
        word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, forget).unwrap();
        objects.end(Announced::Object(A));
        objects.release(A, 2, Killed::Never);
        for sleeper in sleepers {
            assert_eq!(sleeper.join().unwrap(), Some(A));
        }
    });
}

#[test]
fn both_sleepers_get_what_was_released_by_one_who_was_killed() {
    check(3, || {
        let objects = objects(9);
        let sleepers = [1, 2].map(|me| sleeper(&objects, me, &[A]));
        objects.release(A, 2, Killed::BeforeTheWake);
        for sleeper in sleepers {
            assert_eq!(sleeper.join().unwrap(), Some(A));
        }
        assert_eq!(objects.left(A), (0, 0));
    });
}

#[test]
fn one_who_is_killed_while_another_releases_several_takes_nothing_along() {
    check(2, || {
        let objects = impatient(9);
        let sleepers = [1, 2].map(|me| sleeper(&objects, me, &[A]));
        let other = beside(&objects, move |other| other.release(A, 2, Killed::Never));
        objects.release(A, 2, Killed::BeforeTheWake);
        other.join().unwrap();
        for sleeper in sleepers {
            assert_eq!(sleeper.join().unwrap(), Some(A));
        }
        let (free, kept) = objects.left(A);
        assert_eq!(free + kept, 2);
    });
}

#[test]
fn who_takes_another_object_declines_for_the_next_sleeper() {
    check(3, || {
        let objects = objects(9);
        let chooser = sleeper(&objects, 1, &[A, B]);
        let sleeper = sleeper(&objects, 2, &[B]);
        objects.release(A, 1, Killed::Never);
        objects.release(B, 1, Killed::Never);
        if chooser.join().unwrap() == Some(B) {
            objects.release(B, 1, Killed::Never);
            assert_eq!(objects.left(A), (1, 0));
        }
        assert_eq!(sleeper.join().unwrap(), Some(B));
        assert_eq!((objects.left(A), objects.left(B)), ((0, 0), (0, 0)));
    });
}

#[test]
fn what_is_declined_is_for_everybody_if_nobody_sleeps() {
    check(3, || {
        let objects = objects(1);
        let chooser = sleeper(&objects, 1, &[A, B]);
        assert!(objects.release(B, 1, Killed::Never));
        assert!(objects.release(A, 1, Killed::Never));
        let (taken, other) = match chooser.join().unwrap() {
            Some(A) => (A, B),
            _ => (B, A),
        };
        assert_eq!((objects.left(taken), objects.left(other)), ((0, 0), (1, 0)));
    });
}

#[test]
fn a_look_waits_until_it_is_settled_who_gets_a_signal() {
    check(3, || {
        let objects = objects(1);
        let chooser = sleeper(&objects, 1, &[A, B]);
        assert!(objects.release(A, 1, Killed::Never));
        assert!(objects.release(B, 1, Killed::Never));
        // It takes one of the two, so whoever looks at both gets the other.
        let got = 'got: loop {
            let mut looks = Vec::new();
            for at in [A, B] {
                looks.push(objects.take(at, false));
                if looks.last() == Some(&Look::Ready) {
                    break 'got at;
                }
            }
            assert!(looks.contains(&Look::Unsettled), "{looks:?}");
            pause();
        };
        assert_eq!(chooser.join().unwrap(), Some(1 - got));
    });
}

#[test]
fn a_pulse_lets_one_sleeper_through_and_leaves_nothing() {
    check(3, || {
        let objects = objects(1);
        let sleeper = sleeper(&objects, 1, &[A]);
        let found = objects.pulse(A);
        if found == 0 {
            objects.kernel.expire(1);
        }
        assert!(sleeper.join().unwrap() == Some(A) || found == 0);
        assert_eq!(objects.left(A), (0, 0));
    });
}
