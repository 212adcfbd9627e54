//! Loom's atomics for processes that may be killed: after so many stores a thread stores nothing any more, which is all that others
//! could see of it. What its operations return then is of no use to anybody.
#![allow(dead_code)] // each test binary uses another part of this

use std::cell::Cell;

use loom::sync::atomic::{AtomicU64 as Word, Ordering};

loom::thread_local! {
    static LEFT: Cell<usize> = Cell::new(usize::MAX);
}

/// This thread is killed after so many stores.
pub fn die_after(stores: usize) {
    LEFT.with(|left| left.set(stores));
}

/// Whether this thread lives, for one more store.
fn lives() -> bool {
    LEFT.with(|left| {
        let now = left.get();
        left.set(now.saturating_sub(1));
        now > 0
    })
}

/// Whether this thread has not been killed.
pub fn is_alive() -> bool {
    LEFT.with(|left| left.get() > 0)
}

#[derive(Debug)]
pub struct AtomicU64(Word);

impl AtomicU64 {
    pub fn new(value: u64) -> AtomicU64 {
        AtomicU64(Word::new(value))
    }

    pub fn load(&self, order: Ordering) -> u64 {
        self.0.load(order)
    }

    pub fn store(&self, value: u64, order: Ordering) {
        if lives() {
            self.0.store(value, order);
        }
    }

    pub fn compare_exchange(
        &self,
        from: u64,
        to: u64,
        order: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        match lives() {
            true => self.0.compare_exchange(from, to, order, failure),
            false => Err(self.0.load(Ordering::Relaxed)),
        }
    }

    pub fn fetch_or(&self, bits: u64, order: Ordering) -> u64 {
        self.update(|| self.0.fetch_or(bits, order))
    }

    pub fn fetch_and(&self, bits: u64, order: Ordering) -> u64 {
        self.update(|| self.0.fetch_and(bits, order))
    }

    pub fn fetch_add(&self, more: u64, order: Ordering) -> u64 {
        self.update(|| self.0.fetch_add(more, order))
    }

    fn update(&self, operation: impl Fn() -> u64) -> u64 {
        if lives() {
            operation()
        } else {
            self.0.load(Ordering::Relaxed)
        }
    }
}
