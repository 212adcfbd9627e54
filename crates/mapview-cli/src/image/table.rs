//! The report as text.

use anstyle::{AnsiColor, Style};
use mapview::{ExportTarget, ImagePages, PageOwner};

use super::report::{symbol, Mapped, Report};
use super::PAGE;
use crate::{out, size};

/// Characters of a row of the map, and rows at most.
const WIDTH: usize = 64;
const ROWS: usize = 16;

pub fn text(report: &Report) -> String {
    let bold = Style::new().bold();
    let what = if report.library { "library" } else { "program" };
    let mut text = format!(
        "{bold}{}{bold:#}: {what} for {} ({}), {} in memory, linked for {:#x}\n",
        out::printable(&report.path),
        report.machine,
        report.format,
        size::human(report.size.into()),
        report.preferred_base,
    );
    if let Some(entry) = report.entry_point {
        text += &format!("starts at {entry:#x}; ");
    }
    text += &format!(
        "exports {}, imports {} of {} libraries, {} addresses in {} pages\n\n",
        report.exports.all.len(),
        report.imported(),
        report.imports.all.iter().filter(|import| !import.library.is_empty()).count(),
        report.relocations,
        report.relocated_pages,
    );
    text += &sections(report);
    text += &lists(report);
    if let Some(map) = &report.map {
        text += &mapped(map, report.size);
    }
    text
}

fn sections(report: &Report) -> String {
    let mut text =
        format!("{:<10}{:>12}{:>9}{:>9}  PROTECTION\n", "SECTION", "ADDRESS", "BYTES", "IN FILE");
    for section in &report.sections {
        let mut protection = section.protect.to_string();
        if section.shared {
            protection += ", shared";
        }
        if section.discardable {
            protection += ", discardable";
        }
        text += &format!(
            "{:<10}{:>12}{:>9}{:>9}  {protection}\n",
            out::printable(&section.name),
            format!("{:#x}", section.address),
            size::human(section.len.into()),
            size::human(section.file_len.into()),
        );
    }
    text
}

fn lists(report: &Report) -> String {
    let mut text = String::new();
    if report.exports.listed {
        text += "\nEXPORTS\n";
        for export in &report.exports.all {
            let name = export.name.as_deref().unwrap_or("(no name)");
            let target = match &export.target {
                ExportTarget::Address(address) => format!("{address:#x}"),
                ExportTarget::Forward(to) => format!("to {}", out::printable(to)),
            };
            text += &format!("{:>6}  {:<40} {target}\n", export.ordinal, out::printable(name));
        }
    }
    if report.imports.listed {
        text += "\nIMPORTS\n";
        for import in &report.imports.all {
            let library =
                if import.library.is_empty() { "of any library" } else { &import.library };
            text += &format!("{}\n", out::printable(library));
            for name in &import.symbols {
                text += &format!("        {}\n", out::printable(&symbol(name)));
            }
        }
    }
    text
}

fn mapped(map: &Mapped, size: u32) -> String {
    let dim = Style::new().dimmed();
    let moved = if map.relocated { "relocated" } else { "where it was linked for" };
    let mut text = format!("\nmapped at {:#x}, {moved}\n", map.base);
    let pages = (size as usize).div_ceil(PAGE);
    let per_cell = pages.div_ceil(WIDTH * ROWS).max(1);
    for (title, runs) in
        [("every page read", &map.read), ("and written where it can be", &map.written)]
    {
        text += &format!("\n{dim}{title}; one character is {}{dim:#}\n", cells_are(per_cell));
        text += &draw(runs, pages, per_cell);
        text += &format!("{}\n", numbers(runs));
    }
    text
}

fn cells_are(per_cell: usize) -> String {
    match per_cell {
        1 => "a page of 4K".to_owned(),
        pages => format!("{pages} pages of 4K"),
    }
}

/// From what matters least to what matters most.
const OWNERS: [(PageOwner, char, &str, Option<AnsiColor>); 6] = [
    (PageOwner::Untouched, '·', "not touched", None),
    (PageOwner::Everybody, '=', "in memory once for everybody", Some(AnsiColor::Green)),
    (PageOwner::Common, 'C', "common to all processes", Some(AnsiColor::Cyan)),
    (PageOwner::Header, 'H', "own, because the headers tell the base", Some(AnsiColor::Yellow)),
    (PageOwner::Relocated, 'R', "own, because relocated", Some(AnsiColor::Yellow)),
    (PageOwner::Written, 'W', "own, because written", Some(AnsiColor::Red)),
];

fn rank(owner: PageOwner) -> usize {
    OWNERS.iter().position(|row| row.0 == owner).expect("every owner has a row")
}

fn draw(runs: &[ImagePages], pages: usize, per_cell: usize) -> String {
    let mut ranks = vec![0; pages];
    for run in runs {
        let first = run.address as usize / PAGE;
        ranks[first..(first + run.len as usize / PAGE).min(pages)].fill(rank(run.owner));
    }
    let cells: Vec<usize> =
        ranks.chunks(per_cell).map(|cell| *cell.iter().max().expect("not empty")).collect();
    let mut text = String::new();
    for (row, cells) in cells.chunks(WIDTH).enumerate() {
        text += &format!("{:>10} │", format!("{:#x}", row * WIDTH * per_cell * PAGE));
        for &cell in cells {
            let (_, glyph, _, color) = OWNERS[cell];
            let style = color
                .map_or(Style::new().dimmed(), |color| Style::new().fg_color(Some(color.into())));
            text += &format!("{style}{glyph}{style:#}");
        }
        text.push('\n');
    }
    text
}

/// How much of it is whose.
fn numbers(runs: &[ImagePages]) -> String {
    let mut parts = Vec::new();
    for (owner, glyph, what, _) in OWNERS {
        let bytes: u64 =
            runs.iter().filter(|run| run.owner == owner).map(|run| u64::from(run.len)).sum();
        if bytes != 0 {
            parts.push(format!("{glyph} {} {what}", size::human(bytes)));
        }
    }
    parts.join(", ")
}
