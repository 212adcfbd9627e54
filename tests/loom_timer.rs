//! The plan of timers in every interleaving, with a model of the kernel's futex: each expiry is given once, a new plan is
//! seen whole or not at all, and whoever is killed in the middle of a change stops nobody. What surrounds the words is as in
//! `sys/linux/timer.rs`.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use loom::sync::atomic::{fence, AtomicU32, AtomicU64, Ordering};
}

#[path = "../src/state/count.rs"]
#[allow(dead_code)]
mod count;

#[path = "../src/state/parts.rs"]
#[allow(dead_code)]
mod parts;

#[path = "../src/state/manual.rs"]
#[allow(dead_code)]
mod manual;

#[path = "../src/state/tagged.rs"]
#[allow(dead_code)]
mod tagged;

#[path = "../src/state/timer.rs"]
#[allow(dead_code)]
mod timer;

#[path = "support/kernel.rs"]
#[allow(dead_code)]
mod kernel;

use count::{Bed, Look};
use kernel::{check, pause, Kernel, On, Woken, ALL};
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};
use parts::Tagged;
use prim::{AtomicU32, AtomicU64, Ordering};
use timer::{is_changing, Plan, Slot, Step, Words};

/// Units in a millisecond, the unit of periods.
const MS: u64 = 10_000;
const NEVER: Plan = Plan { due: 0, wall: false, period: 0 };

/// Where somebody who sets a timer is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Killed {
    WithTheLock,
    BeforeTheWake,
    BeforeThePlan,
    BeforeTheEnd,
    BeforeTheLastWake,
    BeforeUnlocking,
    Never,
}

struct Timer {
    word: AtomicU64,
    words: Words,
    manual: bool,
    kernel: Kernel,
}

impl Timer {
    fn new(manual: bool, plan: Plan) -> Arc<Timer> {
        let slot = || Slot { next: AtomicU64::new(0), period: AtomicU64::new(0) };
        let (changes, changer) = (AtomicU64::new(0), AtomicU32::new(0));
        let words = Words { slots: [slot(), slot()], changes, changer };
        let word = AtomicU64::new(0);
        let timer = Timer { word, words, manual, kernel: Kernel::default() };
        assert_eq!(timer.state().plan(plan, true), Tagged::Done);
        Arc::new(timer)
    }

    fn state(&self) -> timer::Timer<'_> {
        timer::Timer { word: &self.word, slots: &self.words.slots, manual: self.manual }
    }

    /// `timer::tick`.
    fn tick(&self, now: u64) -> Step {
        let step = self.state().look(|_| now);
        match step {
            Step::Fired { wake } if wake > 0 => {
                let found = self.kernel.wake(&self.word, wake);
                if count::woke(&self.word, wake, found, 1) {
                    self.kernel.wake(&self.word, ALL);
                }
            }
            Step::FiredForAll(Some(seen)) => {
                self.kernel.wake(&self.word, ALL);
                manual::woke(&self.word, seen);
            }
            _ => {}
        }
        step
    }

    fn take(&self, served: bool) -> bool {
        count::take(&self.word, served).0 == Look::Ready
    }

    /// `timer::change`, by a thread that may be killed; the kernel then takes it out of the lock.
    fn change(&self, me: u32, now: u64, plan: Plan, reset: bool, killed: Killed) {
        while !self.words.lock(me) {
            pause();
        }
        self.change_locked(now, plan, reset, killed);
        self.words.unlock();
    }

    fn change_locked(&self, now: u64, plan: Plan, reset: bool, killed: Killed) {
        if killed == Killed::WithTheLock {
            return;
        }
        self.words.begin();
        if killed == Killed::BeforeTheWake {
            return;
        }
        self.wake_sleepers();
        if killed == Killed::BeforeThePlan {
            return;
        }
        loop {
            self.tick(now);
            match self.state().plan(plan, reset) {
                Tagged::Done => break,
                Tagged::Changed => {}
                other => panic!("{other:?}: nobody claims it"),
            }
        }
        if killed == Killed::BeforeTheEnd {
            return;
        }
        self.words.end();
        if killed != Killed::BeforeTheLastWake {
            self.wake_sleepers();
        }
    }

    fn wake_sleepers(&self) {
        if self.state().has_sleepers() {
            self.kernel.wake(&self.words.changes, ALL);
        }
    }

    /// `wait::any` at this time, for one who sleeps without an alarm: plans are due or never. `false` when it expired.
    fn wait(&self, me: u32, now: u64) -> bool {
        let noted = manual::times(self.word.load(Ordering::Acquire));
        let mut served = false;
        loop {
            self.tick(now);
            let got = match self.manual {
                true => manual::lets_through(self.word.load(Ordering::Acquire), noted),
                false => self.take(served),
            };
            if got {
                return true;
            }
            if self.kernel.is_expired(me) {
                return false;
            }
            let changes = self.words.note();
            let bed = match self.manual {
                true => manual::lie_down(&self.word, noted),
                false => count::lie_down(&self.word, served, false).0,
            };
            let (low, brief) = match bed {
                Bed::Sleep(low) => (low, is_changing(changes)),
                Bed::SleepBriefly(low) => (low, true),
                Bed::LookAgain => continue,
            };
            match self.tick(now) {
                Step::Never | Step::Later { .. } => {}
                _ => continue,
            }
            let beds = [On::Word(&self.word, low), On::Word(&self.words.changes, changes as u32)];
            let woken = match brief {
                true => self.kernel.nap(me, &beds),
                false => self.kernel.sleep(me, &beds),
            };
            match woken {
                Woken::ByWake(_) => served = true,
                Woken::TimedOut => served = brief && !is_changing(changes),
                Woken::LookAgain => {}
            }
            if brief {
                pause();
            }
        }
    }
}

