//! Topics among other things that are waited for, and in async functions.

mod support;

use mapview::{Deadline, Event, Reset};
use mapview_channel::{wait_any, Policy, Receiver, Sender, TopicOptions, Waitable};
use support::{part, unique, Peer, PATIENCE};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn a_topic_is_waited_for_beside_rings_and_events() {
    let (name, letters) = (unique("any"), unique("letters"));
    let options = TopicOptions::new().depth(1).policy(Policy::Block).clone();
    let mut publisher = options.publisher(&name).unwrap();
    let mut subscriber = options.subscriber(&name).unwrap();
    let mut receiver = Receiver::create(&letters).unwrap();
    let stop = Event::create("", Reset::Auto).unwrap();
    let mut all = |deadline: Deadline| {
        let waitables = &mut [receiver.waitable(), subscriber.waitable(), Waitable::object(&stop)];
        wait_any(waitables, deadline).unwrap().map(|ready| ready.index())
    };
    assert_eq!(all(Deadline::now()), None);
    std::thread::scope(|scope| {
        scope.spawn(|| publisher.publish(b"sample").unwrap());
        assert_eq!(all(Deadline::after(PATIENCE)), Some(1));
    });
    Sender::create(&letters).unwrap().send(b"letter").unwrap();
    assert_eq!(all(Deadline::now()), Some(0), "the first of those that are ready");
    assert_eq!(receiver.recv().unwrap().len(), 6);
    stop.set().unwrap();

    // The publisher is held up until the sample is taken.
    assert!(wait_any(&mut [publisher.waitable()], Deadline::now()).unwrap().is_none());
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(subscriber.recv().unwrap().len(), 6));
        let room = wait_any(&mut [publisher.waitable()], Deadline::after(PATIENCE)).unwrap();
        assert!(room.is_some());
    });
    assert!(publisher.try_publish(b"").unwrap());
}

#[test]
fn async_functions_wait_for_samples_and_for_room() {
    runtime().block_on(samples_and_room());
}

async fn samples_and_room() {
    let name = unique("async");
    let options = TopicOptions::new().depth(2).policy(Policy::Block).clone();
    let mut publisher = options.typed_publisher::<u64>(&name).unwrap();
    let mut subscriber = options.typed_subscriber::<u64>(&name).unwrap();
    let publishes = tokio::spawn(async move {
        for number in 0..200 {
            publisher.publish_async(&number).await.unwrap();
        }
    });
    for number in 0..200 {
        assert_eq!(subscriber.recv_async().await.unwrap().value(), number);
    }
    publishes.await.unwrap();
}

#[test]
fn a_dropped_future_has_taken_nothing() {
    runtime().block_on(dropped());
}

async fn dropped() {
    let name = unique("cancelled");
    let options = TopicOptions::new().depth(1).policy(Policy::Block).clone();
    let mut publisher = options.publisher(&name).unwrap();
    let mut subscriber = options.subscriber(&name).unwrap();
    let soon = std::time::Duration::from_millis(20);
    assert!(tokio::time::timeout(soon, subscriber.recv_async()).await.is_err());
    publisher.publish(b"one").unwrap();
    assert!(tokio::time::timeout(soon, publisher.publish_async(b"two")).await.is_err());
    assert_eq!(subscriber.recv_async().await.unwrap().to_vec().unwrap(), b"one");
    assert!(subscriber.try_recv().unwrap().is_none());
    publisher.publish_async(b"two").await.unwrap();
    assert_eq!(subscriber.recv().unwrap().sequence(), 1);
}

#[test]
#[ignore = "not a test: the body of a process that subscribes and reads nothing"]
fn sits() {
    let Some(part) = part() else { return };
    let options = TopicOptions::new().policy(Policy::Block).clone();
    let _subscriber = options.open_subscriber(&part.words[0]).unwrap();
    part.say("ready");
    while part.hear().is_some() {}
}

#[test]
fn the_death_of_whom_a_publisher_waits_for_ends_every_sort_of_wait() {
    let name = unique("death");
    let options = TopicOptions::new().depth(1).clone();
    let mut publisher = options.publisher(&name).unwrap();
    let tokio = runtime();
    for way in ["plain", "any", "async"] {
        let mut peer = Peer::start("sits", &[&name]);
        assert_eq!(peer.hear(), "ready");
        publisher.publish(b"fills it").unwrap();
        assert!(!publisher.try_publish(b"no").unwrap());
        let killer = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            peer.kill();
        });
        match way {
            "plain" => assert!(publisher.publish_until(b"room", PATIENCE).unwrap()),
            "any" => {
                let deadline = Deadline::after(PATIENCE);
                assert!(wait_any(&mut [publisher.waitable()], deadline).unwrap().is_some());
            }
            _ => tokio.block_on(publisher.publish_async(b"room")).unwrap(),
        }
        killer.join().unwrap();
    }
}
