//! Participants that are killed after each single instruction of what they do: others go on, and what is half done does not exist.
#![cfg(target_os = "linux")]

#[path = "support/stepping.rs"]
mod stepping;
mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use mapview_channel::{Receiver, Sender};
use stepping::{moments, stepped, Stepped};
use support::{part, unique};

/// Nothing here has to wait for anybody.
const AT_ONCE: Duration = Duration::from_secs(5);

fn text(number: u32) -> Vec<u8> {
    format!("message {number} ").repeat(10).into_bytes()
}

fn next(receiver: &mut Receiver) -> Vec<u8> {
    let message = receiver.recv_until(AT_ONCE).unwrap().expect("it was committed");
    message.to_vec().unwrap()
}

#[test]
#[ignore = "not a test: the body of a process that is driven through sending"]
fn sends() {
    let Some(part) = part() else { return };
    let mut sender = Sender::open(&part.words[1]).unwrap();
    sender.send(&text(1)).unwrap();
    stepped(&part, || {
        let mut draft = sender.reserve(text(2).len()).unwrap();
        draft.copy_in(0, &text(2)).unwrap();
        draft.commit();
    });
}

/// A ring whose sender is about to send its second message, and its receiver.
fn sending() -> (String, Receiver, Stepped) {
    let name = unique("steps");
    let mut receiver = Receiver::create(&name).unwrap();
    let victim = Stepped::start("sends", &[&name]);
    assert_eq!(next(&mut receiver), text(1));
    (name, receiver, victim)
}

#[test]
fn a_sender_that_stops_at_any_instruction_has_sent_all_of_a_message_or_none() {
    let (_, mut receiver, mut victim) = sending();
    let mut came = 0;
    while victim.step() {
        if let Some(message) = receiver.try_recv().unwrap() {
            assert_eq!(message.to_vec().unwrap(), text(2));
            came += 1;
        }
    }
    assert_eq!(came, 1);
    victim.kill();
}

#[test]
fn a_sender_may_be_killed_after_any_instruction_of_sending() {
    let all = sending().2.steps(u64::MAX);
    let mut seen = BTreeSet::new();
    for moment in moments(all) {
        let (name, mut receiver, mut victim) = sending();
        victim.steps(moment);
        victim.kill();
        let mut sender = Sender::open(&name).unwrap_or_else(|why| panic!("at {moment}: {why}"));
        sender.send(&text(3)).unwrap();
        let mut came = next(&mut receiver);
        seen.insert(came == text(2));
        if came == text(2) {
            came = next(&mut receiver);
        }
        assert_eq!(came, text(3), "killed after {moment} instructions of {all}");
    }
    assert_eq!(seen.len(), 2, "it was killed before and after the commit");
}

#[test]
#[ignore = "not a test: the body of a process that is driven through receiving"]
fn receives() {
    let Some(part) = part() else { return };
    let mut receiver = Receiver::open(&part.words[1]).unwrap();
    stepped(&part, || {
        let message = receiver.recv().unwrap();
        assert_eq!(message.to_vec().unwrap(), text(1));
        message.release();
    });
}

fn receiving() -> (String, Sender, Stepped) {
    let name = unique("steps");
    let mut sender = Sender::create(&name).unwrap();
    sender.send(&text(1)).unwrap();
    sender.send(&text(2)).unwrap();
    let victim = Stepped::start("receives", &[&name]);
    (name, sender, victim)
}

#[test]
fn a_receiver_may_be_killed_after_any_instruction_of_receiving() {
    let all = receiving().2.steps(u64::MAX);
    let mut seen = BTreeSet::new();
    for moment in moments(all) {
        let (name, mut sender, mut victim) = receiving();
        victim.steps(moment);
        victim.kill();
        let mut receiver = Receiver::open(&name).unwrap_or_else(|why| panic!("at {moment}: {why}"));
        let message = receiver.recv_until(AT_ONCE).unwrap().expect("two were committed");
        let first = message.to_vec().unwrap() == text(1);
        seen.insert(first.then_some(message.redelivered()));
        let second = if first { None } else { Some(message.to_vec().unwrap()) };
        drop(message);
        let second = second.unwrap_or_else(|| next(&mut receiver));
        assert_eq!(second, text(2), "killed after {moment} instructions of {all}");
        sender.send(&text(3)).unwrap();
        assert_eq!(next(&mut receiver), text(3));
    }
    let not_begun_held_and_released = BTreeSet::from([Some(false), Some(true), None]);
    assert_eq!(seen, not_begun_held_and_released);
}