fn once(due: u64) -> Plan {
    Plan { due, wall: false, period: 0 }
}

fn every(due: u64, period: u32) -> Plan {
    Plan { due, wall: false, period }
}

fn beside<T: 'static>(
    timer: &Arc<Timer>,
    run: impl FnOnce(&Timer) -> T + 'static,
) -> JoinHandle<T> {
    let timer = timer.clone();
    thread::spawn(move || run(&timer))
}

#[test]
fn of_all_who_find_a_timer_due_one_gets_the_expiry() {
    check(3, || {
        let timer = Timer::new(false, every(5 * MS, 2));
        let takers = [6 * MS, 8 * MS].map(|now| {
            beside(&timer, move |timer| {
                timer.tick(now);
                u32::from(timer.take(false))
            })
        });
        let taken: u32 = takers.map(|taker| taker.join().unwrap()).iter().sum();
        // 5 for one of them; at 8 there is 7 too, but not where 5 and 7 counted as one.
        assert!((1..=2).contains(&taken), "{taken}");
        let next = timer.tick(8 * MS);
        let fired = matches!(next, Step::Fired { .. });
        assert!(fired || next == Step::Later { due: 9 * MS, wall: false }, "{next:?}");
        let left = u32::from(timer.take(false));
        assert!(taken + left <= 2, "{taken} and {left} of 5 and 7");
        assert_eq!(timer.tick(8 * MS), Step::Later { due: 9 * MS, wall: false });
    });
}

#[test]
fn an_expiry_is_given_once_though_its_follower_is_planned_by_others() {
    check(3, || {
        let timer = Timer::new(false, every(5 * MS, 10));
        let takers = [0, 1].map(|_| {
            beside(&timer, |timer| {
                timer.tick(6 * MS);
                timer.tick(6 * MS);
                u32::from(timer.take(false))
            })
        });
        let taken: u32 = takers.map(|taker| taker.join().unwrap()).iter().sum();
        assert_eq!(taken, 1);
        assert_eq!(timer.tick(6 * MS), Step::Later { due: 15 * MS, wall: false });
    });
}

#[test]
fn a_notification_timer_that_is_due_stays_signaled_for_all() {
    check(3, || {
        let timer = Timer::new(true, every(5 * MS, 10));
        let waiters = [1, 2].map(|me| beside(&timer, move |timer| timer.wait(me, 6 * MS)));
        assert!(waiters.map(|waiter| waiter.join().unwrap()).iter().all(|got| *got));
        assert!(manual::is_set(timer.word.load(Ordering::Relaxed)));
        assert_eq!(timer.tick(6 * MS), Step::Later { due: 15 * MS, wall: false });
    });
}

