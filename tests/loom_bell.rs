//! The bells in every interleaving: who sleeps for several objects and is killed after it was woken leaves its wake to
//! those who sleep for one of them, wherever they sleep and whoever came first. What surrounds the words is as in
//! `sys/linux/wait.rs` and `sys/linux/sleeping.rs`.

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

#[path = "support/all.rs"]
#[allow(dead_code)]
mod all;

use kernel::{check, ALL};
use loom::sync::Arc;
use loom::thread::JoinHandle;
use objects::{beside, sleeper, Announced, Killed, Objects, A, B, FIRST};

fn objects() -> Arc<Objects> {
    Arc::new(Objects::new([0, 0], 9))
}

fn in_order(last_first: bool) -> Arc<Objects> {
    let mut objects = Objects::new([0, 0], 9);
    objects.kernel.last_first = last_first;
    Arc::new(objects)
}

/// Lets one go who was to be killed and may not have been woken.
fn end(objects: &Objects, me: u32, killed: JoinHandle<()>) {
    objects.kernel.expire(me);
    killed.join().unwrap();
}

#[test]
fn one_who_sleeps_alone_gets_the_signal_of_one_for_several_who_was_killed() {
    for (wanted, last_first) in [(&[A, B], false), (&[B, A], true)] {
        check(3, move || {
            let objects = in_order(last_first);
            let alone = sleeper(&objects, 1, &[A]);
            let killed = beside(&objects, move |killed| killed.sleep_and_be_killed(2, wanted));
            assert!(objects.release(A, 1, Killed::Never));
            assert_eq!(alone.join().unwrap(), Some(A));
            end(&objects, 2, killed);
            assert_eq!(objects.left(A), (0, 0));
        });
    }
}

#[test]
fn all_who_slept_alone_already_hear_of_it() {
    for (last_first, preemptions) in [(false, 2), (true, 1)] {
        check(preemptions, move || {
            let objects = in_order(last_first);
            let alone = [1, 2].map(|me| sleeper(&objects, me, &[A]));
            let killed = beside(&objects, |killed| killed.sleep_and_be_killed(3, &[A, B]));
            assert!(objects.release(A, 2, Killed::Never));
            for alone in alone {
                assert_eq!(alone.join().unwrap(), Some(A));
            }
            end(&objects, 3, killed);
            assert_eq!(objects.left(A), (0, 0));
        });
    }
}

#[test]
fn one_who_sleeps_for_several_too_gets_the_signal_of_one_who_was_killed() {
    check(3, || {
        let objects = objects();
        let other = sleeper(&objects, 1, &[B, A]);
        let killed = beside(&objects, |killed| killed.sleep_and_be_killed(2, &[A, B]));
        assert!(objects.release(A, 1, Killed::Never));
        assert_eq!(other.join().unwrap(), Some(A));
        end(&objects, 2, killed);
        assert_eq!((objects.left(A), objects.left(B)), ((0, 0), (0, 0)));
    });
}

#[test]
fn the_news_of_a_death_does_not_die_with_the_first_to_hear_it() {
    check(2, || {
        let objects = objects();
        let alone = sleeper(&objects, 1, &[A]);
        let hearer = beside(&objects, |killed| killed.sleep_and_be_killed(2, &[B, A]));
        // One who sleeps for both gets the only wake, and is killed.
        if objects.lie_down(&[A, B], false, true).is_some() {
            count::release(&objects.words[A], 1, 9);
            count::woke(&objects.words[A], 1, 1, 9);
            objects.end(Announced::Bell);
        }
        assert_eq!(alone.join().unwrap(), Some(A));
        end(&objects, 2, hearer);
        assert_eq!(objects.left(A), (0, 0));
    });
}

#[test]
fn one_for_several_who_is_killed_beside_a_pulse_takes_nothing_along() {
    check(2, || {
        let objects = objects();
        let alone = sleeper(&objects, 1, &[A]);
        let killed = beside(&objects, |killed| killed.sleep_and_be_killed(2, &[A, B]));
        let found = objects.pulse(A);
        if found == 0 {
            objects.set(A, Killed::Never);
        }
        assert_eq!(alone.join().unwrap(), Some(A));
        end(&objects, 2, killed);
        // Who was about to sleep may have got a pulse that found nobody.
        let (free, kept) = objects.left(A);
        assert!(free + kept <= u32::from(found == 0));
    });
}

#[test]
fn a_bell_that_rings_for_nothing_disturbs_nobody() {
    check(2, || {
        let objects = objects();
        let sleepers = [sleeper(&objects, 1, &[A]), sleeper(&objects, 2, &[A, B])];
        objects.kernel.ring(FIRST, ALL);
        assert!(objects.release(A, 1, Killed::Never));
        assert!(objects.release(A, 1, Killed::Never));
        for sleeper in sleepers {
            assert_eq!(sleeper.join().unwrap(), Some(A));
        }
        assert_eq!((objects.left(A), objects.left(B)), ((0, 0), (0, 0)));
    });
}
