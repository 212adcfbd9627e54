//! Rows and how they are shown.

use serde::Serialize;

use crate::spread::Spread;

/// What the figures of a row count.
#[derive(Clone, Copy, Serialize)]
#[allow(dead_code)] // not every system has all rows
pub enum Unit {
    /// Nanoseconds; less is better.
    Nanoseconds,
    /// Gigabytes in a second; more is better.
    GigabytesPerSecond,
    /// Million operations in a second; more is better.
    MillionPerSecond,
    /// Calls that should not be made.
    Calls,
}

/// What the project promises.
#[derive(Clone, Copy, Serialize)]
#[allow(dead_code)] // not every system has all rows
pub enum Budget {
    /// mapview's figure is at most so many times the rival's.
    RatioAtMost(f64),
    /// mapview's figure is at least so many times the rival's.
    RatioAtLeast(f64),
    /// mapview's figure is at most this.
    AtMost(f64),
}

/// One comparison.
#[derive(Serialize)]
pub struct Row {
    pub operation: String,
    pub unit: Unit,
    pub mapview: f64,
    pub rival_name: String,
    pub rival: Option<f64>,
    pub ratio: Option<f64>,
    pub mapview_spread: Option<Spread>,
    pub rival_spread: Option<Spread>,
    pub budget: Option<Budget>,
    pub ok: Option<bool>,
    pub note: String,
}

impl Row {
    /// A comparison; without `rival` when that is not there.
    pub fn new(
        operation: impl Into<String>,
        unit: Unit,
        mapview: f64,
        rival_name: impl Into<String>,
        rival: Option<f64>,
    ) -> Row {
        let ratio = rival.map(|rival| mapview / rival);
        Row {
            operation: operation.into(),
            unit,
            mapview,
            rival_name: rival_name.into(),
            rival,
            ratio,
            mapview_spread: None,
            rival_spread: None,
            budget: None,
            ok: None,
            note: String::new(),
        }
    }

    /// A comparison of single operations; the ratio is that of what is typical, the p50.
    #[allow(dead_code)] // as `spread`
    pub fn of_spreads(
        operation: impl Into<String>,
        mapview: Spread,
        rival_name: impl Into<String>,
        rival: Option<Spread>,
    ) -> Row {
        let p50 = rival.map(|rival| rival.p50);
        let row = Row::new(operation, Unit::Nanoseconds, mapview.p50, rival_name, p50);
        Row { mapview_spread: Some(mapview), rival_spread: rival, ..row }
    }

    /// Judges the row by a promise.
    pub fn budget(mut self, budget: Budget) -> Row {
        self.budget = Some(budget);
        self.ok = match (budget, self.ratio) {
            (Budget::AtMost(most), _) => Some(self.mapview <= most),
            (Budget::RatioAtMost(most), Some(ratio)) => Some(ratio <= most),
            (Budget::RatioAtLeast(least), Some(ratio)) => Some(ratio >= least),
            (_, None) => None,
        };
        self
    }

    /// Adds what the figures alone do not say.
    pub fn note(mut self, note: impl Into<String>) -> Row {
        self.note = note.into();
        self
    }

    fn cells(&self) -> [String; 8] {
        let budget = self.budget.map(|budget| match budget {
            Budget::RatioAtMost(most) => format!("<= {most} x"),
            Budget::RatioAtLeast(least) => format!(">= {least} x"),
            Budget::AtMost(most) => format!("<= {}", show(most, self.unit)),
        });
        let ok = self.ok.map(|ok| if ok { "yes" } else { "NO" }.to_owned());
        [
            self.operation.clone(),
            figure(self.mapview, self.unit, self.mapview_spread),
            self.rival_name.clone(),
            self.rival.map_or("not installed".to_owned(), |rival| {
                figure(rival, self.unit, self.rival_spread)
            }),
            self.ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")),
            budget.unwrap_or_default(),
            ok.unwrap_or_default(),
            self.note.clone(),
        ]
    }
}

fn figure(value: f64, unit: Unit, spread: Option<Spread>) -> String {
    let Some(Spread { p50, p99, p999, max }) = spread else { return show(value, unit) };
    [p50, p99, p999, max].map(brief).join(" / ")
}

/// Three digits, which is what a tail is good for.
fn brief(nanoseconds: f64) -> String {
    let mut units = ["ns", "us", "ms", "s"].into_iter();
    let (mut value, mut unit) = (nanoseconds, units.next().unwrap_or_default());
    while value >= 999.5 {
        let Some(larger) = units.next() else { break };
        (value, unit) = (value / 1e3, larger);
    }
    let places = if value < 9.995 {
        2
    } else if value < 99.95 {
        1
    } else {
        0
    };
    format!("{value:.places$} {unit}")
}

fn show(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Nanoseconds if value >= 1e6 => format!("{:.2} ms", value / 1e6),
        Unit::Nanoseconds if value >= 1e3 => format!("{:.2} us", value / 1e3),
        Unit::Nanoseconds => format!("{value:.1} ns"),
        Unit::GigabytesPerSecond => format!("{value:.2} GB/s"),
        Unit::MillionPerSecond => format!("{value:.2} M/s"),
        Unit::Calls => format!("{value}"),
    }
}

/// One table, which is Markdown as well.
pub fn print_text(rows: &[Row]) {
    let heads = ["operation", "mapview", "rival", "its figure", "ratio", "budget", "ok?", "note"];
    let mut lines = vec![heads.map(str::to_owned)];
    lines.extend(rows.iter().map(Row::cells));
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max();
    let widths: Vec<usize> = (0..heads.len()).map(|column| width(column).unwrap_or(0)).collect();
    for (number, cells) in lines.iter().enumerate() {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        println!("| {} |", padded.join(" | "));
        if number == 0 {
            let rule: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
            println!("| {} |", rule.join(" | "));
        }
    }
}

/// The same for programs.
pub fn print_json(rows: &[Row]) {
    println!("{}", serde_json::to_string_pretty(rows).expect("rows are plain data"));
}