#[test]
fn a_timer_that_is_set_again_is_not_signaled_whoever_looked_at_the_old_plan() {
    for manual in [false, true] {
        check(3, move || {
            let timer = Timer::new(manual, every(5 * MS, 1));
            let looker = beside(&timer, |timer| [timer.tick(6 * MS), timer.tick(6 * MS)]);
            timer.change(1, 6 * MS, once(100 * MS), true, Killed::Never);
            looker.join().unwrap();
            assert_eq!(timer.tick(50 * MS), Step::Later { due: 100 * MS, wall: false });
            let word = timer.word.load(Ordering::Relaxed);
            assert!(!manual::is_set(word) || !manual);
            assert!(manual || !timer.take(true));
        });
    }
}

#[test]
fn cancelling_leaves_the_expiry_that_was_due_before_it() {
    check(3, || {
        let timer = Timer::new(false, every(5 * MS, 1));
        let taker = beside(&timer, |timer| {
            timer.tick(5 * MS);
            u32::from(timer.take(false))
        });
        timer.change(1, 5 * MS, NEVER, false, Killed::Never);
        let taken = taker.join().unwrap() + u32::from(timer.take(false));
        assert_eq!(taken, 1);
        assert_eq!(timer.tick(50 * MS), Step::Never);
    });
}

#[test]
fn a_plan_is_seen_whole_or_not_at_all() {
    check(2, || {
        let timer = Timer::new(false, NEVER);
        // The period tells whose due time it is.
        let setters = [(10, 1), (20, 2)].map(|(due, period)| {
            let set = move |timer: &Timer| {
                timer.change(period, 0, every(due * MS, period), true, Killed::Never);
            };
            beside(&timer, set)
        });
        let follows = |timer: &Timer| match timer.tick(30 * MS) {
            Step::Never => {}
            Step::Fired { .. } => match timer.tick(30 * MS) {
                Step::Later { due, .. } => assert!([31 * MS, 32 * MS].contains(&due), "{due}"),
                Step::Fired { .. } | Step::Never => {} // another plan by now
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        follows(&timer);
        setters.into_iter().for_each(|setter| setter.join().unwrap());
        assert!(matches!(timer.tick(9 * MS), Step::Later { .. }));
        follows(&timer);
    });
}

/// Somebody sleeps for a timer that is not set; it is set to be due, by a process that is killed, and then by another.
fn outlives_its_setter(manual: bool, killed: Killed) {
    check(2, move || {
        let timer = Timer::new(manual, NEVER);
        let waiter = beside(&timer, |timer| timer.wait(1, 10));
        timer.change(2, 10, once(5), true, killed);
        let planned = killed >= Killed::BeforeTheEnd;
        if !planned {
            // Nothing has changed for anybody, and the next one can.
            timer.change(3, 10, once(5), true, Killed::Never);
        }
        // Loom reports a deadlock if it sleeps on.
        assert!(waiter.join().unwrap());
        assert!(manual || !timer.take(true), "one expiry, one waiter");
        assert!(!is_changing(timer.words.note()));
    });
}

#[test]
fn a_sleeper_wakes_for_a_plan_whose_maker_is_killed_at_any_point() {
    for manual in [false, true] {
        for killed in [
            Killed::WithTheLock,
            Killed::BeforeTheWake,
            Killed::BeforeThePlan,
            Killed::BeforeTheEnd,
            Killed::BeforeTheLastWake,
            Killed::BeforeUnlocking,
            Killed::Never,
        ] {
            outlives_its_setter(manual, killed);
        }
    }
}

#[test]
fn one_of_two_sleepers_gets_an_expiry() {
    check(1, || {
        let timer = Timer::new(false, NEVER);
        let waiters = [1, 2].map(|me| beside(&timer, move |timer| timer.wait(me, 10)));
        timer.change(3, 10, once(5), true, Killed::Never);
        timer.kernel.expire(1);
        timer.kernel.expire(2);
        let got = waiters.map(|waiter| u32::from(waiter.join().unwrap()));
        let left = u32::from(timer.tick(10) != Step::Never || timer.take(true));
        assert_eq!(got[0] + got[1] + left, 1, "{got:?}");
    });
}
