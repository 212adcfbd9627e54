//! Random sequences of waits and signals by four processes, which may sleep in their waits, against the rules of Windows.
#![cfg(target_os = "linux")] // where it can be seen that a process sleeps

#[path = "waits/rules.rs"]
mod rules;
mod support;

use std::cell::RefCell;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rules::{Kind, Patience, State, Step, Told};
use support::{Asleep, Peer, World};

/// The first never sleeps for ever, so that somebody can act.
const PEERS: usize = 4;
const OBJECTS: usize = 4;
/// How often a shorter story is played before it counts as harmless.
const CHANCES: u32 = 3;
/// Longer than everybody needs to come to rest on a busy machine.
const RESTLESS: Duration = Duration::from_secs(20);

fn kinds() -> impl Strategy<Value = Vec<Kind>> {
    let kind = prop_oneof![
        2 => any::<bool>().prop_map(|set| Kind::Auto { set }),
        2 => any::<bool>().prop_map(|set| Kind::Manual { set }),
        2 => (0..3_u32, 1..4_u32)
            .prop_map(|(count, more)| Kind::Semaphore { count, most: count.max(1) + more - 1 }),
        2 => Just(Kind::Mutex),
        1 => Just(Kind::AutoTimer),
        1 => Just(Kind::ManualTimer),
    ];
    prop::collection::vec(kind, 1..=OBJECTS)
}

/// Steps speak of four objects; where there are fewer, the same one answers to several numbers.
fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let object = 0..OBJECTS;
    let patience = || {
        prop_oneof![
            2 => Just(Patience::Now),
            1 => Just(Patience::AWhile),
            4 => Just(Patience::Forever),
        ]
    };
    let step = prop_oneof![
        10 => (object.clone(), 0..12_u32).prop_map(|(object, how)| Step::Signal { object, how }),
        6 => (prop::collection::vec(object.clone(), 1..=3), patience())
            .prop_map(|(objects, patience)| Step::Any { objects, patience }),
        5 => (prop::collection::vec(object.clone(), 1..=3), patience())
            .prop_map(|(objects, patience)| Step::All { objects, patience }),
        2 => (object.clone(), object, patience())
            .prop_map(|(signal, wait, patience)| Step::SignalAndWait { signal, wait, patience }),
        1 => Just(Step::Die),
    ];
    prop::collection::vec((0..PEERS, step), 1..60)
}

/// The step as it can be done: with the objects there are, and by somebody who is not to sleep for ever.
fn fit(who: usize, step: &Step, objects: usize) -> Step {
    let mut step = step.clone();
    let patient = |patience: &mut Patience| {
        if who == 0 && *patience == Patience::Forever {
            *patience = Patience::AWhile;
        }
    };
    match &mut step {
        Step::Signal { object, .. } => *object %= objects,
        Step::Any { objects: several, patience } | Step::All { objects: several, patience } => {
            several.iter_mut().for_each(|object| *object %= objects);
            patient(patience);
        }
        Step::SignalAndWait { signal, wait, patience } => {
            (*signal, *wait) = (*signal % objects, *wait % objects);
            patient(patience);
        }
        Step::Die => {}
    }
    if let Step::All { objects: several, .. } = &mut step {
        several.sort_unstable();
        several.dedup();
    }
    step
}

fn script(step: &Step, kinds: &[Kind]) -> String {
    let within = |patience: &Patience| match patience {
        Patience::Now => " within 0",
        Patience::AWhile => " within 2",
        Patience::Forever => "",
    };
    let list = |objects: &[usize]| {
        objects.iter().map(|object| format!("o{object}")).collect::<Vec<String>>().join(" ")
    };
    match step {
        Step::Signal { object, how } => match (kinds[*object], how % 4) {
            (Kind::Semaphore { .. }, _) => format!("release o{object} {}", 1 + how % 3),
            (Kind::Mutex, _) => format!("unlock o{object}"),
            (Kind::AutoTimer | Kind::ManualTimer, 0 | 1) => format!("plan o{object} 0"),
            (Kind::AutoTimer | Kind::ManualTimer, 2) => format!("plan o{object} never"),
            (Kind::AutoTimer | Kind::ManualTimer, _) => format!("cancel o{object}"),
            (_, 0 | 1) => format!("set o{object}"),
            (_, 2) => format!("reset o{object}"),
            _ => format!("pulse o{object}"),
        },
        Step::Any { objects, patience } => format!("any {}{}", list(objects), within(patience)),
        Step::All { objects, patience } => format!("all {}{}", list(objects), within(patience)),
        Step::SignalAndWait { signal, wait, patience } => {
            format!("signal_and_wait o{signal} o{wait}{}", within(patience))
        }
        Step::Die => "dies".into(),
    }
}

/// How every process gets the objects of one case.
fn prologue(kinds: &[Kind], case: u64) -> String {
    let set = |set: bool| if set { " set" } else { "" };
    let object = |(index, kind): (usize, &Kind)| match *kind {
        Kind::Auto { set: now } => format!("o{index} = event e{case}-{index}{}", set(now)),
        Kind::Manual { set: now } => {
            format!("o{index} = event e{case}-{index} manual{}", set(now))
        }
        Kind::Semaphore { count, most } => {
            format!("o{index} = semaphore s{case}-{index} {count} {most}")
        }
        Kind::Mutex => format!("o{index} = mutex m{case}-{index}"),
        Kind::AutoTimer => format!("o{index} = timer t{case}-{index}"),
        Kind::ManualTimer => format!("o{index} = timer t{case}-{index} manual"),
    };
    kinds.iter().enumerate().map(object).collect::<Vec<String>>().join(" ; ")
}

