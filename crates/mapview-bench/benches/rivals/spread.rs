//! How single operations spread out: what is typical, and how bad it gets.

use serde::Serialize;

use crate::measure::median;

/// Nanoseconds of the operations of a round.
#[derive(Clone, Copy, Serialize)]
pub struct Spread {
    pub p50: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

impl Spread {
    /// Of these samples, of which there is at least one.
    pub fn of(mut samples: Vec<f64>) -> Spread {
        samples.sort_by(f64::total_cmp);
        let at =
            |part: f64| samples[((samples.len() as f64 * part) as usize).min(samples.len() - 1)];
        Spread { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: samples[samples.len() - 1] }
    }

    /// Each figure's median over the rounds, so that one round in which the machine did something else counts as one.
    pub fn typical(rounds: &[Spread]) -> Spread {
        let over = |of: fn(&Spread) -> f64| median(&mut rounds.iter().map(of).collect::<Vec<_>>());
        Spread {
            p50: over(|round| round.p50),
            p99: over(|round| round.p99),
            p999: over(|round| round.p999),
            max: over(|round| round.max),
        }
    }
}

/// Has contestants 0 to `contestants` take turns; each turn gives the samples of a round.
pub fn by_rounds(
    rounds: usize,
    contestants: usize,
    mut turn: impl FnMut(usize) -> Vec<f64>,
) -> Vec<Spread> {
    let mut all = vec![Vec::with_capacity(rounds); contestants];
    for round in 0..rounds {
        for index in 0..contestants {
            // Nobody always runs in the wake of the same rival.
            let index = (index + round) % contestants;
            all[index].push(Spread::of(turn(index)));
        }
    }
    all.iter().map(|rounds| Spread::typical(rounds)).collect()
}
