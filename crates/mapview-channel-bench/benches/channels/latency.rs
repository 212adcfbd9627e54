//! One way between two processes that both look on: half of a round trip.

use crate::contenders::is_there;
use crate::measured::{Effort, Measured};
use crate::message::{Handling, Spec};
use crate::slice::histogram;
use crate::stage::Stage;

/// The group's name.
pub const LATENCY: &str = "latency";
/// What the memory can do.
pub const LINES: &str = "raw, two cache lines";
pub const RING: &str = "mapview ring";
pub const TOPIC: &str = "mapview topic";
pub const SERVICE: &str = "mapview service, request or reply";
pub const ICEORYX: &str = "iceoryx2";

/// Sizes, and how the tables call them.
pub const SIZES: [(usize, &str); 3] =
    [(64, "64 B"), (4096, "4 KiB in place"), (1 << 20, "1 MiB in place")];

/// Way, who, and of how many of the sizes.
const CONTENDERS: &[(&str, &str, usize)] = &[
    ("lines", LINES, 1),
    ("ring", RING, 3),
    ("topic", TOPIC, 3),
    ("iceoryx2", ICEORYX, 3),
    ("service", SERVICE, 1),
    ("aeron", "Aeron", 1),
    ("boost-busy", "Boost message_queue, polling", 1),
];

pub fn measure(stage: &mut Stage, effort: &Effort) -> Vec<Measured> {
    let mut specs = Vec::new();
    let mut measured = Vec::new();
    for (index, (bytes, what)) in SIZES.into_iter().enumerate() {
        for (way, who, sizes) in CONTENDERS {
            if is_there(way) && index < *sizes {
                specs.push(Spec::new(way, bytes, Handling::Start));
                let new = Measured::new(LATENCY, what, who);
                measured.push(Measured { samples: Some(histogram()), ..new });
            }
        }
    }
    stage.by_turns(effort.rounds(61), specs.len(), |stage, index| {
        let seen = stage.ping(&specs[index], effort.slice(25), 0);
        measured[index].rounds.push(seen.typical);
        let all = measured[index].samples.as_mut().expect("made above");
        all.add(seen.samples).expect("of the same kind");
    });
    measured
}
