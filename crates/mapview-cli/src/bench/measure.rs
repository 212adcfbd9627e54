//! Round trips and streams, timed.

use std::time::{Duration, Instant};

use mapview::Deadline;

use crate::exit_codes::Exit;
use crate::failure::Failure;

/// How long the other process may take for nothing before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many round trips are enough.
const MOST: usize = 1 << 20;

/// One way, in nanoseconds.
pub struct Latency {
    pub samples: usize,
    pub p50: u64,
    pub p99: u64,
    pub p999: u64,
    pub max: u64,
}

/// Makes round trips, half of which count.
pub fn latency(
    time: Duration,
    mut round: impl FnMut() -> Result<(), Failure>,
) -> Result<Latency, Failure> {
    let mut samples = vec![u64::MAX; MOST]; // so that its pages are there
    samples.clear();
    let warm = Instant::now() + time / 4;
    while Instant::now() < warm {
        round()?;
    }
    let end = Instant::now() + time;
    let mut last = Instant::now();
    while last < end && samples.len() < MOST {
        round()?;
        // One look at the clock for each round trip: it takes long enough to show.
        let now = Instant::now();
        samples.push(now.duration_since(last).as_nanos() as u64 / 2);
        last = now;
    }
    Ok(Latency::of(samples))
}

impl Latency {
    fn of(mut samples: Vec<u64>) -> Latency {
        samples.sort_unstable();
        let at = |share: f64| {
            let place = (samples.len() as f64 * share) as usize;
            samples.get(place.min(samples.len().saturating_sub(1))).copied().unwrap_or(0)
        };
        let (p50, p99, p999, max) = (at(0.5), at(0.99), at(0.999), at(1.0));
        Latency { samples: samples.len(), p50, p99, p999, max }
    }
}

/// The number in the last message of a stream.
pub const LAST: u64 = u64::MAX;

/// Sends numbered messages, then the last; `received` waits until the other process says how many it got. Messages in a second.
pub fn rate(
    time: Duration,
    mut send: impl FnMut(u64) -> Result<(), Failure>,
    received: impl FnOnce() -> Result<u64, Failure>,
) -> Result<f64, Failure> {
    const BETWEEN_LOOKS: u64 = 64;
    let start = Instant::now();
    let mut sent = 0;
    while start.elapsed() < time {
        for _ in 0..BETWEEN_LOOKS {
            send(sent)?;
            sent += 1;
        }
    }
    send(LAST)?;
    let received = received()?;
    let seconds = start.elapsed().as_secs_f64();
    match received == sent {
        true => Ok(sent as f64 / seconds),
        false => {
            let why = format!("{sent} messages were sent, the other process got {received}");
            Err(Failure::new(Exit::Failed, why))
        }
    }
}

/// When to give up waiting for the other process, in a measurement that begins now.
pub fn give_up(time: Duration) -> Deadline {
    Deadline::after(time.saturating_mul(2).saturating_add(PATIENCE))
}

/// The other process did not do its part in time.
#[cold]
pub fn lost() -> Failure {
    Failure::new(Exit::Failed, "the other process does not answer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_samples() {
        let latency = Latency::of((0..1000).rev().collect());
        assert_eq!((latency.p50, latency.p99, latency.p999, latency.max), (500, 990, 999, 999));
        assert_eq!(Latency::of(Vec::new()).p50, 0);
    }
}
