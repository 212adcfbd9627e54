//! A report again and again in the same place, until Ctrl-C: `watch`, `inspect --watch`.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use anstream::ColorChoice;

use crate::failure::Failure;
use crate::{interrupt, out};

/// Where the frames go.
pub enum Screen {
    /// A terminal, and the lines that it shows.
    Terminal { shown: Vec<String>, size: (usize, usize) },
    /// A file or pipe: one frame after the other.
    Stream { between: &'static str, started: bool },
}

const HIDE_CURSOR_AND_DO_NOT_WRAP: &str = "\x1b[?25l\x1b[?7l";
const SHOW_CURSOR_AND_WRAP: &str = "\x1b[?7h\x1b[?25h";

/// Shows what `frame` returns for a width, every `interval`, so many times or until somebody wants the program to end.
pub fn watch(
    interval: Duration,
    times: Option<u64>,
    mut screen: Screen,
    mut frame: impl FnMut(usize) -> Result<String, Failure>,
) -> Result<(), Failure> {
    let stop = interrupt::channel()?;
    let mut shown = 0;
    loop {
        screen.show(&frame(screen.width())?)?;
        shown += 1;
        if times == Some(shown) {
            return Ok(());
        }
        match stop.recv_timeout(interval) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => return Ok(()),
        }
    }
}

/// Columns and rows of the terminal.
pub fn terminal_size() -> Option<(usize, usize)> {
    let (width, height) = terminal_size::terminal_size()?;
    Some((width.0.into(), height.0.into()))
}

impl Screen {
    /// The terminal behind stdout, if it is one that can move its cursor.
    pub fn people() -> Result<Screen, Failure> {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if dumb || !std::io::stdout().is_terminal() {
            return Ok(Screen::Stream { between: "\n", started: false });
        }
        // Made first, so that the terminal is put in order again whatever comes.
        let screen = Screen::Terminal { shown: Vec::new(), size: (0, 0) };
        raw(HIDE_CURSOR_AND_DO_NOT_WRAP)?;
        Ok(screen)
    }

    /// A line for each frame.
    pub fn programs() -> Screen {
        Screen::Stream { between: "", started: false }
    }

    fn width(&self) -> usize {
        terminal_size().map_or(80, |(width, _)| width)
    }

    fn show(&mut self, frame: &str) -> Result<(), Failure> {
        match self {
            Screen::Stream { between, started } => {
                let gap = if std::mem::replace(started, true) { *between } else { "" };
                out::print(&format!("{gap}{frame}"))
            }
            Screen::Terminal { shown, size } => {
                let now = terminal_size().unwrap_or((80, 24));
                let colours =
                    anstream::AutoStream::choice(&std::io::stdout()) != ColorChoice::Never;
                let plain = (!colours).then(|| anstream::adapter::strip_str(frame).to_string());
                let lines = fitting(plain.as_deref().unwrap_or(frame), now.1);
                let update = update(shown, &lines, now != *size);
                (*shown, *size) = (lines, now);
                raw(&update)
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Screen::Terminal { .. } = self {
            let _ = raw(SHOW_CURSOR_AND_WRAP); // nobody is there to tell
        }
    }
}

/// Orders to the terminal, also where colours are not wanted.
fn raw(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::stdout)
}

/// The lines of a frame that fit on the screen with a line to spare for the cursor; the last says what is missing.
fn fitting(frame: &str, height: usize) -> Vec<String> {
    let mut lines: Vec<String> = frame.lines().map(String::from).collect();
    let room = height.saturating_sub(1).max(2);
    if lines.len() > room {
        let missing = lines.len() - (room - 1);
        lines.truncate(room - 1);
        lines.push(format!("({missing} more lines)"));
    }
    lines
}

/// What turns the lines on the screen, below which the cursor is, into the new ones: only what is different is written.
fn update(shown: &[String], lines: &[String], everything: bool) -> String {
    let mut text = String::new();
    if !shown.is_empty() {
        text.push_str(&format!("\x1b[{}A\r", shown.len()));
    }
    if everything {
        text.push_str("\x1b[J");
    }
    for (index, line) in lines.iter().enumerate() {
        match shown.get(index) {
            Some(old) if old == line && !everything => text.push('\n'),
            _ => text.push_str(&format!("{line}\x1b[K\n")),
        }
    }
    if lines.len() < shown.len() {
        text.push_str("\x1b[J");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(String::from).collect()
    }

    #[test]
    fn only_what_changed_is_written() {
        assert_eq!(update(&[], &lines("a\nb"), false), "a\x1b[K\nb\x1b[K\n");
        assert_eq!(update(&lines("a\nb\nc"), &lines("a\nB\nc"), false), "\x1b[3A\r\nB\x1b[K\n\n");
        assert_eq!(update(&lines("a\nb"), &lines("a"), false), "\x1b[2A\r\n\x1b[J");
        assert_eq!(update(&lines("a"), &lines("a"), true), "\x1b[1A\r\x1b[Ja\x1b[K\n");
    }

    #[test]
    fn a_long_frame_is_cut_and_says_so() {
        assert_eq!(fitting("a\nb\nc", 4), ["a", "b", "c"]);
        assert_eq!(fitting("a\nb\nc\nd", 4), ["a", "b", "(2 more lines)"]);
        assert_eq!(fitting("a\nb\nc\nd", 0), ["a", "(3 more lines)"]);
    }
}
