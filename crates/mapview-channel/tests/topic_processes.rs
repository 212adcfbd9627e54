//! Topics between processes that end, are killed and stand still.

mod support;

use std::time::{Duration, Instant};

use mapview_channel::{Policy, Publisher, Sample, Subscriber, TopicOptions};
#[cfg(unix)]
use support::until;
use support::{part, unique, Peer, Random, PATIENCE};

const DEPTH: u32 = 32;

fn options() -> TopicOptions {
    TopicOptions::new().depth(DEPTH).longest(1024).clone()
}

/// A sample of this number: a length and bytes that only this one has.
fn fill(publisher: &mut Publisher, number: u64) {
    let words = 2 + number as usize * 31 % 100;
    let mut loan = publisher.loan(words * 8).unwrap();
    loan.write(0, &number).unwrap();
    (1..words).for_each(|at| loan.write(at * 8, &mixed(number, at)).unwrap());
    loan.publish();
}

fn mixed(number: u64, at: usize) -> u64 {
    Random::new(number << 8 | at as u64).next()
}

/// The number of a sample, of which nothing may be torn.
#[track_caller]
fn check(sample: &Sample) -> u64 {
    let number: u64 = sample.read(0).unwrap();
    assert_eq!(number, sample.sequence(), "it is the sample of another number");
    let words = 2 + number as usize * 31 % 100;
    assert_eq!(sample.len(), words * 8);
    for at in 1..words {
        assert_eq!(
            sample.read::<u64>(at * 8).unwrap(),
            mixed(number, at),
            "sample {number} is torn"
        );
    }
    number
}

#[test]
#[ignore = "not a test: the body of a process that publishes until it is killed"]
fn publishes() {
    let Some(part) = part() else { return };
    part.end_with_the_test();
    let mut publisher = options().publisher(&part.words[0]).unwrap();
    part.say(publisher.sequence());
    loop {
        let number = publisher.sequence();
        fill(&mut publisher, number);
    }
}

#[test]
#[ignore = "not a test: the body of a process that reads and checks until it is killed"]
fn reads() {
    let Some(part) = part() else { return };
    part.end_with_the_test();
    let policy = if part.words[1] == "block" { Policy::Block } else { Policy::Overwrite };
    let mut subscriber = options().policy(policy).subscriber(&part.words[0]).unwrap();
    part.say("ready");
    let mut next = None;
    loop {
        let sample = subscriber.recv().unwrap();
        let number = check(&sample);
        if policy == Policy::Block {
            assert!(next.is_none_or(|next| next == number), "{number} came after {next:?}");
        } else {
            assert!(next.is_none_or(|next| next <= number), "{number} came again");
        }
        next = Some(number + 1);
    }
}

#[test]
fn publishers_are_killed_at_any_moment_and_nothing_is_torn_lost_or_told_twice() {
    let name = unique("publishers-killed");
    let mut subscriber = options().policy(Policy::Block).subscriber(&name).unwrap();
    let mut careless = options().subscriber(&name).unwrap();
    let mut random = Random::new(7);
    let rounds = if std::env::var_os("MAPVIEW_LONG").is_some() { 500 } else { 8 };
    let (mut next, mut seen, mut missed) = (0, 0, 0);
    for round in 0..rounds {
        let mut publisher = Peer::start("publishes", &[&name]);
        let begins: u64 = publisher.hear().parse().unwrap();
        let until = next + 100 + random.below(3000);
        while next < until {
            assert_eq!(check(&subscriber.recv().unwrap()), next, "one publisher's order");
            next += 1;
            if random.below(8) == 0 {
                while let Some(sample) = careless.try_recv().unwrap() {
                    let number = check(&sample);
                    missed += number - seen;
                    seen = number + 1;
                }
            }
        }
        publisher.kill();
        // What it published before its end is there.
        while let Some(sample) = subscriber.try_recv().unwrap() {
            assert_eq!(check(&sample), next);
            next += 1;
        }
        assert!(begins <= next && (round > 0 || begins == 0));
    }
    while let Some(sample) = careless.try_recv().unwrap() {
        let number = check(&sample);
        missed += number - seen;
        seen = number + 1;
    }
    assert_eq!((seen, missed), (next, careless.dropped()));
    // The next one goes on where they ended.
    assert_eq!(options().publisher(&name).unwrap().sequence(), next);
}

#[test]
fn subscribers_are_killed_at_any_moment_and_the_publisher_goes_on() {
    let name = unique("subscribers-killed");
    let mut publisher = options().publisher(&name).unwrap();
    let mut witness = options().subscriber(&name).unwrap();
    let mut random = Random::new(11);
    let rounds = if std::env::var_os("MAPVIEW_LONG").is_some() { 500 } else { 8 };
    let (mut number, mut seen) = (0, 0);
    for round in 0..rounds {
        let policy = ["block", "overwrite"][round % 2];
        let mut peers: Vec<_> = (0..2).map(|_| Peer::start("reads", &[&name, policy])).collect();
        peers.iter_mut().for_each(|peer| assert_eq!(peer.hear(), "ready"));
        let mut kill_at: Vec<u64> = (0..2).map(|_| number + random.below(3000)).collect();
        while !peers.is_empty() {
            if kill_at[0] <= number {
                kill_at.remove(0);
                // It had no complaint until then.
                peers.remove(0).kill();
            }
            fill(&mut publisher, number);
            number += 1;
        }
        // Nobody is left for whom it would have to wait.
        for _ in 0..u64::from(DEPTH) * 3 {
            fill(&mut publisher, number);
            number += 1;
        }
        while let Some(sample) = witness.try_recv().unwrap() {
            let number = check(&sample);
            assert!(seen <= number);
            seen = number + 1;
        }
        assert_eq!(seen, number);
    }
}

