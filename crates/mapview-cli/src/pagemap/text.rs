//! The picture in a terminal.

use anstyle::Style;
use mapview::PageRun;

use super::grid::Grid;
use super::look;
use super::mix::{cells, Mix};
use crate::size;

/// A map of `len` bytes that is at most `width` characters wide, if that leaves room for a cell, and `rows` rows high.
#[derive(Clone, Copy)]
pub struct Shape {
    grid: Grid,
    page_size: u64,
}

impl Shape {
    pub fn new(len: u64, page_size: u64, width: usize, rows: usize) -> Shape {
        // The labels' width depends on the grid and the other way round; the widest label there can be settles it.
        let room = size::human(len).len().max(7) + 2;
        Shape { grid: Grid::fit(len, page_size, width.saturating_sub(room), rows), page_size }
    }

    /// Whether a character is more than one page.
    pub fn is_coarse(&self) -> bool {
        self.grid.per_cell != self.page_size
    }

    /// What a character stands for, in words.
    pub fn scale(&self) -> String {
        let bytes = size::human(self.grid.per_cell);
        match self.grid.per_cell / self.page_size {
            1 => format!("one character is one page of {bytes}"),
            pages => format!("one character is {pages} pages, {bytes}"),
        }
    }

    /// Rows of cells, each with the offset that it begins at.
    pub fn draw(&self, runs: &[PageRun]) -> String {
        let cells = cells(runs, self.grid.per_cell);
        let rows = cells.chunks(self.grid.columns);
        let label = |row: usize| size::human(row as u64 * self.grid.per_row());
        let labels: Vec<String> = (0..rows.len()).map(label).collect();
        let widest = labels.iter().map(String::len).max().unwrap_or(0);
        let line = |(label, row): (&String, &[Mix])| format!("{label:>widest$} │{}\n", strip(row));
        labels.iter().zip(rows).map(line).collect()
    }
}

/// Cells side by side.
pub fn strip(cells: &[Mix]) -> String {
    let mut text = String::new();
    let mut now = Style::new();
    for cell in cells {
        let (character, style) = look::glyph(cell);
        if style != now {
            text.push_str(&format!("{now:#}{style}"));
            now = style;
        }
        text.push(character);
    }
    text.push_str(&format!("{now:#}"));
    text
}

/// The whole of `runs` in at most `columns` cells.
pub fn line(runs: &[PageRun], page_size: u64, columns: usize) -> String {
    let len = Mix::of(runs).len();
    let per_cell = len.div_ceil(page_size).div_ceil(columns as u64).max(1) * page_size;
    strip(&cells(runs, per_cell))
}

#[cfg(test)]
mod tests {
    use super::super::mix::tests::runs;
    use super::*;

    fn map(runs: &[PageRun], width: usize, rows: usize) -> (String, String) {
        let shape = Shape::new(Mix::of(runs).len(), 4096, width, rows);
        (shape.draw(runs), shape.scale())
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_small_map_shows_each_page() {
        let runs = runs(&[(0, 3), (16, 2), (8, 1), (4, 2)]);
        let (text, scale) = map(&runs, 80, 16);
        assert_eq!(plain(&text), "0 │███ss=··\n");
        assert_eq!(scale, "one character is one page of 4K");
        assert_eq!(plain(&line(&runs, 4096, 4)), "█Ss·");
    }

    #[test]
    fn a_large_one_fits_and_its_rows_begin_at_round_numbers() {
        let runs = runs(&[(4, 1 << 20), (0, 1), (4, (25 << 20) - 1)]); // 100 GiB and 4 GiB
        let (text, scale) = map(&runs, 80, 16);
        let text = plain(&text);
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows.len(), 13, "{text}");
        assert!(rows.iter().all(|row| row.chars().count() <= 80), "{text}");
        assert!(rows[0].starts_with("  0 │································▄····"), "{text}");
        assert!(rows[1].starts_with(" 8G │"), "{text}");
        assert_eq!(scale, "one character is 32768 pages, 128M");
    }

    #[test]
    fn any_width_and_no_pages_at_all() {
        let runs = runs(&[(0, 5), (1, 100), (12, 7)]);
        for width in 0..200 {
            let text = plain(&map(&runs, width, 8).0);
            assert!((1..=8).contains(&text.lines().count()), "{width}: {text}");
            assert!(
                text.lines().all(|row| row.chars().count() <= width.max(12)),
                "{width}: {text}"
            );
        }
        assert_eq!(map(&[], 80, 16).0, "");
        assert_eq!(line(&[], 4096, 16), "");
    }

    #[test]
    fn colours_begin_and_end() {
        let (text, _) = map(&runs(&[(0, 3), (4, 2)]), 80, 16);
        assert!(text.contains("\x1b[32m███\x1b[0m\x1b[2m··\x1b[0m"), "{text:?}");
    }
}
