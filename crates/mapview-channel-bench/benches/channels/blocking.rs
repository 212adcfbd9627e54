//! Handing over to somebody who may sleep: at once, when looking on pays, and after a while, when he is asleep.

use crate::contenders::is_there;
use crate::measured::{Effort, Measured};
use crate::message::{Handling, Spec};
use crate::slice::histogram;
use crate::stage::Stage;

/// The group's name.
pub const BLOCKING: &str = "blocking";
pub const AT_ONCE: &str = "64 B, answered at once";
pub const ASLEEP: &str = "64 B, after 0.3 ms of work";
pub const SPINNING: &str = "raw futex that looks 10 000 times first";

const CONTENDERS: &[(&str, &str)] = &[
    ("futex-spin", SPINNING),
    ("ring", crate::latency::RING),
    ("topic", crate::latency::TOPIC),
    ("service", crate::latency::SERVICE),
    ("futex", "raw futex"),
    ("pipe", "pipe"),
    ("boost", "Boost message_queue"),
    ("ipc-channel", "ipc-channel"),
    ("iceoryx2-event", "iceoryx2 with its event"),
];

pub fn measure(stage: &mut Stage, effort: &Effort) -> Vec<Measured> {
    const WORK: u64 = 300_000;
    let mut all = Vec::new();
    for (what, work, rounds, slice) in [(AT_ONCE, 0, 41, 20), (ASLEEP, WORK, 31, 40)] {
        let found: Vec<_> = CONTENDERS.iter().filter(|(way, _)| is_there(way)).collect();
        let specs: Vec<Spec> =
            found.iter().map(|(way, _)| Spec::new(way, 64, Handling::Whole)).collect();
        let new =
            |who| Measured { samples: Some(histogram()), ..Measured::new(BLOCKING, what, who) };
        let mut measured: Vec<Measured> = found.iter().map(|(_, who)| new(who)).collect();
        stage.by_turns(effort.rounds(rounds), specs.len(), |stage, index| {
            let seen = stage.ping(&specs[index], effort.slice(slice), work);
            measured[index].rounds.push(seen.typical);
            let samples = measured[index].samples.as_mut().expect("made above");
            samples.add(seen.samples).expect("of the same kind");
        });
        all.extend(measured);
    }
    all
}
