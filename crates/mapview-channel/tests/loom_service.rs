//! The slot of a call, compiled here with loom's atomics and driven through every interleaving that C11 allows: one server takes a call,
//! and nobody writes a request or a reply that somebody reads, whoever cancels, dies and tries again.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    use loom::sync::atomic::AtomicU64 as Word;
    pub(crate) use loom::sync::atomic::Ordering;

    /// Loom takes a plain store and a successful exchange that read what was there before for unordered, and then one may see either
    /// last. A word has one order of stores; exchanges have it in loom too.
    pub(crate) struct AtomicU64(Word);

    impl AtomicU64 {
        pub(crate) fn new(value: u64) -> AtomicU64 {
            AtomicU64(Word::new(value))
        }

        pub(crate) fn load(&self, order: Ordering) -> u64 {
            self.0.load(order)
        }

        pub(crate) fn store(&self, value: u64, order: Ordering) {
            self.0.swap(value, order);
        }

        pub(crate) fn compare_exchange(
            &self,
            from: u64,
            to: u64,
            order: Ordering,
            failed: Ordering,
        ) -> Result<u64, u64> {
            self.0.compare_exchange(from, to, order, failed)
        }
    }
}

#[path = "../src/service/state.rs"]
#[allow(dead_code)]
mod state;

#[path = "../src/service/slot.rs"]
#[allow(dead_code)]
mod slot;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use prim::AtomicU64;
use slot::{Slot, Taken, Withdrawn};
use state::{Stage, State};

struct Model {
    state: AtomicU64,
    request: AtomicU64,
    /// What the client writes, and what the server answers: its own tag and the request.
    asked: UnsafeCell<u32>,
    answer: UnsafeCell<(u32, u32)>,
}

impl Model {
    fn new() -> Arc<Model> {
        let [state, request] = [0, 0].map(AtomicU64::new);
        let (asked, answer) = (UnsafeCell::new(0), UnsafeCell::new((0, 0)));
        Arc::new(Model { state, request, asked, answer })
    }

    fn slot(&self) -> Slot<'_> {
        Slot { state: &self.state, request: &self.request }
    }

    /// By the client.
    fn ask(&self, number: u32) {
        // SAFETY: loom checks that nobody else touches the cell meanwhile.
        self.asked.with_mut(|asked| unsafe { *asked = number });
        self.slot().offer(number, number * 10, 0);
    }

    /// By a server: takes a call if there is one.
    fn take(&self, tag: u32) -> Option<Taken> {
        let taken = self.slot().take(self.slot().look(), tag)?;
        // SAFETY: loom checks that nobody writes the cell meanwhile.
        let asked = self.asked.with(|asked| unsafe { *asked });
        assert_eq!((taken.len, taken.state.number()), (asked * 10, asked), "of another call");
        Some(taken)
    }

    fn answer(&self, taken: Taken, tag: u32) {
        // SAFETY: loom checks that nobody else touches the cell meanwhile.
        self.answer.with_mut(|answer| unsafe { *answer = (tag, taken.state.number()) });
        self.slot().finish(taken.state, false);
    }

    fn serve(&self, tag: u32) -> bool {
        let taken = self.take(tag);
        taken.map(|taken| self.answer(taken, tag)).is_some()
    }

    /// By the client, of a call that is done: who answered.
    fn answered(&self, number: u32) -> u32 {
        // SAFETY: loom checks that nobody writes the cell meanwhile.
        let (tag, answered) = self.answer.with(|answer| unsafe { *answer });
        assert_eq!(answered, number, "the answer to another call");
        assert_eq!(self.slot().look().tag(), tag, "the answer of another server");
        tag
    }

    fn stage(&self) -> Option<Stage> {
        self.slot().look().stage()
    }
}

fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(if cfg!(debug_assertions) { 1 } else { preemptions });
    builder.check(model);
}

fn server(model: &Arc<Model>, tag: u32) -> thread::JoinHandle<bool> {
    let model = model.clone();
    thread::spawn(move || model.serve(tag))
}

#[test]
fn one_of_two_servers_takes_a_call_and_answers_it() {
    check(3, || {
        let model = Model::new();
        let servers = [7, 8].map(|tag| server(&model, tag));
        model.ask(1);
        if model.stage() == Some(Stage::Done) {
            model.answered(1);
        }
        let served = servers.map(|server| server.join().unwrap());
        assert!(!(served[0] && served[1]), "two took one call");
        if served[0] || served[1] {
            assert_eq!(model.answered(1), if served[0] { 7 } else { 8 });
        } else {
            assert_eq!(model.stage(), Some(Stage::Ready));
        }
    });
}

#[test]
fn a_call_that_is_withdrawn_makes_room_for_the_next() {
    check(3, || {
        let model = Model::new();
        model.ask(1);
        let servers = [7, 8].map(|tag| server(&model, tag));
        match model.slot().withdraw(|| true) {
            Withdrawn::Free => {}
            Withdrawn::With(tag) => {
                assert!([7, 8].contains(&tag));
                let served = servers.map(|server| server.join().unwrap());
                assert!(served[0] || served[1]);
                assert!(model.slot().look().is_free(), "its server was done with it");
                return;
            }
        }
        model.ask(2);
        let served = servers.map(|server| server.join().unwrap());
        match model.stage() {
            Some(Stage::Done) => assert!(
                model.answered(2) == if served[0] { 7 } else { 8 } || served == [true, true]
            ),
            Some(Stage::Ready) => assert!(served != [true, true]),
            stage => panic!("{stage:?}"),
        }
    });
}

#[test]
fn the_call_of_a_dead_server_goes_to_the_next_who_is_told() {
    check(3, || {
        let model = Model::new();
        model.ask(1);
        let dead = model.take(6).unwrap(); // and is killed
        let servers = [7, 8].map(|tag| {
            let model = model.clone();
            thread::spawn(move || {
                let taken = model.take(tag);
                taken.map(|taken| {
                    assert!(taken.state.redelivered(), "it was not told");
                    model.answer(taken, tag);
                })
            })
        });
        let ready: Option<State> = model.slot().retry(dead.state, 1, 10, 0);
        assert!(ready.is_some());
        let served = servers.map(|server| server.join().unwrap().is_some());
        assert!(!(served[0] && served[1]), "two took one call");
        if served[0] || served[1] {
            model.answered(1);
        }
    });
}

#[test]
fn the_slot_of_a_dead_client_is_withdrawn_by_several_and_freed_once() {
    check(3, || {
        let model = Model::new();
        model.ask(1); // and the client is killed
        let server = server(&model, 7);
        let burier = {
            let model = model.clone();
            thread::spawn(move || model.slot().withdraw(|| true))
        };
        let mine = model.slot().withdraw(|| true);
        let theirs = burier.join().unwrap();
        let served = server.join().unwrap();
        for withdrawn in [mine, theirs] {
            assert!(withdrawn == Withdrawn::Free || (served && withdrawn == Withdrawn::With(7)));
        }
        let left = model.slot().look();
        assert!(left.is_free(), "{left:?}, {mine:?}, {theirs:?}, {served}");
    });
}
