//! The two processes: this one on the first processor, its peer on the second, told what to do line by line.

use std::any::Any;
use std::collections::HashMap;

use crate::clock::pin_to;
use crate::contenders::{make, open, Place};
use crate::message::Spec;
use crate::peer::{orders, say, Peer};
use crate::slice::{Ends, Part, Seen};

pub struct Stage {
    peer: Peer,
    ends: HashMap<Spec, Ends>,
    /// What only the first process makes; it ends after all ends.
    made: Vec<Box<dyn Any>>,
    opened: usize,
}

/// After so many rounds all is made anew: what a channel's memory is made of decides as much as what it does.
const ANEW: usize = 6;

impl Stage {
    pub fn new() -> Stage {
        let peer = Peer::start(&["second"]);
        Stage { peer, ends: HashMap::new(), made: Vec::new(), opened: 0 }
    }

    /// Has contestants 0 to `contestants` take turns. Neighbours stay neighbours, but nobody is always the first.
    pub fn by_turns(
        &mut self,
        rounds: usize,
        contestants: usize,
        mut turn: impl FnMut(&mut Stage, usize),
    ) {
        for round in 0..rounds {
            if round % ANEW == 0 {
                self.close();
            }
            for index in 0..contestants {
                turn(self, (index + round) % contestants);
            }
        }
        self.close();
    }

    fn close(&mut self) {
        self.peer.tell("close");
        self.ends.clear();
        assert_eq!(self.peer.hear(), "closed");
        self.made.clear();
    }

    /// Round trips, with so much work before each message.
    pub fn ping(&mut self, spec: &Spec, nanoseconds: u64, work: u64) -> Seen {
        self.play(spec, &format!("echo {work}"), Part::Ping { nanoseconds, work }).0
    }

    /// Messages in one direction; nanoseconds of each: the median of some blocks, or of all where those are too slow for that.
    pub fn stream(&mut self, spec: &Spec, nanoseconds: u64) -> f64 {
        let (seen, said) = self.play(spec, "consume", Part::Produce { nanoseconds });
        let (end, typical) = said.split_once(' ').expect("two figures");
        let end: u64 = end.parse().expect("a time");
        let typical: f64 = typical.parse().expect("nanoseconds");
        let mean = (end - seen.time) as f64 / seen.count as f64;
        if typical > 0.0 {
            typical
        } else {
            mean
        }
    }

    /// This part here, the other one there; and what that one says in the end.
    fn play(&mut self, spec: &Spec, other: &str, part: Part) -> (Seen, String) {
        if !self.ends.contains_key(spec) {
            self.opened += 1;
            let [there, back] = names(self.opened);
            self.made.extend([make(spec, &there), make(spec, &back)]);
            self.peer.tell(&format!("open {spec} {there} {back}"));
            let ends = open(spec, Place::First, [&there, &back]);
            self.ends.insert(spec.clone(), ends);
            assert_eq!(self.peer.hear(), "open");
        }
        self.peer.tell(&format!("{other} {spec}"));
        assert_eq!(self.peer.hear(), "ready");
        let seen = self.ends.get_mut(spec).expect("opened above")(part);
        (seen, self.peer.hear())
    }
}

/// Of the directions of a pair.
fn names(index: usize) -> [String; 2] {
    ["there", "back"]
        .map(|direction| format!("channels-{}-{index}-{direction}", std::process::id()))
}

/// As the other process: plays the other part.
pub fn be_second() {
    pin_to(1);
    let mut pairs: HashMap<Spec, Ends> = HashMap::new();
    for order in orders() {
        let words: Vec<&str> = order.split(' ').collect();
        let spec = |word: &str| word.parse::<Spec>().expect("a way and what it carries");
        match words[..] {
            ["open", what, there, back] => {
                let ends = open(&spec(what), Place::Second, [there, back]);
                pairs.insert(spec(what), ends);
                say("open");
            }
            ["close"] => {
                pairs.clear();
                say("closed");
            }
            ["echo", work, what] => {
                let work = work.parse().expect("a number");
                play(&mut pairs, &spec(what), Part::Echo { work });
            }
            ["consume", what] => play(&mut pairs, &spec(what), Part::Consume),
            _ => panic!("not an order: {order}"),
        }
    }
}

fn play(pairs: &mut HashMap<Spec, Ends>, spec: &Spec, part: Part) {
    let ends = pairs.get_mut(spec).expect("opened before");
    say("ready");
    let seen = ends(part);
    say(format_args!("{} {}", seen.time, seen.typical));
}
