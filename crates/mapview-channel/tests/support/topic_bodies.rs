//! Publishers and subscribers that write down what they do: the bodies of processes that may be killed.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::time::Duration;

use mapview_channel::{Policy, Sample, Subscriber, TopicOptions};

use crate::ledger::{self, Ledger, Stop, MESSAGES};
use crate::support::{part, Part, Random};

/// Samples that a subscriber of this test holds.
const HELD: usize = 3;

fn begin(part: &Part) -> (Ledger, Random, TopicOptions) {
    part.end_with_the_test();
    let ledger = Ledger::open(Path::new(&part.words[1]));
    let mut options = TopicOptions::new();
    options.longest(16 << 10).publishers(4).subscribers(8).depth(16).held(4);
    if part.words[3] == "block" {
        options.policy(Policy::Block);
    }
    (ledger, Random::new(part.number(2)), options)
}

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn publishes() {
    let Some(part) = part() else { return };
    let (ledger, mut random, options) = begin(&part);
    let mut bytes = Vec::new();
    while !ledger.is_stopped(Stop::Senders) {
        let mut publisher = options.publisher(&part.words[0]).unwrap();
        let life = ledger.begin_life();
        for number in 1..MESSAGES {
            if ledger.is_stopped(Stop::Senders) {
                break;
            }
            if random.below(8) == 0 {
                let given_up = publisher.try_loan(random.below(3000) as usize).unwrap();
                drop(given_up.map(|mut loan| loan.write(0, &0xee_u8)));
            }
            ledger::fill((life, number), &mut bytes);
            ledger.begin(life, number);
            let mut loan = publisher.loan(bytes.len()).unwrap();
            loan.copy_in(0, &bytes).unwrap();
            loan.publish();
            ledger.committed(life, number);
            if random.below(256) == 0 {
                std::thread::sleep(Duration::from_micros(random.below(400)));
            }
        }
    }
}

/// What one subscriber has seen.
#[derive(Default)]
struct Seen {
    last: HashMap<u32, u32>,
    held: VecDeque<((u32, u32), Sample)>,
}

impl Seen {
    /// A sample: in order, and without a gap if the publisher waits.
    fn take(&mut self, sample: Sample, policy: Policy) -> (u32, u32) {
        let id = ledger::parse(&sample.to_vec().unwrap());
        if let Some(before) = self.last.insert(id.0, id.1) {
            assert!(before < id.1, "{id:?} came after {before}");
            assert!(policy == Policy::Overwrite || before + 1 == id.1, "{id:?} after {before}");
        }
        self.held.push_back((id, sample));
        if self.held.len() > HELD {
            let (id, sample) = self.held.pop_front().unwrap();
            // Nobody wrote there while it was held.
            assert_eq!(ledger::parse(&sample.to_vec().unwrap()), id);
        }
        id
    }
}

fn next(ledger: &Ledger, subscriber: &mut Subscriber) -> Option<Sample> {
    loop {
        if let Some(sample) = subscriber.recv_until(Duration::from_millis(50)).unwrap() {
            return Some(sample);
        }
        if ledger.is_stopped(Stop::All) {
            return None;
        }
    }
}

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn subscribes() {
    let Some(part) = part() else { return };
    let (ledger, mut random, options) = begin(&part);
    while !ledger.is_stopped(Stop::All) {
        let mut subscriber = options.subscriber(&part.words[0]).unwrap();
        let (mut seen, policy) = (Seen::default(), subscriber.policy());
        for _ in 0..10_000 {
            let Some(sample) = next(&ledger, &mut subscriber) else { return };
            seen.take(sample, policy);
            if random.below(512) == 0 {
                std::thread::sleep(Duration::from_micros(random.below(2000)));
            }
        }
    }
}

#[test]
#[ignore = "not a test: the body of a process that gets all there is"]
fn witnesses() {
    let Some(part) = part() else { return };
    let (ledger, _, options) = begin(&part);
    let mut subscriber = options.subscriber(&part.words[0]).unwrap();
    let mut seen = Seen::default();
    part.say("witness");
    while let Some(sample) = next(&ledger, &mut subscriber) {
        let id = seen.take(sample, Policy::Block);
        ledger.got(id, Some(false));
    }
    part.say(subscriber.dropped());
}
