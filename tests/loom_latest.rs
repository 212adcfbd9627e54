//! The latest-value cell's protocol, compiled here with loom's atomics: in every interleaving a reader gets one whole
//! value, versions never go back, and words that follow the protocol are never called damaged.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use loom::sync::atomic::{fence, AtomicU64, Ordering};
}

#[path = "../src/state/latest.rs"]
#[allow(dead_code)]
mod latest;

use latest::{slot_words, Cell, Unread, LINE};
use loom::sync::{Arc, Mutex};
use loom::thread;
use prim::{AtomicU64, Ordering};

/// Two words of value, so that it can tear.
const BYTES: usize = 16;
const SLOT: usize = LINE;

struct Model {
    words: Vec<AtomicU64>,
    /// The writer's mutex.
    lock: Mutex<()>,
}

impl Model {
    /// A cell that holds version 1.
    fn new(slots: usize) -> Arc<Model> {
        assert_eq!(slot_words(BYTES), Some(SLOT));
        let words = (0..LINE + slots * SLOT).map(|_| AtomicU64::new(0)).collect();
        let model = Model { words, lock: Mutex::new(()) };
        assert_eq!(model.cell().publish(&value(1)), 1);
        Arc::new(model)
    }

    fn cell(&self) -> Cell<'_> {
        Cell::new(&self.words, SLOT)
    }

    fn publish(&self) -> u64 {
        let _guard = self.lock.lock().unwrap();
        let next = self.cell().version() + 1;
        assert_eq!(self.cell().publish(&value(next)), next);
        next
    }

    /// What a writer leaves that is killed in the midst: after `steps` of its stores.
    fn publish_and_die(&self, steps: usize) {
        let _guard = self.lock.lock().unwrap();
        let version = self.cell().version() + 1;
        let slots = (self.words.len() - LINE) / SLOT;
        let at = LINE + version as usize % slots * SLOT;
        let stores = [(at, version | 1 << 63), (at + 1, 99), (at + 2, 98), (at, version)];
        for (place, stored) in stores.into_iter().take(steps) {
            self.words[place].store(stored, Ordering::Release);
        }
    }

    fn read(&self) -> u64 {
        let mut bytes = [0; BYTES];
        let version = self.cell().read(&mut bytes).expect("nobody broke the protocol");
        assert_eq!(bytes, value(version), "torn");
        version
    }
}

fn value(version: u64) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    bytes[..8].copy_from_slice(&version.to_ne_bytes());
    bytes[8..].copy_from_slice(&(version * 3).to_ne_bytes());
    bytes
}

fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

/// With two slots the second publication already laps a reader.
#[test]
fn a_read_is_never_torn_and_versions_never_go_back() {
    check(3, || {
        let model = Model::new(2);
        let writer = {
            let model = model.clone();
            thread::spawn(move || {
                model.publish();
                model.publish();
            })
        };
        let first = model.read();
        assert!(model.cell().version() >= first);
        assert!(model.read() >= first);
        writer.join().unwrap();
        assert_eq!(model.read(), 3);
    });
}

#[test]
fn two_writers_take_turns_and_lap_a_reader() {
    check(2, || {
        let model = Model::new(2);
        let writers = [0, 1].map(|_| {
            let model = model.clone();
            thread::spawn(move || model.publish())
        });
        model.read();
        let mut versions = writers.map(|writer| writer.join().unwrap());
        versions.sort();
        assert_eq!(versions, [2, 3]);
    });
}

#[test]
fn a_writer_that_dies_in_the_midst_holds_nobody_up() {
    for steps in 0..=4 {
        check(2, move || {
            let model = Model::new(3);
            let writer = {
                let model = model.clone();
                thread::spawn(move || {
                    model.publish_and_die(steps);
                    model.publish()
                })
            };
            assert!([1, 2].contains(&model.read()));
            assert_eq!(writer.join().unwrap(), 2);
            assert_eq!(model.read(), 2);
        });
    }
}

#[test]
fn words_that_contradict_each_other_are_damage_and_no_endless_loop() {
    check(1, || {
        let model = Model::new(3);
        model.words[0].store(7, Ordering::Relaxed);
        assert_eq!(model.cell().read(&mut [0; BYTES]), Err(Unread::Damaged));
    });
}
