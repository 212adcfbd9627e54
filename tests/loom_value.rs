//! The word of a value in two slots, compiled here with loom's atomics: lockers that end at any step leave the old or
//! the new value whole, and the next one is told.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

#[path = "../src/state/value.rs"]
mod value;

use loom::cell::UnsafeCell;
use loom::sync::{Arc, Mutex};
use loom::thread;
use prim::{AtomicU64, Ordering};

struct Model {
    word: AtomicU64,
    /// Two words each, so that a value can tear; loom reports a race.
    slots: [[UnsafeCell<u64>; 2]; 2],
    lock: Mutex<()>,
}

/// Where a locker ends; the lock itself says nothing, as when it is a new one after its last holder's death.
const STEPS: u32 = 6;
const UNHURT: u32 = STEPS;

impl Model {
    fn new() -> Arc<Model> {
        let slot = || [UnsafeCell::new(0), UnsafeCell::new(0)];
        Arc::new(Model { word: AtomicU64::new(0), slots: [slot(), slot()], lock: Mutex::new(()) })
    }

    fn load(&self, slot: usize, part: usize) -> u64 {
        // SAFETY: loom checks that nobody writes meanwhile.
        self.slots[slot][part].with(|value| unsafe { *value })
    }

    fn store(&self, slot: usize, part: usize, value: u64) {
        // SAFETY: loom checks that nobody else is there.
        self.slots[slot][part].with_mut(|place| unsafe { *place = value });
    }

    /// Adds 1 and ends after so many steps. Returns the value it found and whether it was abandoned.
    fn add_one(&self, steps: u32) -> (u64, bool) {
        let _guard = self.lock.lock().unwrap();
        let entered = value::enter(&self.word, false);
        let found = self.load(entered.slot, 0);
        assert_eq!(found, self.load(entered.slot, 1), "torn");
        let spare = value::spare(&self.word);
        let work: [&dyn Fn(); 4] = [
            &|| self.store(spare, 0, found + 1),
            &|| self.store(spare, 1, found + 1),
            &|| value::flip(&self.word),
            &|| value::leave(&self.word),
        ];
        work.iter().take(steps as usize).for_each(|step| step());
        (found, entered.abandoned)
    }
}

#[test]
fn a_locker_that_ends_at_any_step_leaves_a_whole_value_and_is_told_of() {
    for steps in 0..STEPS {
        loom::model(move || {
            let model = Model::new();
            let victim = {
                let model = model.clone();
                thread::spawn(move || model.add_one(steps))
            };
            let (found, abandoned) = model.add_one(UNHURT);
            victim.join().unwrap();
            let added = u64::from(steps >= 3);
            // Either this one came first, or it found what the victim left.
            let after = (added, steps < 4);
            assert!([(0, false), after].contains(&(found, abandoned)), "{steps}: {found}");
            let expected = if (found, abandoned) == (0, false) && steps < 4 {
                (1 + added, true)
            } else {
                (1 + added, false)
            };
            assert_eq!(model.add_one(UNHURT), expected, "{steps}");
        });
    }
}

#[test]
fn nothing_is_lost_between_lockers() {
    loom::model(|| {
        let model = Model::new();
        let others = [0, 1].map(|_| {
            let model = model.clone();
            thread::spawn(move || model.add_one(UNHURT))
        });
        model.add_one(UNHURT);
        others.into_iter().for_each(|other| assert!(!other.join().unwrap().1));
        assert_eq!(model.add_one(UNHURT), (3, false));
    });
}

#[test]
fn what_the_lock_says_and_strange_bits_are_minded() {
    loom::model(|| {
        let word = AtomicU64::new(!2);
        let entered = value::enter(&word, true);
        assert_eq!(entered, value::Entered { slot: 1, abandoned: true });
        assert_eq!(value::spare(&word), 0);
        value::leave(&word);
        assert_eq!(word.load(Ordering::Relaxed), 1);
        assert!(!value::enter(&word, false).abandoned);
    });
}
