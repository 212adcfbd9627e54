//! A lane of one producer and one consumer, compiled here with loom's atomics and driven through every interleaving that C11
//! allows: each message arrives whole, once and in order; nobody writes what somebody reads; and whoever takes the place of a
//! producer or consumer that ended, wherever it ended, goes on with what was committed and not released.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};
}

#[path = "../src/lane/mod.rs"]
#[allow(dead_code, unused_imports)]
mod lane;

#[path = "support/lane_model.rs"]
mod lane_model;

use lane::Place;
use lane_model::{check, Killed, Lane, SHAPE, UNIT};
use loom::thread;

/// Sends messages of these lengths from a thread of their own and takes them here.
fn stream(lane: impl Fn() -> loom::sync::Arc<Lane>, lens: &'static [u32]) {
    let lane = lane();
    let sender = {
        let lane = lane.clone();
        thread::spawn(move || {
            let mut producer = lane.producer();
            for (number, len) in lens.iter().enumerate() {
                lane.send(&mut producer, *len, number as u32);
            }
        })
    };
    let mut consumer = lane.consumer();
    for (number, len) in lens.iter().enumerate() {
        assert_eq!(lane.recv(&mut consumer), (*len, number as u32));
    }
    sender.join().unwrap();
    assert_eq!(lane.try_take(&mut consumer), None);
}

#[test]
fn messages_arrive_whole_once_and_in_order() {
    check(2, || stream(Lane::new, &[1, UNIT, UNIT, 7, UNIT + 1]));
}

#[test]
fn a_message_that_fills_the_lane_waits_for_all_room() {
    check(3, || stream(Lane::new, &[UNIT, SHAPE.capacity, 2 * UNIT]));
}

#[test]
fn small_messages_take_turns_in_the_hot_places() {
    check(2, || stream(Lane::new, &[UNIT; 5]));
    check(2, || stream(Lane::new, &[2 * UNIT, UNIT, 2 * UNIT, UNIT]));
}

#[test]
fn counts_and_positions_wrap() {
    let near_the_end = || Lane::used(u32::MAX - 1, 0_u32.wrapping_sub(UNIT));
    check(3, move || stream(near_the_end, &[UNIT, 2 * UNIT, UNIT, UNIT]));
}

#[test]
fn a_batch_is_seen_whole_or_not_at_all() {
    check(3, || {
        let lane = Lane::new();
        let sender = {
            let lane = lane.clone();
            thread::spawn(move || {
                let mut producer = lane.producer();
                lane.send(&mut producer, UNIT, 0);
                for value in 1..=2 {
                    lane.add(&mut producer, UNIT, value);
                }
                producer.publish(lane.shared());
            })
        };
        let mut consumer = lane.consumer();
        assert_eq!(lane.take(&mut consumer), (UNIT, 0));
        assert_eq!(lane.take(&mut consumer), (UNIT, 1));
        // The second one came by the same store.
        assert_eq!(lane.try_take(&mut consumer), Some((UNIT, 2)));
        consumer.release(lane.shared());
        sender.join().unwrap();
    });
}

#[test]
fn a_batch_of_more_than_the_hot_places_uses_each_once() {
    check(1, || {
        let lane = Lane::new();
        let (mut producer, mut consumer) = (lane.producer(), lane.consumer());
        (0..6).for_each(|value| lane.add(&mut producer, UNIT, value));
        producer.publish(lane.shared());
        (0..6).for_each(|value| assert_eq!(lane.recv(&mut consumer), (UNIT, value)));
    });
}

#[test]
fn the_next_producer_goes_on_where_one_was_killed() {
    for killed in [Killed::BeforeAppend, Killed::BeforePublish, Killed::Afterwards] {
        // With data that was used, so that its end comes sooner.
        for position in [0, 2 * UNIT] {
            check(2, move || {
                let lane = Lane::used(5, position);
                let senders = {
                    let lane = lane.clone();
                    thread::spawn(move || {
                        let mut first = lane.producer();
                        lane.send(&mut first, UNIT, 0);
                        lane.send_and_be_killed(&mut first, 2 * UNIT, 1, killed);
                        let mut second = lane.producer();
                        lane.send(&mut second, UNIT, 2);
                        lane.send(&mut second, UNIT, 3);
                    })
                };
                let mut consumer = lane.consumer();
                assert_eq!(lane.recv(&mut consumer), (UNIT, 0));
                let mut next = lane.recv(&mut consumer);
                if next == (2 * UNIT, 1) {
                    assert_eq!(killed, Killed::Afterwards, "it was never committed");
                    next = lane.recv(&mut consumer);
                }
                assert_eq!(next, (UNIT, 2));
                assert_eq!(lane.recv(&mut consumer), (UNIT, 3));
                senders.join().unwrap();
                assert_eq!(lane.try_take(&mut consumer), None);
            });
        }
    }
}

#[test]
fn the_next_consumer_gets_again_what_was_not_released() {
    for released in [0, 1] {
        check(3, move || {
            let lane = Lane::new();
            let sender = {
                let lane = lane.clone();
                thread::spawn(move || {
                    let mut producer = lane.producer();
                    for value in 0..4 {
                        lane.send(&mut producer, UNIT, value);
                    }
                })
            };
            let mut first = lane.consumer();
            for _ in 0..released {
                lane.recv(&mut first);
            }
            lane.take(&mut first); // and is killed
            let mut second = lane.consumer();
            for value in released..4 {
                assert_eq!(lane.recv(&mut second), (UNIT, value));
            }
            sender.join().unwrap();
            assert_eq!(lane.try_take(&mut second), None);
        });
    }
}

#[test]
fn the_next_producer_and_the_next_consumer_meet() {
    for killed in [Killed::BeforeAppend, Killed::BeforePublish, Killed::Afterwards] {
        check(2, move || {
            let lane = Lane::new();
            let senders = {
                let lane = lane.clone();
                thread::spawn(move || {
                    let mut first = lane.producer();
                    lane.send(&mut first, UNIT, 0);
                    lane.send_and_be_killed(&mut first, UNIT, 1, killed);
                    let mut second = lane.producer();
                    lane.send(&mut second, 2 * UNIT, 2);
                })
            };
            let mut first = lane.consumer();
            lane.take(&mut first); // and is killed
            let mut second = lane.consumer();
            let mut got = vec![lane.recv(&mut second).1];
            while got.last() != Some(&2) {
                got.push(lane.recv(&mut second).1);
            }
            let expected = if killed == Killed::Afterwards { vec![0, 1, 2] } else { vec![0, 2] };
            assert_eq!(got, expected);
            senders.join().unwrap();
        });
    }
}

#[test]
fn a_message_that_is_given_up_takes_no_room_from_others() {
    check(1, || {
        let lane = Lane::used(0, 2 * UNIT);
        let (mut producer, mut consumer) = (lane.producer(), lane.consumer());
        assert!(matches!(producer.reserve(lane.shared(), UNIT), Ok(Some(Place::Hot(_)))));
        // It was given up for one that needs all there is.
        lane.send(&mut producer, SHAPE.capacity, 1);
        assert_eq!(lane.recv(&mut consumer), (SHAPE.capacity, 1));
    });
}
