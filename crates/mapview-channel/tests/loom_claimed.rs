//! A lane whose messages several consumers compete for, compiled here with loom's atomics and driven through every interleaving that C11
//! allows: each message goes to exactly one, whole; what a dead consumer had goes to exactly one other, who is told; and nobody writes
//! what somebody reads.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};
}

#[path = "../src/lane/mod.rs"]
#[allow(dead_code, unused_imports)]
mod lane;

use lane::{Claim, Claimed, ClaimedConsumer, ClaimedProducer, Shape};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};
use prim::AtomicU64;

/// A unit of data that two may not touch at once; one for each message.
const UNIT: u32 = 64;
const SHAPE: Shape = Shape { capacity: 2 * UNIT, entries: 2, align: UNIT };

struct Lane {
    tail: AtomicU64,
    head: AtomicU64,
    entries: Vec<AtomicU64>,
    data: Vec<UnsafeCell<u32>>,
}

/// What a consumer got: the messages, and whether somebody had them before.
type Got = Vec<(u32, bool)>;

impl Lane {
    fn new() -> Arc<Lane> {
        let word = || AtomicU64::new(0);
        Arc::new(Lane {
            tail: word(),
            head: word(),
            entries: (0..2 * SHAPE.entries).map(|_| word()).collect(),
            data: (0..SHAPE.capacity / UNIT).map(|_| UnsafeCell::new(0)).collect(),
        })
    }

    fn claimed(&self) -> Claimed<'_> {
        Claimed { tail: &self.tail, head: &self.head, entries: &self.entries }
    }

    fn producer(&self) -> ClaimedProducer {
        ClaimedProducer::resume(SHAPE, self.claimed()).expect("nobody stored nonsense")
    }

    fn consumer(&self) -> ClaimedConsumer {
        ClaimedConsumer::resume(SHAPE, self.claimed())
    }

    /// Reserves room, waiting for it, and writes.
    fn write(&self, producer: &mut ClaimedProducer, value: u32) {
        let at = loop {
            let room = producer.reserve(self.claimed(), UNIT).expect("nobody stored nonsense");
            match room {
                Some(at) => break at,
                None => thread::yield_now(),
            }
        };
        // SAFETY: loom checks that nobody else touches the cell meanwhile.
        self.data[(at / UNIT) as usize].with_mut(|cell| unsafe { *cell = value });
    }

    fn send(&self, producer: &mut ClaimedProducer, value: u32) {
        self.write(producer, value);
        producer.append(self.claimed(), UNIT);
        producer.publish(self.claimed());
    }

    fn read(&self, claim: Claim) -> u32 {
        assert_eq!(claim.len, UNIT);
        // SAFETY: loom checks that nobody writes the cell meanwhile.
        self.data[(claim.offset / UNIT) as usize].with(|cell| unsafe { *cell })
    }

    fn try_claim(&self, consumer: &mut ClaimedConsumer, owner: u32) -> Option<(u32, bool)> {
        let claim = consumer.claim(self.claimed(), owner).expect("nobody stored nonsense");
        claim.map(|claim| (self.read(claim), claim.again))
    }

    fn claim(&self, consumer: &mut ClaimedConsumer, owner: u32) -> (u32, bool) {
        loop {
            if let Some(got) = self.try_claim(consumer, owner) {
                return got;
            }
            thread::yield_now();
        }
    }

    /// A consumer that looks so often, and is done with all that it got.
    fn look(&self, owner: u32, looks: u32) -> Got {
        let mut consumer = self.consumer();
        let got = (0..looks).filter_map(|_| self.try_claim(&mut consumer, owner)).collect();
        consumer.release(self.claimed());
        got
    }

    /// Offers again what the dead one has, as one who looks around does.
    fn bury(&self, consumer: &mut ClaimedConsumer, dead: u32) {
        for entry in consumer.taken_by_others(self.claimed()) {
            if entry.owner() == dead {
                self.claimed().offer_again(SHAPE, entry);
            }
        }
    }

    /// Everything that is left, in order.
    fn rest(&self) -> Got {
        let mut consumer = self.consumer();
        let rest = std::iter::from_fn(|| self.try_claim(&mut consumer, 99)).collect();
        consumer.release(self.claimed());
        rest
    }
}

/// [`Lane::look`] in a thread of its own.
fn looker(lane: &Arc<Lane>, owner: u32, looks: u32) -> JoinHandle<Got> {
    let lane = lane.clone();
    thread::spawn(move || lane.look(owner, looks))
}

/// Every message exactly once.
#[track_caller]
fn assert_each_once(got: &[Got], count: u32) {
    let mut all: Vec<u32> = got.iter().flatten().map(|(value, _)| *value).collect();
    all.sort_unstable();
    assert_eq!(all, (0..count).collect::<Vec<u32>>());
}

fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(if cfg!(debug_assertions) { 1 } else { preemptions });
    builder.max_branches = 20_000;
    builder.check(model);
}

