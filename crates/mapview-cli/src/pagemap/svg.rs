//! The picture as SVG, for browsers and documents: no script, no font of its own, nothing from elsewhere.

use std::fmt::Write;

use mapview::{PageRun, Place};

use super::grid::Grid;
use super::legend::percent;
use super::look::{self, Mark, DIRTY_FILL, PRIVATE_FILL};
use super::mix::{cells, Mix, PLACES};
use crate::size;

const MARGIN: u64 = 24;
const LABEL: u64 = 72;
const WIDTH: u64 = 64 * 14;
const LINE: u64 = 20;
/// Up to so many cells are large.
const LARGE: u64 = 64 * 16;

/// One map of the picture.
pub struct Map<'a> {
    pub title: String,
    pub runs: &'a [PageRun],
    pub page_size: u64,
}

/// A picture with a title, words below it, maps and their legend.
pub fn picture(title: &str, words: &[String], maps: &[Map], total: &Mix) -> String {
    let mut body = String::new();
    let mut y = MARGIN + 20;
    text(&mut body, MARGIN, y, "title", title);
    for line in words {
        y += LINE;
        text(&mut body, MARGIN, y, "words", line);
    }
    for map in maps {
        y = draw(&mut body, map, y + 2 * LINE);
    }
    y = legend(&mut body, total, y + LINE + 8);
    let (width, height) = (2 * MARGIN + LABEL + WIDTH, y + MARGIN);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif" font-size="13" fill="#222222">
<style>.title {{ font-size: 18px; font-weight: 600 }} .words {{ fill: #555555 }} .at {{ font-size: 11px; fill: #777777; text-anchor: end }} .number {{ text-anchor: end }}</style>
<defs>
<pattern id="shared" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="5" fill="#ffffff" fill-opacity="0.55"/></pattern>
<pattern id="large" width="14" height="14" patternUnits="userSpaceOnUse"><path d="M0 0.5H14M0.5 0V14" stroke="#ffffff" fill="none"/></pattern>
<pattern id="small" width="7" height="7" patternUnits="userSpaceOnUse"><path d="M0 0.25H7M0.25 0V7" stroke="#ffffff" stroke-width="0.5" fill="none"/></pattern>
</defs>
<rect width="{width}" height="{height}" fill="#ffffff"/>
{body}</svg>
"##
    )
}

/// Draws a map and returns where it ends.
fn draw(body: &mut String, map: &Map, mut y: u64) -> u64 {
    let len = Mix::of(map.runs).len();
    let large = len.div_ceil(map.page_size) <= LARGE;
    let (side, columns, rows, lines) =
        if large { (14, 64, 16, "large") } else { (7, 128, 48, "small") };
    let grid = Grid::fit(len, map.page_size, columns, rows);
    let scale = match grid.per_cell / map.page_size {
        1 => format!("one square is one page of {}", size::human(map.page_size)),
        pages => format!("one square is {pages} pages, {}", size::human(grid.per_cell)),
    };
    let title = if map.title.is_empty() { scale } else { format!("{} · {scale}", map.title) };
    text(body, MARGIN, y, "words", &title);
    y += 10;
    // A group of its own, so that the pattern of lines begins at its corner.
    let _ = writeln!(body, r#"<g transform="translate({} {y})">"#, MARGIN + LABEL);
    let cells = cells(map.runs, grid.per_cell);
    for (row, cells) in cells.chunks(grid.columns).enumerate() {
        let (top, at) = (row as u64 * side, row as u64 * grid.per_row());
        let every = if large { 1 } else { 4 };
        if row.is_multiple_of(every) {
            let baseline = top + if large { 11 } else { 8 };
            let _ = writeln!(
                body,
                r#"<text class="at" x="-8" y="{baseline}">{}</text>"#,
                size::human(at)
            );
        }
        let mut column = 0;
        for alike in cells.chunk_by(|a, b| a == b) {
            let from = at + column * grid.per_cell;
            block(
                body,
                &alike[0],
                [column * side, top, alike.len() as u64 * side, side],
                from,
                alike.len(),
            );
            column += alike.len() as u64;
        }
        let width = cells.len() as u64 * side;
        let _ = writeln!(
            body,
            r#"<rect y="{top}" width="{width}" height="{side}" fill="url(#{lines})" pointer-events="none"/>"#
        );
    }
    body.push_str("</g>\n");
    y + cells.len().div_ceil(grid.columns) as u64 * side
}

/// Cells side by side that are alike: what they consist of as layers, the nearest to the processor at the bottom.
fn block(body: &mut String, mix: &Mix, [x, y, width, side]: [u64; 4], from: u64, count: usize) {
    let to = from + mix.len() * count as u64;
    let said = format!("{} to {}: {}", size::human(from), size::human(to), words(mix));
    let _ = write!(body, "<g><title>{}</title>", escape(&said));
    let mut below = (y + side) as f64;
    for place in PLACES {
        let height = side as f64 * mix.at(place) as f64 / mix.len() as f64;
        if height > 0.0 {
            // What is there is seen, however little it is.
            let shown = if place == Place::NotAllocated { height } else { height.max(1.5) };
            let top = (below - shown).max(y as f64);
            let fill = look::of(place).fill;
            let _ = write!(
                body,
                r#"<rect x="{x}" y="{top:.2}" width="{width}" height="{:.2}" fill="{fill}"/>"#,
                below - top
            );
            below = top;
        }
    }
    if mix.shared != 0 {
        let _ = write!(
            body,
            r#"<rect x="{x}" y="{y}" width="{width}" height="{side}" fill="url(#shared)"/>"#
        );
    }
    if mix.dirty != 0 {
        let strip = side.div_ceil(3);
        let _ = write!(
            body,
            r#"<rect x="{x}" y="{y}" width="{width}" height="{strip}" fill="{DIRTY_FILL}"/>"#
        );
    }
    if mix.private != 0 {
        let (side, top) = (side.div_ceil(3), y + side - side.div_ceil(3));
        let _ = write!(
            body,
            r#"<rect x="{x}" y="{top}" width="{width}" height="{side}" fill="{PRIVATE_FILL}"/>"#
        );
    }
    if mix.huge != 0 {
        let (bottom, end) = (y + side, x + width);
        let _ = write!(
            body,
            r##"<path d="M{x} {bottom}H{end}" stroke="#222222" stroke-width="2" fill="none"/>"##
        );
    }
    body.push_str("</g>\n");
}

fn words(mix: &Mix) -> String {
    let mut parts = Vec::new();
    for place in PLACES {
        if mix.at(place) != 0 {
            parts.push(format!("{} {}", look::of(place).title, percent(mix.at(place), mix.len())));
        }
    }
    for (word, bytes) in [
        ("dirty", mix.dirty),
        ("shared", mix.shared),
        ("private copies", mix.private),
        ("huge", mix.huge),
    ] {
        if bytes != 0 {
            parts.push(format!("{word} {}", percent(bytes, mix.len())));
        }
    }
    parts.join(", ")
}

/// The legend with totals; returns where it ends.
fn legend(body: &mut String, total: &Mix, mut y: u64) -> u64 {
    let mut line = |body: &mut String, square: &str, words: [&str; 2], bytes: u64| {
        y += LINE;
        let _ = writeln!(body, r#"<g transform="translate({MARGIN} {})">{square}</g>"#, y - 11);
        text(body, MARGIN + 24, y, "name", words[0]);
        text(body, MARGIN + 200, y, "number", &size::human(bytes));
        text(body, MARGIN + 270, y, "number", &percent(bytes, total.len()));
        text(body, MARGIN + 290, y, "words", words[1]);
    };
    for place in PLACES.into_iter().filter(|&place| total.at(place) != 0) {
        let look = look::of(place);
        let square = format!(r#"<rect width="14" height="14" fill="{}"/>"#, look.fill);
        line(body, &square, [look.title, look.meaning], total.at(place));
    }
    let below = r##"<rect width="14" height="14" fill="#2e9e5b"/>"##;
    let marks = [
        (Mark::Dirty, total.dirty, format!(r#"<rect width="14" height="5" fill="{DIRTY_FILL}"/>"#)),
        (
            Mark::Shared,
            total.shared,
            r#"<rect width="14" height="14" fill="url(#shared)"/>"#.into(),
        ),
        (
            Mark::Huge,
            total.huge,
            r##"<path d="M0 14H14" stroke="#222222" stroke-width="2"/>"##.into(),
        ),
    ];
    for (mark, bytes, drawn) in marks {
        if bytes != 0 {
            line(body, &format!("{below}{drawn}"), mark.meaning().into(), bytes);
        }
    }
    y
}

fn text(body: &mut String, x: u64, y: u64, class: &str, words: &str) {
    let _ = writeln!(body, r#"<text class="{class}" x="{x}" y="{y}">{}</text>"#, escape(words));
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::mix::tests::runs;
    use super::*;

    fn drawn(title: &str, runs: &[PageRun]) -> String {
        let map = Map { title: title.into(), runs, page_size: 4096 };
        picture(title, &["words".into()], &[map], &Mix::of(runs))
    }

    #[test]
    fn names_cannot_break_out_of_the_picture() {
        let svg = drawn("a<script>&\"", &runs(&[(0, 3)]));
        assert!(svg.contains("a&lt;script&gt;&amp;&quot;") && !svg.contains("<script"), "{svg}");
    }

    #[test]
    fn what_is_alike_is_drawn_at_once() {
        let svg = drawn("100 GiB", &runs(&[(4, 13 << 20), (0, 1), (4, 13 << 20)]));
        assert!(svg.len() < 20_000, "{} bytes", svg.len());
        assert!(svg.contains("present &lt;0.1%") || svg.contains("present <0.1%"), "{svg}");
    }

    #[test]
    fn layers_fill_a_cell() {
        let runs = runs(&[(0, 1024), (4, 1024)]);
        let svg = drawn("halves", &runs);
        assert!(svg.contains(r##"height="7.00" fill="#2e9e5b""##), "{svg}");
    }
}
