//! The one error type: what went wrong, with which channel, and what the caller can do about it.

use std::borrow::Cow;
use std::fmt;

/// A result of this library.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The shared memory or an object could not be had; [`std::error::Error::source`] is mapview's error, which says why.
    Object(mapview::ErrorKind),
    /// The channel exists with other parameters, another schema, or from another version of this library.
    Mismatch,
    /// The name belongs to something that is no channel, or to another sort of channel.
    NotSuchAChannel,
    /// An argument is out of range.
    InvalidParameter,
    /// The message is longer than the channel can ever hold.
    TooLong,
    /// All places for participants of this sort are taken by living ones; or a subscriber holds as many samples as it can.
    Occupied,
    /// Somebody else is creating the channel and does not go on.
    Busy,
    /// What another participant wrote into the channel makes no sense; nothing of it was used.
    Corrupt,
    /// The participant that was to answer ended before it did.
    Abandoned,
}

/// Why an operation failed: a kind, the channel's name and a remedy.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    channel: String,
    remedy: Cow<'static, str>,
    source: Option<mapview::Error>,
}

impl Error {
    pub(crate) fn new(
        kind: ErrorKind,
        channel: impl fmt::Display,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Error {
        let (channel, remedy) = (channel.to_string(), remedy.into());
        Error(Box::new(Inner { kind, channel, remedy, source: None }))
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The channel's name; empty where an object inside was not told which channel it serves.
    pub fn channel(&self) -> &str {
        &self.0.channel
    }
}

impl From<mapview::Error> for Error {
    fn from(source: mapview::Error) -> Error {
        let kind = ErrorKind::Object(source.kind());
        let channel = source.object().unwrap_or_default().to_owned();
        Error(Box::new(Inner { kind, channel, remedy: "".into(), source: Some(source) }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.0.source {
            return write!(f, "{source}");
        }
        if !self.0.channel.is_empty() {
            // Names may hold control characters; a terminal must not obey them.
            write!(f, "`{}`: ", self.0.channel.escape_debug())?;
        }
        f.write_str(match self.0.kind {
            ErrorKind::Object(_) => "an object failed",
            ErrorKind::Mismatch => "the channel is another than expected",
            ErrorKind::NotSuchAChannel => "no such channel",
            ErrorKind::InvalidParameter => "invalid parameter",
            ErrorKind::TooLong => "the message is too long",
            ErrorKind::Occupied => "all places are taken",
            ErrorKind::Busy => "busy",
            ErrorKind::Corrupt => "the channel's memory is damaged",
            ErrorKind::Abandoned => "abandoned",
        })?;
        if !self.0.remedy.is_empty() {
            write!(f, ": {}", self.0.remedy)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}
