//! Rings and objects of the system in one wait.

mod support;

use std::time::Duration;

use mapview::{Deadline, Event, Mutex, Process, Reset, Semaphore};
use mapview_channel::{wait_any, ErrorKind, Receiver, RingOptions, Sender, Waitable};
use support::{part, unique, Peer};

fn pair(name: &str) -> (Sender, Receiver) {
    (Sender::create(name).unwrap(), Receiver::create(name).unwrap())
}

#[track_caller]
fn ready(waitables: &mut [Waitable<'_>], deadline: impl Into<Deadline>) -> Option<usize> {
    wait_any(waitables, deadline).unwrap().map(|ready| ready.index())
}

#[test]
#[ignore = "not a test: the body of a process that sends, signals and reads when it is told"]
fn acts() {
    let Some(part) = part() else { return };
    let mut sender = Sender::open(&part.words[0]).unwrap();
    let mut receiver = Receiver::open(&part.words[1]).unwrap();
    let event = Event::open(&part.words[2]).unwrap();
    part.say("ready");
    while let Some(word) = part.hear() {
        match word.as_str() {
            "send" => sender.send(b"x").unwrap(),
            "read" => (0..10).for_each(|_| drop(receiver.recv().unwrap())),
            _ => event.set().unwrap(),
        }
        part.say("done");
    }
}

#[test]
#[ignore = "not a test: the body of a process that gets a message and holds it"]
fn holds() {
    let Some(part) = part() else { return };
    let mut receiver = Receiver::open(&part.words[0]).unwrap();
    let _message = receiver.recv().unwrap();
    part.say("holds");
    part.hear();
}

#[test]
fn the_first_that_is_ready_is_told_and_of_channels_nothing_is_taken() {
    let (mut sender, mut receiver) = pair(&unique("first"));
    let (count, manual) =
        (Semaphore::create("", 2, 9).unwrap(), Event::create("", Reset::Manual).unwrap());
    let look = |receiver: &mut Receiver| {
        let (event, count) = (Waitable::object(&manual), Waitable::object(&count));
        ready(&mut [event, receiver.waitable(), count], Deadline::now())
    };
    assert_eq!(look(&mut receiver), Some(2));
    sender.send(b"one").unwrap();
    for _ in 0..3 {
        assert_eq!(look(&mut receiver), Some(1));
    }
    assert_eq!(receiver.recv().unwrap().to_vec().unwrap(), b"one");
    assert_eq!(look(&mut receiver), Some(2));
    assert_eq!(look(&mut receiver), None, "both of the semaphore were taken");
    manual.set().unwrap();
    assert_eq!(look(&mut receiver), Some(0));
}

#[test]
fn a_sleeper_is_woken_by_whichever_comes_from_another_process() {
    let (there, back, event) = (unique("there"), unique("back"), unique("event"));
    let mut receiver = Receiver::create(&there).unwrap();
    let mut sender = Sender::create(&back).unwrap();
    let signal = Event::create(&event, Reset::Auto).unwrap();
    let mut peer = Peer::start("acts", &[&there, &back, &event]);
    assert_eq!(peer.hear(), "ready");
    while sender.try_send(&[0; 1000]).unwrap() {}
    let words = ["send", "read", "signal", "read", "signal", "send"];
    for (round, word) in words.iter().cycle().take(60).enumerate() {
        // Now and then after it sleeps for long.
        let told = std::thread::spawn({
            let pause = Duration::from_micros([0, 50, 300, 3000, 15000][round % 5]);
            let (mut peer, word) = (peer, word.to_string());
            move || {
                std::thread::sleep(pause);
                peer.say(&word);
                peer
            }
        });
        let mut waitables =
            [receiver.waitable(), sender.waitable(1000).unwrap(), Waitable::object(&signal)];
        let index = ready(&mut waitables, Deadline::never()).unwrap();
        peer = told.join().unwrap();
        assert_eq!(peer.hear(), "done");
        match *word {
            "send" => {
                assert_eq!(index, 0);
                receiver.try_recv().unwrap().unwrap();
            }
            "read" => {
                assert_eq!(index, 1);
                assert!(sender.try_send(&[0; 1000]).unwrap());
                while sender.try_send(&[0; 1000]).unwrap() {}
            }
            _ => assert_eq!(index, 2),
        }
    }
    assert_eq!(
        ready(&mut [receiver.waitable(), Waitable::object(&signal)], Duration::from_millis(2)),
        None
    );
    peer.kill();
}

#[test]
fn the_end_of_a_process_and_an_abandoned_mutex_are_told() {
    let (name, other) = (unique("ends"), unique("other"));
    let mut receiver = Receiver::create(&name).unwrap();
    let _back = Sender::create(&other).unwrap();
    let event = unique("unused");
    let _event = Event::create(&event, Reset::Auto).unwrap();
    let peer = Peer::start("acts", &[&name, &other, &event]);
    let process = Process::open(peer.pid()).unwrap();
    let killer = std::thread::spawn(move || peer.kill());
    let mut waitables = [receiver.waitable(), Waitable::object(&process)];
    assert_eq!(ready(&mut waitables, Deadline::never()), Some(1), "so a receiver can notice");
    killer.join().unwrap();

    let mutex = Mutex::create("").unwrap();
    std::thread::scope(|scope| scope.spawn(|| std::mem::forget(mutex.lock().unwrap())).join())
        .unwrap();
    let mut waitables = [receiver.waitable(), Waitable::object(&mutex)];
    let got = wait_any(&mut waitables, Deadline::never()).unwrap().unwrap();
    assert!(got.index() == 1 && got.abandoned());
    mutex.unlock().unwrap();
}

#[test]
fn a_message_whose_receiver_is_killed_is_ready_for_another() {
    let name = unique("redelivered");
    let options = RingOptions::new().receivers(2).clone();
    let mut sender = options.sender(&name).unwrap();
    let mut peer = Peer::start("holds", &[&name]);
    sender.send(b"x").unwrap();
    assert_eq!(peer.hear(), "holds");
    let mut receiver = options.receiver(&name).unwrap();
    let never = Event::create("", Reset::Auto).unwrap();
    let mut waitables = [Waitable::object(&never), receiver.waitable()];
    assert_eq!(ready(&mut waitables, Duration::from_millis(5)), None);
    let killer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        peer.kill();
    });
    assert_eq!(ready(&mut waitables, Deadline::never()), Some(1));
    assert!(receiver.try_recv().unwrap().unwrap().redelivered());
    killer.join().unwrap();
}

#[test]
fn nothing_or_too_much_to_wait_for_is_refused() {
    assert_eq!(wait_any(&mut [], Deadline::now()).unwrap_err().kind(), ErrorKind::InvalidParameter);
    let event = Event::create("", Reset::Auto).unwrap();
    let mut many: Vec<Waitable<'_>> = (0..33).map(|_| Waitable::object(&event)).collect();
    let refused = wait_any(&mut many, Deadline::now()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidParameter);
    let mut sender = Sender::create(&unique("long")).unwrap();
    assert_eq!(sender.waitable(1 << 20).unwrap_err().kind(), ErrorKind::TooLong);
}
