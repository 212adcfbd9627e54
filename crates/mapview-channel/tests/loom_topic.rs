//! How samples get from a publisher to its subscribers, compiled here with loom's atomics and driven through every interleaving that C11
//! allows: nobody writes a sample that somebody reads or holds, none is torn or comes twice, and a subscriber that publishers wait for
//! misses none; also when the publisher is killed and another takes its place.

#![cfg(not(windows))] // the same code everywhere; loom's own stack switching does not run under Wine

mod prim {
    use loom::sync::atomic::fence;
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};

    pub(crate) fn store_first(word: &AtomicU64, value: u64) {
        word.store(value, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    pub(crate) fn full_fence() {
        fence(Ordering::SeqCst);
    }
}

#[path = "../src/topic/flow/mod.rs"]
#[allow(dead_code, unused_imports)]
mod flow;

use flow::{Board, Desk, Found, Owner, Reader, Seats, Shape, Writer};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use prim::{AtomicU64, Ordering};

struct Topic {
    shape: Shape,
    tail: AtomicU64,
    entries: Vec<AtomicU64>,
    taken: AtomicU64,
    arrivals: AtomicU64,
    owners: Vec<AtomicU64>,
    words: Vec<AtomicU64>,
    chunks: Vec<UnsafeCell<u64>>,
}

impl Topic {
    /// One publisher, and so many subscribers; all of them sit.
    fn new(subscribers: u32, blocking: bool) -> Arc<Topic> {
        let shape = Shape { depth: 1, publishers: 1, subscribers, held: 1, spare: 1, longest: 100 };
        let words = |count: usize| (0..count).map(|_| AtomicU64::new(0)).collect();
        let owner = Owner(0).replaced(1).blocking(blocking).0;
        Arc::new(Topic {
            shape,
            tail: AtomicU64::new(0),
            entries: words(shape.entry_words()),
            taken: AtomicU64::new((1 << subscribers) - 1),
            arrivals: AtomicU64::new(1),
            owners: (0..subscribers).map(|_| AtomicU64::new(owner)).collect(),
            words: words(shape.seat_words() * subscribers as usize),
            chunks: (0..shape.chunks()).map(|_| UnsafeCell::new(0)).collect(),
        })
    }

    fn board(&self) -> Board<'_> {
        Board { tail: &self.tail, entries: &self.entries }
    }

    fn seats(&self) -> Seats<'_> {
        let Topic { taken, arrivals, owners, words, .. } = self;
        Seats { taken, arrivals, owners, words }
    }

    fn desk(&self, seat: usize) -> Desk<'_> {
        let cursor = &self.words[self.shape.cursor(seat, 0)];
        Desk { cursor, pin: &self.words[self.shape.pins(seat).start] }
    }

    fn writer(&self) -> Writer {
        Writer::resume(self.shape, 0, self.board()).expect("nobody stored nonsense")
    }

    /// Writes the next sample; returns its chunk.
    fn write(&self, writer: &mut Writer) -> u32 {
        while !writer.may_publish(self.seats()) {
            thread::yield_now();
        }
        let chunk = writer.reserve(self.seats());
        let value = writer.sequence() + 100;
        // SAFETY: loom checks that nobody else touches the cell meanwhile.
        self.chunks[chunk as usize].with_mut(|cell| unsafe { *cell = value });
        chunk
    }

    fn publish(&self, writer: &mut Writer) {
        let chunk = self.write(writer);
        writer.publish(self.board(), chunk, 8);
    }

    /// Takes and reads a sample, twice, as one who holds it; then lets it go.
    fn take(&self, reader: &mut Reader, seat: usize) -> Option<u64> {
        let found = reader.take(self.board(), self.desk(seat)).expect("nobody stored nonsense")?;
        self.read(found);
        thread::yield_now();
        self.read(found);
        self.desk(seat).pin.store(0, Ordering::Release);
        Some(found.sequence)
    }

    fn read(&self, found: Found) {
        // SAFETY: loom checks that nobody writes the cell meanwhile.
        let value = self.chunks[found.chunk as usize].with(|cell| unsafe { *cell });
        assert_eq!(value, found.sequence + 100, "torn, or of another sample");
    }
}

fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(if cfg!(debug_assertions) { 1 } else { preemptions });
    builder.max_branches = 20_000;
    builder.check(model);
}

