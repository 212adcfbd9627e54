//! The results as text and as JSON.

use anstyle::Style;
use serde::Serialize;

use super::Result;
use crate::size;

/// One result as JSON.
#[derive(Serialize)]
pub struct Row {
    what: &'static str,
    size: usize,
    samples: usize,
    p50_ns: u64,
    p99_ns: u64,
    p999_ns: u64,
    max_ns: u64,
    messages_per_second: Option<f64>,
    processors: Option<[usize; 2]>,
}

impl Row {
    pub fn new(result: &Result, size: usize, processors: Option<(usize, usize)>) -> Row {
        let latency = &result.latency;
        Row {
            what: result.subject.as_str(),
            size,
            samples: latency.samples,
            p50_ns: latency.p50,
            p99_ns: latency.p99,
            p999_ns: latency.p999,
            max_ns: latency.max,
            messages_per_second: result.rate,
            processors: processors.map(|(ours, theirs)| [ours, theirs]),
        }
    }
}

/// What stands above the results.
pub fn head(size: usize, processors: Option<(usize, usize)>) -> String {
    let bold = Style::new().bold();
    let places = match processors {
        Some((ours, theirs)) => format!("on processors {ours} and {theirs}"),
        None => "wherever the system puts them".into(),
    };
    let size = size::human(size as u64);
    let words = ["", "p50", "p99", "p99.9", "max", "messages/s", "bytes/s"];
    let words = columns(words.map(String::from));
    format!("messages of {size} between two processes, {places}; one way, in ns\n\n{bold}{words}{bold:#}\n")
}

/// One result as a line.
pub fn line(result: &Result, size: usize) -> String {
    let latency = &result.latency;
    let amount = |amount: Option<f64>| amount.map_or("-".into(), size::amount);
    let cells = [
        result.subject.as_str().into(),
        latency.p50.to_string(),
        latency.p99.to_string(),
        latency.p999.to_string(),
        latency.max.to_string(),
        amount(result.rate),
        amount(result.rate.map(|rate| rate * size as f64)),
    ];
    columns(cells) + "\n"
}

fn columns([what, p50, p99, p999, max, rate, bytes]: [String; 7]) -> String {
    format!("{what:<9}{p50:>9}{p99:>9}{p999:>10}{max:>11}{rate:>12}{bytes:>10}")
}
