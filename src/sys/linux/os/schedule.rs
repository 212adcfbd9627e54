//! Runs a few actors so that exactly one moves at a time, and goes through all schedules with a bounded number of
//! preemptions. An actor is a thread that behaves as a process: open-file-description locks and presences are its own.
//! Actors switch between system calls, and one may be killed there, which unwinds it and closes what it has open.

#![allow(unsafe_code)]

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};

/// Locked by tests that start a program: until it runs, it has copies of all descriptors, and keeps the locks of actors
/// that were killed.
pub(in super::super) static STARTING: RwLock<()> = RwLock::new(());

/// What unwinds a killed actor.
struct Killed;

#[derive(Default)]
struct State {
    /// Choices to take, then those taken: (chosen, how many there were).
    plan: Vec<usize>,
    taken: Vec<(usize, usize)>,
    preemptions: usize,
    /// Whose move it is; the alive actors; those that wait for somebody else to move.
    turn: usize,
    alive: Vec<usize>,
    paused: Vec<usize>,
    /// Kill this actor at its step with this number.
    kill: Option<(usize, usize)>,
    steps: Vec<usize>,
}

#[derive(Default)]
struct Scheduler {
    state: Mutex<State>,
    moved: Condvar,
}

thread_local! {
    static ACTOR: Cell<Option<(usize, *const Scheduler)>> = const { Cell::new(None) };
}

/// Preemptions per schedule: most mistakes need one or two. Three take ten times as long.
const MOST_PREEMPTIONS: usize = 2;

/// How many steps a schedule may have before it counts as a hang.
const MOST_STEPS: usize = 5_000;

pub(super) fn step() {
    with_actor(|me, scheduler| scheduler.step(me, false));
}

/// Whether an actor paused, which is not a matter of time then.
pub(super) fn pause() -> bool {
    with_actor(|me, scheduler| scheduler.step(me, true))
}

fn with_actor(act: impl FnOnce(usize, &Scheduler)) -> bool {
    let Some((me, scheduler)) = ACTOR.get() else { return false };
    if !std::thread::panicking() {
        // SAFETY: `explore` keeps the scheduler alive until all actors have ended.
        act(me, unsafe { &*scheduler });
    }
    true
}

impl Scheduler {
    fn step(&self, me: usize, paused: bool) {
        let mut state = self.state.lock().unwrap();
        state.steps[me] += 1;
        assert!(state.steps.iter().sum::<usize>() < MOST_STEPS, "the schedule does not end");
        if state.kill == Some((me, state.steps[me])) {
            drop(state);
            std::panic::resume_unwind(Box::new(Killed));
        }
        if paused {
            state.paused.push(me);
        } else {
            state.paused.clear(); // somebody moved, so a look may find something new
        }
        state.choose(me);
        self.moved.notify_all();
        while state.turn != me {
            state = self.moved.wait(state).unwrap();
        }
    }

    fn leave(&self, me: usize) {
        let mut state = self.state.lock().unwrap();
        state.alive.retain(|&actor| actor != me);
        state.paused.clear();
        if !state.alive.is_empty() {
            state.choose(me);
        }
        self.moved.notify_all();
    }
}

impl State {
    /// Decides whose move is next: the same actor first, then the others.
    fn choose(&mut self, me: usize) {
        let mut options: Vec<usize> =
            self.alive.iter().copied().filter(|actor| !self.paused.contains(actor)).collect();
        if options.is_empty() {
            self.paused.clear();
            options = self.alive.clone();
        }
        // Round robin, so that two who wait for the third do not call on each other for ever.
        let count = self.steps.len();
        options.sort_by_key(|&actor| (actor + count - me) % count);
        let own = options.first() == Some(&me);
        // Who waits calls on the others in turn: choosing there too would have no end.
        if self.paused.contains(&me) || own && self.preemptions == MOST_PREEMPTIONS {
            options.truncate(1);
        }
        let choice = self.plan.get(self.taken.len()).copied().unwrap_or(0);
        self.taken.push((choice, options.len()));
        self.preemptions += usize::from(own && choice != 0);
        self.turn = options[choice];
    }
}

pub(in super::super) type Actor = Box<dyn FnOnce() + Send>;

/// Calls `run` once for every schedule of the actors it returns, with the actor `victim` killed at every one of its steps
/// if there is a victim. `check` is called after each run, and told whether the victim was killed. Returns the number of
/// runs.
pub(in super::super) fn explore(
    victim: Option<usize>,
    mut run: impl FnMut() -> (Vec<Actor>, Box<dyn FnOnce(bool)>),
) -> usize {
    let mut runs = 0;
    for kill_at in 1.. {
        let mut plan = Vec::new();
        let mut reached = false;
        loop {
            let _alone = STARTING.read().unwrap_or_else(PoisonError::into_inner);
            let (actors, check) = run();
            let kill = victim.map(|victim| (victim, kill_at));
            let (taken, killed) = play(actors, std::mem::take(&mut plan), kill);
            reached |= killed;
            check(killed);
            runs += 1;
            // The next schedule: the last choice that has an alternative takes it.
            let Some(last) = taken.iter().rposition(|&(choice, options)| choice + 1 < options)
            else {
                break;
            };
            plan = taken[..last].iter().map(|&(choice, _)| choice).collect();
            plan.push(taken[last].0 + 1);
        }
        if !reached {
            return runs;
        }
    }
    runs
}

fn play(
    actors: Vec<Actor>,
    plan: Vec<usize>,
    kill: Option<(usize, usize)>,
) -> (Vec<(usize, usize)>, bool) {
    let count = actors.len();
    let state = State {
        plan,
        kill,
        alive: (0..count).collect(),
        steps: vec![0; count],
        ..State::default()
    };
    let scheduler = Arc::new(Scheduler { state: Mutex::new(state), moved: Condvar::new() });
    let mut killed = false;
    std::thread::scope(|scope| {
        let threads: Vec<_> = actors
            .into_iter()
            .enumerate()
            .map(|(me, actor)| {
                let scheduler = scheduler.clone();
                scope.spawn(move || {
                    ACTOR.set(Some((me, Arc::as_ptr(&scheduler))));
                    let mut state = scheduler.state.lock().unwrap();
                    while state.turn != me {
                        state = scheduler.moved.wait(state).unwrap();
                    }
                    drop(state);
                    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(actor));
                    scheduler.leave(me);
                    ended
                })
            })
            .collect();
        for thread in threads {
            match thread.join().expect("the actor's panic was caught") {
                Ok(()) => {}
                Err(panic) if panic.is::<Killed>() => killed = true,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    let taken = std::mem::take(&mut scheduler.state.lock().unwrap().taken);
    (taken, killed)
}
