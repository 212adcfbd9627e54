//! Rings of many senders.

mod support;

use mapview_channel::{ErrorKind, Receiver, RingOptions, Sender};
use support::{part, unique, Peer};

fn options(senders: usize) -> RingOptions {
    RingOptions::new().senders(senders).clone()
}

fn number(sender: &mut Sender, number: u64) {
    sender.send(&number.to_le_bytes()).unwrap();
}

/// Sender and number of the next message.
fn next(receiver: &mut Receiver) -> (usize, u64) {
    let message = receiver.recv().unwrap();
    (message.sender(), message.read(0).unwrap())
}

#[test]
#[ignore = "not a test: the body of a process that sends numbers from 0 on"]
fn counts() {
    let Some(part) = part() else { return };
    let mut sender = Sender::open(&part.words[0]).unwrap();
    part.say(sender.id());
    part.hear();
    for count in 0..part.number(1) {
        number(&mut sender, count);
    }
}

#[test]
fn processes_send_at_once_and_what_each_sent_stays_in_order() {
    const SENDERS: usize = 4;
    const EACH: u64 = 3000;
    let name = unique("at-once");
    let mut receiver = options(SENDERS).receiver(&name).unwrap();
    let count = EACH.to_string();
    let mut peers: Vec<Peer> =
        (0..SENDERS).map(|_| Peer::start("counts", &[&name, &count])).collect();
    let ids: Vec<String> = peers.iter_mut().map(Peer::hear).collect();
    let mut sorted = ids.clone();
    sorted.sort();
    assert_eq!(sorted, ["0", "1", "2", "3"]);
    peers.iter_mut().for_each(|peer| peer.say("go"));
    let mut expected = [0; SENDERS];
    for _ in 0..SENDERS as u64 * EACH {
        let (sender, number) = next(&mut receiver);
        assert_eq!(number, expected[sender]);
        expected[sender] += 1;
    }
    assert!(receiver.try_recv().unwrap().is_none());
    peers.into_iter().for_each(Peer::join);
    assert_eq!(receiver.senders().unwrap(), 0);
}

#[test]
fn a_sender_that_floods_does_not_keep_others_waiting() {
    let (name, options) = (unique("flood"), options(3));
    let mut receiver = options.receiver(&name).unwrap();
    let mut flooding = options.sender(&name).unwrap();
    (0..900).for_each(|count| number(&mut flooding, count));
    let mut others: Vec<Sender> = (0..2).map(|_| options.sender(&name).unwrap()).collect();
    for other in &mut others {
        (0..10).for_each(|count| number(other, count));
    }
    let first: Vec<usize> = (0..100).map(|_| next(&mut receiver).0).collect();
    let of = |sender| first.iter().filter(|from| **from == sender).count();
    assert_eq!((of(1), of(2)), (10, 10), "all others came among the first hundred");
}

#[test]
fn what_a_killed_sender_sent_comes_and_its_place_goes_to_the_next() {
    let name = unique("killed");
    let mut receiver = options(2).receiver(&name).unwrap();
    let mut peer = Peer::start("counts", &[&name, "1000000"]);
    assert_eq!(peer.hear(), "0");
    let mut living = Sender::open(&name).unwrap();
    assert_eq!((living.id(), receiver.senders().unwrap()), (1, 2));
    peer.say("go");
    for count in 0..500 {
        assert_eq!(next(&mut receiver), (0, count));
    }
    peer.kill();
    assert_eq!(receiver.senders().unwrap(), 1);
    number(&mut living, 7);
    let mut heir = Sender::open(&name).unwrap();
    assert_eq!(heir.id(), 0);
    // The lane may be full of what the dead one sent.
    let mut is_sent = false;
    let (mut expected, mut of_living) = (500, 0);
    loop {
        is_sent = is_sent || heir.try_send(&u64::MAX.to_le_bytes()).unwrap();
        match next(&mut receiver) {
            (1, 7) => of_living += 1,
            (0, u64::MAX) => break,
            (from, number) => {
                assert_eq!((from, number), (0, expected), "whole, and in order");
                expected += 1;
            }
        }
    }
    while let Some(message) = receiver.try_recv().unwrap() {
        assert_eq!(message.sender(), 1);
        of_living += 1;
    }
    assert_eq!(of_living, 1);
}

#[test]
fn there_are_as_many_senders_as_were_asked_for() {
    let (name, options) = (unique("places"), options(63));
    let mut senders: Vec<Sender> = (0..63).map(|_| options.sender(&name).unwrap()).collect();
    let error = options.sender(&name).unwrap_err();
    assert_eq!((error.kind(), error.channel()), (ErrorKind::Occupied, name.as_str()));
    let mut receiver = options.receiver(&name).unwrap();
    senders.iter_mut().for_each(|sender| number(sender, sender.id() as u64));
    let mut all: Vec<(usize, u64)> = (0..63).map(|_| next(&mut receiver)).collect();
    all.sort();
    assert!(all.iter().enumerate().all(|(id, got)| *got == (id, id as u64)));
    senders.remove(20);
    assert_eq!(options.sender(&name).unwrap().id(), 20);
    for wrong in [0, 64, usize::MAX] {
        let refused = RingOptions::new().senders(wrong).sender(&unique("wrong"));
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidParameter);
        let refused = RingOptions::new().receivers(wrong).receiver(&unique("wrong"));
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidParameter);
    }
    let other = RingOptions::new().senders(62).sender(&name).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::Mismatch);
    assert!(other.to_string().contains("number of senders is 63, not 62"), "{other}");
}

#[test]
fn a_full_ring_keeps_only_its_own_sender_waiting() {
    let (name, options) = (unique("full"), options(2));
    let mut one = options.sender(&name).unwrap();
    let mut other = options.sender(&name).unwrap();
    while one.try_send(&[1; 1000]).unwrap() {}
    assert!(other.try_send(&[2; 1000]).unwrap());
    let mut receiver = options.receiver(&name).unwrap();
    let waits = std::thread::spawn(move || one.send(&[3; 1000]).map(|()| one));
    loop {
        let message = receiver.recv().unwrap();
        if message.read::<u8>(0).unwrap() == 3 {
            break;
        }
    }
    waits.join().unwrap().unwrap();
}
