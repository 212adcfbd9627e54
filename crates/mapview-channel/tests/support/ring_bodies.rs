//! Senders and receivers that write down what they do: the bodies of processes that may be killed.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use mapview_channel::{Receiver, RingOptions, Sender};

use crate::ledger::{self, Ledger, Stop, MESSAGES};
use crate::support::{part, Part, Random};

/// What all bodies are started with: the name, the ledger, what makes chance, and the ring's measures.
fn begin(part: &Part) -> (Ledger, Random, RingOptions) {
    part.end_with_the_test();
    let ledger = Ledger::open(Path::new(&part.words[1]));
    (ledger, Random::new(part.number(2)), options(&part.words[3]))
}

/// `senders:receivers`
fn options(measures: &str) -> RingOptions {
    let (senders, receivers) = measures.split_once(':').unwrap();
    let mut options = RingOptions::new();
    options.senders(senders.parse().unwrap()).receivers(receivers.parse().unwrap());
    options
}

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn sends() {
    let Some(part) = part() else { return };
    let (ledger, mut random, options) = begin(&part);
    while !ledger.is_stopped(Stop::Senders) {
        let mut sender = options.sender(&part.words[0]).unwrap();
        send_a_life(&ledger, &mut random, &mut sender);
    }
}

/// Sends as many messages as a life has, one by one or in batches, and gives up some.
fn send_a_life(ledger: &Ledger, random: &mut Random, sender: &mut Sender) {
    let life = ledger.begin_life();
    let mut last = 0;
    let mut bytes = Vec::new();
    while last < MESSAGES - 10 && !ledger.is_stopped(Stop::Senders) {
        if random.below(8) == 0 {
            let given_up = sender.try_reserve(random.below(3000) as usize).unwrap();
            drop(given_up.map(|mut draft| draft.copy_in(0, &[0xee; 0])));
        }
        let many = if random.below(4) == 0 { 1 + random.below(8) as u32 } else { 1 };
        ledger.begin(life, last + many);
        if many == 1 {
            ledger::fill((life, last + 1), &mut bytes);
            let mut draft = sender.reserve(bytes.len()).unwrap();
            draft.copy_in(0, &bytes).unwrap();
            draft.commit();
        } else {
            let mut batch = sender.batch();
            for number in last + 1..=last + many {
                ledger::fill((life, number), &mut bytes);
                batch.send(&bytes).unwrap();
            }
            batch.commit();
        }
        last += many;
        ledger.committed(life, last);
        if random.below(256) == 0 {
            std::thread::sleep(Duration::from_micros(random.below(400)));
        }
    }
}

#[test]
#[ignore = "not a test: the body of a process that is killed"]
fn receives() {
    let Some(part) = part() else { return };
    let (ledger, mut random, options) = begin(&part);
    let mut orders = HashMap::new();
    while !ledger.is_stopped(Stop::All) {
        let mut receiver = options.receiver(&part.words[0]).unwrap();
        receive_a_while(&ledger, &mut random, &mut receiver, &mut orders);
    }
}

fn receive_a_while(
    ledger: &Ledger,
    random: &mut Random,
    receiver: &mut Receiver,
    orders: &mut HashMap<u32, u32>,
) {
    for _ in 0..20_000 {
        if ledger.is_stopped(Stop::All) {
            return;
        }
        let within = Duration::from_millis(100);
        let Some(message) = receiver.recv_until(within).unwrap() else { continue };
        let id = ledger::parse(&message.to_vec().unwrap());
        ledger.got(id, Some(message.redelivered()));
        if !message.redelivered() {
            let before = orders.insert(id.0, id.1).unwrap_or(0);
            assert!(before < id.1, "{id:?} came after {before}");
        }
        if random.below(512) == 0 {
            std::thread::sleep(Duration::from_micros(random.below(400)));
        }
        drop(message);
        ledger.gave_back(id);
    }
}
