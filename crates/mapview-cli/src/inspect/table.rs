//! The tables: views of a mapping or file, ranges of a process.

use anstyle::Style;
use mapview::Place;

use super::report::{Range, Report, Subject};
use crate::pagemap::text;
use crate::{out, size};

/// Cells of the small map in each row.
pub const STRIP: usize = 16;
/// So many views are shown, unless all are wanted: a library is mapped by every process.
const VIEWS: usize = 24;

/// The ranges of the report, one per row.
pub fn table(report: &Report, all: bool) -> String {
    let process = matches!(report.subject, Subject::Process { .. });
    let head: &[&str] = match process {
        true => &["ADDRESS", "SIZE", "PRESENT", "PROTECTION", "KIND"],
        false => &["PID", "ADDRESS", "OFFSET", "SIZE", "PRESENT", "PROTECTION"],
    };
    let row = if process { range } else { view };
    let shown = if process || all { report.ranges.len() } else { VIEWS.min(report.ranges.len()) };
    let rows: Vec<Vec<String>> = report.ranges[..shown].iter().map(row).collect();
    let mut widths: Vec<usize> = head.iter().map(|word| word.len()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.len());
        }
    }
    let bold = Style::new().bold();
    let last = if process { "FILE" } else { "PROCESS" };
    let titles: Vec<String> = head.iter().map(|word| word.to_string()).collect();
    let mut text =
        format!("{bold}{}  {:STRIP$}  {last}{bold:#}\n", line(head, &titles, &widths), "MAP");
    for (row, range) in rows.iter().zip(&report.ranges) {
        let map = text::line(&range.runs, report.page_size, STRIP);
        let cells = anstream::adapter::strip_str(&map).to_string().chars().count();
        let pad = " ".repeat(STRIP.saturating_sub(cells));
        let last = match process {
            true => out::printable(range.file.as_deref().unwrap_or("-")),
            false => out::printable(&range.who.name),
        };
        text.push_str(&format!("{}  {map}{pad}  {last}\n", line(head, row, &widths)));
    }
    if shown < report.ranges.len() {
        let left = &report.ranges[shown..];
        let processes = left.chunk_by(|a, b| a.who.pid == b.who.pid).count();
        text.push_str(&format!(
            "and {} views of {processes} more processes; --all shows them\n",
            left.len()
        ));
    }
    text
}

fn range(range: &Range) -> Vec<String> {
    let protection = range.protection.map_or_else(|| range.state.into(), |some| some.to_string());
    vec![
        format!("{:#x}", range.address),
        size::human(range.len),
        present(range),
        protection,
        range.kind.unwrap_or("-").into(),
    ]
}

fn view(range: &Range) -> Vec<String> {
    vec![
        range.who.pid.to_string(),
        format!("{:#x}", range.address),
        range.offset.map_or("-".into(), size::human),
        size::human(range.len),
        present(range),
        range.protection.map_or("-".into(), |protection| protection.to_string()),
    ]
}

fn present(range: &Range) -> String {
    match range.total().at(Place::Present) {
        0 => "-".into(),
        bytes => size::human(bytes),
    }
}

/// Words to the left, numbers to the right.
fn line(head: &[&str], cells: &[String], widths: &[usize]) -> String {
    let cell = |((title, cell), width): ((&&str, &String), &usize)| match *title {
        "PROTECTION" | "KIND" => format!("{cell:width$}"),
        _ => format!("{cell:>width$}"),
    };
    head.iter().zip(cells).zip(widths).map(cell).collect::<Vec<String>>().join("  ")
}
