//! Opening and creating named mappings.

use mapview::{Mapping, Mutex};

use super::peer::{orders, say, Peer};
use super::posix::{self, Shm};
use super::{boost, posix_name};
use crate::measure::{by_turns, Effort, Side};
use crate::table::{Budget, Row, Unit};

const REPETITIONS: usize = 201;
const RAW_OPEN: &str = "shm_open+fstat+mmap+touch+munmap+close";
const RAW_UNTOUCHED: &str = "shm_open+fstat+mmap+munmap+close";
const BOOST_OPEN: &str = "Boost shared_memory_object + mapped_region";

/// As a peer: holds a mapping and a mutex of each name until told to go.
pub fn hold(names: &[&str]) {
    let objects: Vec<(Mapping, Mutex)> = names.iter().map(|name| make(name)).collect();
    say("ready");
    orders().for_each(drop);
    drop(objects);
}

/// The mapping and the mutex that stand for a name here.
pub fn make(name: &str) -> (Mapping, Mutex) {
    let mapping = Mapping::create(name, 4096).expect("a mapping");
    posix::touch(mapping.view().expect("a view").as_ptr());
    (mapping, Mutex::create(&mutex_of(name)).expect("a mutex"))
}

pub fn mutex_of(name: &str) -> String {
    format!("{name}-lock")
}

/// Opens, maps, touches and closes again.
pub fn visit(name: &str) {
    look_in(name, posix::touch);
}

fn look_in(name: &str, touch: impl Fn(*mut u8)) {
    let mapping = Mapping::open(name).expect("held by a peer");
    touch(mapping.view().expect("a view").as_ptr());
    mapping.close().expect("a clean end");
}

pub fn opening(effort: &Effort) -> Vec<Row> {
    let mut holder = Peer::start(&["hold", "held"]);
    assert_eq!(holder.hear(), "ready");
    let name = posix_name("open");
    let shm = Shm::create(&name, 4096);
    let untouched: Vec<Side<'_>> = vec![
        Box::new(|count| (0..count).for_each(|_| look_in("held", |_| {}))),
        Box::new(|count| (0..count).for_each(|_| shm.look_in(|_| {}))),
    ];
    let times = by_turns(effort.repetitions(REPETITIONS), untouched);
    let operation = "open+view+close, another process holds it";
    let first = Row::new(operation, Unit::Nanoseconds, times[0], RAW_UNTOUCHED, Some(times[1]));
    let mut rows = vec![first.budget(Budget::RatioAtMost(5.0))];
    let cases = [
        ("open+view+touch+close, another process holds it", None),
        ("same, this process holds something else", Some("other")),
        ("same, this process holds it already", Some("held")),
    ];
    for (operation, also) in cases {
        let _own = also.map(make);
        let sides: Vec<Side<'_>> = vec![
            Box::new(|count| (0..count).for_each(|_| visit("held"))),
            Box::new(|count| (0..count).for_each(|_| shm.look_in(posix::touch))),
            Box::new(|count| boost::open(&name[1..], count)),
        ];
        rows.extend(against_two(effort, operation, sides, (RAW_OPEN, BOOST_OPEN), Some(5.0)));
    }
    rows
}

pub fn creating(effort: &Effort) -> Vec<Row> {
    let name = posix_name("create");
    let raw = |touched| {
        let name = &name;
        move |count| (0..count).for_each(|_| posix::make_and_end(name, touched))
    };
    let mine = || {
        Box::new(|count| {
            for _ in 0..count {
                let mapping = Mapping::create("created", 4096).expect("a mapping");
                posix::touch(mapping.view().expect("a view").as_ptr());
                mapping.close().expect("a clean end");
            }
        })
    };
    let rivals = ("shm_open+ftruncate+mmap+touch ... unlink", "Boost create, touch ... remove");
    let operation = "create+view+touch+close, 4 KiB";
    let boost = || Box::new(|count| boost::create(&name[1..], count));
    let mut rows = Vec::new();
    rows.extend(against_two(
        effort,
        operation,
        vec![mine(), Box::new(raw(true)), boost()],
        rivals,
        None,
    ));
    let _own = make("other");
    let operation = "same, this process holds something else";
    rows.extend(against_two(
        effort,
        operation,
        vec![mine(), Box::new(raw(true)), boost()],
        rivals,
        None,
    ));
    rows
}

fn against_two(
    effort: &Effort,
    operation: &str,
    sides: Vec<Side<'_>>,
    (raw, with_boost): (&str, &str),
    most: Option<f64>,
) -> Vec<Row> {
    let times = by_turns(effort.repetitions(REPETITIONS), sides);
    let mut first = Row::new(operation, Unit::Nanoseconds, times[0], raw, Some(times[1]));
    if let Some(most) = most {
        first = first.budget(Budget::RatioAtMost(most));
    }
    let boost = boost::FOUND.then_some(times[2]);
    vec![first, Row::new(operation, Unit::Nanoseconds, times[0], with_boost, boost)]
}