/// Peers live on from case to case; a new process for each would take most of the time.
struct Stage {
    world: World,
    peers: Vec<Peer>,
    case: u64,
    /// Sent a line that it has not answered.
    busy: [bool; PEERS],
}

impl Stage {
    fn play(&mut self, kinds: &[Kind], steps: &[(usize, Step)]) -> Result<(), TestCaseError> {
        self.case += 1;
        let prologue = prologue(kinds, self.case);
        self.peers.iter_mut().for_each(|peer| drop(peer.ask(&prologue)));
        let mut states = vec![State::new(kinds)];
        let mut story = vec![prologue.clone()];
        // In the end, what is left of each object.
        let look = |object| Step::Any { objects: vec![object], patience: Patience::Now };
        let looks = (0..kinds.len()).flat_map(|object| vec![(0, look(object)); 3]);
        for (who, step) in steps.iter().cloned().chain(looks) {
            let step = fit(who, &step, kinds.len());
            let dies = matches!(step, Step::Die);
            if self.busy[who] && !dies {
                continue;
            }
            let line = script(&step, kinds);
            story.push(format!("{who}: {line}"));
            if dies {
                self.replace(who);
                self.peers[who].ask(&prologue);
            } else {
                self.peers[who].start(&line);
                self.busy[who] = true;
            }
            let told = self.come_to_rest();
            let Some(told) = told else {
                return Err(TestCaseError::fail(format!("no rest: {story:#?}\n{states:#?}")));
            };
            let mut ways = Vec::new();
            for state in &states {
                ways.extend(state.step(who, &step));
            }
            let mut wanted = Vec::new();
            states.clear();
            for (state, mut way) in ways {
                way.sort();
                if way == told && !states.contains(&state) {
                    states.push(state);
                } else {
                    wanted.push(way);
                }
            }
            prop_assert!(!states.is_empty(), "{told:?}, but not {wanted:?}, after {story:#?}");
        }
        Ok(())
    }

    /// Waits until everybody sleeps or has nothing to do; who was told what meanwhile. `None` if that never comes.
    fn come_to_rest(&mut self) -> Option<Told> {
        let mut told = Vec::new();
        let mut before = None;
        let begin = Instant::now();
        while begin.elapsed() < RESTLESS {
            let now: Option<Vec<u64>> = (0..PEERS)
                .map(|who| match self.peers[who].asleep() {
                    Asleep::ForWork(times) => {
                        if self.busy[who] {
                            let answer = self.peers[who].answer_now()?;
                            told.push((who, answer.map_err(|(code, _)| code)));
                            self.busy[who] = false;
                        }
                        Some(times)
                    }
                    Asleep::ForEver(times) => Some(times),
                    Asleep::Not => None,
                })
                .collect();
            if now.is_some() && now == before {
                told.sort();
                return Some(told);
            }
            before = now;
            std::thread::yield_now();
        }
        None
    }

    /// Leaves out steps as long as it still fails; what the shortest story then says. A failure may depend on who is
    /// faster, so each is given some chances.
    fn shortest(
        &mut self,
        kinds: &[Kind],
        steps: &[(usize, Step)],
        first: TestCaseError,
    ) -> TestCaseError {
        let (mut steps, mut error) = (steps.to_vec(), first);
        let mut length = steps.len();
        while length > 0 {
            let mut at = 0;
            while at < steps.len() {
                let mut fewer = steps.clone();
                fewer.drain(at..(at + length).min(steps.len()));
                let failed = (0..CHANCES).find_map(|_| {
                    let result = self.play(kinds, &fewer);
                    self.clear();
                    result.err()
                });
                match failed {
                    Some(failed) => (steps, error) = (fewer, failed),
                    None => at += length,
                }
            }
            length /= 2;
        }
        error
    }

    fn replace(&mut self, who: usize) {
        self.peers[who].kill();
        self.peers[who] = self.world.peer();
        self.busy[who] = false;
    }

    /// Takes the stage back to where nothing exists.
    fn clear(&mut self) {
        for who in 0..PEERS {
            if self.busy[who] {
                self.replace(who);
            }
        }
        for peer in &mut self.peers {
            peer.ask("clear");
        }
        self.world.assert_empty();
    }
}

#[test]
fn processes_that_wait_and_signal_behave_like_the_model() {
    let world = World::new();
    let peers = (0..PEERS).map(|_| world.peer()).collect();
    let stage = RefCell::new(Stage { world, peers, case: 0, busy: [false; PEERS] });
    let long = std::env::var_os("MAPVIEW_LONG").is_some();
    let cases = if long { 3000 } else { 100 };
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    };
    proptest!(config, |(kinds in kinds(), steps in steps())| {
        let mut stage = stage.borrow_mut();
        let result = stage.play(&kinds, &steps);
        stage.clear();
        if let Err(error) = result {
            Err(stage.shortest(&kinds, &steps, error))?;
        }
    });
}
