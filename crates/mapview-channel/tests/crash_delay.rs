//! How soon others go on when a participant is killed on whom they wait. The figures are printed; on a busy machine they say little, so
//! only the generous limit is asserted.

mod support;

use std::time::{Duration, Instant};

use mapview_channel::{Client, ErrorKind, Policy, Receiver, RingOptions, Server};
use mapview_channel::{Subscriber, TopicOptions};
use support::{part, unique, Peer};

const ROUNDS: usize = 15;
/// Much longer than it takes, much shorter than any time after which somebody would only try again.
const LIMIT: Duration = Duration::from_secs(2);

/// Prints the median and the longest, from the kill and from the end of the process, and checks the limit.
#[track_caller]
fn judge(what: &str, delays: Vec<[Duration; 2]>) {
    for (index, since) in ["kill", "end"].into_iter().enumerate() {
        let mut delays: Vec<Duration> = delays.iter().map(|delay| delay[index]).collect();
        delays.sort();
        let (median, longest) = (delays[delays.len() / 2], delays[delays.len() - 1]);
        println!("{what}: since the {since} median {median:?}, longest {longest:?}");
        assert!(median < LIMIT, "{what} takes {median:?}");
    }
}

/// Kills it after a moment in which this thread has begun to wait; when that began, and when it was gone.
fn kill_soon(peer: Peer) -> std::thread::JoinHandle<[Instant; 2]> {
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        let begin = Instant::now();
        peer.kill();
        [begin, Instant::now()]
    })
}

fn many() -> RingOptions {
    RingOptions::new().receivers(2).clone()
}

#[test]
#[ignore = "not a test: the body of a process that holds a message until it is killed"]
fn holds_a_message() {
    let Some(part) = part() else { return };
    let mut receiver: Receiver = many().receiver(&part.words[0]).unwrap();
    part.say("joined");
    let _message = receiver.recv().unwrap();
    part.say("holds");
    while part.hear().is_some() {}
}

#[test]
fn the_message_of_a_dead_receiver_comes_to_another() {
    let mut delays = Vec::new();
    for _ in 0..ROUNDS {
        let name = unique("delay");
        let mut sender = many().sender(&name).unwrap();
        let mut holder = Peer::start("holds_a_message", &[&name]);
        assert_eq!(holder.hear(), "joined");
        sender.send(b"work").unwrap();
        assert_eq!(holder.hear(), "holds");
        let mut receiver = many().receiver(&name).unwrap();
        let killed = kill_soon(holder);
        assert!(receiver.recv().unwrap().redelivered());
        let now = Instant::now();
        delays.push(killed.join().unwrap().map(|then| now.saturating_duration_since(then)));
    }
    judge("ring, a message again", delays);
}

#[test]
#[ignore = "not a test: the body of a process that takes a call and is killed"]
fn takes_a_call() {
    let Some(part) = part() else { return };
    let mut server = Server::open(&part.words[0]).unwrap();
    let _request = server.recv().unwrap();
    part.say("has it");
    while part.hear().is_some() {}
}

#[test]
fn the_client_of_a_dead_server_is_told() {
    let mut delays = Vec::new();
    for _ in 0..ROUNDS {
        let name = unique("delay");
        let client = Client::create(&name).unwrap();
        let mut server = Peer::start("takes_a_call", &[&name]);
        let mut call = client.call(b"work").unwrap();
        assert_eq!(server.hear(), "has it");
        let killed = kill_soon(server);
        let error = call.recv().map(|_| ()).unwrap_err();
        let now = Instant::now();
        assert_eq!(error.kind(), ErrorKind::Abandoned);
        delays.push(killed.join().unwrap().map(|then| now.saturating_duration_since(then)));
    }
    judge("service, abandoned", delays);
}

fn blocking() -> TopicOptions {
    TopicOptions::new().depth(2).policy(Policy::Block).clone()
}

#[test]
#[ignore = "not a test: the body of a process that takes no samples and is killed"]
fn takes_nothing() {
    let Some(part) = part() else { return };
    let _subscriber: Subscriber = blocking().open_subscriber(&part.words[0]).unwrap();
    part.say("subscribed");
    while part.hear().is_some() {}
}

#[test]
fn a_publisher_goes_on_when_the_subscriber_that_it_waits_for_is_dead() {
    let mut delays = Vec::new();
    for _ in 0..ROUNDS {
        let name = unique("delay");
        let mut publisher = blocking().publisher(&name).unwrap();
        let mut subscriber = Peer::start("takes_nothing", &[&name]);
        assert_eq!(subscriber.hear(), "subscribed");
        while publisher.try_publish(b"sample").unwrap() {}
        let killed = kill_soon(subscriber);
        publisher.publish(b"sample").unwrap();
        let now = Instant::now();
        delays.push(killed.join().unwrap().map(|then| now.saturating_duration_since(then)));
    }
    judge("topic, a blocked publisher", delays);
}
