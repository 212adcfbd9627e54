//! Rings of many receivers: who gets a message, and what becomes of it when that one ends or stops.

mod support;

use std::collections::HashSet;
use std::time::Duration;

use mapview_channel::{ErrorKind, Receiver, RingOptions, Sender};
use support::{part, unique, Peer};

fn options(senders: usize, receivers: usize) -> RingOptions {
    RingOptions::new().senders(senders).receivers(receivers).clone()
}

fn number(sender: &mut Sender, number: u64) {
    sender.send(&number.to_le_bytes()).unwrap();
}

#[test]
#[ignore = "not a test: the body of a process that gets a message and holds it until it is told"]
fn holds() {
    let Some(part) = part() else { return };
    let mut receiver = Receiver::open(&part.words[0]).unwrap();
    let message = receiver.recv().unwrap();
    part.say(format!("{} {}", message.read::<u64>(0).unwrap(), message.redelivered()));
    if part.hear().is_none() {
        std::process::exit(0);
    }
    message.release();
    part.say("released");
    part.hear();
}

#[test]
#[ignore = "not a test: the body of a process that says which numbers it got, until it is told to end"]
fn works() {
    let Some(part) = part() else { return };
    let mut receiver = Receiver::open(&part.words[0]).unwrap();
    part.say("ready");
    loop {
        let message = receiver.recv().unwrap();
        match message.read::<u64>(0).unwrap() {
            u64::MAX => return,
            number => part.say(number),
        }
    }
}

#[test]
fn each_message_goes_to_one_of_the_processes() {
    const MESSAGES: u64 = 3000;
    let (name, options) = (unique("workers"), options(2, 3));
    let mut senders = [options.sender(&name).unwrap(), options.sender(&name).unwrap()];
    let mut peers: Vec<Peer> = (0..3).map(|_| Peer::start("works", &[&name])).collect();
    peers.iter_mut().for_each(|peer| assert_eq!(peer.hear(), "ready"));
    assert_eq!(senders[0].receivers().unwrap(), 3);
    for count in 0..MESSAGES {
        number(&mut senders[count as usize % 2], count);
    }
    let mut seen = HashSet::new();
    support::until("all are got", || {
        for peer in &mut peers {
            while let Some(got) = peer.heard() {
                assert!(seen.insert(got.parse::<u64>().unwrap()), "{got} came twice");
            }
        }
        seen.len() as u64 == MESSAGES
    });
    (0..3).for_each(|_| number(&mut senders[0], u64::MAX));
    peers.into_iter().for_each(Peer::join);
}

#[test]
fn what_a_killed_receiver_held_goes_to_one_that_sleeps() {
    let (name, options) = (unique("killed"), options(1, 2));
    let mut sender = options.sender(&name).unwrap();
    let mut peer = Peer::start("holds", &[&name]);
    number(&mut sender, 42);
    assert_eq!(peer.hear(), "42 false");
    let mut receiver = options.receiver(&name).unwrap();
    let waits = std::thread::spawn(move || {
        let message = receiver.recv().unwrap();
        (message.read::<u64>(0).unwrap(), message.redelivered())
    });
    // It sleeps for long by now; no message comes that could wake it.
    support::until("it sleeps", || asleep(&name));
    std::thread::sleep(Duration::from_millis(150));
    peer.kill();
    assert_eq!(waits.join().unwrap(), (42, true));
}

/// Whether a receiver of the ring sleeps.
fn asleep(name: &str) -> bool {
    let info = mapview_channel::observe(name).unwrap();
    info.participants.iter().any(|who| who.asleep)
}

#[test]
fn one_that_comes_while_others_sleep_is_watched_over_too() {
    let (name, options) = (unique("late"), options(1, 2));
    let mut sender = options.sender(&name).unwrap();
    let mut receiver = options.receiver(&name).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let waits = std::thread::spawn(move || loop {
        let message = receiver.recv().unwrap();
        if tell.send((message.read::<u64>(0).unwrap(), message.redelivered())).is_err() {
            return;
        }
    });
    support::until("it sleeps", || asleep(&name));
    // Whoever of both gets a message; sooner or later the new one does.
    let mut peer = Peer::start("holds", &[&name]);
    let mut sent = 0;
    let held = loop {
        number(&mut sender, sent);
        sent += 1;
        if let Ok((got, again)) = told.recv_timeout(Duration::from_millis(20)) {
            assert_eq!((got, again), (sent - 1, false));
            continue;
        }
        match peer.heard() {
            Some(held) => break held,
            None => assert_eq!(told.recv().unwrap(), (sent - 1, false)),
        }
    };
    assert_eq!(held, format!("{} false", sent - 1));
    peer.kill();
    assert_eq!(told.recv().unwrap(), (sent - 1, true));
    drop(told);
    number(&mut sender, 0);
    waits.join().unwrap();
}