#[test]
fn each_message_goes_to_one_of_two() {
    check(2, || {
        let lane = Lane::new();
        let consumers = [1, 2].map(|owner| looker(&lane, owner, 2));
        let mut producer = lane.producer();
        lane.send(&mut producer, 0);
        lane.send(&mut producer, 1);
        let mut got: Vec<Got> = consumers.map(|consumer| consumer.join().unwrap()).into();
        assert!(got.iter().all(|got| got.is_sorted()), "out of order");
        got.push(lane.rest());
        assert_each_once(&got, 2);
        assert!(got.iter().flatten().all(|(_, again)| !again));
    });
}

#[test]
fn room_comes_back_while_two_compete() {
    check(2, || {
        let lane = Lane::new();
        let mut producer = lane.producer();
        lane.send(&mut producer, 0);
        lane.send(&mut producer, 1);
        let other = looker(&lane, 2, 2);
        let sender = {
            let lane = lane.clone();
            thread::spawn(move || {
                lane.send(&mut producer, 2); // in the place of the first one
            })
        };
        let mut consumer = lane.consumer();
        let mut got = vec![lane.try_claim(&mut consumer, 1)];
        got.push(lane.try_claim(&mut consumer, 1));
        consumer.release(lane.claimed());
        let other = other.join().unwrap();
        // Whatever the two have left, else the sender would wait for ever.
        while got.iter().flatten().count() + other.len() == 0 {
            got.push(lane.try_claim(&mut consumer, 1));
        }
        consumer.release(lane.claimed());
        let mut all = vec![got.into_iter().flatten().collect(), other];
        if !all.iter().flatten().any(|(value, _)| *value == 0) {
            all.push(vec![lane.claim(&mut consumer, 1)]);
            consumer.release(lane.claimed());
        }
        sender.join().unwrap();
        all.push(lane.rest());
        assert_each_once(&all, 3);
    });
}

#[test]
fn what_a_dead_consumer_had_goes_to_one_other_who_is_told() {
    check(3, || {
        let lane = Lane::new();
        let mut producer = lane.producer();
        lane.send(&mut producer, 0);
        lane.send(&mut producer, 1);
        let mut dead = lane.consumer();
        assert_eq!(lane.claim(&mut dead, 7), (0, false)); // and is killed
        let survivors = [1, 2].map(|owner| {
            let lane = lane.clone();
            thread::spawn(move || {
                let mut consumer = lane.consumer();
                let mut got: Got = lane.try_claim(&mut consumer, owner).into_iter().collect();
                consumer.release(lane.claimed());
                lane.bury(&mut consumer, 7);
                got.extend(lane.try_claim(&mut consumer, owner));
                consumer.release(lane.claimed());
                got
            })
        });
        let mut got: Vec<Got> = survivors.map(|survivor| survivor.join().unwrap()).into();
        got.push(lane.rest());
        assert_each_once(&got, 2);
        for (value, again) in got.iter().flatten() {
            assert_eq!(*again, *value == 0, "told of the wrong message");
        }
    });
}

#[test]
fn who_is_late_to_bury_takes_nothing_from_the_next_owner() {
    check(3, || {
        let lane = Lane::new();
        let mut producer = lane.producer();
        lane.send(&mut producer, 0);
        let mut dead = lane.consumer();
        lane.claim(&mut dead, 7); // and is killed
        let burier = {
            let lane = lane.clone();
            thread::spawn(move || lane.claimed().offer_again_all_of(SHAPE, 7))
        };
        lane.claimed().offer_again_all_of(SHAPE, 7);
        let mut consumer = lane.consumer();
        assert_eq!(lane.try_claim(&mut consumer, 1), Some((0, true)));
        burier.join().unwrap();
        assert_eq!(lane.rest(), [], "it is held by one who lives");
        consumer.release(lane.claimed());
        lane.send(&mut producer, 1);
        assert_eq!(lane.rest(), [(1, false)]);
    });
}

#[test]
fn the_next_producer_goes_on_where_one_was_killed() {
    for stage in 0..3 {
        check(2, move || {
            let lane = Lane::new();
            let consumer = looker(&lane, 1, 2);
            let mut first = lane.producer();
            lane.send(&mut first, 0);
            lane.write(&mut first, 1);
            if stage > 0 {
                first.append(lane.claimed(), UNIT);
            }
            if stage > 1 {
                first.publish(lane.claimed());
            }
            let committed = if stage > 1 { 2 } else { 1 };
            let mut got = Vec::new();
            if stage > 1 {
                got.push(consumer.join().unwrap());
                got.push(lane.rest()); // makes room
                lane.send(&mut lane.producer(), committed);
            } else {
                lane.send(&mut lane.producer(), committed);
                got.push(consumer.join().unwrap());
            }
            got.push(lane.rest());
            assert_each_once(&got, committed + 1);
        });
    }
}
