//! What the characters mean, with totals.

use anstyle::Style;
use mapview::Place;

use super::look::{self, Mark};
use super::mix::{Mix, PLACES};
use crate::size;

/// One line for each place that occurs, and one for each mark; `coarse`: some characters stand for several pages.
pub fn legend(total: &Mix, coarse: bool) -> String {
    let amount = |bytes| format!("{:>9} {:>6}  ", size::human(bytes), percent(bytes, total.len()));
    lines(total, coarse, amount)
}

/// The same without numbers.
pub fn key(total: &Mix) -> String {
    lines(total, false, |_| String::new())
}

fn lines(total: &Mix, coarse: bool, amount: impl Fn(u64) -> String) -> String {
    let mut text = String::new();
    let mut line = |style: Style, character, title, bytes, meaning| {
        let amount = amount(bytes);
        text.push_str(&format!("{style}{character}{style:#} {title:13} {amount}{meaning}\n"));
    };
    for place in PLACES.into_iter().filter(|&place| total.at(place) != 0) {
        let look = look::of(place);
        line(look.style, look.whole, look.title, total.at(place), look.meaning);
    }
    let marks = [
        (Mark::Dirty, total.dirty),
        (Mark::Shared, total.shared),
        (Mark::Private, total.private),
        (Mark::Huge, total.huge),
    ];
    let marks = marks.into_iter().filter(|&(_, bytes)| bytes != 0);
    let any = marks.clone().count() != 0;
    for (mark, bytes) in marks {
        let (title, meaning) = mark.meaning();
        line(mark.style(Place::Present), mark.letter(Place::Present), title, bytes, meaning);
    }
    if total.dirty != 0 && total.shared != 0 {
        text.push_str("  B is both dirty and shared\n");
    }
    if any && total.at(Place::Cached) != 0 {
        text.push_str("  small letters: in memory, but not present\n");
    }
    if coarse {
        text.push_str(
            "  ▄ ▒ ~ -: only some of that character's pages, the others are further away\n",
        );
    }
    text
}

/// With one decimal; never 0 % for something, never 100 % for less than all.
pub fn percent(bytes: u64, of: u64) -> String {
    let percent = bytes as f64 * 100.0 / of.max(1) as f64;
    match bytes {
        0 => "0%".into(),
        _ if bytes == of => "100%".into(),
        _ if percent < 0.1 => "<0.1%".into(),
        _ if percent > 99.9 => ">99.9%".into(),
        _ => format!("{percent:.1}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::mix::tests::runs;
    use super::*;

    #[test]
    fn only_what_occurs_is_explained_with_its_share() {
        let total = Mix::of(&runs(&[(0, 1), (3, 3)]));
        let text = anstream::adapter::strip_str(&legend(&total, false)).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].starts_with("█ present") && lines[0].contains("4K  25.0%"), "{text}");
        assert!(lines[1].starts_with("= on disk") && lines[1].contains("12K  75.0%"), "{text}");
        assert_eq!(legend(&Mix::default(), false), "");
    }

    #[test]
    fn percentages_do_not_round_something_away() {
        let rows = [(0, 5, "0%"), (5, 5, "100%"), (1, 1 << 30, "<0.1%"), (1, 3, "33.3%")];
        for (bytes, of, text) in rows {
            assert_eq!(percent(bytes, of), text);
        }
        assert_eq!(percent((1 << 30) - 1, 1 << 30), ">99.9%");
    }
}
