//! A model of the kernel's futexes for loom, and of what the kernel does for a thread that ends. Each file that uses it
//! compiles `src/state` with loom's atomics as `crate::prim`.

use loom::sync::atomic::fence;
use loom::sync::{Condvar, Mutex};
use loom::thread;

use crate::prim::{AtomicU64, Ordering};

pub const ALL: u32 = u32::MAX >> 1;
/// Where the kernel looks for the owner: a wake is passed on only while nothing stands there.
const OWNER: u64 = 0x3FFF_FFFF;
const OWNER_DIED: u64 = 1 << 30;
const WAITERS: u64 = 1 << 31;

/// How a sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// By a wake that counted this sleeper, on the word with this index, or on one before it too.
    ByWake(usize),
    LookAgain,
    TimedOut,
}

/// What somebody sleeps on.
#[derive(Clone, Copy)]
pub enum On<'a> {
    /// While its low half is this.
    Word(&'a AtomicU64, u32),
    /// A word to which nobody writes.
    Bell(usize),
}

impl On<'_> {
    fn address(self) -> usize {
        match self {
            On::Word(word, _) => address(word),
            On::Bell(bell) => bell,
        }
    }
}

/// The sleepers of all words.
#[derive(Default)]
pub struct Kernel {
    state: Mutex<State>,
    changed: Condvar,
    /// Who came last is woken first, as one with a higher priority is.
    pub last_first: bool,
}

#[derive(Default)]
struct State {
    /// In the order in which they came: thread, index, word.
    queue: Vec<(u32, usize, usize)>,
    woken: Vec<(u32, usize)>,
    /// Whose time is over, asleep or not.
    expired: Vec<u32>,
}

impl State {
    /// As the kernel does when the thread runs again: takes it out of all queues, and finds the last of its wakes.
    fn get_up(&mut self, me: u32) -> Option<usize> {
        self.queue.retain(|sleeper| sleeper.0 != me);
        let last = self.woken.iter().filter(|woken| woken.0 == me).map(|woken| woken.1).max();
        self.woken.retain(|woken| woken.0 != me);
        last
    }
}

fn address(word: &AtomicU64) -> usize {
    std::ptr::from_ref(word).addr()
}

/// At all words at one instant, which the kernel does one by one; who is woken in between is as if woken at once.
fn lie_down(state: &mut State, me: u32, words: &[On<'_>]) -> Option<Woken> {
    fence(Ordering::SeqCst); // as in the kernel, before it looks at a word
    for (index, on) in words.iter().enumerate() {
        if let On::Word(word, expected) = on {
            if word.load(Ordering::Relaxed) as u32 != *expected {
                state.get_up(me);
                return Some(Woken::LookAgain);
            }
        }
        state.queue.push((me, index, on.address()));
    }
    None
}

impl Kernel {
    /// `futex_waitv`: sleeps while the low half of each word is as expected.
    pub fn sleep(&self, me: u32, words: &[On<'_>]) -> Woken {
        let mut state = self.state.lock().unwrap();
        if let Some(woken) = lie_down(&mut state, me, words) {
            return woken;
        }
        loop {
            let timed_out = state.expired.contains(&me);
            if timed_out || state.woken.iter().any(|woken| woken.0 == me) {
                return state.get_up(me).map_or(Woken::TimedOut, Woken::ByWake);
            }
            state = self.changed.wait(state).unwrap();
        }
    }

    /// The same for a time that may be over at any moment.
    pub fn nap(&self, me: u32, words: &[On<'_>]) -> Woken {
        if let Some(woken) = lie_down(&mut self.state.lock().unwrap(), me, words) {
            return woken;
        }
        self.state.lock().unwrap().get_up(me).map_or(Woken::TimedOut, Woken::ByWake)
    }

    /// `FUTEX_WAKE`. A thread that sleeps on several words stays in the other queues until it runs.
    pub fn wake(&self, word: &AtomicU64, most: u32) -> u32 {
        self.wake_at(address(word), most)
    }

    pub fn ring(&self, bell: usize, most: u32) {
        self.wake_at(bell, most);
    }

    fn wake_at(&self, address: usize, most: u32) -> u32 {
        let mut state = self.state.lock().unwrap();
        let mut found = 0;
        while found < most {
            let sleeps_there = |sleeper: &(u32, usize, usize)| sleeper.2 == address;
            let at = match self.last_first {
                true => state.queue.iter().rposition(sleeps_there),
                false => state.queue.iter().position(sleeps_there),
            };
            let Some(at) = at else { break };
            let (who, index, _) = state.queue.remove(at);
            state.woken.push((who, index));
            found += 1;
        }
        if found > 0 {
            self.changed.notify_all();
        }
        found
    }

    /// From now on, this thread's sleeps are over in time.
    pub fn expire(&self, who: u32) {
        self.state.lock().unwrap().expired.push(who);
        self.changed.notify_all();
    }

    pub fn is_expired(&self, who: u32) -> bool {
        self.state.lock().unwrap().expired.contains(&who)
    }

    /// A thread ends that had announced this word.
    pub fn end(&self, word: &AtomicU64) {
        if word.load(Ordering::SeqCst) & OWNER == 0 {
            self.wake(word, 1);
        }
    }

    /// A thread ends that has this mutex in its list, or had announced it.
    pub fn end_owner(&self, word: &AtomicU64, me: u32) {
        let mut seen = word.load(Ordering::SeqCst);
        while seen & OWNER == u64::from(me) {
            let next = seen >> 32 << 32 | seen & WAITERS | OWNER_DIED;
            match word.compare_exchange(seen, next, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) if seen & WAITERS != 0 => {
                    self.wake(word, 1);
                    return;
                }
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }
}

/// Runs `model` in every interleaving with at most so many preemptions; with one, where it is not optimised and would
/// take minutes.
pub fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(if cfg!(debug_assertions) { 1 } else { preemptions });
    builder.check(model);
}

/// Lets another thread run first.
pub fn pause() {
    thread::yield_now();
}
