//! Attempts to take several objects at once, in every interleaving: nobody sees a half-taken set, nothing is lost, and
//! one who is killed in the middle has taken all or nothing. What surrounds the words is as in `sys/linux/all.rs` and
//! `sys/linux/claim.rs`.

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

use all::Dies;
use count::Look;
use kernel::check;
use loom::sync::Arc;
use objects::{beside, sleeper, Announced, Killed, Objects, A, B};

fn objects(counts: [u32; 2]) -> Arc<Objects> {
    Arc::new(Objects::new(counts, 9))
}

impl Objects {
    /// A look with no time to wait.
    fn has(&self, at: usize) -> bool {
        self.look(at, false) == Look::Ready
    }

    /// What is there when everything is over; all claims are settled.
    fn counts(&self) -> [u32; 2] {
        [A, B].map(|at| {
            self.has(at);
            let now = parts::parts(self.now(at));
            assert_eq!((now.claim, now.kept), (0, 0));
            now.count
        })
    }
}

#[test]
fn of_two_who_want_both_one_gets_both_and_nobody_sees_a_half() {
    for orders in [[[A, B], [A, B]], [[A, B], [B, A]]] {
        for [first, second] in [[A, B], [B, A]] {
            check(3, move || {
                let objects = objects([1, 1]);
                let claimers = [0, 1].map(|slot| {
                    beside(&objects, move |objects| objects.take_both(slot, orders[slot]))
                });
                // Nobody gives anything back, so what is gone stays gone.
                if !objects.has(first) {
                    assert!(!objects.has(second), "half of it was taken");
                }
                let got = claimers.map(|claimer| claimer.join().unwrap());
                assert_eq!(got.iter().filter(|got| **got).count(), 1);
                assert_eq!(objects.counts(), [0, 0]);
            });
        }
    }
}

#[test]
fn one_who_takes_one_of_them_does_not_break_a_set() {
    check(2, || {
        let objects = objects([2, 1]);
        let claimers =
            [0, 1].map(|slot| beside(&objects, move |objects| objects.take_both(slot, [A, B])));
        assert!(objects.take(A, false) == Look::Ready);
        let got = claimers.map(|claimer| claimer.join().unwrap());
        assert_eq!(got.iter().filter(|got| **got).count(), 1);
        assert_eq!(objects.counts(), [0, 0]);
    });
}

#[test]
fn one_who_takes_what_a_set_needs_takes_it_alone() {
    check(3, || {
        let objects = objects([1, 1]);
        let claimer = beside(&objects, move |claimer| claimer.take_both(0, [A, B]));
        let single = objects.take(B, false) == Look::Ready;
        let both = claimer.join().unwrap();
        assert!(single != both);
        assert_eq!(objects.counts(), if both { [0, 0] } else { [1, 0] });
    });
}

#[test]
fn a_claimer_who_is_killed_has_taken_all_or_nothing() {
    use Dies::*;
    for killed in [AfterTheFirstClaim, Undecided, Committed, AfterTheFirstSettled] {
        for [first, second] in [[A, B], [B, A]] {
            check(3, move || {
                let objects = objects([1, 1]);
                let claimer =
                    beside(&objects, move |claimer| claimer.attempt(0, [A, B], None, killed));
                let before = objects.has(first);
                let after = objects.has(second);
                assert!(before || !after, "half of it was taken");
                claimer.join().unwrap();
                let counts = objects.counts();
                assert!(counts == [0, 0] || counts == [1, 1], "{counts:?}");
                assert!(after || counts == [0, 0]);
                let undecided = [AfterTheFirstClaim, Undecided].contains(&killed);
                assert!(!undecided || counts == [1, 1]);
            });
        }
    }
}

#[test]
fn the_next_attempt_succeeds_after_one_that_was_killed_undecided() {
    check(3, || {
        let objects = objects([1, 1]);
        let claimer =
            beside(&objects, move |claimer| claimer.attempt(0, [A, B], None, Dies::Undecided));
        assert!(objects.take_both(1, [A, B]));
        claimer.join().unwrap();
        assert_eq!(objects.counts(), [0, 0]);
    });
}

#[test]
fn a_sleeper_gets_what_is_released_while_a_set_is_claimed() {
    for killed in [Dies::Never, Dies::AfterTheFirstClaim, Dies::Committed] {
        check(3, move || {
            let objects = objects([1, 1]);
            let claimer = beside(&objects, move |claimer| claimer.attempt(0, [A, B], None, killed));
            let sleeper = beside(&objects, move |sleeper| sleeper.wait(7, &[A]));
            objects.release(A, 1, Killed::Never);
            sleeper.join().unwrap();
            claimer.join().unwrap();
            let [a, b] = objects.counts();
            assert_eq!(a, b, "A had one more, which the sleeper took");
        });
    }
}

