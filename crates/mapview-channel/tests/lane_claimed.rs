//! The state machine of lanes whose messages are claimed, in one thread: what the slow and the late may do.

mod prim {
    pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
}

#[path = "../src/lane/mod.rs"]
#[allow(dead_code, unused_imports)]
mod lane;

use lane::{Broken, Claimed, ClaimedConsumer, ClaimedProducer, Entry, Shape};
use prim::{AtomicU64, Ordering};

const SHAPE: Shape = Shape { capacity: 1 << 16, entries: 16, align: 8 };

struct Lane {
    tail: AtomicU64,
    head: AtomicU64,
    entries: Vec<AtomicU64>,
}

impl Lane {
    fn new() -> Lane {
        let entries = (0..SHAPE.entries * 2).map(|_| AtomicU64::new(0)).collect();
        Lane { tail: AtomicU64::new(0), head: AtomicU64::new(0), entries }
    }

    fn claimed(&self) -> Claimed<'_> {
        Claimed { tail: &self.tail, head: &self.head, entries: &self.entries }
    }

    fn producer(&self) -> ClaimedProducer {
        ClaimedProducer::resume(SHAPE, self.claimed()).unwrap()
    }

    fn consumer(&self) -> ClaimedConsumer {
        ClaimedConsumer::resume(SHAPE, self.claimed())
    }

    fn send(&self, producer: &mut ClaimedProducer, len: u32) -> bool {
        let Some(_place) = producer.reserve(self.claimed(), len).unwrap() else { return false };
        producer.append(self.claimed(), len);
        producer.publish(self.claimed());
        true
    }

    /// Length and whether it was offered before.
    fn claim(&self, consumer: &mut ClaimedConsumer, owner: u32) -> Option<(u32, bool)> {
        let claim = consumer.claim(self.claimed(), owner).unwrap();
        claim.map(|claim| (claim.len, claim.again))
    }
}

const ONE: u32 = 1 << 16 | 3 << 8 | 1;
const OTHER: u32 = 1 << 16 | 5 << 8 | 2;

/// What a third consumer sees that somebody holds.
fn held(lane: &Lane) -> Vec<Entry> {
    let mut looks = lane.consumer();
    let _ = looks.find(lane.claimed()).unwrap();
    looks.taken_by_others(lane.claimed())
}

#[test]
fn whoever_is_late_offers_nothing_again() {
    let lane = Lane::new();
    let (mut producer, mut one, mut other) = (lane.producer(), lane.consumer(), lane.consumer());
    lane.send(&mut producer, 40);
    assert_eq!(lane.claim(&mut one, ONE), Some((40, false)));
    // Two see that it is held by `ONE`, which they find dead. One of them is slow.
    let seen = held(&lane)[0];
    assert_eq!(seen.owner(), ONE);
    assert!(lane.claimed().offer_again(SHAPE, seen));
    assert_eq!(lane.claim(&mut other, OTHER), Some((40, true)));
    assert!(!lane.claimed().offer_again(SHAPE, seen), "it has another owner");
    // Even if the other has the same place and generation by now.
    let seen_again = held(&lane)[0];
    assert!(lane.claimed().offer_again(SHAPE, seen_again));
    assert_eq!(lane.claim(&mut one, ONE), Some((40, true)));
    assert!(!lane.claimed().offer_again(SHAPE, seen), "the same owner, but a later offer");
    assert!(one.release(lane.claimed()));
    assert!(!lane.claimed().offer_again(SHAPE, seen), "it is done");
    // Or another message has the place.
    for len in 0..SHAPE.entries {
        assert!(lane.send(&mut producer, len));
    }
    let mut last = None;
    while let Some(got) = lane.claim(&mut one, ONE) {
        last = Some(got);
    }
    assert_eq!(last, Some((SHAPE.entries - 1, false)));
    assert!(!lane.claimed().offer_again(SHAPE, seen), "another message");
}

