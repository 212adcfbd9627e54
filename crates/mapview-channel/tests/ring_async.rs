//! Rings in async functions: tokio, several processes.

mod support;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mapview_channel::{Receiver, RingOptions, Sender, TypedReceiver, TypedSender};
use support::{part, unique, Peer};

fn pair(name: &str) -> (Sender, Receiver) {
    (Sender::create(name).unwrap(), Receiver::create(name).unwrap())
}

fn movable<F: Future + Send>(future: F) -> F {
    future
}

fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

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
#[ignore = "not a test: the body of a process that gets a message and holds it"]
fn holds() {
    let Some(part) = part() else { return };
    let mut receiver = Receiver::open(&part.words[0]).unwrap();
    let _message = receiver.recv().unwrap();
    part.say("holds");
    part.hear();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_talk_to_another_process() {
    let (there, back) = (unique("there"), unique("back"));
    let (mut sender, mut receiver) =
        (Sender::create(&there).unwrap(), Receiver::create(&back).unwrap());
    let mut peer = Peer::start("echo", &[&there, &back]);
    assert_eq!(peer.hear(), "ready");
    let sends = tokio::spawn(async move {
        for number in 0..200_u64 {
            sender.send_async(&number.to_le_bytes()).await.unwrap();
            if number % 40 == 0 {
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
        }
        sender.send_async(b"").await.unwrap();
    });
    let gets = tokio::spawn(async move {
        for number in 0..200_u64 {
            let message = movable(receiver.recv_async()).await.unwrap();
            assert_eq!(message.read::<u64>(0).unwrap(), number);
        }
    });
    sends.await.unwrap();
    gets.await.unwrap();
    peer.join();
}

#[test]
fn a_dropped_future_has_taken_and_sent_nothing() {
    let (mut sender, mut receiver) = pair(&unique("dropped"));
    for _ in 0..3 {
        assert!(poll_once(receiver.recv_async()).is_none());
    }
    sender.send(b"one").unwrap();
    let got = poll_once(receiver.recv_async()).unwrap().unwrap().to_vec().unwrap();
    assert_eq!(got, b"one");
    let mut sent = 0;
    while sender.try_send(&[0; 5000]).unwrap() {
        sent += 1;
    }
    for _ in 0..3 {
        assert!(poll_once(sender.send_async(&[1; 5000])).is_none());
    }
    (0..sent).for_each(|_| assert_eq!(receiver.recv().unwrap().read::<u8>(0).unwrap(), 0));
    assert!(receiver.try_recv().unwrap().is_none());
    assert!(poll_once(sender.reserve_async(5000)).is_some());
    assert!(poll_once(sender.send_async(&[1; 1 << 17])).unwrap().is_err());
}

#[tokio::test(flavor = "current_thread")]
async fn a_time_out_of_the_executor_takes_nothing() {
    let (mut sender, mut receiver) = pair(&unique("timeout"));
    let waited = tokio::time::timeout(Duration::from_millis(5), receiver.recv_async()).await;
    assert!(waited.is_err());
    drop(waited);
    sender.send(b"later").unwrap();
    assert_eq!(receiver.recv_async().await.unwrap().to_vec().unwrap(), b"later");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_ring_goes_on_when_there_is_room() {
    let (mut sender, mut receiver) = pair(&unique("full"));
    let sends = tokio::spawn(async move {
        for number in 0..3000_u64 {
            let mut draft = movable(sender.reserve_async(500)).await.unwrap();
            draft.write(0, &number).unwrap();
            draft.commit();
        }
    });
    for number in 0..3000_u64 {
        let message = receiver.recv_async().await.unwrap();
        assert_eq!(message.read::<u64>(0).unwrap(), number);
    }
    sends.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_receiver_held_wakes_a_task() {
    let name = unique("killed");
    let options = RingOptions::new().receivers(2).clone();
    let mut sender = options.sender(&name).unwrap();
    let mut peer = Peer::start("holds", &[&name]);
    sender.send(b"x").unwrap();
    assert_eq!(peer.hear(), "holds");
    let mut receiver = options.receiver(&name).unwrap();
    let gets = tokio::spawn(async move {
        let message = movable(receiver.recv_async()).await.unwrap();
        message.redelivered()
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!gets.is_finished());
    peer.kill();
    assert!(gets.await.unwrap());
}

#[tokio::test(flavor = "current_thread")]
async fn values_are_sent_and_got() {
    let name = unique("typed");
    let mut sender = TypedSender::<[u16; 3]>::create(&name).unwrap();
    let mut receiver = TypedReceiver::<[u16; 3]>::create(&name).unwrap();
    let (got, sent) = tokio::join!(receiver.recv_async(), sender.send_async(&[1, 2, 3]));
    sent.unwrap();
    assert_eq!(got.unwrap(), [1, 2, 3]);
}
