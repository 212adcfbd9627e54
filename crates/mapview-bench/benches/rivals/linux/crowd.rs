//! Does the price of an operation grow with the number of objects, or of holders?

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use mapview::{Mapping, Mutex};

use super::objects::{make, mutex_of, visit};
use super::peer::{command, orders, say, Peer};
use super::{namespace, posix};
use crate::measure::{median, Effort};
use crate::table::{Budget, Row, Unit};

const TARGET: &str = "target";
/// A process may have some ten thousand descriptors, and an object needs two.
const CROWDS: usize = 4;

pub fn rows(effort: &Effort) -> Vec<Row> {
    let (objects, holders) = if effort.short { (100, 10) } else { (10_000, 1_000) };
    posix::raise_descriptor_limit();
    let [alone, crowded, shared] = [(), (), ()].map(|()| namespace());
    let _one = [&alone, &crowded].map(|place| ready(place.path(), &["hold", TARGET]));
    let each = (objects / CROWDS).to_string();
    let _crowd: Vec<Peer> = (0..CROWDS)
        .map(|index| ready(crowded.path(), &["crowd", &format!("crowd-{index}"), &each]))
        .collect();
    let holding = Holders::start(shared.path(), holders);

    let mut peers =
        [&alone, &crowded, &shared].map(|place| Peer::start_in(place.path(), &["measure"]));
    let mut rows = Vec::new();
    for (what, operation) in [
        ("open", "open+view+touch+close"),
        ("open-mutex", "mutex open+close"),
        ("create", "create+close"),
        ("lock", "lock+unlock, uncontended"),
    ] {
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..effort.repetitions(101) {
            for (peer, times) in peers.iter_mut().zip(&mut times) {
                peer.tell(what);
                times.push(peer.hear().parse::<f64>().expect("a time"));
            }
        }
        let [alone, crowded, shared] = times.each_mut().map(|times| median(times));
        for (crowd, figure) in
            [(format!("{objects} objects"), crowded), (format!("{holders} holders of it"), shared)]
        {
            let operation = format!("{operation}: {crowd}");
            rows.push(
                Row::new(
                    operation,
                    Unit::Nanoseconds,
                    figure,
                    "one object, one holder",
                    Some(alone),
                )
                .budget(Budget::RatioAtMost(1.5)),
            );
        }
    }
    drop(peers);
    drop(holding);
    rows
}

fn ready(place: &Path, role: &[&str]) -> Peer {
    let mut peer = Peer::start_in(place, role);
    assert_eq!(peer.hear(), "ready");
    peer
}

/// Many processes that hold the same objects; all listen to one pipe and speak into another.
struct Holders {
    children: Vec<Child>,
    leash: Option<std::io::PipeWriter>,
}

impl Holders {
    fn start(place: &Path, count: usize) -> Holders {
        let (orders, leash) = std::io::pipe().expect("a pipe");
        let (answers, answer) = std::io::pipe().expect("a pipe");
        let spawn = |_| {
            let orders = orders.try_clone().expect("a descriptor");
            let answer = answer.try_clone().expect("a descriptor");
            let mut command = command(&["hold", TARGET]);
            command
                .env("MAPVIEW_DIR", place)
                .stdin(Stdio::from(orders))
                .stdout(Stdio::from(answer));
            command.spawn().expect("a process can be started")
        };
        let children: Vec<Child> = (0..count).map(spawn).collect();
        drop(answer);
        assert_eq!(BufReader::new(answers).lines().take(count).count(), count);
        Holders { children, leash: Some(leash) }
    }
}

impl Drop for Holders {
    fn drop(&mut self) {
        self.leash = None;
        for child in &mut self.children {
            child.wait().expect("our own child");
        }
    }
}

/// As a peer: holds many objects, mappings and mutexes, until told to go.
pub fn hold_many(prefix: &str, count: &str) {
    let count: usize = count.parse().expect("a number");
    let objects: Vec<(Mapping, Mutex)> =
        (0..count / 2).map(|index| make(&format!("{prefix}-{index}"))).collect();
    say("ready");
    orders().for_each(drop);
    drop(objects);
}

/// As a peer: does what it is told a number of times, and says the nanoseconds that one took.
pub fn measure() {
    posix::pin_to(0);
    for order in orders() {
        let lock = mutex_of(TARGET);
        // Opened for the one order that needs it: holding nothing else is the dearer case for the others.
        let mutex = (order == "lock").then(|| Mutex::open(&lock).expect("held by a peer"));
        let (count, once): (u32, &dyn Fn()) = match (order.as_str(), &mutex) {
            ("open", _) => (50, &|| visit(TARGET)),
            ("open-mutex", _) => (50, &|| drop(Mutex::open(&lock).expect("held by a peer"))),
            ("create", _) => (50, &|| drop(Mapping::create("created", 4096).expect("a mapping"))),
            (_, mutex) => {
                let mutex = mutex.as_ref().expect("opened above");
                (10_000, &|| drop(mutex.lock().expect("a lock")))
            }
        };
        let start = Instant::now();
        (0..count).for_each(|_| once());
        say(start.elapsed().as_nanos() as f64 / f64::from(count));
    }
}
