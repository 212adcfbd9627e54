//! The state machine of manual-reset events in every interleaving, with a model of the kernel's futex: whoever waits when
//! the event is set goes on, whatever happens to the event and to the one who set it afterwards (loom reports a deadlock).
//! What surrounds the word is as in `sys/linux/signal.rs` and `sys/linux/wait.rs`.

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

#[path = "../src/state/manual.rs"]
#[allow(dead_code)]
mod manual;

#[path = "support/kernel.rs"]
#[allow(dead_code)]
mod kernel;

use count::Bed;
use kernel::{check, Kernel, On, ALL};
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};
use prim::{AtomicU64, Ordering};

struct Event {
    word: AtomicU64,
    kernel: Kernel,
}

impl Event {
    fn new() -> Arc<Event> {
        Arc::new(Event { word: AtomicU64::new(manual::initial(false)), kernel: Kernel::default() })
    }

    fn now(&self) -> u64 {
        self.word.load(Ordering::Acquire)
    }

    fn set(&self) {
        if let Some(seen) = manual::set(&self.word) {
            self.kernel.wake(&self.word, ALL);
            manual::woke(&self.word, seen);
        }
    }

    /// Sets it, and is killed before the wake.
    fn set_and_be_killed(&self) {
        manual::set(&self.word);
        self.kernel.end(&self.word);
    }

    fn pulse(&self) {
        if manual::pulse(&self.word).1 {
            self.kernel.wake(&self.word, ALL);
        }
    }

    /// `wait::any` for one who began to wait when `noted` was right.
    fn wait(&self, me: u32, noted: u32) {
        while !manual::lets_through(self.now(), noted) {
            if let Bed::Sleep(low) = manual::lie_down(&self.word, noted) {
                self.kernel.sleep(me, &[On::Word(&self.word, low)]);
            }
        }
        self.help();
    }

    /// `signal::help`.
    fn help(&self) {
        let seen = self.word.load(Ordering::Relaxed);
        if manual::must_help(seen) {
            self.kernel.wake(&self.word, ALL);
            manual::woke(&self.word, seen);
        }
    }
}

/// Somebody who waits from now on.
fn waiter(event: &Arc<Event>, me: u32) -> JoinHandle<()> {
    let (event, noted) = (event.clone(), manual::times(event.now()));
    thread::spawn(move || event.wait(me, noted))
}

fn join(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn all_who_wait_go_on_when_it_is_set_though_it_is_reset_at_once() {
    check(2, || {
        let event = Event::new();
        let waiters = [1, 2].map(|me| waiter(&event, me));
        event.set();
        manual::reset(&event.word);
        join(waiters);
        assert!(!manual::is_set(event.now()));
    });
}

#[test]
fn who_resets_takes_nothing_from_those_that_another_lets_through() {
    check(3, || {
        let event = Event::new();
        let waiter = waiter(&event, 1);
        let other = event.clone();
        let other = thread::spawn(move || other.set());
        manual::reset(&event.word);
        join([waiter, other]);
    });
}

#[test]
fn a_waiter_who_comes_after_the_reset_is_not_forgotten() {
    check(2, || {
        let event = Event::new();
        // As if somebody lay down before and has left.
        manual::lie_down(&event.word, 0);
        let other = event.clone();
        let other = thread::spawn(move || other.set());
        manual::reset(&event.word);
        let late = waiter(&event, 1);
        join([other]);
        event.set();
        join([late]);
    });
}

#[test]
fn those_whom_a_killed_setter_did_not_wake_are_woken_by_the_first() {
    check(3, || {
        let event = Event::new();
        let waiters = [1, 2].map(|me| waiter(&event, me));
        event.set_and_be_killed();
        join(waiters);
        assert!(manual::is_set(event.now()));
    });
}

#[test]
fn a_killed_setter_whose_event_is_reset_has_let_everybody_through() {
    check(3, || {
        let event = Event::new();
        let waiters = [1, 2].map(|me| waiter(&event, me));
        event.set_and_be_killed();
        manual::reset(&event.word);
        join(waiters);
    });
}

#[test]
fn a_waiter_who_is_killed_in_the_middle_of_helping_passes_that_on() {
    check(2, || {
        let event = Event::new();
        let waiters = [1].map(|me| waiter(&event, me));
        let noted = manual::times(event.now());
        let killed = event.clone();
        let killed = thread::spawn(move || {
            if let Bed::Sleep(low) = manual::lie_down(&killed.word, noted) {
                killed.kernel.sleep(3, &[On::Word(&killed.word, low)]);
            }
            killed.kernel.end(&killed.word);
        });
        event.set_and_be_killed();
        join(waiters);
        join([killed]);
    });
}

#[test]
fn a_pulse_lets_everybody_through_who_waits() {
    check(3, || {
        let event = Event::new();
        let waiters = [1, 2].map(|me| waiter(&event, me));
        event.pulse();
        join(waiters);
        assert!(!manual::is_set(event.now()));
    });
}

#[test]
fn a_killed_pulser_has_let_everybody_through() {
    check(3, || {
        let event = Event::new();
        let waiters = [1, 2].map(|me| waiter(&event, me));
        manual::pulse(&event.word);
        event.kernel.end(&event.word);
        join(waiters);
    });
}