#[test]
fn a_message_that_is_not_committed_is_nobodys_and_is_overwritten() {
    let lane = Lane::new();
    let (mut producer, mut consumer) = (lane.producer(), lane.consumer());
    lane.send(&mut producer, 1);
    producer.reserve(lane.claimed(), 500).unwrap();
    producer.append(lane.claimed(), 500); // and here it is killed
    assert_eq!(lane.claim(&mut consumer, ONE), Some((1, false)));
    assert_eq!(lane.claim(&mut consumer, ONE), None);
    let mut heir = lane.producer();
    assert!(lane.send(&mut heir, 2));
    assert_eq!(lane.claim(&mut consumer, ONE), Some((2, false)));
}

#[test]
fn a_consumer_that_was_lapped_goes_on_with_the_oldest_that_is_left() {
    let lane = Lane::new();
    let (mut producer, mut one, mut slow) = (lane.producer(), lane.consumer(), lane.consumer());
    for len in 0..1000 {
        assert!(lane.send(&mut producer, len));
        if len < 995 {
            assert_eq!(lane.claim(&mut one, ONE), Some((len, false)));
        }
    }
    for len in 995..1000 {
        assert_eq!(lane.claim(&mut slow, OTHER), Some((len, false)));
    }
    assert_eq!(lane.claim(&mut slow, OTHER), None);
}

#[test]
fn room_comes_back_in_order() {
    let lane = Lane::new();
    let (mut producer, mut one, mut other) = (lane.producer(), lane.consumer(), lane.consumer());
    while lane.send(&mut producer, 1 << 13) {}
    assert_eq!(lane.claim(&mut one, ONE), Some((1 << 13, false)));
    for _ in 0..5 {
        assert!(lane.claim(&mut other, OTHER).is_some());
    }
    assert!(!lane.send(&mut producer, 1), "the first is held");
    one.release(lane.claimed());
    (0..5).for_each(|_| assert!(lane.send(&mut producer, 1 << 13)));
    assert!(!lane.send(&mut producer, 1), "the sixth is held");
}

#[test]
fn nonsense_is_broken_or_harmless_and_never_out_of_range() {
    let mut state = 1_u64;
    let mut chance = |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99_991);
        (state >> 33) % limit
    };
    let mut broken = 0;
    for _ in 0..20_000 {
        let lane = Lane::new();
        let (mut producer, mut consumer) = (lane.producer(), lane.consumer());
        for _ in 0..chance(20) {
            lane.send(&mut producer, chance(5000) as u32);
        }
        let _ = consumer.claim(lane.claimed(), ONE);
        for _ in 0..1 + chance(3) {
            let word = match chance(8) {
                0 => &lane.tail,
                1 => &lane.head,
                _ => &lane.entries[chance(32) as usize],
            };
            let bits = word.load(Ordering::Relaxed);
            let damaged = [bits ^ 1 << chance(64), chance(u64::MAX), bits << 32, u64::MAX];
            word.store(damaged[chance(4) as usize], Ordering::Relaxed);
        }
        for _ in 0..40 {
            match consumer.claim(lane.claimed(), ONE) {
                Ok(Some(claim)) => {
                    assert!(claim.offset < SHAPE.capacity && claim.len <= SHAPE.capacity);
                }
                Ok(None) => break,
                Err(Broken) => {
                    broken += 1;
                    break;
                }
            }
        }
        for len in [8, 4000, 1 << 16] {
            match producer.reserve(lane.claimed(), len) {
                Ok(Some(at)) => assert!(at < SHAPE.capacity),
                Ok(None) => {}
                Err(Broken) => broken += 1,
            }
        }
        let _ = ClaimedProducer::resume(SHAPE, lane.claimed()).map(|mut heir| {
            if let Ok(Some(at)) = heir.reserve(lane.claimed(), 100) {
                assert!(at < SHAPE.capacity);
            }
        });
    }
    assert!(broken > 1000, "{broken}");
}