#[test]
fn who_settles_wakes_a_sleeper_whose_wake_was_lost_in_the_claim() {
    check(3, || {
        let objects = objects([0, 1]);
        let sleeper = sleeper(&objects, 7, &[A]);
        // More than can be kept, so that there is something to claim; and who releases is killed before the wake.
        count::release(&objects.words[A], 256, 999);
        let number = decision::begin(&objects.decisions[0]);
        let claimed = count::claim(&objects.words[A], number, false);
        objects.end(Announced::Object(A));
        decision::call_off(&objects.decisions[0], number);
        if claimed == Look::Ready {
            objects.settle(A, number, false);
        }
        sleeper.join().unwrap();
    });
}

#[test]
fn a_wait_for_both_gets_what_is_released_while_it_sleeps() {
    for order in [[A, B], [B, A]] {
        check(3, move || {
            let objects = objects([0, 0]);
            let both = beside(&objects, move |both| both.wait_for_both(1, 0, order));
            objects.release(A, 1, Killed::Never);
            objects.release(B, 1, Killed::Never);
            assert!(both.join().unwrap());
            assert_eq!(objects.counts(), [0, 0]);
        });
    }
}

#[test]
fn two_waits_for_both_get_both_in_turn() {
    check(1, || {
        let objects = objects([0, 1]);
        let waits = [0, 1].map(|slot| {
            beside(&objects, move |both| both.wait_for_both(slot as u32, slot, [A, B]))
        });
        objects.release(A, 2, Killed::Never);
        objects.release(B, 1, Killed::Never);
        waits.into_iter().for_each(|wait| assert!(wait.join().unwrap()));
        assert_eq!(objects.counts(), [0, 0]);
    });
}

#[test]
fn a_wait_for_both_and_one_who_sleeps_alone_share_what_is_released() {
    for order in [[A, B], [B, A]] {
        check(2, move || {
            let objects = objects([0, 1]);
            let alone = sleeper(&objects, 7, &[A]);
            let both = beside(&objects, move |both| both.wait_for_both(1, 0, order));
            objects.release(A, 1, Killed::Never);
            objects.release(A, 1, Killed::Never);
            assert_eq!(alone.join().unwrap(), Some(A));
            assert!(both.join().unwrap());
            assert_eq!(objects.counts(), [0, 0]);
        });
    }
}

#[test]
fn a_wait_for_both_whose_time_is_over_leaves_everything_to_the_next() {
    check(2, || {
        let objects = objects([0, 0]);
        let both = beside(&objects, |both| both.wait_for_both(1, 0, [A, B]));
        let alone = sleeper(&objects, 7, &[A]);
        objects.kernel.expire(1);
        objects.release(A, 1, Killed::Never);
        assert_eq!(alone.join().unwrap(), Some(A));
        assert!(!both.join().unwrap());
        assert_eq!(objects.counts(), [0, 0]);
    });
}

#[test]
fn a_wait_for_both_that_is_killed_after_it_was_woken_leaves_the_signal_to_one_who_sleeps_alone() {
    use Dies::*;
    for dies in [Never, AfterTheFirstClaim, Undecided] {
        check(2, move || {
            let objects = objects([0, 1]);
            let killed = beside(&objects, move |killed| {
                let Some((mut beds, false)) = killed.lie_down(&[A], false, true) else { return };
                killed.listen(&mut beds, true);
                killed.kernel.sleep(1, &beds);
                match dies {
                    Never => killed.end(Announced::Bell), // before it attempts
                    _ => assert!(!killed.attempt(0, [A, B], Some(A), dies)),
                }
            });
            let alone = sleeper(&objects, 7, &[A]);
            objects.release(A, 1, Killed::Never);
            assert_eq!(alone.join().unwrap(), Some(A));
            objects.kernel.expire(1);
            killed.join().unwrap();
            assert_eq!(objects.counts(), [0, 1]);
        });
    }
}

#[test]
fn what_was_kept_for_a_wait_for_both_that_is_killed_committed_is_taken_with_the_rest() {
    for dies in [Dies::Committed, Dies::AfterTheFirstSettled] {
        check(3, move || {
            let objects = objects([0, 1]);
            let killed = beside(&objects, move |killed| {
                let Some((mut beds, false)) = killed.lie_down(&[A], false, true) else {
                    return false;
                };
                killed.listen(&mut beds, true);
                killed.kernel.sleep(1, &beds);
                killed.attempt(0, [A, B], Some(A), dies)
            });
            objects.release(A, 1, Killed::Never);
            let (b, a) = (objects.has(B), objects.look(A, true) == Look::Ready);
            assert!(b || !a, "half of it was taken");
            let taken = killed.join().unwrap();
            // What was kept for it and not taken is for the next one who sleeps a little.
            let left = [A, B].map(|at| objects.left(at)).map(|(free, kept)| free + kept);
            assert_eq!(left, if taken { [0, 0] } else { [1, 1] });
        });
    }
}
