//! A lane for loom: its words, and data whose races loom reports. The file that uses it compiles `src/lane` with loom's
//! atomics as `crate::prim`.
#![allow(dead_code)] // each test binary uses another part of this

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use crate::lane::{Consumer, Place, Producer, Shape, Shared, HOT_PLACES, HOT_SIZE};
use crate::prim::{AtomicU32, AtomicU64};

/// A unit of data that two may not touch at once; the size of a hot place.
pub const UNIT: u32 = HOT_SIZE;
/// Four units, besides the hot places. A message of one unit may go to either, a longer one to the data only.
pub const SHAPE: Shape = Shape { capacity: 4 * UNIT, entries: 8, align: UNIT };

/// Where somebody is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Killed {
    /// A message was written, but nobody told.
    BeforeAppend,
    /// Its length is there.
    BeforePublish,
    /// It is committed; or, for a consumer: taken, and not released.
    Afterwards,
}

pub struct Lane {
    tail: AtomicU64,
    head: AtomicU64,
    lengths: Vec<AtomicU32>,
    data: Vec<UnsafeCell<u32>>,
    hot: Vec<UnsafeCell<u32>>,
}

impl Lane {
    /// A lane that was used before: so many messages and bytes.
    pub fn used(count: u32, position: u32) -> Arc<Lane> {
        let low = u64::from(count) << 32;
        Arc::new(Lane {
            tail: AtomicU64::new(low),
            head: AtomicU64::new(low | u64::from(position)),
            lengths: (0..SHAPE.entries).map(|_| AtomicU32::new(0)).collect(),
            data: (0..SHAPE.capacity / UNIT).map(|_| UnsafeCell::new(0)).collect(),
            hot: (0..HOT_PLACES).map(|_| UnsafeCell::new(0)).collect(),
        })
    }

    pub fn new() -> Arc<Lane> {
        Lane::used(0, 0)
    }

    pub fn shared(&self) -> Shared<'_> {
        Shared { tail: &self.tail, head: &self.head, lengths: &self.lengths }
    }

    pub fn producer(&self) -> Producer {
        Producer::resume(SHAPE, self.shared()).expect("nobody stored nonsense")
    }

    pub fn consumer(&self) -> Consumer {
        Consumer::resume(SHAPE, self.shared())
    }

    /// The cells of a message.
    fn cells(&self, place: Place, len: u32) -> Vec<&UnsafeCell<u32>> {
        let (cells, at) = match place {
            Place::Data(at) => (&self.data, at / UNIT),
            Place::Hot(at) => (&self.hot, at / UNIT),
        };
        let index = |unit: u32| (at + unit) as usize % cells.len();
        (0..len.div_ceil(UNIT)).map(|unit| &cells[index(unit)]).collect()
    }

    /// Writes a message into reserved room.
    pub fn write(&self, at: Place, len: u32, value: u32) {
        for cell in self.cells(at, len) {
            // SAFETY: loom checks that nobody else touches the cell meanwhile.
            cell.with_mut(|cell| unsafe { *cell = value });
        }
    }

    /// The value of a message, which must be whole.
    pub fn read(&self, at: Place, len: u32) -> u32 {
        let mut value = None;
        for cell in self.cells(at, len) {
            // SAFETY: loom checks that nobody writes the cell meanwhile.
            let part = cell.with(|cell| unsafe { *cell });
            assert_eq!(*value.get_or_insert(part), part, "torn");
        }
        value.expect("messages of this model are not empty")
    }

    /// Waits for room and writes; does not commit.
    pub fn add(&self, producer: &mut Producer, len: u32, value: u32) {
        let at = loop {
            match producer.reserve(self.shared(), len).expect("nobody stored nonsense") {
                Some(at) => break at,
                // What is not committed cannot be read, so no room would come.
                None => producer.publish(self.shared()),
            }
            thread::yield_now();
        };
        self.write(at, len, value);
        producer.append(self.shared(), len);
    }

    pub fn send(&self, producer: &mut Producer, len: u32, value: u32) {
        self.add(producer, len, value);
        producer.publish(self.shared());
    }

    /// A producer that is killed somewhere in sending.
    pub fn send_and_be_killed(&self, producer: &mut Producer, len: u32, value: u32, at: Killed) {
        let Ok(Some(room)) = producer.reserve(self.shared(), len) else { return };
        self.write(room, len, value);
        if at != Killed::BeforeAppend {
            producer.append(self.shared(), len);
        }
        if at == Killed::Afterwards {
            producer.publish(self.shared());
        }
    }

    /// Waits for the next message, reads it, and takes it; does not release.
    pub fn take(&self, consumer: &mut Consumer) -> (u32, u32) {
        loop {
            if let Some(taken) = self.try_take(consumer) {
                return taken;
            }
            thread::yield_now();
        }
    }

    pub fn try_take(&self, consumer: &mut Consumer) -> Option<(u32, u32)> {
        let found = consumer.peek(self.shared()).expect("nobody stored nonsense");
        found.map(|(at, len)| {
            let value = self.read(at, len);
            consumer.advance(len);
            (len, value)
        })
    }

    pub fn recv(&self, consumer: &mut Consumer) -> (u32, u32) {
        let got = self.take(consumer);
        consumer.release(self.shared());
        got
    }
}

/// Every interleaving with so many preemptions.
pub fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(if cfg!(debug_assertions) { 1 } else { preemptions });
    builder.max_branches = 20_000;
    builder.check(model);
}
