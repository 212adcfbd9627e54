//! Topics within one process: what the calls do.

mod support;

use mapview_channel::{ErrorKind, Policy, Publisher, Receiver, Sample, Subscriber, TopicOptions};
use support::unique;

fn numbers(subscriber: &mut Subscriber) -> Vec<u64> {
    std::iter::from_fn(|| subscriber.try_recv().unwrap()).map(|s| s.read(0).unwrap()).collect()
}

fn publish(publisher: &mut Publisher, numbers: std::ops::Range<u64>) {
    numbers.for_each(|number| publisher.publish(&number.to_le_bytes()).unwrap());
}

#[test]
fn every_subscriber_gets_the_same_bytes_in_order() {
    let name = unique("same");
    let mut publisher = Publisher::create(&name).unwrap();
    let mut subscribers: Vec<_> = (0..5).map(|_| Subscriber::create(&name).unwrap()).collect();
    publish(&mut publisher, 0..10);
    for subscriber in &mut subscribers {
        assert_eq!(numbers(subscriber), (0..10).collect::<Vec<_>>());
        assert_eq!((subscriber.dropped(), subscriber.lag()), (0, 0));
    }
    // In place: what the publisher writes is what lies in the sample.
    let mut loan = publisher.loan(4096).unwrap();
    loan.copy_in(4000, b"here").unwrap();
    loan.publish();
    let samples: Vec<Sample> = subscribers.iter_mut().map(|s| s.recv().unwrap()).collect();
    for sample in samples {
        let mut bytes = [0; 4];
        sample.copy_out(4000, &mut bytes).unwrap();
        assert_eq!((sample.len(), sample.sequence(), &bytes), (4096, 10, b"here"));
        assert!(sample.copy_out(4093, &mut bytes).is_err(), "a sample ends where it ends");
    }
}

#[test]
fn a_loan_that_is_dropped_never_was() {
    let name = unique("dropped");
    let mut publisher = Publisher::create(&name).unwrap();
    let mut subscriber = Subscriber::create(&name).unwrap();
    for _ in 0..1000 {
        let _ = publisher.loan(8).unwrap();
    }
    assert!(publisher.loan(8).unwrap().publish_len(9).is_err());
    assert!(subscriber.try_recv().unwrap().is_none());
    publisher.loan(4096).unwrap().publish_len(0).unwrap();
    let sample = subscriber.recv().unwrap();
    assert!(sample.is_empty() && sample.sequence() == 0);
    let error = publisher.loan(4097).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLong);
    assert!(error.to_string().contains("4097") && error.to_string().contains("4096"), "{error}");
}

#[test]
fn who_overwrites_gets_the_newest_and_knows_what_it_missed() {
    let name = unique("overwrite");
    let options = TopicOptions::new().depth(4).clone();
    let mut publisher = options.publisher(&name).unwrap();
    let mut subscriber = options.subscriber(&name).unwrap();
    publish(&mut publisher, 0..100);
    assert_eq!((subscriber.lag(), subscriber.dropped()), (100, 0));
    assert_eq!(numbers(&mut subscriber), [96, 97, 98, 99]);
    assert_eq!((subscriber.lag(), subscriber.dropped()), (0, 96));
}

#[test]
fn who_blocks_holds_the_publisher_up_at_the_depth_and_misses_nothing() {
    let name = unique("block");
    let options = TopicOptions::new().depth(4).clone();
    let mut publisher = options.publisher(&name).unwrap();
    let mut lazy = options.subscriber(&name).unwrap();
    publish(&mut publisher, 0..7);
    let mut subscriber = options.clone().policy(Policy::Block).subscriber(&name).unwrap();
    assert_eq!(subscriber.policy(), Policy::Block);
    publish(&mut publisher, 7..11);
    for _ in 0..3 {
        assert!(!publisher.try_publish(b"no").unwrap());
        let soon = std::time::Duration::from_millis(2);
        assert!(!publisher.publish_until(b"no", soon).unwrap());
    }
    assert_eq!(subscriber.recv().unwrap().read::<u64>(0).unwrap(), 7);
    publish(&mut publisher, 11..12);
    assert!(publisher.try_loan(8).unwrap().is_none());
    assert_eq!(numbers(&mut subscriber), [8, 9, 10, 11]);
    assert_eq!((numbers(&mut lazy), lazy.dropped()), (vec![8, 9, 10, 11], 8));
    // When it leaves, nobody waits any more, though a sample is still held.
    publish(&mut publisher, 12..16);
    let held = subscriber.recv().unwrap();
    drop(subscriber);
    publish(&mut publisher, 16..500);
    assert_eq!(held.read::<u64>(0).unwrap(), 12);
}

#[test]
fn a_publisher_that_waits_is_woken_by_whoever_makes_room() {
    let name = unique("woken");
    let options = TopicOptions::new().depth(1).policy(Policy::Block).clone();
    let mut publisher = options.publisher(&name).unwrap();
    let mut subscriber = options.subscriber(&name).unwrap();
    let reader = std::thread::spawn(move || {
        (0..2000).for_each(|n| assert_eq!(subscriber.recv().unwrap().read::<u64>(0).unwrap(), n));
    });
    publish(&mut publisher, 0..2000);
    reader.join().unwrap();
}

