//! The child's end: what it was started with, and what it says and hears.

use std::fmt::Display;
use std::io::Write;

/// Set in the environment of every process that a test starts.
pub const WORDS: &str = "MAPVIEW_CHANNEL_TEST_WORDS";
/// Between two words: in no name.
pub const BETWEEN: &str = "\u{1f}";

/// What a body was started for.
pub struct Part {
    /// The words that [`super::Peer::start`] was given.
    pub words: Vec<String>,
}

/// In a body: its part; `None` if no test started this process, and then the body does nothing.
pub fn part() -> Option<Part> {
    let words = std::env::var(WORDS).ok()?;
    say("started"); // the harness has printed the name of the test without a line end
    Some(Part { words: words.split(BETWEEN).map(str::to_string).collect() })
}

impl Part {
    /// A word as a number.
    pub fn number(&self, index: usize) -> u64 {
        self.words[index].parse().unwrap()
    }

    /// A line for [`super::Peer::hear`].
    pub fn say(&self, line: impl Display) {
        say(line);
    }

    /// The next line that [`super::Peer::say`] sent; `None` when the test is gone.
    pub fn hear(&self) -> Option<String> {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line).unwrap();
        (read > 0).then(|| line.trim_end().to_string())
    }

    /// For a body that runs until it is killed: ends this process when the test is gone.
    pub fn end_with_the_test(&self) {
        std::thread::spawn(|| {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            std::process::exit(0);
        });
    }
}

fn say(line: impl Display) {
    let mut out = std::io::stdout().lock();
    // A test that is gone needs no answer.
    let _ = write!(out, "\n@{line}\n").and_then(|()| out.flush());
}
