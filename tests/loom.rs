//! The mutex's state machine, compiled here with loom's atomics and driven through every interleaving that C11 allows,
//! with a model of the kernel's futex: no two owners, no lost wake (loom reports a deadlock), no lost death.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

#[path = "../src/state/mutex.rs"]
#[allow(dead_code)]
mod mutex;

#[path = "support/kernel.rs"]
#[allow(dead_code)]
mod kernel;

use kernel::{check, Kernel, On, Woken};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use mutex::{approach, nobody_slept, release, try_take, Step, Taken};
use prim::AtomicU64;

struct Model {
    word: AtomicU64,
    kernel: Kernel,
    /// Only the owner touches it; loom reports two at once.
    data: UnsafeCell<u32>,
}

impl Model {
    fn new() -> Arc<Model> {
        let (word, kernel) = (AtomicU64::new(0), Kernel::default());
        Arc::new(Model { word, kernel, data: UnsafeCell::new(0) })
    }

    fn lock(&self, me: u32) -> Taken {
        if let Some(taken) = try_take(&self.word, me) {
            return taken;
        }
        let mut served = false;
        loop {
            match approach(&self.word, me, served) {
                Step::Taken(taken) => return taken,
                Step::Sleep(expected) => {
                    let woken = self.kernel.sleep(me, &[On::Word(&self.word, expected)]);
                    served |= matches!(woken, Woken::ByWake(_));
                }
                // A brief sleep may end by its time at once.
                Step::SleepBriefly(_) => served = true,
                Step::Claimed(_) => unreachable!("nobody waits for several objects here"),
            }
        }
    }

    fn unlock(&self, me: u32) {
        if !release(&self.word, me) {
            return;
        }
        if self.kernel.wake(&self.word, 1) == 0 && nobody_slept(&self.word) {
            self.kernel.wake(&self.word, 1);
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

#[test]
fn the_mutex_excludes_and_wakes() {
    check(3, || {
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
    check(3, || {
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
        model.kernel.end_owner(&model.word, 1);
        let told: u32 = waiters.into_iter().map(|waiter| waiter.join().unwrap()).sum();
        assert_eq!(told, 1);
        assert_eq!(model.lock(4), Taken::Clean);
        assert_eq!(model.count(), 3);
    });
}
