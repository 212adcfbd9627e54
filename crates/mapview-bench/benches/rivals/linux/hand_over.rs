//! Handing over to another process and getting back: one signals and waits, the other waits and signals.

use std::collections::HashMap;

use super::boost;
use super::peer::{orders, say, Peer};
use super::posix::{let_wakers_go_on, nanoseconds, pin_to, sleeps, spin_for};
use super::ways::{Shared, Way};
use super::wine::Wine;
use crate::measure::Effort;
use crate::spread::{by_rounds, Spread};
use crate::table::{Budget, Row};

const ROUNDS: usize = 15;
const TIMES: usize = 2000;
/// Of them are not counted: the first find cold caches, and a peer that still speaks.
pub const WARM_UP: usize = 100;

/// Where the two run, and how long the one that has it works before it hands over.
#[derive(Clone, Copy)]
pub struct Scene {
    pub words: &'static str,
    peer_cpu: usize,
    work: u64,
}

/// Nobody can look on while the other works: who waits must sleep.
pub const ONE_CPU: Scene = Scene { words: "both on one processor", peer_cpu: 0, work: 0 };
/// Looking on pays.
const TWO_CPUS: Scene = Scene { words: "a processor each", peer_cpu: 1, work: 0 };
/// Looking on is over long before the signal comes.
const ASLEEP: Scene =
    Scene { words: "a processor each, asleep for 0.3 ms", peer_cpu: 1, work: 300_000 };

/// A way, and how the table calls it.
pub type Rival = (&'static str, &'static str);

const RIVALS: [(Rival, &[Rival]); 2] = [
    (
        ("event", "event"),
        &[
            ("futex", "raw futex"),
            ("spinning-futex", "raw futex that looks 10 000 times before it sleeps"),
            ("eventfd", "eventfd"),
            ("pipe", "pipe"),
            ("boost-condition", "Boost interprocess_condition"),
            ("wine event", "Wine, SetEvent + WaitForSingleObject"),
        ],
    ),
    (
        ("semaphore", "semaphore"),
        &[
            ("futex", "raw futex"),
            ("eventfd", "eventfd"),
            ("boost-semaphore", "Boost interprocess_semaphore"),
            ("wine semaphore", "Wine, ReleaseSemaphore + WaitForSingleObject"),
        ],
    ),
];

pub fn rows(effort: &Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut stage, mut wine) = (Stage::new("hand-over"), Wine::start());
    for scene in [ONE_CPU, TWO_CPUS, ASLEEP] {
        let budget = (scene.words == ONE_CPU.words).then_some(1.2);
        rows.extend(stage.compare(effort, wine.as_mut(), scene, &RIVALS, budget));
    }
    rows
}

/// This process, pinned to the first processor, and a peer on each.
pub struct Stage {
    shared: Shared,
    peers: [Peer; 2],
    ways: HashMap<String, [Box<dyn Way>; 2]>,
    _kept: super::ways::Kept,
}

impl Stage {
    pub fn new(what: &str) -> Stage {
        let (shared, kept) = Shared::make(what);
        let [name, descriptors] = shared.arguments();
        let peers = ["0", "1"].map(|cpu| Peer::start(&["hand-over", cpu, &name, &descriptors]));
        Stage { shared, peers, ways: HashMap::new(), _kept: kept }
    }

    /// Measures all in one go, a rival that several are compared with but once.
    pub fn compare(
        &mut self,
        effort: &Effort,
        mut wine: Option<&mut Wine>,
        scene: Scene,
        table: &[(Rival, &[Rival])],
        budget: Option<f64>,
    ) -> Vec<Row> {
        let found = |way: &str| match way {
            _ if way.starts_with("wine") => wine.is_some(),
            _ if way.starts_with("boost") => boost::FOUND,
            _ => true,
        };
        let mut ways: Vec<&str> = Vec::new();
        for ((way, _), rivals) in table {
            for way in [way].into_iter().chain(rivals.iter().map(|(way, _)| way)) {
                if found(way) && !ways.contains(way) {
                    ways.push(way);
                }
            }
        }
        let (rounds, times) = if scene.work > 0 { (5, 400) } else { (ROUNDS, TIMES) };
        let (rounds, times) = (effort.repetitions(rounds), effort.repetitions(times));
        let mut slept = vec![0; ways.len()];
        let_wakers_go_on(scene.peer_cpu == 0);
        let spreads = by_rounds(rounds, ways.len(), |index| {
            let before = sleeps();
            let samples = match (ways[index].strip_prefix("wine "), &mut wine) {
                (Some(way), Some(wine)) => wine.hand_over(way, scene.peer_cpu, times, scene.work),
                _ => self.round(ways[index], scene, times),
            };
            slept[index] += sleeps() - before;
            samples
        });
        let_wakers_go_on(false);
        let figures: HashMap<&str, (Spread, f64)> = ways
            .iter()
            .zip(spreads.into_iter().zip(slept))
            .map(|(way, (spread, slept))| {
                (*way, (spread, slept as f64 / (rounds * (times + WARM_UP)) as f64))
            })
            .collect();
        let mut rows = Vec::new();
        for ((way, label), rivals) in table {
            let (mine, slept) = figures[way];
            for (rival, rival_label) in *rivals {
                let its = figures.get(rival);
                let row = Row::of_spreads(
                    format!("hand-over, {label}, {}", scene.words),
                    mine,
                    *rival_label,
                    its.map(|(spread, _)| *spread),
                );
                let row = match its {
                    Some((_, its)) if !rival.starts_with("wine") => row.note(format!(
                        "sleeps for each hand-over: mapview {slept:.2}, rival {its:.2}"
                    )),
                    _ => row,
                };
                let judged = budget.filter(|_| *rival == "futex");
                rows.push(match judged {
                    Some(most) => row.budget(Budget::RatioAtMost(most)),
                    None => row,
                });
            }
        }
        rows
    }

    /// Nanoseconds of each hand-over: half of the time until it is back, without the work.
    fn round(&mut self, way: &str, scene: Scene, times: usize) -> Vec<f64> {
        let peer = &mut self.peers[scene.peer_cpu];
        peer.tell(&format!("{way}:{}:{}", times + WARM_UP, scene.work));
        assert_eq!(peer.hear(), "ready");
        let open = || [0, 1].map(|direction| self.shared.open(way, direction));
        let [there, back] = self.ways.entry(way.to_owned()).or_insert_with(open);
        let mut samples = Vec::with_capacity(times);
        for time in 0..times + WARM_UP {
            let start = spin_for(scene.work);
            there.signal();
            back.wait();
            if time >= WARM_UP {
                samples.push((nanoseconds() - start).saturating_sub(scene.work) as f64 / 2.0);
            }
        }
        samples
    }
}

/// As a peer: hands back as often as it is told.
pub fn peer(cpu: &str, name: &str, descriptors: &str) {
    pin_to(cpu.parse().expect("a processor"));
    let_wakers_go_on(cpu == "0"); // where its parent is
    let shared = Shared::existing(name, descriptors);
    let mut ways: HashMap<String, [Box<dyn Way>; 2]> = HashMap::new();
    for order in orders() {
        let mut words = order.split(':');
        let mut next = || words.next().expect("way, times, work");
        let way = next().to_owned();
        let (times, pause): (u64, u64) =
            (next().parse().expect("a number"), next().parse().expect("a number"));
        let open = || [0, 1].map(|direction| shared.open(&way, direction));
        let [there, back] = ways.entry(way.clone()).or_insert_with(open);
        say("ready");
        for _ in 0..times {
            there.wait();
            spin_for(pause);
            back.signal();
        }
    }
}
