//! The stop-watch: short repetitions of all contestants by turns, so that a busy machine hits all of them alike.

use std::time::{Duration, Instant};

/// How much to measure.
pub struct Effort {
    /// Just enough to see that everything runs.
    pub short: bool,
}

impl Effort {
    /// `full` repetitions, or a few in a trial run.
    pub fn repetitions(&self, full: usize) -> usize {
        if self.short {
            full.min(3)
        } else {
            full
        }
    }
}

/// A contestant: does the operation as often as asked.
pub type Side<'a> = Box<dyn FnMut(u64) + 'a>;

/// Nanoseconds per operation of each side: the median over the repetitions.
pub fn by_turns(repetitions: usize, mut sides: Vec<Side<'_>>) -> Vec<f64> {
    let counts: Vec<u64> = sides.iter_mut().map(|side| calibrate(side)).collect();
    let mut times = vec![Vec::with_capacity(repetitions); sides.len()];
    for repetition in 0..repetitions {
        for turn in 0..sides.len() {
            // Nobody always runs in the wake of the same rival.
            let index = (turn + repetition) % sides.len();
            let start = Instant::now();
            sides[index](counts[index]);
            times[index].push(start.elapsed().as_nanos() as f64 / counts[index] as f64);
        }
    }
    times.iter_mut().map(|times| median(times)).collect()
}

/// How many operations make a repetition: long against the clock, short against a time slice of the scheduler.
fn calibrate(side: &mut Side<'_>) -> u64 {
    const WANTED: Duration = Duration::from_micros(400);
    let mut count = 1;
    loop {
        let start = Instant::now();
        side(count);
        if start.elapsed() * 2 >= WANTED {
            return count;
        }
        count *= 2;
    }
}

/// The middle one; the upper of two.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
