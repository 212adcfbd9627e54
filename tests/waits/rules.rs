//! The rules of Windows for waiting, as plainly as they can be said: one thread, and a queue of those who wait.
//!
//! Where Windows promises nothing, and Linux does otherwise than the kernel of Windows happens to do, a step has several
//! outcomes: who waits for all may be served before or after those that wait for one.

/// What an object is, and how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Auto {
        set: bool,
    },
    Manual {
        set: bool,
    },
    Semaphore {
        count: u32,
        most: u32,
    },
    Mutex,
    /// Becomes due at once, never, or what it was planned for before is called off.
    AutoTimer,
    ManualTimer,
}

/// How long a wait lasts at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    Now,
    AWhile,
    Forever,
}

/// One operation of one process.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sets, resets or pulses an event, releases a semaphore, unlocks a mutex, plans a timer: what fits, by the number.
    Signal {
        object: usize,
        how: u32,
    },
    Any {
        objects: Vec<usize>,
        patience: Patience,
    },
    All {
        objects: Vec<usize>,
        patience: Patience,
    },
    SignalAndWait {
        signal: usize,
        wait: usize,
        patience: Patience,
    },
    Die,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Object {
    kind: Kind,
    /// 0 or 1 for an event.
    count: u32,
    owner: Option<(usize, u32)>,
    abandoned: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiter {
    who: usize,
    objects: Vec<usize>,
    all: bool,
}

/// What processes are told by one step, in no order.
pub type Told = Vec<(usize, Result<String, u32>)>;

/// The state of all objects and of those who wait, the longest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    objects: Vec<Object>,
    waiters: Vec<Waiter>,
    /// The queue is in order; it is not after one of several waiters died, and everybody had to look again.
    pub in_order: bool,
}

const WRONG_KIND: u32 = 6;
const NOT_OWNER: u32 = 288;
const TOO_MANY_POSTS: u32 = 298;

impl State {
    pub fn new(kinds: &[Kind]) -> State {
        let object = |kind: &Kind| {
            let count = match *kind {
                Kind::Auto { set } | Kind::Manual { set } => set.into(),
                Kind::Semaphore { count, .. } => count,
                Kind::Mutex | Kind::AutoTimer | Kind::ManualTimer => 0,
            };
            Object { kind: *kind, count, owner: None, abandoned: false }
        };
        let objects = kinds.iter().map(object).collect();
        // Who waits for a timer looks when it is planned anew: whoever is first gets it.
        let timers = kinds.contains(&Kind::AutoTimer) || kinds.contains(&Kind::ManualTimer);
        State { objects, waiters: Vec::new(), in_order: !timers }
    }

    /// Every way in which the step may go.
    pub fn step(&self, who: usize, step: &Step) -> Vec<(State, Told)> {
        match step {
            Step::Signal { object, how } => self.signal(who, *object, *how),
            Step::Any { objects, patience } => self.wait_any(who, objects, *patience),
            Step::All { objects, patience } => vec![self.wait(who, objects, true, *patience)],
            Step::SignalAndWait { signal, .. } if self.objects[*signal].is_timer() => {
                vec![(self.clone(), vec![(who, Err(WRONG_KIND))])]
            }
            Step::SignalAndWait { signal, wait, patience } => {
                let mut ways = Vec::new();
                // Setting, releasing one, unlocking.
                for (state, told) in self.signal(who, *signal, 0) {
                    let refused = told.iter().any(|(whom, what)| *whom == who && what.is_err());
                    if refused {
                        ways.push((state, told));
                        continue;
                    }
                    let (state, answer) = state.wait(who, &[*wait], false, *patience);
                    let told = told.into_iter().filter(|(whom, _)| *whom != who);
                    ways.push((state, told.chain(answer).collect()));
                }
                self.overtake(who, *signal, *wait, *patience, &mut ways);
                if signal == wait {
                    self.snatch(who, *signal, &mut ways);
                }
                ways
            }
            Step::Die => self.die(who),
        }
    }

