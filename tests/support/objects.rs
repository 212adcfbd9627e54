//! Semaphores and auto-reset events for loom: what `sys/linux/{signal,wait,claim}.rs` do around their words, on the model
//! of the kernel. `all.rs` beside this file has the waits for all.

use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

use crate::count::{self, Bed, Look, Released};
use crate::decision::{self, Decision, NUMBER_BITS};
use crate::kernel::{pause, Kernel, On, Woken, ALL};
use crate::parts::listens;
use crate::prim::{AtomicU64, Ordering};

pub const A: usize = 0;
pub const B: usize = 1;
pub const FIRST: usize = 1;
pub const SECOND: usize = 2;

/// Where somebody who signals is killed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Killed {
    Never,
    /// Between changing the word and waking.
    BeforeTheWake,
    /// After waking, before telling the word of it.
    AfterTheWake,
    /// After taking the sleepers' flag away, before waking those who came in between.
    BeforeTheLastWake,
}

pub struct Objects {
    pub words: [AtomicU64; 2],
    /// Of each process that attempts to take all.
    pub decisions: [AtomicU64; 2],
    pub most: u32,
    pub kernel: Kernel,
    /// Whether those who need an answer wait for it as long as it takes; else their patience ends at once.
    pub patient: bool,
}

/// What a thread has announced to the kernel.
#[derive(Clone, Copy)]
pub enum Announced {
    Object(usize),
    Bell,
}

impl Objects {
    pub fn new(counts: [u32; 2], most: u32) -> Objects {
        let words = counts.map(|count| AtomicU64::new(count::initial(count)));
        let decisions = [0, 0].map(AtomicU64::new);
        Objects { words, decisions, most, kernel: Kernel::default(), patient: true }
    }

    pub fn now(&self, at: usize) -> u64 {
        self.words[at].load(Ordering::Acquire)
    }

    /// A thread ends.
    pub fn end(&self, announced: Announced) {
        match announced {
            Announced::Object(at) => self.kernel.end(&self.words[at]),
            Announced::Bell => self.kernel.ring(FIRST, 1),
        }
    }

    /// `signal::give`. Returns whether there was room.
    fn give(&self, at: usize, signal: impl Fn(&AtomicU64) -> Released, killed: Killed) -> bool {
        let word = &self.words[at];
        loop {
            match signal(word) {
                Released::Done { .. } if killed == Killed::BeforeTheWake => break,
                Released::Done { wake: 0, .. } => return true,
                Released::Done { wake, .. } => {
                    let found = self.kernel.wake(word, wake);
                    if killed == Killed::AfterTheWake {
                        break;
                    }
                    if count::woke(word, wake, found, self.most) {
                        if killed == Killed::BeforeTheLastWake {
                            break;
                        }
                        self.kernel.wake(word, ALL);
                    }
                    return true;
                }
                Released::Full => return false,
                Released::Unsettled if self.patient => pause(),
                Released::Unsettled => {
                    if count::unkeep(word, u32::MAX, self.most) {
                        self.kernel.wake(word, ALL);
                    }
                }
                Released::Claimed(claim) => self.resolve(at, claim),
            }
        }
        self.end(Announced::Object(at));
        true
    }

    pub fn release(&self, at: usize, add: u32, killed: Killed) -> bool {
        self.give(at, |word| count::release(word, add, self.most), killed)
    }

    pub fn set(&self, at: usize, killed: Killed) {
        self.give(at, count::set, killed);
    }

    /// `signal::pulse`. Returns how many it found.
    pub fn pulse(&self, at: usize) -> u32 {
        let word = &self.words[at];
        let Released::Done { wake, .. } = count::pulse(word) else { panic!("nobody claims it") };
        if wake == 0 {
            return 0;
        }
        let found = self.kernel.wake(word, 1);
        if count::pulsed(word, found) {
            self.kernel.wake(word, ALL);
        }
        found
    }

    /// `claim::resolve`, with no patience.
    pub fn resolve(&self, at: usize, claim: u32) {
        let decision = &self.decisions[(claim >> NUMBER_BITS & 1) as usize];
        let outcome = decision::call_off(decision, claim & ((1 << NUMBER_BITS) - 1));
        self.settle(at, claim, outcome == Decision::Committed);
    }

    /// `claim::settle`.
    pub fn settle(&self, at: usize, claim: u32, taken: bool) {
        if count::settle(&self.words[at], claim, taken) {
            self.kernel.wake(&self.words[at], 1);
        }
    }

    /// A look at an object, after what became of a claim on it.
    pub fn look(&self, at: usize, served: bool) -> Look {
        loop {
            match count::look(self.now(at), served) {
                Look::Claimed(claim) => self.resolve(at, claim),
                look => return look,
            }
        }
    }