#[test]
fn what_a_killed_receiver_held_comes_between_the_messages_of_a_stream() {
    let (name, options) = (unique("stream"), options(1, 2));
    let mut sender = options.sender(&name).unwrap();
    let mut peer = Peer::start("holds", &[&name]);
    number(&mut sender, 1 << 40);
    assert_eq!(peer.hear(), format!("{} false", 1_u64 << 40));
    let mut receiver = options.receiver(&name).unwrap();
    (0..100).for_each(|count| number(&mut sender, count));
    (0..50).for_each(|count| {
        assert_eq!(receiver.recv().unwrap().read::<u64>(0).unwrap(), count);
    });
    peer.kill();
    let mut before = 0;
    loop {
        let message = receiver.try_recv().unwrap().expect("it comes before the stream ends");
        if message.redelivered() {
            assert_eq!(message.read::<u64>(0).unwrap(), 1 << 40);
            break;
        }
        before += 1;
    }
    assert!(before < 50);
}

#[test]
fn one_that_comes_later_gets_what_the_dead_held() {
    let (name, options) = (unique("heir"), options(1, 2));
    let mut sender = options.sender(&name).unwrap();
    let mut peer = Peer::start("holds", &[&name]);
    (0..3).for_each(|count| number(&mut sender, count));
    assert_eq!(peer.hear(), "0 false");
    peer.kill();
    assert_eq!(sender.receivers().unwrap(), 0);
    let mut heir = options.receiver(&name).unwrap();
    let mut got: Vec<(u64, bool)> = (0..3)
        .map(|_| {
            let message = heir.recv().unwrap();
            (message.read(0).unwrap(), message.redelivered())
        })
        .collect();
    got.sort();
    assert_eq!(got, [(0, true), (1, false), (2, false)]);
}

#[test]
fn one_at_a_time_gets_again_what_the_last_one_held() {
    let (name, options) = (unique("single"), options(1, 1));
    let mut sender = options.sender(&name).unwrap();
    let mut peer = Peer::start("holds", &[&name]);
    (0..2).for_each(|count| number(&mut sender, count));
    assert_eq!(peer.hear(), "0 false");
    assert_eq!(options.receiver(&name).unwrap_err().kind(), ErrorKind::Occupied);
    peer.kill();
    let mut heir = options.receiver(&name).unwrap();
    for expected in [(0, true), (1, false)] {
        let message = heir.recv().unwrap();
        assert_eq!((message.read::<u64>(0).unwrap(), message.redelivered()), expected);
    }
}

#[test]
fn a_message_that_was_forgotten_is_released_by_the_next_or_offered_again_at_the_end() {
    let (name, options) = (unique("forgotten"), options(1, 2));
    let mut sender = options.sender(&name).unwrap();
    let mut forgets = options.receiver(&name).unwrap();
    let mut other = options.receiver(&name).unwrap();
    (0..3).for_each(|count| number(&mut sender, count));
    std::mem::forget(forgets.recv().unwrap());
    std::mem::forget(forgets.recv().unwrap());
    assert_eq!(mapview_channel::observe(&name).unwrap().depth, 2);
    assert_eq!(other.recv().unwrap().read::<u64>(0).unwrap(), 2);
    drop(forgets);
    let message = other.try_recv().unwrap().expect("offered again");
    assert_eq!((message.read::<u64>(0).unwrap(), message.redelivered()), (1, true));
}

#[cfg(unix)]
#[test]
fn a_stopped_receiver_holds_up_what_it_holds_and_then_the_room() {
    let (name, options) = (unique("stopped"), options(1, 2));
    let mut sender = options.sender(&name).unwrap();
    let mut peer = Peer::start("holds", &[&name]);
    number(&mut sender, 0);
    assert_eq!(peer.hear(), "0 false");
    peer.stop();
    let mut receiver = options.receiver(&name).unwrap();
    // Everything else goes on, until the room of the ring is used up behind the one that is held.
    let mut room = 1 << 16;
    for count in 1_u64.. {
        if !sender.try_send(&[count as u8; 1000]).unwrap() {
            break;
        }
        room -= 1000;
        let message = receiver.try_recv().unwrap().expect("it is not held up");
        assert_eq!(message.to_vec().unwrap(), [count as u8; 1000]);
    }
    assert!((0..2000).contains(&room), "{room} bytes were left");
    assert!(!sender.send_until(&[1; 1000], Duration::from_millis(1)).unwrap());
    assert!(receiver.try_recv().unwrap().is_none(), "a living one keeps what it holds");
    peer.go_on();
    peer.say("release");
    assert_eq!(peer.hear(), "released");
    assert!(sender.try_send(&[1; 1000]).unwrap());
    peer.join();
}

#[test]
fn messages_outlive_all_participants_but_the_one_that_keeps_the_ring() {
    let (name, options) = (unique("keeps"), options(2, 2));
    let keeper = options.receiver(&name).unwrap();
    for round in 0..300_u64 {
        let mut sender = options.sender(&name).unwrap();
        number(&mut sender, round);
        drop(sender);
        let mut receiver = options.receiver(&name).unwrap();
        let message = receiver.try_recv().unwrap().expect("it is there");
        assert_eq!((message.read::<u64>(0).unwrap(), message.redelivered()), (round, false));
    }
    drop(keeper);
    let gone = Receiver::open(&name).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Object(mapview::ErrorKind::NotFound));
}
