//! Rings between processes.

mod support;

use mapview_channel::{Receiver, Sender};
use support::{part, unique, Peer};

#[test]
#[ignore = "not a test: the body of a process that sends back what it gets"]
fn echo() {
    let Some(part) = part() else { return };
    let mut receiver = Receiver::open(&part.words[0]).unwrap();
    let mut sender = Sender::open(&part.words[1]).unwrap();
    part.say("ready");
    loop {
        let message = receiver.recv().unwrap();
        if message.is_empty() {
            return;
        }
        sender.send(&message.to_vec().unwrap()).unwrap();
    }
}

#[test]
fn two_processes_talk() {
    let (there, back) = (unique("there"), unique("back"));
    let (mut sender, mut receiver) =
        (Sender::create(&there).unwrap(), Receiver::create(&back).unwrap());
    let mut peer = Peer::start("echo", &[&there, &back]);
    assert_eq!(peer.hear(), "ready");
    for round in 0..1000_usize {
        let message = vec![round as u8; 1 + round * 37 % 3000];
        sender.send(&message).unwrap();
        assert_eq!(receiver.recv().unwrap().to_vec().unwrap(), message);
    }
    sender.send(b"").unwrap();
    peer.join();
}