    /// Takes one, if there is one.
    pub fn take(&self, at: usize, served: bool) -> Look {
        loop {
            let (look, wake) = count::take(&self.words[at], served);
            if wake {
                self.kernel.wake(&self.words[at], 1);
            }
            match look {
                Look::Claimed(claim) => self.resolve(at, claim),
                look => return look,
            }
        }
    }

    /// `wait::any`: waits for one of the objects, in their order. Returns which it took; `None` when its time was over.
    pub fn wait(&self, me: u32, wanted: &[usize]) -> Option<usize> {
        let (mut served, mut slept) = (false, false);
        let got = loop {
            let ready = |at: &usize| self.take(*at, served) == Look::Ready;
            if let Some(got) = wanted.iter().copied().find(ready) {
                break Some(got);
            }
            if self.kernel.is_expired(me) {
                let unsettled = |at: &usize| self.look(*at, served) == Look::Unsettled;
                if served || !wanted.iter().any(unsettled) {
                    break None;
                }
                served = true; // it has waited long enough
                continue;
            }
            let many = wanted.len() > 1;
            let Some((mut beds, brief)) = self.lie_down(wanted, served, many) else { continue };
            self.listen(&mut beds, many);
            match self.sleep(me, &beds, wanted.len(), brief) {
                Woken::ByWake(_) => (served, slept) = (true, true),
                Woken::TimedOut => served = brief,
                Woken::LookAgain => {}
            }
        };
        if slept {
            wanted.iter().filter(|at| got != Some(**at)).for_each(|at| self.pass_on(*at));
        }
        got
    }

    /// `Wait::lie_down`.
    pub fn lie_down(&self, at: &[usize], served: bool, many: bool) -> Option<(Vec<On<'_>>, bool)> {
        let (mut beds, mut brief) = (Vec::new(), false);
        for at in at {
            let word = &self.words[*at];
            let (bed, call) = count::lie_down(word, served, many);
            if call {
                self.kernel.wake(word, ALL);
            }
            let (low, short) = match bed {
                Bed::LookAgain => return None,
                Bed::Sleep(low) => (low, false),
                Bed::SleepBriefly(low) => (low, true),
            };
            brief |= short;
            beds.push(On::Word(word, low));
        }
        Some((beds, brief))
    }

    /// `Sleeping::listen`. Returns whether it does.
    pub fn listen(&self, beds: &mut Vec<On<'_>>, many: bool) -> bool {
        let listening = many || matches!(beds[..], [On::Word(_, low)] if listens(low));
        if listening {
            beds.extend([On::Bell(FIRST), On::Bell(SECOND)]);
        }
        listening
    }

    /// Sleeps, and rings the second bell if the first has woken it.
    pub fn sleep(&self, me: u32, beds: &[On<'_>], objects: usize, brief: bool) -> Woken {
        let woken = if brief { self.kernel.nap(me, beds) } else { self.kernel.sleep(me, beds) };
        if woken == Woken::ByWake(objects) {
            self.kernel.ring(SECOND, ALL);
        }
        woken
    }

    /// `signal::pass_on`.
    pub fn pass_on(&self, at: usize) {
        let word = &self.words[at];
        if count::is_owed(word.load(Ordering::Relaxed))
            && self.kernel.wake(word, 1) == 0
            && count::unkeep(word, 1, self.most)
        {
            self.kernel.wake(word, ALL);
        }
    }

    /// Lies down and is killed as soon as it runs again, whatever it was woken for.
    pub fn sleep_and_be_killed(&self, me: u32, wanted: &[usize]) {
        let many = wanted.len() > 1;
        let Some((mut beds, brief)) = self.lie_down(wanted, false, many) else { return };
        let listening = self.listen(&mut beds, many);
        if brief {
            self.kernel.nap(me, &beds);
        } else {
            self.kernel.sleep(me, &beds);
        }
        self.end(if listening { Announced::Bell } else { Announced::Object(wanted[0]) });
    }

    /// What everybody, and then who comes and sleeps a little, still finds.
    pub fn left(&self, at: usize) -> (u32, u32) {
        let takes = |served| {
            let mut taken = 0;
            while self.take(at, served) == Look::Ready {
                taken += 1;
            }
            taken
        };
        (takes(false), takes(true))
    }
}

/// A thread that waits for one of these.
pub fn sleeper(
    objects: &Arc<Objects>,
    me: u32,
    wanted: &'static [usize],
) -> JoinHandle<Option<usize>> {
    let objects = objects.clone();
    thread::spawn(move || objects.wait(me, wanted))
}

/// A thread that does this.
pub fn beside<T: 'static>(
    objects: &Arc<Objects>,
    run: impl FnOnce(&Objects) -> T + 'static,
) -> JoinHandle<T> {
    let objects = objects.clone();
    thread::spawn(move || run(&objects))
}
