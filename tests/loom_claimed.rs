//! A mutex that a wait-all claims, in every interleaving, beside threads that lock it: no two owners, no lost wake, and
//! a claimer that is killed abandons it if it had taken it, and only then. What surrounds the word is as in
//! `sys/linux/all.rs` and `sys/linux/mutex.rs`.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

#[path = "../src/state/decision.rs"]
#[allow(dead_code)]
mod decision;

#[path = "../src/state/mutex.rs"]
#[allow(dead_code)]
mod mutex;

#[path = "support/kernel.rs"]
#[allow(dead_code)]
mod kernel;

use decision::Decision;
use kernel::{check, pause, Kernel, On, Woken};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use mutex::{Step, Taken};
use prim::AtomicU64;

const CLAIM: u32 = 1 << 29;
const CLAIMER: u32 = 9;

/// How a claimer's attempt ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// It takes what it claimed, unless it is called off.
    Takes,
    /// Another object is not signaled any more.
    GivesUp,
    KilledUndecided,
    KilledCommitted,
}

struct Model {
    word: AtomicU64,
    decision: AtomicU64,
    kernel: Kernel,
    /// Only the owner touches it; loom reports two at once.
    data: UnsafeCell<u32>,
}

impl Model {
    fn new() -> Arc<Model> {
        let [word, decision] = [0, 0].map(AtomicU64::new);
        Arc::new(Model { word, decision, kernel: Kernel::default(), data: UnsafeCell::new(0) })
    }

    fn wake(&self) {
        if self.kernel.wake(&self.word, 1) == 0 && mutex::nobody_slept(&self.word) {
            self.kernel.wake(&self.word, 1);
        }
    }

    /// `claim::settle`.
    fn settle(&self, claim: u32, taken: bool) {
        if mutex::settle(&self.word, claim, taken) {
            self.wake();
        }
    }

    /// `claim::resolve`, with no patience.
    fn resolve(&self, claim: u32) {
        let outcome = decision::call_off(&self.decision, claim & !CLAIM);
        self.settle(claim, outcome == Decision::Committed);
    }

    fn lock(&self, me: u32) -> Taken {
        if let Some(taken) = mutex::try_take(&self.word, me) {
            return taken;
        }
        let mut served = false;
        loop {
            match mutex::approach(&self.word, me, served) {
                Step::Taken(taken) => return taken,
                Step::Sleep(low) => {
                    let woken = self.kernel.sleep(me, &[On::Word(&self.word, low)]);
                    served |= matches!(woken, Woken::ByWake(_));
                }
                // A brief sleep may end by its time at once.
                Step::SleepBriefly(_) => served = true,
                Step::Claimed(claim) => self.resolve(claim),
            }
        }
    }

    fn unlock(&self, me: u32) {
        if mutex::release(&self.word, me) {
            self.wake();
        }
    }

    /// Locks, counts and unlocks.
    fn count(&self, me: u32) -> Taken {
        let taken = self.lock(me);
        self.touch();
        self.unlock(me);
        taken
    }

    fn touch(&self) -> u32 {
        self.data.with_mut(|data| {
            // SAFETY: loom checks that nobody else is inside.
            unsafe {
                *data += 1;
                *data
            }
        })
    }

    /// `AllOf::attempt`, of which this mutex is one object. `None` if it did not come to claim it; else how it was
    /// before, and whether it was taken.
    fn attempt(&self, end: End) -> Option<(Taken, bool)> {
        let number = decision::begin(&self.decision);
        let claim = CLAIM | number;
        let Ok(before) = mutex::claim(&self.word, CLAIMER, claim, false) else {
            decision::end(&self.decision);
            return None;
        };
        if end == End::KilledUndecided {
            self.kernel.end_owner(&self.word, CLAIMER);
            return Some((before, false));
        }
        let taken = end != End::GivesUp && decision::commit(&self.decision, number);
        if end == End::KilledCommitted {
            self.kernel.end_owner(&self.word, CLAIMER);
            return Some((before, taken));
        }
        if !taken {
            decision::call_off(&self.decision, number);
        }
        self.settle(claim, taken);
        decision::end(&self.decision);
        Some((before, taken))
    }
}

