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

#[test]
#[ignore = "not a test: the body of a process that receives until it is killed"]
fn sits() {
    let Some(part) = part() else { return };
    let _receiver = Receiver::open(&part.words[0]).unwrap();
    part.say("sits");
    while part.hear().is_some() {}
}

/// Whoever looks whether somebody lives holds for that moment what tells it; that must not turn anybody away.
#[test]
fn the_seat_of_one_who_died_under_the_eyes_of_others_is_free() {
    let name = unique("watched");
    let _sender = Sender::create(&name).unwrap();
    let mut sitting = Peer::start("sits", &[&name]);
    assert_eq!(sitting.hear(), "sits");
    let lives = mapview::objects().unwrap().into_iter().map(|object| object.name);
    let lives = lives.filter(|name| name.to_string().contains("mapview-channel.life."));
    let seen: Vec<_> = lives.filter_map(|life| mapview::Event::open(&life).ok()).collect();
    sitting.kill();
    let looker = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        drop(seen);
    });
    Receiver::open(&name).map(drop).unwrap();
    looker.join().unwrap();
}
