//! The mutex's state machine, compiled here with loom's atomics and driven through every interleaving that C11 allows,
//! with a model of the kernel's futex: no two owners, no lost wake (loom reports a deadlock), no lost death.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use loom::sync::atomic::{AtomicU32, Ordering};
}

#[path = "../src/state/mutex.rs"]
#[allow(dead_code)]
mod mutex;

use loom::cell::UnsafeCell;
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use mutex::{approach, nobody_slept, release, try_take, Step, Taken, OWNER_DIED, WAITERS};
use prim::{AtomicU32, Ordering};

/// What the kernel keeps: the sleepers in order, and who was woken.
#[derive(Default)]
struct Sleepers {
    queue: Vec<u32>,
    woken: Vec<u32>,
}

struct Model {
    word: AtomicU32,
    sleepers: Mutex<Sleepers>,
    wake: Condvar,
    /// Only the owner touches it; loom reports two at once.
    data: UnsafeCell<u32>,
}

impl Model {
    fn new() -> Arc<Model> {
        let (sleepers, wake) = (Mutex::new(Sleepers::default()), Condvar::new());
        Arc::new(Model { word: AtomicU32::new(0), sleepers, wake, data: UnsafeCell::new(0) })
    }

    /// `FUTEX_WAIT`. Returns whether a wake counted this sleeper.
    fn sleep(&self, me: u32, expected: u32) -> bool {
        let mut sleepers = self.sleepers.lock().unwrap();
        if self.word.load(Ordering::Relaxed) != expected {
            return false;
        }
        sleepers.queue.push(me);
        while !sleepers.woken.contains(&me) {
            sleepers = self.wake.wait(sleepers).unwrap();
        }
        sleepers.woken.retain(|&woken| woken != me);
        true
    }

    /// `FUTEX_WAKE` for one.
    fn wake_one(&self) -> bool {
        let mut sleepers = self.sleepers.lock().unwrap();
        if sleepers.queue.is_empty() {
            return false;
        }
        let first = sleepers.queue.remove(0);
        sleepers.woken.push(first);
        self.wake.notify_all();
        true
    }

    fn lock(&self, me: u32) -> Taken {
        if let Some(taken) = try_take(&self.word, me) {
            return taken;
        }
        let mut served = false;
        loop {
            match approach(&self.word, me, served) {
                Step::Taken(taken) => return taken,
                Step::Sleep(expected) => served |= self.sleep(me, expected),
                // A brief sleep may end by its time at once.
                Step::SleepBriefly(_) => served = true,
            }
        }
    }

    fn unlock(&self, me: u32) {
        if release(&self.word, me) && !self.wake_one() && nobody_slept(&self.word) {
            self.wake_one();
        }
    }

    /// What the kernel does for an owner that ended.
    fn die(&self, me: u32) {
        let mut seen = self.word.load(Ordering::Relaxed);
        assert_eq!(seen & !WAITERS, me);
        loop {
            let next = seen & WAITERS | OWNER_DIED;
            match self.word.compare_exchange(seen, next, Ordering::SeqCst, Ordering::Relaxed) {
                Ok(_) => break,
                Err(now) => seen = now,
            }
        }
        if seen & WAITERS != 0 {
            self.wake_one();
        }
    }

    fn count(&self) -> u32 {
        self.data.with_mut(|data| {
            // SAFETY: loom checks that nobody else is inside.
            unsafe {
                *data += 1;
                *data
            }
        })
    }
}

fn check(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

#[test]
fn the_mutex_excludes_and_wakes() {
    check(|| {
        let model = Model::new();
        let threads: Vec<_> = [1, 2]
            .map(|me| {
                let model = model.clone();
                thread::spawn(move || {
                    assert_eq!(model.lock(me), Taken::Clean);
                    model.count();
                    model.unlock(me);
                })
            })
            .into();
        model.lock(3);
        model.count();
        model.unlock(3);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(model.lock(4), Taken::Clean);
        assert_eq!(model.count(), 4);
    });
}

#[test]
fn a_dead_owner_is_told_to_exactly_one() {
    check(|| {
        let model = Model::new();
        assert_eq!(model.lock(1), Taken::Clean);
        let waiters: Vec<_> = [2, 3]
            .map(|me| {
                let model = model.clone();
                thread::spawn(move || {
                    let taken = model.lock(me);
                    model.count();
                    model.unlock(me);
                    u32::from(taken == Taken::Abandoned)
                })
            })
            .into();
        model.die(1);
        let told: u32 = waiters.into_iter().map(|waiter| waiter.join().unwrap()).sum();
        assert_eq!(told, 1);
        assert_eq!(model.lock(4), Taken::Clean);
        assert_eq!(model.count(), 3);
    });
}
