//! Figures of a contender, round by round: ratios are formed within a round, because the machine is another one in the next.

use hdrhistogram::Histogram;

/// How much to measure.
pub struct Effort {
    /// Just enough to see that everything runs.
    pub short: bool,
}

impl Effort {
    /// So many rounds, or a few in a short run.
    pub fn rounds(&self, full: usize) -> usize {
        if self.short {
            full.min(3)
        } else {
            full
        }
    }

    /// Nanoseconds of a turn: so many milliseconds, or a few in a short run.
    pub fn slice(&self, milliseconds: u64) -> u64 {
        1_000_000 * if self.short { milliseconds.min(5) } else { milliseconds }
    }
}

/// What the rounds of a figure count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Nanoseconds,
    Microseconds,
}

/// One contender in one discipline.
pub struct Measured {
    pub group: &'static str,
    /// What it does: `64 B in place`.
    pub what: String,
    /// Who.
    pub who: &'static str,
    pub unit: Unit,
    /// One figure of each round.
    pub rounds: Vec<f64>,
    /// All single messages of all rounds, in nanoseconds.
    pub samples: Option<Histogram<u64>>,
    /// What the figures alone do not say.
    pub note: String,
}

/// The quartiles of some figures.
#[derive(Clone, Copy)]
pub struct Quartiles {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Quartiles {
    pub fn of(figures: &[f64]) -> Option<Quartiles> {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |part: usize| sorted[(sorted.len() * part / 4).min(sorted.len() - 1)];
        (!sorted.is_empty()).then(|| Quartiles { low: at(1), median: at(2), high: at(3) })
    }
}

impl Measured {
    pub fn new(group: &'static str, what: &str, who: &'static str) -> Measured {
        let (rounds, note) = (Vec::new(), String::new());
        Measured {
            group,
            what: what.to_owned(),
            who,
            unit: Unit::Nanoseconds,
            rounds,
            samples: None,
            note,
        }
    }

    pub fn quartiles(&self) -> Option<Quartiles> {
        Quartiles::of(&self.rounds)
    }

    /// How many times as long as the other one, in each round.
    pub fn over(&self, other: &Measured) -> Option<Quartiles> {
        let ratios: Vec<f64> =
            self.rounds.iter().zip(&other.rounds).map(|(mine, its)| mine / its).collect();
        Quartiles::of(&ratios)
    }
}
