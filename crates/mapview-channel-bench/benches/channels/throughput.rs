//! One sender and one receiver, as fast as they can.

use crate::contenders::is_there;
use crate::measured::{Effort, Measured};
use crate::message::{Handling, Spec};
use crate::stage::Stage;

/// The group's name.
pub const THROUGHPUT: &str = "throughput";
pub const RAW_RING: &str = "raw ring";
pub const RING: &str = crate::latency::RING;
const TOPIC: &str = crate::latency::TOPIC;

/// Disciplines, as the tables call them.
pub const SINGLE: &str = "64 B in place, one by one";
pub const BATCHED: &str = "64 B in place, 16 at a time";
pub const IN_PLACE: &str = "4 KiB in place, all bytes";
pub const COPIED: &str = "4 KiB copied in and out";
const LARGE: &str = "1 MiB in place, its first line";
const LARGE_COPIED: &str = "1 MiB copied in and out";

/// What, bytes, what is done with them, and the ways with who.
type Discipline = (&'static str, usize, Handling, &'static [(&'static str, &'static str)]);

const DISCIPLINES: &[Discipline] = &[
    (
        SINGLE,
        64,
        Handling::Whole,
        &[
            ("raw-ring", RAW_RING),
            ("ring", RING),
            ("topic", TOPIC),
            ("iceoryx2", "iceoryx2"),
            ("aeron", "Aeron"),
            ("boost", "Boost message_queue"),
            ("boost-busy", "Boost message_queue, polling"),
            ("ipc-channel", "ipc-channel"),
            ("pipe", "pipe"),
        ],
    ),
    (BATCHED, 64, Handling::Whole, &[("raw-ring-16", RAW_RING), ("ring-16", RING)]),
    (
        IN_PLACE,
        4096,
        Handling::Whole,
        &[("raw-ring", RAW_RING), ("ring", RING), ("topic", TOPIC), ("iceoryx2", "iceoryx2")],
    ),
    (
        COPIED,
        4096,
        Handling::Copied,
        &[
            ("raw-ring", RAW_RING),
            ("ring", RING),
            ("topic", TOPIC),
            ("iceoryx2", "iceoryx2"),
            ("aeron", "Aeron"),
            ("boost", "Boost message_queue"),
            ("ipc-channel", "ipc-channel"),
            ("pipe", "pipe"),
        ],
    ),
    (
        LARGE,
        1 << 20,
        Handling::Start,
        &[("raw-ring", RAW_RING), ("ring", RING), ("topic", TOPIC), ("iceoryx2", "iceoryx2")],
    ),
    (
        LARGE_COPIED,
        1 << 20,
        Handling::Copied,
        &[
            ("raw-ring", RAW_RING),
            ("ring", RING),
            ("topic", TOPIC),
            ("iceoryx2", "iceoryx2"),
            ("boost", "Boost message_queue"),
            ("pipe", "pipe"),
        ],
    ),
];

pub fn measure(stage: &mut Stage, effort: &Effort) -> Vec<Measured> {
    let (mut specs, mut measured) = (Vec::new(), Vec::new());
    for (what, bytes, handling, ways) in DISCIPLINES {
        for (way, who) in ways.iter().filter(|(way, _)| is_there(way)) {
            specs.push(Spec::new(way, *bytes, *handling));
            measured.push(Measured::new(THROUGHPUT, what, who));
        }
    }
    stage.by_turns(effort.rounds(41), specs.len(), |stage, index| {
        measured[index].rounds.push(stage.stream(&specs[index], effort.slice(20)));
    });
    measured
}