#[test]
fn what_is_held_stays_whatever_the_publisher_does() {
    let name = unique("held");
    let options = TopicOptions::new().depth(2).held(3).clone();
    let mut publisher = options.publisher(&name).unwrap();
    let mut subscriber = options.subscriber(&name).unwrap();
    publish(&mut publisher, 0..2);
    let mut held = vec![subscriber.recv().unwrap(), subscriber.recv().unwrap()];
    publish(&mut publisher, 2..3);
    held.push(subscriber.recv().unwrap());
    publish(&mut publisher, 3..1000);
    let full = subscriber.recv().unwrap_err();
    assert_eq!(full.kind(), ErrorKind::Occupied);
    assert!(full.to_string().contains("holds 3 samples"), "{full}");
    for (number, sample) in held.iter().enumerate() {
        assert_eq!(sample.read::<u64>(0).unwrap(), number as u64);
    }
    drop(held.remove(1));
    assert_eq!(subscriber.recv().unwrap().read::<u64>(0).unwrap(), 998);
    assert_eq!((held[0].read::<u64>(0).unwrap(), held[1].read::<u64>(0).unwrap()), (0, 2));
    // Also when its subscriber and its publisher are gone.
    drop((subscriber, publisher));
    assert_eq!(held[1].read::<u64>(0).unwrap(), 2);
    let mut others: Vec<_> = (0..3).map(|_| options.publisher(&name).unwrap()).collect();
    others.iter_mut().for_each(|other| publish(other, 0..100));
    assert_eq!(held[1].read::<u64>(0).unwrap(), 2);
}

#[test]
fn who_comes_late_begins_with_the_history_it_asks_for() {
    let name = unique("late");
    let options = TopicOptions::new().depth(8).clone();
    let mut publisher = options.publisher(&name).unwrap();
    publish(&mut publisher, 0..3);
    let late = |history| options.clone().history(history).subscriber(&name).unwrap();
    assert_eq!(numbers(&mut late(0)), []);
    assert_eq!(numbers(&mut late(2)), [1, 2]);
    assert_eq!(numbers(&mut late(8)), [0, 1, 2]);
    publish(&mut publisher, 3..20);
    let mut latest = late(8);
    assert_eq!(numbers(&mut latest), (12..20).collect::<Vec<_>>());
    assert_eq!(latest.dropped(), 0);
    let error = options.clone().history(9).subscriber(&name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidParameter);
}

#[test]
fn samples_of_a_publisher_that_ended_are_not_lost_and_the_next_goes_on() {
    let name = unique("ended");
    let mut subscriber = Subscriber::create(&name).unwrap();
    for number in 0..5 {
        let mut publisher = Publisher::create(&name).unwrap();
        assert_eq!(publisher.sequence(), number);
        publish(&mut publisher, number..number + 1);
    }
    let mut late = TopicOptions::new().history(3).subscriber(&name).unwrap();
    assert_eq!(numbers(&mut late), [2, 3, 4]);
    for number in 0..5 {
        let sample = subscriber.recv().unwrap();
        assert_eq!((sample.publisher(), sample.sequence()), (0, number));
    }
}

#[test]
fn a_busy_publisher_does_not_hide_the_others() {
    let name = unique("busy");
    let mut publishers: Vec<_> = (0..3).map(|_| Publisher::create(&name).unwrap()).collect();
    let mut subscriber = Subscriber::create(&name).unwrap();
    for publisher in &mut publishers {
        publish(publisher, 0..10);
    }
    let order: Vec<_> = (0..30).map(|_| subscriber.recv().unwrap().publisher()).collect();
    assert!(order.chunks(3).all(|turn| turn == [0, 1, 2]), "{order:?}");
}

#[test]
fn a_batch_reads_what_is_there() {
    let name = unique("batch");
    let mut publisher = Publisher::create(&name).unwrap();
    let mut subscriber = Subscriber::create(&name).unwrap();
    publish(&mut publisher, 0..10);
    let mut sum = 0;
    let mut read =
        |most| subscriber.read_batch(most, |s| sum += s.read::<u64>(0).unwrap()).unwrap();
    assert_eq!([read(4), read(100), read(100)], [4, 6, 0]);
    assert_eq!(sum, 45);
}

#[test]
fn megabytes_are_shared_without_a_copy() {
    let name = unique("megabytes");
    let options = TopicOptions::new().longest(8 << 20).depth(2).subscribers(2).held(1).clone();
    let mut publisher = options.publisher(&name).unwrap();
    let mut subscriber = options.subscriber(&name).unwrap();
    // All participants together, and nothing is taken before it is used.
    assert_eq!(publisher.memory_limit(), options.memory_limit().unwrap());
    for round in 0..20_u64 {
        let mut loan = publisher.loan(8 << 20).unwrap();
        loan.write((8 << 20) - 8, &round).unwrap();
        loan.publish();
        let sample = subscriber.recv().unwrap();
        assert_eq!(sample.read::<u64>((8 << 20) - 8).unwrap(), round);
        assert_eq!(sample.payload().as_ptr() as usize % 64, 0);
    }
}