#[test]
fn nobody_writes_what_a_slow_subscriber_holds() {
    check(2, || {
        let topic = Topic::new(1, false);
        let publisher = {
            let topic = topic.clone();
            thread::spawn(move || {
                let mut writer = topic.writer();
                (0..5).for_each(|_| topic.publish(&mut writer));
            })
        };
        let mut reader = Reader::new(topic.shape, 0);
        let mut last = None;
        for _ in 0..3 {
            if let Some(sequence) = topic.take(&mut reader, 0) {
                assert!(last < Some(sequence), "it came twice");
                last = Some(sequence);
            }
        }
        publisher.join().unwrap();
        while let Some(sequence) = topic.take(&mut reader, 0) {
            assert!(last < Some(sequence), "it came twice");
            last = Some(sequence);
        }
        assert_eq!(last, Some(4), "the newest is there");
        assert!(reader.dropped() <= 4);
    });
}

#[test]
fn what_is_held_stays_while_every_other_chunk_is_used_again() {
    check(1, || {
        let topic = Topic::new(1, false);
        let mut writer = topic.writer();
        topic.publish(&mut writer);
        let mut reader = Reader::new(topic.shape, 0);
        let taken = reader.take(topic.board(), topic.desk(0));
        let found = taken.expect("nobody stored nonsense").expect("it was published");
        let publisher = {
            let topic = topic.clone();
            thread::spawn(move || (0..8).for_each(|_| topic.publish(&mut writer)))
        };
        topic.read(found);
        publisher.join().unwrap();
        topic.read(found);
    });
}

#[test]
fn two_subscribers_share_samples() {
    check(2, || {
        let topic = Topic::new(2, false);
        let readers = [0, 1].map(|seat| {
            let topic = topic.clone();
            thread::spawn(move || {
                let mut reader = Reader::new(topic.shape, 0);
                let got = [0; 2].map(|_| topic.take(&mut reader, seat));
                assert!(got[1].is_none() || got[0] < got[1]);
            })
        });
        let mut writer = topic.writer();
        (0..3).for_each(|_| topic.publish(&mut writer));
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
}

#[test]
fn who_blocks_misses_none() {
    check(2, || {
        let topic = Topic::new(1, true);
        let publisher = {
            let topic = topic.clone();
            thread::spawn(move || {
                let mut writer = topic.writer();
                (0..3).for_each(|_| topic.publish(&mut writer));
            })
        };
        let mut reader = Reader::new(topic.shape, 0);
        let mut next = 0;
        while next < 3 {
            match topic.take(&mut reader, 0) {
                Some(sequence) => {
                    assert_eq!(sequence, next, "it missed some");
                    next += 1;
                }
                None => thread::yield_now(),
            }
        }
        publisher.join().unwrap();
        assert_eq!(reader.dropped(), 0);
    });
}

#[test]
fn the_next_publisher_goes_on_where_one_was_killed() {
    for published in [false, true] {
        check(2, move || {
            let topic = Topic::new(1, false);
            let publishers = {
                let topic = topic.clone();
                thread::spawn(move || {
                    let mut first = topic.writer();
                    topic.publish(&mut first);
                    let chunk = topic.write(&mut first);
                    if published {
                        first.publish(topic.board(), chunk, 8);
                    } // and is killed
                    let mut second = topic.writer();
                    (0..2).for_each(|_| topic.publish(&mut second));
                })
            };
            let mut reader = Reader::new(topic.shape, 0);
            let mut last = topic.take(&mut reader, 0);
            publishers.join().unwrap();
            while let Some(sequence) = topic.take(&mut reader, 0) {
                assert!(last < Some(sequence), "it came twice");
                last = Some(sequence);
            }
            assert_eq!(last, Some(if published { 3 } else { 2 }));
        });
    }
}

#[test]
fn who_comes_while_samples_are_published_begins_with_one_that_is_there() {
    check(3, || {
        let topic = Topic::new(1, false);
        let publisher = {
            let topic = topic.clone();
            thread::spawn(move || {
                let mut writer = topic.writer();
                (0..3).for_each(|_| topic.publish(&mut writer));
            })
        };
        let joined = Reader::join(topic.shape, 0, topic.board(), 1);
        let mut reader = joined.expect("nobody stored nonsense");
        let first = topic.take(&mut reader, 0);
        publisher.join().unwrap();
        let second = topic.take(&mut reader, 0);
        assert!(second.is_none() || first < second);
    });
}