/// A claimer on its own thread, and two that lock the mutex. Returns what the claimer got, and how many were told that
/// the mutex was abandoned.
fn run(model: &Arc<Model>, end: End) -> (Option<(Taken, bool)>, usize) {
    let claimer = model.clone();
    let claimer = thread::spawn(move || {
        let got = claimer.attempt(end);
        if end == End::Takes && got.is_some_and(|(_, taken)| taken) {
            claimer.touch();
            claimer.unlock(CLAIMER);
        }
        got
    });
    let locker = model.clone();
    let locker = thread::spawn(move || locker.count(1));
    let mut told = vec![model.count(2)];
    told.push(locker.join().unwrap());
    let got = claimer.join().unwrap();
    told.push(model.count(3));
    (got, told.iter().filter(|taken| **taken == Taken::Abandoned).count())
}

#[test]
fn a_claimed_mutex_has_one_owner_and_everybody_gets_it() {
    for end in [End::Takes, End::GivesUp] {
        check(3, move || {
            let model = Model::new();
            let (got, abandoned) = run(&model, end);
            let taken = got.is_some_and(|(_, taken)| taken);
            assert_eq!(abandoned, 0);
            assert_eq!(model.touch(), 4 + u32::from(taken));
        });
    }
}

#[test]
fn a_claimer_that_is_killed_undecided_did_not_own_it() {
    check(3, || {
        let (_, abandoned) = run(&Model::new(), End::KilledUndecided);
        assert_eq!(abandoned, 0);
    });
}

#[test]
fn a_claimer_that_is_killed_after_it_has_taken_abandons_it_once() {
    check(3, || {
        let (got, abandoned) = run(&Model::new(), End::KilledCommitted);
        let taken = got.is_some_and(|(_, taken)| taken);
        assert_eq!(abandoned, usize::from(taken));
    });
}

#[test]
fn the_news_of_a_dead_owner_survives_a_claim_that_comes_to_nothing() {
    for end in [End::Takes, End::GivesUp, End::KilledUndecided, End::KilledCommitted] {
        check(3, move || {
            let model = Model::new();
            assert_eq!(model.lock(7), Taken::Clean);
            let dead = model.clone();
            let dead = thread::spawn(move || dead.kernel.end_owner(&dead.word, 7));
            let claimer = model.clone();
            let claimer = thread::spawn(move || {
                let got = claimer.attempt(end);
                if end == End::Takes && got.is_some_and(|(_, taken)| taken) {
                    claimer.unlock(CLAIMER);
                }
                got
            });
            let first = model.count(1);
            dead.join().unwrap();
            let claimed = claimer.join().unwrap();
            let told = [first, model.count(3)];
            let told = told.iter().filter(|taken| **taken == Taken::Abandoned).count();
            let expected = match claimed {
                // The claimer was told, too, or abandons it anew.
                Some((Taken::Abandoned, true)) if end == End::KilledCommitted => 1..=1,
                Some((Taken::Abandoned, true)) => 0..=0,
                Some((Taken::Clean, true)) if end == End::KilledCommitted => 2..=2,
                _ => 1..=1,
            };
            assert!(expected.contains(&told), "{told} {claimed:?}");
        });
    }
}

#[test]
fn an_attempt_that_is_called_off_can_be_repeated() {
    check(3, || {
        let model = Model::new();
        let locker = model.clone();
        let locker = thread::spawn(move || locker.count(1));
        while !model.attempt(End::Takes).is_some_and(|(_, taken)| taken) {
            pause();
        }
        model.touch();
        model.unlock(CLAIMER);
        assert_eq!(locker.join().unwrap(), Taken::Clean);
        assert_eq!(model.touch(), 3);
    });
}