#[test]
#[ignore = "not a test: the body of a process that says how long its publisher waited"]
fn waits_for_room() {
    let Some(part) = part() else { return };
    let mut publisher = options().publisher(&part.words[0]).unwrap();
    (0..u64::from(DEPTH)).for_each(|number| fill(&mut publisher, number));
    assert!(publisher.try_loan(8).unwrap().is_none());
    part.say("full");
    assert!(publisher.loan_until(8, PATIENCE).unwrap().is_some());
    part.say("room");
}

#[test]
#[cfg(unix)] // processes are stopped by signals
fn a_publisher_waits_for_a_stopped_subscriber_only_if_that_chose_so() {
    let name = unique("stopped");
    let mut stopped = Peer::start("reads", &[&name, "overwrite"]);
    assert_eq!(stopped.hear(), "ready");
    stopped.stop();
    let mut publisher = options().publisher(&name).unwrap();
    (0..1000).for_each(|number| fill(&mut publisher, number));
    stopped.go_on();
    drop(stopped);

    let mut stopped = Peer::start("reads", &[&name, "block"]);
    assert_eq!(stopped.hear(), "ready");
    stopped.stop();
    // It waits for as many as were agreed, and no longer than it wants to.
    let begin = publisher.sequence();
    until("the publisher is held up", || {
        if publisher.try_loan(8).unwrap().is_none() {
            return true;
        }
        let number = publisher.sequence();
        fill(&mut publisher, number);
        false
    });
    assert_eq!(publisher.sequence() - begin, u64::from(DEPTH));
    assert!(publisher.loan_until(8, Duration::from_millis(3)).unwrap().is_none());
    // And when it goes on, all go on.
    stopped.go_on();
    assert!(publisher.loan_until(8, PATIENCE).unwrap().is_some());
    stopped.kill();
}

#[test]
fn a_publisher_that_waits_goes_on_soon_after_the_death_of_whom_it_waits_for() {
    let name = unique("waits");
    let subscriber = Peer::start("sits", &[&name]);
    let mut publisher = Peer::start("waits_for_room", &[&name]);
    assert_eq!(publisher.hear(), "full");
    assert!(publisher.heard().is_none());
    let begin = Instant::now();
    subscriber.kill();
    assert_eq!(publisher.hear(), "room");
    assert!(begin.elapsed() < PATIENCE);
    publisher.join();
}

#[test]
#[ignore = "not a test: the body of a process that subscribes and reads nothing"]
fn sits() {
    let Some(part) = part() else { return };
    let _subscriber = options().policy(Policy::Block).subscriber(&part.words[0]).unwrap();
    part.say("ready");
    while part.hear().is_some() {}
}

#[test]
#[ignore = "not a test: the body of a process that holds a sample"]
fn holds() {
    let Some(part) = part() else { return };
    let mut subscriber = options().history(1).subscriber(&part.words[0]).unwrap();
    let sample = subscriber.recv().unwrap();
    part.say(check(&sample));
    while part.hear().is_some() {
        part.say(check(&sample));
    }
}

#[test]
fn samples_are_held_across_processes() {
    let name = unique("held-across");
    let mut publisher = options().publisher(&name).unwrap();
    fill(&mut publisher, 0);
    let mut peers: Vec<_> = (0..3).map(|_| Peer::start("holds", &[&name])).collect();
    peers.iter_mut().for_each(|peer| assert_eq!(peer.hear(), "0"));
    let mut number = 1;
    while let Some(mut peer) = peers.pop() {
        for _ in 0..1000 {
            fill(&mut publisher, number);
            number += 1;
        }
        peer.say("look");
        assert_eq!(peer.hear(), "0");
        peer.kill();
    }
    // The seats of the dead are taken by others, and their name ends with the last.
    let seats: Vec<Subscriber> = (0..60).map(|_| options().subscriber(&name).unwrap()).collect();
    drop((seats, publisher));
    assert!(Publisher::open(&name).is_err());
}

#[test]
fn a_subscriber_that_sleeps_is_woken_by_every_publisher() {
    let name = unique("woken");
    let mut subscriber = options().subscriber(&name).unwrap();
    for round in 0..3 {
        let publisher = std::thread::spawn({
            let name = name.clone();
            move || {
                // Long enough to be asleep for good, usually; if not, the test shows less.
                std::thread::sleep(Duration::from_millis(150));
                options().publisher(&name).unwrap().publish(&[round]).unwrap();
            }
        });
        assert_eq!(subscriber.recv().unwrap().read::<u8>(0).unwrap(), round);
        publisher.join().unwrap();
    }
}
