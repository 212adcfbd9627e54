//! Why the program ends early: what to say and which exit code to give.

use std::io;
use std::path::Path;

use crate::exit_codes::Exit;
use crate::out;

/// A message for a person and an exit code for a script.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: Option<String>,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: Some(message.into()) }
    }

    /// Ends the program with a code and without a word, because everything has been said.
    pub fn quiet(exit: Exit) -> Failure {
        Failure { exit, message: None }
    }

    /// The file at `path` made trouble.
    pub fn file(path: &Path, error: io::Error) -> Failure {
        Failure::new(error.kind().into(), format!("{}: {error}", shown(path)))
    }

    /// A mapping of the file at `path` made trouble; the library's message may not name it.
    pub fn mapped_file(path: &Path, error: mapview::Error) -> Failure {
        match error.object() {
            Some(_) => error.into(),
            None => Failure::new(error.kind().into(), format!("{}: {error}", shown(path))),
        }
    }

    /// Writing to stdout failed. A reader who has seen enough (`| head`) is no failure.
    pub fn stdout(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::quiet(Exit::Ok),
            _ => Failure::new(Exit::Failed, format!("stdout: {error}")),
        }
    }

    /// Whether to go on with other files would be wrong: somebody wants the end, or nobody reads any more.
    pub fn is_final(&self) -> bool {
        self.exit == Exit::Interrupted || self.message.is_none()
    }

    /// Tells the person and returns the code for the script.
    pub fn report(self) -> Exit {
        if let Some(message) = self.message {
            out::note(&message);
        }
        self.exit
    }
}

/// A path gives a terminal no orders.
fn shown(path: &Path) -> String {
    out::printable(&path.to_string_lossy())
}

impl From<mapview_channel::Error> for Failure {
    fn from(error: mapview_channel::Error) -> Failure {
        Failure::new(error.kind().into(), error.to_string())
    }
}

impl From<mapview::Error> for Failure {
    fn from(error: mapview::Error) -> Failure {
        Failure::new(error.kind().into(), error.to_string())
    }
}
