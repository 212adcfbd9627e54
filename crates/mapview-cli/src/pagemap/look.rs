//! How each kind of page looks: a character, a colour, a word.
//!
//! The characters alone tell everything, for pipes, for `NO_COLOR` and for people who see no colours: blocks are in memory,
//! lines are on a disk, a dot is nothing.

use anstyle::{AnsiColor, Style};
use mapview::Place;

use super::mix::Mix;

/// The look of a place.
pub struct Look {
    /// In JSON.
    pub word: &'static str,
    /// For people.
    pub title: &'static str,
    /// What a touch of such a page means.
    pub meaning: &'static str,
    /// A cell of which everything is there.
    pub whole: char,
    /// A cell of which only a part is there, the rest being further away from the processor.
    pub part: char,
    pub style: Style,
    /// In pictures, red, green and blue.
    pub fill: &'static str,
}

pub fn of(place: Place) -> Look {
    match place {
        Place::Present => Look {
            word: "present",
            title: "present",
            meaning: "in a page table: a touch costs nothing",
            whole: '█',
            part: '▄',
            style: AnsiColor::Green.on_default(),
            fill: "#2e9e5b",
        },
        Place::Cached => Look {
            word: "cached",
            title: "in memory",
            meaning: "but in no page table here: a touch is a soft fault",
            whole: '▓',
            part: '▒',
            style: AnsiColor::Cyan.on_default(),
            fill: "#5bb5d6",
        },
        Place::Swapped => Look {
            word: "swapped",
            title: "swapped out",
            meaning: "in the paging file: a touch reads the disk",
            whole: '≈',
            part: '~',
            style: AnsiColor::Magenta.on_default(),
            fill: "#a05bc4",
        },
        Place::OnDisk => Look {
            word: "on_disk",
            title: "on disk",
            meaning: "in its file only: a touch reads the disk",
            whole: '=',
            part: '-',
            style: AnsiColor::Yellow.on_default(),
            fill: "#d9a441",
        },
        Place::NotAllocated => Look {
            word: "not_allocated",
            title: "nothing there",
            meaning: "a hole, or never written: takes no memory and no disk",
            whole: '·',
            part: '·',
            style: Style::new().dimmed(),
            fill: "#e6e6e6",
        },
    }
}

/// What is written over the character of a place, if any page of the cell is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Private,
    Both,
    Dirty,
    Shared,
    Huge,
}

impl Mark {
    pub fn of(mix: &Mix) -> Option<Mark> {
        let any = |bytes: u64| bytes != 0;
        match () {
            () if any(mix.private) => Some(Mark::Private),
            () if any(mix.dirty) && any(mix.shared) => Some(Mark::Both),
            () if any(mix.dirty) => Some(Mark::Dirty),
            () if any(mix.shared) => Some(Mark::Shared),
            () if any(mix.huge) => Some(Mark::Huge),
            () => None,
        }
    }

    /// Capitals where the page is present, small letters where it is only in memory.
    pub fn letter(self, place: Place) -> char {
        let letter = match self {
            Mark::Private => 'P',
            Mark::Both => 'B',
            Mark::Dirty => 'D',
            Mark::Shared => 'S',
            Mark::Huge => 'H',
        };
        if place == Place::Present {
            letter
        } else {
            letter.to_ascii_lowercase()
        }
    }

    pub fn style(self, place: Place) -> Style {
        match self {
            Mark::Both | Mark::Dirty => AnsiColor::Red.on_default().bold(),
            Mark::Private => AnsiColor::Blue.on_default().bold(),
            Mark::Shared | Mark::Huge => of(place).style.bold(),
        }
    }

    /// A word, and what it means.
    pub fn meaning(self) -> (&'static str, &'static str) {
        match self {
            Mark::Private => {
                ("private copy", "written copy-on-write: one process's own, not the file's")
            }
            Mark::Both => ("both", "dirty and shared"),
            Mark::Dirty => ("dirty", "written, and the file does not have it yet"),
            Mark::Shared => ("shared", "more than one process has it in its page table"),
            Mark::Huge => ("huge", "in huge pages, one entry of the page table for many"),
        }
    }
}

/// In pictures: what is dirty, and a private copy.
pub const DIRTY_FILL: &str = "#c8323c";
pub const PRIVATE_FILL: &str = "#3b4cc0";

/// The character and style of a cell.
pub fn glyph(cell: &Mix) -> (char, Style) {
    let place = cell.nearest();
    let look = of(place);
    match Mark::of(cell) {
        Some(mark) => (mark.letter(place), mark.style(place)),
        None if cell.at(place) == cell.len() => (look.whole, look.style),
        None => (look.part, look.style),
    }
}

#[cfg(test)]
mod tests {
    use super::super::mix::{tests::runs, PLACES};
    use super::*;

    fn shown(kinds: &[(u8, u64)]) -> char {
        glyph(&Mix::of(&runs(kinds))).0
    }

    #[test]
    fn the_characters_tell_everything_apart() {
        let mut all: Vec<char> = Vec::new();
        for place in PLACES {
            all.extend([of(place).whole, of(place).part]);
        }
        for mark in [Mark::Private, Mark::Both, Mark::Dirty, Mark::Shared, Mark::Huge] {
            all.extend([mark.letter(Place::Present), mark.letter(Place::Cached)]);
        }
        let count = all.len() - 1; // a part of nothing is nothing
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "{all:?}");
    }

    #[test]
    fn cells_show_what_is_nearest_and_whether_it_is_all() {
        assert_eq!(shown(&[(0, 4)]), '█');
        assert_eq!(shown(&[(0, 1), (1, 3)]), '▄');
        assert_eq!(shown(&[(1, 1), (4, 3)]), '▒');
        assert_eq!(shown(&[(3, 4)]), '=');
        assert_eq!(shown(&[(3, 1), (4, 9)]), '-');
        assert_eq!(shown(&[(4, 9)]), '·');
    }

    #[test]
    fn marks_win_over_places() {
        assert_eq!(shown(&[(10, 1), (4, 3)]), 'D', "present and dirty");
        assert_eq!(shown(&[(11, 1), (4, 3)]), 'd', "only cached and dirty");
        assert_eq!(shown(&[(20, 2)]), 'S');
        assert_eq!(shown(&[(30, 1)]), 'B');
        assert_eq!(shown(&[(35, 1)]), 'H');
        assert_eq!(shown(&[(65, 1)]), 'P');
        assert_eq!(shown(&[(66, 1)]), 'p');
    }
}
