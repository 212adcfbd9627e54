//! Sleeping and waking, compiled here with loom's atomics: nobody sleeps for ever while what it waits for is there. With the fence
//! that the fast path does without, by the fence; without it, because the sleeper looks again after a time in which every store has
//! become visible.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use loom::sync::atomic::{fence, AtomicU64, Ordering};
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    thread_local! {
        /// Whether the fence of the fast path is one for the processor too, in the model that this thread drives.
        pub(crate) static FULL: AtomicBool = const { AtomicBool::new(true) };
    }

    pub(crate) fn light_fence() {
        if FULL.with(|full| full.load(SeqCst)) {
            fence(Ordering::SeqCst);
        }
    }
}

#[path = "../src/station/sleepers.rs"]
mod sleepers;

use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use prim::{fence, AtomicU64, Ordering};
use std::sync::atomic::Ordering::SeqCst;

fn check(preemptions: usize, full: bool, model: impl Fn() + Sync + Send + 'static) {
    prim::FULL.with(|fence| fence.store(full, SeqCst)); // loom runs all threads of a model on this one
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(if cfg!(debug_assertions) { 2 } else { preemptions });
    builder.check(model);
}

/// An event that the kernel keeps.
#[derive(Default)]
struct Bell(Mutex<bool>, Condvar);

impl Bell {
    fn set(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn wait(&self) {
        let mut set = self.0.lock().unwrap();
        while !*set {
            set = self.1.wait(set).unwrap();
        }
        *set = false;
    }
}

struct Model {
    /// What is waited for: messages that were committed.
    tail: AtomicU64,
    sleepers: AtomicU64,
    /// Who has the place that the bits belong to, and the bell of each.
    owner: AtomicU64,
    bells: [Bell; 3],
    /// The sleeper's time has begun; the sender was interrupted since.
    slept: Bell,
    interrupted: Bell,
}

const BIT: u64 = 1;
/// Owners of the place; 0 is nobody.
const DEAD: usize = 1;
const ALIVE: usize = 2;

impl Model {
    fn new(owner: usize) -> Arc<Model> {
        let [tail, sleepers] = [0, 0].map(AtomicU64::new);
        let owner = AtomicU64::new(owner as u64);
        let bells = [0; 3].map(|_| Bell::default());
        let (slept, interrupted) = (Bell::default(), Bell::default());
        Arc::new(Model { tail, sleepers, owner, bells, slept, interrupted })
    }

    fn is_there(&self, count: u64) -> bool {
        self.tail.load(Ordering::Acquire) >= count
    }

    /// As `Station::wake`.
    fn wake(&self) {
        if sleepers::asleep(&self.sleepers) == 0 {
            return;
        }
        loop {
            let owner = self.owner.load(Ordering::Acquire) as usize;
            let lives = owner == ALIVE;
            if lives {
                self.bells[owner].set();
            }
            let is_same = || self.owner.load(Ordering::Acquire) as usize == owner;
            if lives || sleepers::strike(&self.sleepers, BIT, is_same) {
                return;
            }
        }
    }

    /// Sleeps until so many messages are there. `settle`: what a short sleep is.
    fn sleep(&self, count: u64, settle: impl FnOnce()) {
        sleepers::announce(&self.sleepers, BIT);
        if !self.is_there(count) {
            settle();
            while !self.is_there(count) {
                self.bells[ALIVE].wait();
            }
        }
        sleepers::retire(&self.sleepers, BIT);
    }
}

fn one_sleeps_and_one_sends() {
    let model = Model::new(ALIVE);
    let sender = {
        let model = model.clone();
        thread::spawn(move || {
            for count in 1..=2 {
                model.tail.store(count, Ordering::Release);
                model.wake();
            }
        })
    };
    model.sleep(1, || {});
    model.sleep(2, || {});
    sender.join().unwrap();
}

#[test]
fn with_a_full_fence_nobody_oversleeps() {
    check(3, true, one_sleeps_and_one_sends);
}

/// The model is not blind: it finds what the fence is for.
#[test]
#[should_panic(expected = "deadlock")]
fn without_any_fence_somebody_may_sleep_for_ever() {
    check(3, false, one_sleeps_and_one_sends);
}

#[test]
fn without_a_fence_it_is_enough_that_the_sender_is_interrupted_before_the_last_look() {
    // Before its store, between the store and the look at the sleepers, or after both.
    for interrupted in 0..3 {
        check(3, false, move || {
            let model = Model::new(ALIVE);
            let sender = {
                let model = model.clone();
                thread::spawn(move || {
                    let interrupt = |at| {
                        if at == interrupted {
                            model.slept.wait();
                            fence(Ordering::SeqCst); // what the kernel does to a processor that it interrupts
                            model.interrupted.set();
                        }
                    };
                    interrupt(0);
                    model.tail.store(1, Ordering::Release);
                    interrupt(1);
                    model.wake();
                    interrupt(2);
                })
            };
            model.sleep(1, || {
                model.slept.set();
                model.interrupted.wait();
            });
            model.slept.set();
            sender.join().unwrap();
        });
    }
}

#[test]
fn the_bit_of_a_dead_sleeper_goes_and_its_successors_stays() {
    check(3, true, || {
        let model = Model::new(DEAD);
        model.sleepers.store(BIT, Ordering::Relaxed); // it was killed asleep
        let senders = {
            let model = model.clone();
            thread::spawn(move || {
                for count in 1..=2 {
                    model.tail.store(count, Ordering::Release);
                    model.wake();
                }
            })
        };
        // The place was given up by somebody, and is taken anew: as `Member::join`.
        model.owner.store(ALIVE as u64, Ordering::SeqCst);
        sleepers::retire(&model.sleepers, BIT);
        model.sleep(2, || {});
        senders.join().unwrap();
    });
}

#[test]
fn the_bit_of_a_dead_sleeper_costs_one_attempt() {
    check(3, true, || {
        let model = Model::new(DEAD);
        model.sleepers.store(BIT, Ordering::Relaxed);
        let other = {
            let model = model.clone();
            thread::spawn(move || model.wake())
        };
        model.wake();
        other.join().unwrap();
        assert_eq!(model.sleepers.load(Ordering::Relaxed), 0);
    });
}
