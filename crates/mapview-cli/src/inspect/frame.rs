//! The report as text: title, page maps, legend, table, and what could not be found out.

use anstyle::Style;
use mapview::PageRun;

use super::report::{Range, Report, Subject};
use super::table;
use crate::pagemap::legend::{legend, percent};
use crate::pagemap::mix::Mix;
use crate::pagemap::text::Shape;
use crate::{out, size};

/// At most so many rows of cells.
const ROWS: usize = 16;
/// At most so many ranges of a process get a map of their own, the ones with most in memory first.
const LARGEST: usize = 3;

/// The whole report for people, at most `width` characters wide as far as the maps go; `all` rows of the table, or as many as
/// people like to see.
pub fn frame(report: &Report, width: usize, all: bool) -> String {
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    let mut text = format!("{bold}{}{bold:#}: {}\n", report.subject.title(), summary(report));
    let maps = maps(report);
    let mut coarse = false;
    for (title, runs) in &maps {
        let shape = Shape::new(Mix::of(runs).len(), report.page_size, width, ROWS);
        coarse |= shape.is_coarse();
        let title = if title.is_empty() { String::new() } else { format!("{title}; ") };
        text.push_str(&format!("\n{dim}{title}{}{dim:#}\n{}", shape.scale(), shape.draw(runs)));
    }
    if report.size != 0 {
        coarse |=
            report.ranges.iter().any(|range| range.len > table::STRIP as u64 * report.page_size);
        text.push_str(&format!("\n{}", legend(&report.total, coarse)));
    }
    if !report.ranges.is_empty() {
        text.push_str(&format!("\n{}", table::table(report, all)));
    }
    text.push_str(&holders(report));
    for hidden in &report.hidden {
        text.push_str(&format!("{dim}not told: {}{dim:#}\n", out::printable(hidden)));
    }
    text
}

/// The maps to draw, each with a title.
pub fn maps(report: &Report) -> Vec<(String, &[PageRun])> {
    if !matches!(report.subject, Subject::Process { .. }) {
        return if report.size == 0 {
            Vec::new()
        } else {
            vec![(String::new(), report.runs.as_slice())]
        };
    }
    let mut ranges: Vec<&Range> =
        report.ranges.iter().filter(|range| !range.runs.is_empty()).collect();
    ranges.sort_by_key(|range| std::cmp::Reverse(range.total().in_memory()));
    ranges.truncate(LARGEST);
    ranges.sort_by_key(|range| range.address);
    let title = |range: &Range| {
        let what = out::printable(range.file.as_deref().or(range.kind).unwrap_or(range.state));
        format!("{:#x}, {}, {what}", range.address, size::human(range.len))
    };
    ranges.into_iter().map(|range| (title(range), range.runs.as_slice())).collect()
}

/// One line that says the most important.
pub fn summary(report: &Report) -> String {
    if report.size == 0 {
        return "empty, there are no pages".into();
    }
    let in_memory = report.total.in_memory();
    let share = percent(in_memory, report.size);
    let (size, in_memory) = (size::human(report.size), size::human(in_memory));
    match report.subject {
        Subject::Process { .. } => {
            let there = format!("{} ranges, {size} of addresses", report.ranges.len());
            match report.total.len() {
                0 => there, // its pages are hidden
                _ => format!("{there}, {in_memory} in memory ({share})"),
            }
        }
        _ => format!("{size}, {in_memory} in memory ({share})"),
    }
}

/// Who maps it, and who holds it without a view.
fn holders(report: &Report) -> String {
    if matches!(report.subject, Subject::Process { .. }) {
        return String::new();
    }
    let maps = |pid: u32| report.ranges.iter().any(|range| range.who.pid == pid);
    let idle: Vec<String> = report
        .holders
        .iter()
        .filter(|who| !maps(who.pid))
        .map(|who| format!("{} ({})", who.pid, out::printable(&who.name)))
        .collect();
    match (idle.is_empty(), report.ranges.is_empty()) {
        (false, _) => format!("\nheld without a view by {}\n", idle.join(", ")),
        (true, true) => "\nno process is known to map it\n".into(),
        (true, false) => String::new(),
    }
}