    /// Who waits for all is not given anything, but looks when it is woken, and what it needs may be gone by then.
    fn overtake(
        &self,
        who: usize,
        signal: usize,
        wait: usize,
        patience: Patience,
        ways: &mut Vec<(State, Told)>,
    ) {
        let Some((next, _)) = self.signaled_only(who, signal) else { return };
        for (state, told) in next.served(signal, false) {
            let (state, answer) = state.wait(who, &[wait], false, patience);
            for (state, also) in state.served(signal, true) {
                ways.push((state, told.iter().chain(&answer).cloned().chain(also).collect()));
            }
        }
    }

    /// The object is signaled, and nobody served yet.
    fn signaled_only(&self, who: usize, object: usize) -> Option<(State, Told)> {
        let alone = State { waiters: Vec::new(), ..self.clone() };
        let (mut next, told) = alone.signal(who, object, 0).pop()?;
        next.waiters.clone_from(&self.waiters);
        told.iter().all(|(_, what)| what.is_ok()).then_some((next, told))
    }

    fn signal(&self, who: usize, object: usize, how: u32) -> Vec<(State, Told)> {
        let mut next = self.clone();
        let it = &mut next.objects[object];
        let refused = |code| vec![(self.clone(), vec![(who, Err(code))])];
        let mut answer = String::new();
        match it.kind {
            Kind::Auto { .. } | Kind::Manual { .. } => match how % 4 {
                0 | 1 => it.count = 1,
                2 => it.count = 0,
                _ if it.count == 1 => it.count = 0, // who could be let through does not wait
                _ => return self.pulse(who, object),
            },
            Kind::Semaphore { most, .. } => {
                let add = 1 + how % 3;
                if add > most - it.count {
                    return refused(TOO_MANY_POSTS);
                }
                answer = it.count.to_string();
                it.count += add;
            }
            Kind::AutoTimer | Kind::ManualTimer => match how % 4 {
                0 | 1 => it.count = 1,
                2 => it.count = 0,
                _ => {}
            },
            Kind::Mutex => match &mut it.owner {
                Some((owner, times)) if *owner == who => {
                    *times -= 1;
                    if *times == 0 {
                        it.owner = None;
                    }
                }
                _ => return refused(NOT_OWNER),
            },
        }
        let mut ways = next.served(object, true);
        ways.iter_mut().for_each(|(_, told)| told.push((who, Ok(answer.clone()))));
        ways
    }

    /// Who sleeps for what it has just signaled leaves it to those that slept before, but on Linux only for so long: they may
    /// be dead. On a busy machine that may be too short for the living.
    fn snatch(&self, who: usize, object: usize, ways: &mut Vec<(State, Told)>) {
        let Some((next, _)) = self.signaled_only(who, object) else { return };
        let (next, told) = next.wait(who, &[object], false, Patience::Now);
        for (state, also) in next.served(object, true) {
            ways.push((state, told.iter().cloned().chain(also).collect()));
        }
    }

    /// Takes the first that is there.
    fn wait_any(&self, who: usize, objects: &[usize], patience: Patience) -> Vec<(State, Told)> {
        vec![self.wait(who, objects, false, patience)]
    }

    /// An event that is not set is pulsed. On Linux those that wait for all do not hear of it.
    fn pulse(&self, who: usize, object: usize) -> Vec<(State, Told)> {
        let mut next = self.clone();
        next.objects[object].count = 1;
        let mut ways = next.served(object, true);
        ways.extend(next.served(object, false));
        ways.iter_mut().for_each(|(state, _)| state.objects[object].count = 0);
        ways.iter_mut().for_each(|(_, told)| told.push((who, Ok(String::new()))));
        ways
    }

    fn wait(&self, who: usize, objects: &[usize], all: bool, patience: Patience) -> (State, Told) {
        let mut next = self.clone();
        let waiter = Waiter { who, objects: objects.to_vec(), all };
        let told = if let Some(answer) = next.serve(&waiter) {
            vec![(who, Ok(answer))]
        } else if patience == Patience::Now {
            vec![(who, Ok("timeout".into()))]
        } else {
            next.in_order &= !next.is_disturbed_by(&waiter);
            if patience == Patience::Forever {
                next.waiters.push(waiter);
                Vec::new()
            } else {
                vec![(who, Ok("timeout".into()))]
            }
        };
        (next, told)
    }

