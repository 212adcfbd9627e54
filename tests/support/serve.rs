//! The child's end of a peer: reads lines, has them obeyed, answers.

use std::io::{BufRead, Write};

use super::Line;

/// Has each line obeyed, until one says `exit` or the pipe ends. Several, joined by ` ; `, are done without a pause until
/// one fails, and the answers are joined the same way.
pub fn serve(mut obey: impl FnMut(&Line) -> mapview::Result<String>) -> ! {
    say("\n@ok ready"); // the harness has printed the name of the test without a line end
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let lines: Vec<Line> = line.split(" ; ").map(Line::parse).collect();
        if lines.iter().any(|line| line.verb == "exit") {
            break;
        }
        match lines.iter().map(&mut obey).collect::<mapview::Result<Vec<String>>>() {
            Ok(said) => say(&format!("@ok {}", said.join(" ; "))),
            Err(error) => {
                say(&format!("@err {} {}", error.win32_code(), error.to_string().escape_debug()))
            }
        }
    }
    std::process::exit(0);
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush()); // a parent that is gone needs no answer
}