#[test]
fn others_parameters_are_a_clear_error_on_either_side() {
    let name = unique("mismatch");
    let options = TopicOptions::new().depth(4).schema("a").clone();
    let publisher = options.publisher(&name).unwrap();
    let error = options.clone().depth(5).longest(100).subscriber(&name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    for part in ["the depth is 4, not 5", "the longest sample is 4096, not 100"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    let error = options.clone().schema("b").open_subscriber(&name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(error.to_string().contains("`a`") && error.to_string().contains("`b`"), "{error}");
    assert_eq!(Receiver::open(&name).unwrap_err().kind(), ErrorKind::NotSuchAChannel);
    assert!(TopicOptions::new().schema("a").open_subscriber(&name).is_ok());
    drop(publisher);

    // The other way round.
    let subscriber = options.subscriber(&name).unwrap();
    let error = options.clone().held(5).publisher(&name).unwrap_err();
    assert!(error.to_string().contains("samples held is 4, not 5"), "{error}");
    assert_eq!(subscriber.name(), options.publisher(&name).unwrap().name());
}

#[test]
fn types_must_agree() {
    let name = unique("typed");
    let options = TopicOptions::new().schema("pair").clone();
    let mut publisher = options.typed_publisher::<[u32; 2]>(&name).unwrap();
    let mut subscriber = options.typed_subscriber::<[u32; 2]>(&name).unwrap();
    assert!(publisher.try_publish(&[1, 2]).unwrap());
    let mut loan = publisher.loan().unwrap();
    loan.write(&[3, 4]).unwrap();
    loan.publish();
    assert_eq!(subscriber.recv().unwrap().value(), [1, 2]);
    let second = subscriber.recv().unwrap();
    assert_eq!((second.value(), second.sequence(), second.publisher()), ([3, 4], 1, 0));
    assert!(subscriber.try_recv().unwrap().is_none());

    let other_size = options.open_typed_subscriber::<[u32; 3]>(&name).unwrap_err();
    assert_eq!(other_size.kind(), ErrorKind::Mismatch);
    assert!(other_size.to_string().contains("8 bytes, aligned to 4"), "{other_size}");
    let other_align = options.typed_publisher::<u64>(&name).unwrap_err();
    assert_eq!(other_align.kind(), ErrorKind::Mismatch);
    assert!(other_align.to_string().contains("alignment of a value is 4, not 8"), "{other_align}");
    assert!(options.typed_publisher::<[u8; 0]>(&name).is_err());

    // Who takes part without the type can publish what is none.
    let mut raw = options.open_publisher(&name).unwrap();
    raw.publish(b"short").unwrap();
    assert_eq!(subscriber.recv().unwrap_err().kind(), ErrorKind::Corrupt);
    publisher.publish(&[5, 6]).unwrap();
    assert_eq!(subscriber.recv().unwrap().value(), [5, 6]);
}

#[test]
fn options_that_do_not_go_together_are_refused_with_numbers() {
    let refused = |options: &mut TopicOptions, part: &str| {
        let error = options.publisher("mapview-test-refused").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidParameter);
        assert!(error.to_string().contains(part), "{error}");
    };
    refused(TopicOptions::new().longest(0), "the longest sample is 0");
    refused(TopicOptions::new().longest(1 << 31), "1 to 1073741824");
    refused(TopicOptions::new().depth(8192), "1 to 8191");
    refused(TopicOptions::new().held(257), "1 to 256");
    refused(TopicOptions::new().publishers(65), "1 to 64");
    refused(TopicOptions::new().subscribers(0), "the number of subscribers is 0");
    refused(TopicOptions::new().align(96), "an alignment of 96");
    refused(TopicOptions::new().longest(1 << 30), "64 x 4 held");
}

#[test]
fn more_participants_than_asked_for_are_refused() {
    let name = unique("occupied");
    let options = TopicOptions::new().publishers(2).subscribers(1).clone();
    let publishers: Vec<_> = (0..2).map(|_| options.publisher(&name).unwrap()).collect();
    let subscriber = options.subscriber(&name).unwrap();
    let error = options.publisher(&name).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Occupied);
    assert!(error.to_string().contains("2 publishers"), "{error}");
    assert_eq!(options.subscriber(&name).unwrap_err().kind(), ErrorKind::Occupied);
    drop((publishers, subscriber));
    // And with the last, the topic and its name are gone: another can be made.
    drop((options.publisher(&name).unwrap(), options.subscriber(&name).unwrap()));
    assert!(Publisher::open(&name).is_err());
    Publisher::create(&name).unwrap();
}
