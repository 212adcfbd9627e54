//! What the two processes do in a slice of the run. The loops are compiled for each contender.

use hdrhistogram::Histogram;

use crate::clock::{nanoseconds, nanoseconds_per_tick, spin_for, ticks};
use crate::message::STOP;

/// Round trips that are timed together for what is typical, so that the clock costs nothing.
const BLOCK: usize = 16;
/// Round trips at the start of a slice that are not counted: the peer may still be about to speak.
const WARM_UP: u64 = 64;

/// What one of the processes does.
pub enum Part {
    /// Sends and waits for the answer, for so many nanoseconds, with so much work before each.
    Ping { nanoseconds: u64, work: u64 },
    /// Sends back, after so much work.
    Echo { work: u64 },
    /// Sends for so many nanoseconds.
    Produce { nanoseconds: u64 },
    /// Receives all of it.
    Consume,
}

/// What it saw.
pub struct Seen {
    /// Of a ping: nanoseconds one way, without what the clock costs. Of a consumer: nanoseconds of a message, the median of some blocks;
    /// 0 where there were too few.
    pub typical: f64,
    /// Of a ping: each one's nanoseconds one way.
    pub samples: Histogram<u64>,
    /// Of a producer: how many messages.
    pub count: u64,
    /// When it began, or ended if it consumes.
    pub time: u64,
}

/// Plays a part.
pub type Ends = Box<dyn FnMut(Part) -> Seen>;

/// A histogram of nanoseconds.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 10_000_000_000, 3).expect("good bounds")
}

/// Of a way to send, which says how many messages a call sent, of which the last has the number; and of a way to receive, which gives the
/// number of the last message that a call took. What is typical of a stream is the median of blocks of so many messages, long beside what the
/// way can hold: so what else the machine does now and then costs only the blocks in which it does.
pub fn ends(
    mut send: impl FnMut(u64) -> u64 + 'static,
    mut receive: impl FnMut() -> u64 + 'static,
    block: u64,
) -> Ends {
    Box::new(move |part| {
        let mut seen = Seen { typical: 0.0, samples: histogram(), count: 0, time: 0 };
        match part {
            Part::Ping { nanoseconds, work } => {
                ping(&mut send, &mut receive, nanoseconds, work, &mut seen);
            }
            Part::Echo { work } => loop {
                let number = receive();
                work_for(work);
                send(number);
                if number == STOP {
                    break;
                }
            },
            Part::Produce { nanoseconds } => {
                (seen.time, seen.count) = produce(&mut send, nanoseconds)
            }
            Part::Consume => (seen.time, seen.typical) = consume(&mut receive, block),
        }
        seen
    })
}

fn work_for(long: u64) {
    if long > 0 {
        spin_for(long);
    }
}

#[inline(always)]
fn ping(
    send: &mut impl FnMut(u64) -> u64,
    receive: &mut impl FnMut() -> u64,
    long: u64,
    work: u64,
    seen: &mut Seen,
) {
    let mut number = 0;
    let mut round_trip = || {
        number += 1;
        send(number);
        assert_eq!(receive(), number, "another message came back");
    };
    let rate = nanoseconds_per_tick();
    (0..if work == 0 { WARM_UP } else { 2 }).for_each(|_| round_trip());
    let start = nanoseconds();
    let mut blocks = Vec::new();
    while work == 0 && (blocks.is_empty() || nanoseconds() - start < long / 2) {
        let from = ticks();
        (0..BLOCK).for_each(|_| round_trip());
        blocks.push((ticks() - from) as f64 * rate / (2 * BLOCK) as f64);
    }
    while seen.samples.is_empty() || nanoseconds() - start < long {
        for _ in 0..if work == 0 { BLOCK } else { 1 } {
            work_for(work);
            let from = ticks();
            round_trip();
            let there_and_back = (ticks() - from) as f64 * rate;
            let one_way = (there_and_back - work as f64).max(0.0) / 2.0;
            seen.samples.saturating_record(one_way as u64);
        }
    }
    send(STOP);
    assert_eq!(receive(), STOP);
    blocks.sort_by(f64::total_cmp);
    let of_samples = seen.samples.value_at_quantile(0.5) as f64;
    seen.typical = blocks.get(blocks.len() / 2).copied().unwrap_or(of_samples);
}

#[inline(always)]
fn produce(send: &mut impl FnMut(u64) -> u64, long: u64) -> (u64, u64) {
    const LOOK: u64 = 32; // messages between looks at the clock
    let start = nanoseconds();
    let mut count = 0;
    while nanoseconds() - start < long {
        (0..LOOK).for_each(|_| count += send(count));
    }
    (start, count + send(STOP))
}

/// When the last message was there, and what is typical. Numbers count messages.
#[inline(always)]
fn consume(receive: &mut impl FnMut() -> u64, block: u64) -> (u64, f64) {
    const ENOUGH: usize = 5;
    let (mut blocks, mut first, mut from) = (Vec::new(), 0, ticks());
    loop {
        let number = receive();
        if number.wrapping_sub(first) < block {
            continue;
        }
        if number == STOP {
            break;
        }
        let now = ticks();
        blocks.push((now - from) as f64 * nanoseconds_per_tick() / (number - first) as f64);
        (first, from) = (number, now);
    }
    let end = nanoseconds();
    blocks.sort_by(f64::total_cmp);
    let enough = blocks.len() >= ENOUGH;
    (end, if enough { blocks[blocks.len() / 2] } else { 0.0 })
}
