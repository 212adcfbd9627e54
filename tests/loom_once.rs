//! The word of something that is done once, compiled here with loom's atomics: of callers of whom one dies in the
//! midst exactly one finishes, and who sees that it is done, sees what was done.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

#[path = "../src/state/once.rs"]
mod once;

use loom::cell::UnsafeCell;
use loom::sync::{Arc, Mutex};
use loom::thread;
use prim::{AtomicU64, Ordering};

struct Model {
    word: AtomicU64,
    /// Written by whoever does it; loom reports a race with those who look without the lock.
    data: UnsafeCell<u64>,
    lock: Mutex<()>,
}

impl Model {
    fn new() -> Arc<Model> {
        let (word, data) = (AtomicU64::new(0), UnsafeCell::new(0));
        Arc::new(Model { word, data, lock: Mutex::new(()) })
    }

    /// Returns the number of the attempt, if it made one.
    fn call(&self, dies: bool) -> Option<u64> {
        if self.is_done() {
            return None;
        }
        let _guard = self.lock.lock().unwrap();
        let attempt = once::begin(&self.word)?;
        // SAFETY: loom checks that nobody else is there.
        self.data.with_mut(|data| unsafe { *data += 10 });
        if !dies {
            once::finish(&self.word);
        }
        Some(attempt)
    }

    fn is_done(&self) -> bool {
        once::is_done(self.word.load(Ordering::Acquire))
    }

    fn data(&self) -> u64 {
        // SAFETY: loom checks that nobody writes meanwhile.
        self.data.with(|data| unsafe { *data })
    }
}

#[test]
fn exactly_one_does_it_and_the_others_see_it_done() {
    loom::model(|| {
        let model = Model::new();
        let callers = [0, 1].map(|_| {
            let model = model.clone();
            thread::spawn(move || {
                let attempt = model.call(false);
                assert!(model.is_done());
                assert_eq!(model.data(), 10);
                attempt
            })
        });
        if model.is_done() {
            assert_eq!(model.data(), 10);
        }
        let attempts = callers.map(|caller| caller.join().unwrap());
        assert_eq!(attempts.iter().flatten().collect::<Vec<_>>(), [&1]);
    });
}

#[test]
fn after_a_death_in_the_midst_the_next_one_knows_that_it_is_a_retry() {
    loom::model(|| {
        let model = Model::new();
        let victim = {
            let model = model.clone();
            thread::spawn(move || model.call(true))
        };
        let mine = model.call(false);
        match victim.join().unwrap() {
            Some(attempt) => assert_eq!((attempt, mine), (1, Some(2))),
            None => assert_eq!(mine, Some(1)),
        }
        assert!(model.is_done());
        assert_eq!(model.call(false), None);
        assert_eq!(model.data(), if mine == Some(2) { 20 } else { 10 });
    });
}
