//! The promises beside what was measured.

use serde::Serialize;

use crate::blocking::{ASLEEP, AT_ONCE, BLOCKING, SPINNING};
use crate::idle::{IDLE, PARKED};
use crate::latency::{ICEORYX, LATENCY, LINES, RING, SERVICE, SIZES, TOPIC};
use crate::measured::{Measured, Quartiles};
use crate::producers::{from, COUNTS, PRODUCERS};
use crate::setup::{CONNECT, CREATE, SETUP};
use crate::throughput::{BATCHED, COPIED, IN_PLACE, RAW_RING, SINGLE, THROUGHPUT};

/// A promise, and whether it was kept.
#[derive(Serialize)]
pub struct Verdict {
    pub promise: String,
    pub measured: f64,
    /// The lower and the upper quartile of the rounds.
    pub spread: [f64; 2],
    pub limit: f64,
    pub kept: bool,
}

/// "At least as fast" cannot be told from noise closer than this.
const AS_FAST: f64 = 1.05;

/// Many senders get through at least three quarters of what one does.
const COLLAPSE: f64 = 4.0 / 3.0;

/// On all that was measured; what was left out has no verdict.
pub fn of(all: &[Measured]) -> Vec<Verdict> {
    let find = |group: &str, what: &str, who: &str| {
        all.iter().find(|one| one.group == group && one.what == what && one.who == who)
    };
    let mut verdicts = Vec::new();
    let mut at_most = |promise: &str, limit: f64, found: Option<Quartiles>| {
        verdicts.extend(found.map(|Quartiles { low, median, high }| Verdict {
            promise: promise.to_owned(),
            measured: median,
            spread: [low, high],
            limit,
            kept: median <= limit,
        }));
    };
    let ratio = |group: &str, what: &str, other: &str| {
        find(group, what, RING)?.over(find(group, what, other)?)
    };
    let itself = |group: &str, what: &str| find(group, what, RING)?.quartiles();

    let [line, page, large] = SIZES.map(|(_, what)| what);
    at_most("one way 64 B, times the raw two lines", 1.25, ratio(LATENCY, line, LINES));
    at_most("one way 64 B, times iceoryx2", 1.0 / 3.0, ratio(LATENCY, line, ICEORYX));
    for (words, what) in [("one way 4 KiB", page), ("one way 1 MiB", large)] {
        let flat = find(LATENCY, what, RING).zip(find(LATENCY, line, RING));
        let flat = flat.and_then(|(long, short)| long.over(short));
        at_most(&format!("{words} in place, times 64 B"), 1.25, flat);
    }
    at_most("64 B in place, one by one, ns", 12.0, itself(THROUGHPUT, SINGLE));
    at_most("64 B in place, 16 at a time, ns", 10.0, itself(THROUGHPUT, BATCHED));
    for (words, what) in [("4 KiB in place", IN_PLACE), ("4 KiB copied", COPIED)] {
        // 0.9 times the messages in a second.
        at_most(
            &format!("{words}, time of the raw ring's"),
            1.0 / 0.9,
            ratio(THROUGHPUT, what, RAW_RING),
        );
    }
    for (words, what) in [("hand-over at once", AT_ONCE), ("hand-over to a sleeper", ASLEEP)] {
        at_most(
            &format!("{words}, times a futex that looks on first"),
            AS_FAST,
            ratio(BLOCKING, what, SPINNING),
        );
    }
    for (words, who) in [("ring", RING), ("topic", TOPIC), ("service", SERVICE)] {
        let both = find(SETUP, CREATE, who).zip(find(SETUP, CONNECT, who));
        let both = both.map(|(create, connect)| {
            let pairs = create.rounds.iter().zip(&connect.rounds);
            pairs.map(|(create, connect)| create + connect).collect::<Vec<_>>()
        });
        let sums = both.and_then(|sums| Quartiles::of(&sums));
        at_most(&format!("create and connect a {words}, us"), 50.0, sums);
    }
    let one = find(PRODUCERS, &from(1), RING);
    for count in &COUNTS[1..] {
        let many = find(PRODUCERS, &from(*count), RING).zip(one);
        let times = many.and_then(|(many, one)| many.over(one));
        at_most(
            &format!("a message of {count} senders, times one of a single sender"),
            COLLAPSE,
            times,
        );
    }
    at_most("processor time of a parked receiver, us", 0.0, itself(IDLE, PARKED));
    verdicts
}
