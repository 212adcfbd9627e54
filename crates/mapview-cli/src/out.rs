//! The two ways out: data to stdout, words to stderr. Neither panics when nobody listens.

use std::io::Write;

use mapview::{Name, Namespace};
use serde::Serialize;

use crate::failure::Failure;

/// Prints text at once; its colours only reach a terminal, and not with `NO_COLOR`.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::stdout)
}

/// Prints one JSON object on a line of its own.
pub fn print_json(object: &impl Serialize) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(json_line(object).as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(Failure::stdout)
}

/// A JSON object on a line of its own.
pub fn json_line(object: &impl Serialize) -> String {
    serde_json::to_string(object).expect("our own types are JSON") + "\n"
}

/// Tells the person at the terminal something that is not data.
pub fn note(message: &str) {
    // Nobody reads stderr: then there is nobody to tell.
    let _ = writeln!(anstream::stderr(), "mapview: {message}");
}

/// The whole name, as it can be passed in again; `Display` cuts long ones.
pub fn whole(name: &Name) -> String {
    let prefix = if name.namespace() == Namespace::Global { r"Global\" } else { "" };
    format!("{prefix}{}", String::from_utf16_lossy(name.units()))
}

/// Text from elsewhere, with everything that could move a terminal's cursor spelled out.
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '"' | '\'' => printable.push(character),
            _ => printable.extend(character.escape_debug()),
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_get_no_orders_and_people_get_their_backslashes() {
        assert_eq!(printable("Global\\x\"共享内存"), "Global\\x\"共享内存");
        assert_eq!(printable("a\x1b[2J\n\u{202e}"), "a\\u{1b}[2J\\n\\u{202e}");
    }
}
