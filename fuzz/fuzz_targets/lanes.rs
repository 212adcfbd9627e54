//! Any words in a lane, changed while both of its sides are used: places inside the lane, or an error. `cargo +nightly fuzz run lanes`
#![no_main]

mod prim {
    pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
}

#[path = "../../crates/mapview-channel/src/lane/mod.rs"]
#[allow(dead_code, unused_imports)]
mod lane;

use lane::{Claimed, ClaimedConsumer, ClaimedProducer, Consumer, Place, Producer, Shape, Shared};
use lane::{HOT_PLACES, HOT_SIZE};
use prim::{AtomicU32, AtomicU64, Ordering};

const SHAPE: Shape = Shape { capacity: 1 << 16, entries: 16, align: 8 };

fn assert_inside(place: Place, len: u32) {
    match place {
        Place::Data(at) => assert!(at < SHAPE.capacity && len <= SHAPE.capacity),
        Place::Hot(at) => assert!(at + len <= HOT_PLACES * HOT_SIZE),
    }
}

/// What is stored where, and what is done then.
type Step = (u8, u8, u64, u16);

fn use_lane(steps: &[Step]) {
    let (tail, head) = (AtomicU64::new(0), AtomicU64::new(0));
    let lengths: Vec<AtomicU32> = (0..SHAPE.entries).map(|_| AtomicU32::new(0)).collect();
    let shared = Shared { tail: &tail, head: &head, lengths: &lengths };
    let (mut producer, mut consumer) = (Producer::resume(SHAPE, shared).ok(), None);
    for (action, word, value, len) in steps {
        match word % 18 {
            0 => tail.store(*value, Ordering::Relaxed),
            1 => head.store(*value, Ordering::Relaxed),
            word => lengths[usize::from(word) - 2].store(*value as u32, Ordering::Relaxed),
        }
        match action % 4 {
            0 => producer = Producer::resume(SHAPE, shared).ok(),
            1 => consumer = Some(Consumer::resume(SHAPE, shared)),
            2 => {
                let Some(producer) = &mut producer else { continue };
                if let Ok(Some(place)) = producer.reserve(shared, u32::from(*len)) {
                    assert_inside(place, u32::from(*len));
                    producer.append(shared, u32::from(*len));
                    producer.publish(shared);
                }
            }
            _ => {
                let Some(consumer) = &mut consumer else { continue };
                if let Ok(Some((place, len))) = consumer.peek(shared) {
                    assert_inside(place, len);
                    consumer.advance(len);
                    if value % 2 == 0 {
                        consumer.release(shared);
                    }
                }
            }
        }
    }
}

fn use_claimed(steps: &[Step]) {
    let (tail, head) = (AtomicU64::new(0), AtomicU64::new(0));
    let entries: Vec<AtomicU64> = (0..2 * SHAPE.entries).map(|_| AtomicU64::new(0)).collect();
    let claimed = Claimed { tail: &tail, head: &head, entries: &entries };
    let mut producer = ClaimedProducer::resume(SHAPE, claimed).ok();
    let mut consumers = [0, 1].map(|_| ClaimedConsumer::resume(SHAPE, claimed));
    for (action, word, value, len) in steps {
        match word % 34 {
            0 => tail.store(*value, Ordering::Relaxed),
            1 => head.store(*value, Ordering::Relaxed),
            word => entries[usize::from(word) - 2].store(*value, Ordering::Relaxed),
        }
        let (owner, consumer) = (u32::from(action % 2) + 1, &mut consumers[usize::from(action % 2)]);
        match action % 5 {
            0 => producer = ClaimedProducer::resume(SHAPE, claimed).ok(),
            1 => claimed.offer_again_all_of(SHAPE, owner),
            2 => {
                let Some(producer) = &mut producer else { continue };
                if let Ok(Some(at)) = producer.reserve(claimed, u32::from(*len)) {
                    assert_inside(Place::Data(at), u32::from(*len));
                    producer.append(claimed, u32::from(*len));
                    producer.publish(claimed);
                }
            }
            3 => {
                let _ = consumer.taken_by_others(claimed);
                consumer.release(claimed);
            }
            _ => {
                if let Ok(Some(claim)) = consumer.claim(claimed, owner) {
                    assert_inside(Place::Data(claim.offset), claim.len);
                }
            }
        }
    }
}

libfuzzer_sys::fuzz_target!(|steps: Vec<Step>| {
    use_lane(&steps);
    use_claimed(&steps);
});
