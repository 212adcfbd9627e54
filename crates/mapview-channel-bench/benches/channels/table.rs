//! What was measured, as Markdown or as JSON.

use serde::Serialize;

use crate::measured::{Measured, Quartiles, Unit};
use crate::verdict::Verdict;

/// A line of the tables.
#[derive(Serialize)]
struct Row {
    group: &'static str,
    what: String,
    who: &'static str,
    unit: &'static str,
    /// Quartiles over the rounds.
    low: f64,
    median: f64,
    high: f64,
    /// Times the first of the same discipline, the median of the ratios within a round.
    ratio: Option<f64>,
    /// Of all single messages, in nanoseconds.
    samples: Option<Tail>,
    note: String,
}

#[derive(Serialize)]
struct Tail {
    p50: u64,
    p99: u64,
    p999: u64,
    max: u64,
}

fn rows(all: &[Measured]) -> Vec<Row> {
    let row = |one: &Measured| {
        let first = all.iter().find(|first| first.group == one.group && first.what == one.what);
        let Quartiles { low, median, high } = one.quartiles()?;
        let ratio = one.over(first?)?.median;
        let ratio = ratio.is_finite().then_some(ratio);
        let samples = one.samples.as_ref().map(|samples| Tail {
            p50: samples.value_at_quantile(0.5),
            p99: samples.value_at_quantile(0.99),
            p999: samples.value_at_quantile(0.999),
            max: samples.max(),
        });
        let (group, what, who) = (one.group, one.what.clone(), one.who);
        let unit = match one.unit {
            Unit::Nanoseconds => "ns",
            Unit::Microseconds => "us",
        };
        Some(Row {
            group,
            what,
            who,
            unit,
            low,
            median,
            high,
            ratio,
            samples,
            note: one.note.clone(),
        })
    };
    all.iter().filter_map(row).collect()
}

/// Three digits.
fn brief(value: f64) -> String {
    let places = match value {
        _ if value >= 99.95 => 0,
        _ if value >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.places$}")
}

fn time(nanoseconds: u64) -> String {
    match nanoseconds {
        0..=9_999 => format!("{nanoseconds} ns"),
        10_000..=9_999_999 => format!("{} us", brief(nanoseconds as f64 / 1e3)),
        _ => format!("{} ms", brief(nanoseconds as f64 / 1e6)),
    }
}

/// Tables of the groups, and one of the promises.
pub fn print_text(all: &[Measured], verdicts: &[Verdict]) {
    let mut group = "";
    for row in rows(all) {
        if row.group != group {
            group = row.group;
            println!("\n{group}\n");
            print_head(&[
                "what",
                "who",
                "median",
                "quartiles",
                "x first",
                "p50 / p99 / p99.9 / max",
                "note",
            ]);
        }
        let samples = row.samples.map_or(String::new(), |Tail { p50, p99, p999, max }| {
            [p50, p99, p999, max].map(time).join(" / ")
        });
        let median = format!("{} {}", brief(row.median), row.unit);
        let quartiles = format!("{} to {}", brief(row.low), brief(row.high));
        println!(
            "| {} | {} | {median} | {quartiles} | {} | {samples} | {} |",
            row.what,
            row.who,
            row.ratio.map_or(String::new(), brief),
            row.note
        );
    }
    println!("\npromises\n");
    print_head(&["promise", "measured", "quartiles", "at most", "verdict"]);
    for verdict in verdicts {
        println!(
            "| {} | {} | {} to {} | {} | {} |",
            verdict.promise,
            brief(verdict.measured),
            brief(verdict.spread[0]),
            brief(verdict.spread[1]),
            brief(verdict.limit),
            if verdict.kept { "PASS" } else { "MISSED" }
        );
    }
}

fn print_head(heads: &[&str]) {
    println!("| {} |", heads.join(" | "));
    println!("|{}", " --- |".repeat(heads.len()));
}

/// The same for programs.
pub fn print_json(all: &[Measured], verdicts: &[Verdict]) {
    #[derive(Serialize)]
    struct Report<'a> {
        rows: Vec<Row>,
        promises: &'a [Verdict],
    }
    let report = Report { rows: rows(all), promises: verdicts };
    println!("{}", serde_json::to_string_pretty(&report).expect("plain data"));
}
