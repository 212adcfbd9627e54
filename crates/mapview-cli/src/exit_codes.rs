//! How the program ends, for scripts.

use mapview::ErrorKind;

/// The exit codes as `--help` tells them; a test compares the numbers.
pub const HELP: &str = "\
Exit codes:
    0  done
    1  failed
    2  the command line, or a name in it, is wrong
    3  there is no such object or file
    4  it exists already, or somebody else is using it
    5  the time that --timeout gave is over
    6  nothing was found, or a checksum does not match
  130  interrupted

`mapview COMMAND --help` shows examples.";

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Taken = 4,
    TimedOut = 5,
    NotMatched = 6,
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        (exit as u8).into()
    }
}

impl From<ErrorKind> for Exit {
    fn from(kind: ErrorKind) -> Exit {
        match kind {
            ErrorKind::NotFound => Exit::NotFound,
            ErrorKind::AlreadyExists
            | ErrorKind::Busy
            | ErrorKind::SharingViolation
            | ErrorKind::UserMappedFile => Exit::Taken,
            ErrorKind::InvalidName | ErrorKind::BadPathName | ErrorKind::PathNotFound => {
                Exit::Usage
            }
            _ => Exit::Failed,
        }
    }
}

impl From<mapview_channel::ErrorKind> for Exit {
    fn from(kind: mapview_channel::ErrorKind) -> Exit {
        use mapview_channel::ErrorKind;
        match kind {
            ErrorKind::Object(kind) => kind.into(),
            ErrorKind::Occupied | ErrorKind::Busy => Exit::Taken,
            _ => Exit::Failed,
        }
    }
}

impl From<std::io::ErrorKind> for Exit {
    fn from(kind: std::io::ErrorKind) -> Exit {
        match kind {
            std::io::ErrorKind::NotFound => Exit::NotFound,
            std::io::ErrorKind::AlreadyExists | std::io::ErrorKind::ResourceBusy => Exit::Taken,
            _ => Exit::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_every_code() {
        use Exit::*;
        let listed: Vec<u8> = HELP
            .lines()
            .filter_map(|line| line.split_whitespace().next()?.parse::<u8>().ok())
            .collect();
        assert_eq!(
            listed,
            [Ok, Failed, Usage, NotFound, Taken, TimedOut, NotMatched, Interrupted]
                .map(|exit| exit as u8)
        );
    }
}
