//! The state machines without the memory that they are made for, between threads, and with data that two may not touch at once: for Miri
//! to look at (`cargo xtask test miri`), which sees races and orders of memory that this machine does not have.

mod prim {
    pub(crate) use std::sync::atomic::{fence, AtomicU32, AtomicU64, Ordering};

    pub(crate) fn store_first(word: &AtomicU64, value: u64) {
        word.swap(value, Ordering::SeqCst);
    }

    pub(crate) fn full_fence() {
        fence(Ordering::SeqCst);
    }
}

#[path = "../src/topic/flow/mod.rs"]
#[allow(dead_code, unused_imports)]
mod flow;

#[path = "../src/lane/mod.rs"]
#[allow(dead_code, unused_imports)]
mod lane;

use std::cell::UnsafeCell;
use std::thread;

use flow::{Board, Desk, Owner, Reader, Seats, Writer};
use lane::{Claimed, ClaimedConsumer, ClaimedProducer, Consumer, Place, Producer, Shared};
use lane::{HOT_PLACES, HOT_SIZE};
use prim::{AtomicU32, AtomicU64, Ordering};

/// Few, because Miri takes a thousand times as long.
const MESSAGES: u32 = if cfg!(miri) { 40 } else { 20_000 };

/// Memory that no two touch at once, or Miri says so.
struct Cells(Vec<UnsafeCell<u64>>);

// SAFETY: that nobody touches a cell while somebody writes it is what the machines are for, and what is tested here.
unsafe impl Sync for Cells {}

impl Cells {
    fn new(count: u32) -> Cells {
        Cells((0..count).map(|_| UnsafeCell::new(0)).collect())
    }

    fn write(&self, at: u32, value: u64) {
        // SAFETY: see `Cells`.
        unsafe { *self.0[at as usize].get() = value }
    }

    fn read(&self, at: u32) -> u64 {
        // SAFETY: see `Cells`.
        unsafe { *self.0[at as usize].get() }
    }
}

fn words(count: usize) -> Vec<AtomicU64> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

const UNIT: u32 = HOT_SIZE;
const LANE: lane::Shape = lane::Shape { capacity: 4 * UNIT, entries: 4, align: UNIT };

fn index(place: Place) -> u32 {
    match place {
        Place::Hot(at) => at / UNIT,
        Place::Data(at) => HOT_PLACES + at / UNIT,
    }
}

#[test]
fn a_lane() {
    let (tail, head) = (AtomicU64::new(0), AtomicU64::new(0));
    let lengths: Vec<AtomicU32> = (0..LANE.entries).map(|_| AtomicU32::new(0)).collect();
    let (shared, cells) =
        (Shared { tail: &tail, head: &head, lengths: &lengths }, Cells::new(HOT_PLACES + 4));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut producer = Producer::resume(LANE, shared).unwrap();
            for number in 0..MESSAGES {
                if number % 10 == 9 {
                    producer = Producer::resume(LANE, shared).unwrap(); // as after a death
                }
                let len = if number % 3 == 0 { UNIT } else { 5 };
                let place = loop {
                    match producer.reserve(shared, len).unwrap() {
                        Some(place) => break place,
                        None => thread::yield_now(),
                    }
                };
                cells.write(index(place), u64::from(number));
                producer.append(shared, len);
                producer.publish(shared);
            }
        });
        let mut consumer = Consumer::resume(LANE, shared);
        for number in 0..MESSAGES {
            let (place, len) = loop {
                match consumer.peek(shared).unwrap() {
                    Some(found) => break found,
                    None => thread::yield_now(),
                }
            };
            assert_eq!(cells.read(index(place)), u64::from(number));
            consumer.advance(len);
            consumer.release(shared);
        }
    });
}

#[test]
fn a_claimed_lane() {
    let (tail, head) = (AtomicU64::new(0), AtomicU64::new(0));
    let entries = words(2 * LANE.entries as usize);
    let claimed = Claimed { tail: &tail, head: &head, entries: &entries };
    let (cells, done) = (Cells::new(4), AtomicU32::new(0));
    let got: u64 = thread::scope(|scope| {
        let consumers = [1, 2].map(|owner| {
            let (cells, done) = (&cells, &done);
            scope.spawn(move || {
                let mut consumer = ClaimedConsumer::resume(LANE, claimed);
                let mut got = 0;
                while done.load(Ordering::Relaxed) < MESSAGES {
                    match consumer.claim(claimed, owner).unwrap() {
                        Some(claim) => {
                            got += cells.read(claim.offset / UNIT);
                            done.fetch_add(1, Ordering::Relaxed);
                        }
                        None => thread::yield_now(),
                    }
                }
                consumer.release(claimed);
                got
            })
        });
        let mut producer = ClaimedProducer::resume(LANE, claimed).unwrap();
        for number in 0..MESSAGES {
            let at = loop {
                match producer.reserve(claimed, UNIT).unwrap() {
                    Some(at) => break at,
                    None => thread::yield_now(),
                }
            };
            cells.write(at / UNIT, u64::from(number));
            producer.append(claimed, UNIT);
            producer.publish(claimed);
        }
        consumers.map(|consumer| consumer.join().unwrap()).iter().sum()
    });
    assert_eq!(got, u64::from(MESSAGES) * u64::from(MESSAGES - 1) / 2);
}

#[test]
fn a_topic() {
    let shape =
        flow::Shape { depth: 2, publishers: 1, subscribers: 2, held: 1, spare: 1, longest: 100 };
    let (tail, entries) = (AtomicU64::new(0), words(shape.entry_words()));
    let (taken, arrivals) = (AtomicU64::new(3), AtomicU64::new(2));
    let seats_words = words(shape.seat_words() * 2);
    // The first is waited for.
    let owners =
        [true, false].map(|blocks| AtomicU64::new(Owner(0).replaced(1).blocking(blocks).0));
    let board = Board { tail: &tail, entries: &entries };
    let seats = Seats { taken: &taken, arrivals: &arrivals, owners: &owners, words: &seats_words };
    let cells = Cells::new(shape.chunks());
    thread::scope(|scope| {
        for seat in 0..2 {
            let (cells, seats_words) = (&cells, &seats_words);
            scope.spawn(move || {
                let cursor = &seats_words[shape.cursor(seat, 0)];
                let desk = Desk { cursor, pin: &seats_words[shape.pins(seat).start] };
                let mut reader = Reader::new(shape, 0);
                while reader.position() < u64::from(MESSAGES) {
                    let Some(found) = reader.take(board, desk).unwrap() else {
                        thread::yield_now();
                        continue;
                    };
                    assert_eq!(cells.read(found.chunk), found.sequence);
                    desk.pin.store(0, Ordering::Release);
                }
                assert!(
                    seat == 1 || reader.dropped() == 0,
                    "the one that is waited for missed some"
                );
            });
        }
        let mut writer = Writer::resume(shape, 0, board).unwrap();
        for number in 0..MESSAGES {
            while !writer.may_publish(seats) {
                thread::yield_now();
            }
            let chunk = writer.reserve(seats);
            cells.write(chunk, u64::from(number));
            writer.publish(board, chunk, 8);
        }
    });
}