    /// The first who waits for several makes those get up who sleep for one of them alone, and lie down again behind it.
    fn is_disturbed_by(&self, waiter: &Waiter) -> bool {
        let alone = |other: &Waiter| !other.all && other.objects.len() == 1;
        let several = waiter.all || waiter.objects.len() > 1;
        several
            && self
                .waiters
                .iter()
                .any(|other| alone(other) && waiter.objects.contains(&other.objects[0]))
    }

    /// The ends of a process: what it owned is abandoned, one mutex after the other in any order.
    fn die(&self, who: usize) -> Vec<(State, Told)> {
        let mut next = self.clone();
        if next.waiters.iter().any(|waiter| waiter.who == who) {
            next.in_order = false;
        }
        next.waiters.retain(|waiter| waiter.who != who);
        let mut ways = vec![(next, Vec::new())];
        loop {
            let mut further = Vec::new();
            let mut more = false;
            for (state, told) in ways {
                let owns = |object: &usize| {
                    state.objects[*object].owner.is_some_and(|(owner, _)| owner == who)
                };
                let owned: Vec<usize> = (0..state.objects.len()).filter(owns).collect();
                if owned.is_empty() {
                    push_new(&mut further, (state, told));
                    continue;
                }
                more = true;
                for object in owned {
                    let mut state = state.clone();
                    (state.objects[object].owner, state.objects[object].abandoned) = (None, true);
                    for (state, also) in state.served(object, true) {
                        let mut told = told.clone();
                        told.extend(also);
                        push_new(&mut further, (state, told));
                    }
                }
            }
            ways = further;
            if !more {
                return ways;
            }
        }
    }

    /// Serves all waiters that can be, now that this object was signaled; `all`: those too that wait for all.
    fn served(&self, object: usize, all: bool) -> Vec<(State, Told)> {
        let mut ways = Vec::new();
        let mut begun = vec![(self.clone(), Told::new())];
        while let Some((state, told)) = begun.pop() {
            let mut candidates = Vec::new();
            let mut alone = 0;
            for (place, waiter) in state.waiters.iter().enumerate() {
                let concerned = waiter.objects.contains(&object) && (all || !waiter.all);
                if !concerned || state.clone().serve(waiter).is_none() {
                    continue;
                }
                alone += u32::from(!waiter.all);
                if waiter.all || alone == 1 || !state.in_order {
                    candidates.push(place);
                }
            }
            if candidates.is_empty() {
                push_new(&mut ways, (state, told));
                continue;
            }
            for place in candidates {
                let (mut state, mut told) = (state.clone(), told.clone());
                let waiter = state.waiters.remove(place);
                let answer = state.serve(&waiter).expect("it can be served");
                told.push((waiter.who, Ok(answer)));
                begun.push((state, told));
            }
        }
        ways
    }

    /// Takes what is waited for, if it is there; what the waiter is told then.
    fn serve(&mut self, waiter: &Waiter) -> Option<String> {
        let ready = |object: &usize| {
            let object = &self.objects[*object];
            match object.kind {
                Kind::Mutex => object.owner.is_none_or(|(owner, _)| owner == waiter.who),
                _ => object.count > 0,
            }
        };
        if waiter.all {
            if !waiter.objects.iter().all(ready) {
                return None;
            }
            let mut news = false;
            for object in &waiter.objects {
                news |= self.objects[*object].take(waiter.who);
            }
            return Some(answer(0, news));
        }
        let index = waiter.objects.iter().position(ready)?;
        let news = self.objects[waiter.objects[index]].take(waiter.who);
        Some(answer(index, news))
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn answer(index: usize, abandoned: bool) -> String {
    format!("{index}{}", if abandoned { " abandoned" } else { "" })
}

impl Object {
    fn is_timer(&self) -> bool {
        matches!(self.kind, Kind::AutoTimer | Kind::ManualTimer)
    }

    /// Returns whether it is news that it was abandoned.
    fn take(&mut self, who: usize) -> bool {
        match self.kind {
            Kind::Manual { .. } | Kind::ManualTimer => {}
            Kind::Auto { .. } | Kind::AutoTimer | Kind::Semaphore { .. } => self.count -= 1,
            Kind::Mutex => {
                let times = self.owner.map_or(0, |(_, times)| times);
                self.owner = Some((who, times + 1));
                return std::mem::take(&mut self.abandoned);
            }
        }
        false
    }
}
