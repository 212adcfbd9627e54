//! Several senders and one receiver on two processors: what they get through together.

use crate::clock::{nanoseconds, pin_to, unpin};
use crate::contenders::{from_many, is_there, one_of_many};
use crate::measured::{Effort, Measured};
use crate::message::{Handling, Spec, STOP};
use crate::peer::{orders, say, Peer};
use crate::stage::Stage;

/// The group's name.
pub const PRODUCERS: &str = "producers";
/// How many senders.
pub const COUNTS: [usize; 4] = [1, 2, 4, 8];

const CONTENDERS: &[(&str, &str)] = &[
    ("ring", crate::latency::RING),
    ("iceoryx2", "iceoryx2"),
    ("boost", "Boost message_queue"),
    ("pipe", "pipe"),
];

/// How the tables call it.
pub fn from(count: usize) -> String {
    format!("64 B from {count} senders")
}

pub fn measure(stage: &mut Stage, effort: &Effort) -> Vec<Measured> {
    unpin();
    let mut peers: Vec<Peer> =
        (0..COUNTS[COUNTS.len() - 1]).map(|_| Peer::start(&["producer"])).collect();
    let mut measured = Vec::new();
    let mut receivers = Vec::new();
    let found: Vec<_> = CONTENDERS.iter().filter(|(way, _)| is_there(way)).collect();
    for (way, who) in &found {
        let spec = Spec::new(way, 64, Handling::Whole);
        let name = format!("producers-{}-{way}", std::process::id());
        let kept = crate::contenders::make(&spec, &name);
        receivers.push((spec.clone(), from_many(&spec, &name), kept));
        for peer in &mut peers {
            peer.tell(&format!("open {spec} {name}"));
            assert_eq!(peer.hear(), "open");
        }
        measured.extend(COUNTS.map(|count| Measured::new(PRODUCERS, &from(count), who)));
    }
    stage.by_turns(effort.rounds(15), measured.len(), |_, index| {
        let (spec, receive, _) = &mut receivers[index / COUNTS.len()];
        let count = COUNTS[index % COUNTS.len()];
        let start = nanoseconds();
        let end = start + effort.slice(80);
        peers[..count].iter_mut().for_each(|peer| peer.tell(&format!("send {spec} {end}")));
        let (mut messages, mut ended) = (0u64, 0);
        while ended < count {
            messages += 1;
            ended += usize::from(receive() == STOP);
        }
        let long = (nanoseconds() - start) as f64;
        measured[index].rounds.push(long / messages as f64);
    });
    pin_to(0);
    measured
}

/// As a sender: one of several.
pub fn be_producer() {
    unpin();
    let mut ways = std::collections::HashMap::new();
    for order in orders() {
        let words: Vec<&str> = order.split(' ').collect();
        let spec = |word: &str| word.parse::<Spec>().expect("a way and what it carries");
        match words[..] {
            ["open", what, name] => {
                ways.insert(spec(what), one_of_many(&spec(what), name));
                say("open");
            }
            ["send", what, end] => {
                let send = ways.get_mut(&spec(what)).expect("opened before");
                let end: u64 = end.parse().expect("a time");
                while nanoseconds() < end {
                    (0..32).for_each(|number| {
                        send(number);
                    });
                }
                send(STOP);
            }
            _ => panic!("not an order: {order}"),
        }
    }
}
