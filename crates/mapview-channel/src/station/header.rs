//! What a channel is: agreed by its first participants without a lock, so that nobody waits for one that died in the midst of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mapview::{Name, View};

use super::agree::{self, Found, Wish, CONTENT_AT};
use crate::{Error, ErrorKind, Result};

const VERSION: u64 = 1;
/// How many parameters a kind may have.
pub(crate) const PARAMETERS: usize = 12;
/// Where the words of the schema follow the parameters: its sum, and its text.
const SCHEMA_AT: usize = 18;
/// So many bytes of a schema's text are kept for messages.
const SCHEMA_TEXT: usize = 64;
/// Words that participants agree on.
const CONTENT: usize = SCHEMA_AT + 1 + SCHEMA_TEXT / 8;
/// How long somebody may take to write a header.
const PATIENCE: Duration = Duration::from_millis(200);

/// The kinds of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Messages from senders to receivers.
    Ring = 1,
    /// Samples from publishers to all subscribers.
    Topic = 2,
    /// Calls of clients, answered by servers.
    Service = 3,
}

impl Kind {
    fn of(word: u64) -> Option<Kind> {
        [Kind::Ring, Kind::Topic, Kind::Service].into_iter().find(|kind| *kind as u64 == word)
    }

    /// The word for messages and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Ring => "ring",
            Kind::Topic => "topic",
            Kind::Service => "service",
        }
    }
}

/// What the messages are, as both sides must say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schema {
    text: [u8; SCHEMA_TEXT],
    sum: u64,
}

impl Schema {
    pub(crate) fn new(text: &str) -> Schema {
        let mut kept = [0; SCHEMA_TEXT];
        let len = text.len().min(SCHEMA_TEXT);
        kept[..len].copy_from_slice(&text.as_bytes()[..len]);
        Schema { text: kept, sum: sum(text.bytes().map(u64::from)) }
    }

    /// As much of it as is kept, fit for a terminal.
    pub(crate) fn text(&self) -> String {
        let len = self.text.iter().position(|byte| *byte == 0).unwrap_or(SCHEMA_TEXT);
        String::from_utf8_lossy(&self.text[..len]).escape_debug().to_string()
    }
}

/// Everything that participants must agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub kind: Kind,
    pub parameters: [u64; PARAMETERS],
    pub schema: Schema,
    /// Tells this channel from others that had the name; 0 in what is only wished for.
    pub id: u64,
}

impl Header {
    /// Writes this header, or finds it written. `None` if somebody else has begun to write another.
    pub(super) fn agree(&self, name: &Name, view: &View) -> Result<Option<Header>> {
        let word = |at| view.atomic::<AtomicU64>(at * 8);
        let words = (0..CONTENT_AT + CONTENT).map(word).collect::<mapview::Result<Vec<_>>>()?;
        let is_agreed = agree::write(&words, &self.wish(), random());
        match Header::read(name, view)? {
            Some(found) if !is_agreed => Err(self.mismatch(name, &found)),
            found => Ok(found),
        }
    }

    /// What a header says; `None` while it is being written.
    pub(super) fn read(name: &Name, view: &View) -> Result<Option<Header>> {
        let word = |at| view.load::<AtomicU64>(at * 8, Ordering::Acquire);
        let (wish, id) = match agree::read(CONTENT, word)? {
            Found::Ready(wish, id) => (wish, id),
            Found::Unfinished => return Ok(None),
            Found::Foreign => return Err(no_channel(name)),
        };
        if wish.kind >> 32 != VERSION {
            let why = format!(
                "it is of format {}, this program knows format {VERSION}; use the same release on both sides",
                wish.kind >> 32
            );
            return Err(Error::new(ErrorKind::Mismatch, name, why));
        }
        let header = Header::of(&wish, id).filter(|header| header.sum() == wish.sum);
        let damaged = || Error::new(ErrorKind::Corrupt, name, "its header was overwritten");
        header.map(Some).ok_or_else(damaged)
    }

    /// The words that say this.
    fn wish(&self) -> Wish {
        let mut content = vec![0; CONTENT];
        content[..PARAMETERS].copy_from_slice(&self.parameters);
        content[SCHEMA_AT] = self.schema.sum;
        for (word, text) in content[SCHEMA_AT + 1..].iter_mut().zip(self.schema.text.chunks(8)) {
            *word = u64::from_le_bytes(text.try_into().expect("of eight bytes"));
        }
        Wish { sum: self.sum(), kind: VERSION << 32 | self.kind as u64, content }
    }

    /// What words say; `None` if nothing of this version does.
    fn of(wish: &Wish, id: u64) -> Option<Header> {
        let kind = Kind::of(wish.kind & 0xffff_ffff)?;
        let mut parameters = [0; PARAMETERS];
        parameters.copy_from_slice(&wish.content[..PARAMETERS]);
        let mut text = [0; SCHEMA_TEXT];
        for (text, word) in text.chunks_mut(8).zip(&wish.content[SCHEMA_AT + 1..]) {
            text.copy_from_slice(&word.to_le_bytes());
        }
        Some(Header { kind, parameters, schema: Schema { text, sum: wish.content[SCHEMA_AT] }, id })
    }

    /// Whether the channel is of the sort, and its messages of the schema, that somebody expects.
    pub(super) fn check(&self, name: &Name, kind: Kind, schema: &Schema) -> Result<()> {
        if self.kind != kind {
            let why = format!("it is a {}, not a {}", self.kind.as_str(), kind.as_str());
            return Err(Error::new(ErrorKind::NotSuchAChannel, name, why));
        }
        if self.schema.sum != schema.sum {
            return Err(schema_mismatch(name, schema, &self.schema));
        }
        Ok(())
    }

    /// Why `found` will not do.
    pub(super) fn mismatch(&self, name: &Name, found: &Header) -> Error {
        if let Err(error) = found.check(name, self.kind, &self.schema) {
            return error;
        }
        let pairs = self.parameters.iter().zip(&found.parameters).enumerate();
        let different: Vec<String> = pairs
            .filter(|(_, (mine, theirs))| mine != theirs)
            .map(|(index, (mine, theirs))| {
                format!("{} is {theirs}, not {mine}", parameter_name(self.kind, index))
            })
            .collect();
        let why = format!("{}; open it to take it as it is", different.join(", "));
        Error::new(ErrorKind::Mismatch, name, why)
    }

    fn sum(&self) -> u64 {
        let words = [VERSION, self.kind as u64, self.schema.sum].into_iter();
        sum(words.chain(self.parameters)).max(1)
    }
}

/// The parameters of each kind, in the order of their words; for messages.
pub(crate) fn parameter_names(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Ring => crate::ring::PARAMETER_NAMES,
        Kind::Topic => crate::topic::PARAMETER_NAMES,
        Kind::Service => crate::service::PARAMETER_NAMES,
    }
}

fn parameter_name(kind: Kind, index: usize) -> &'static str {
    parameter_names(kind).get(index).copied().unwrap_or("a parameter")
}

fn schema_mismatch(name: &Name, mine: &Schema, theirs: &Schema) -> Error {
    let why =
        format!("its messages are `{}`, this program expects `{}`", theirs.text(), mine.text());
    Error::new(ErrorKind::Mismatch, name, why)
}

fn no_channel(name: &Name) -> Error {
    let why = "the name belongs to a mapping that is no channel";
    Error::new(ErrorKind::NotSuchAChannel, name, why)
}

/// Tries again while somebody else writes a header; with a fresh mapping each time, so that one left by a dead writer is gone.
pub(super) fn patiently<T>(
    name: &Name,
    mut attempt: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(done) = attempt()? {
            return Ok(done);
        }
        if start.elapsed() > PATIENCE {
            let why = "somebody is creating the channel and does not go on; end that process";
            return Err(Error::new(ErrorKind::Busy, name, why));
        }
        std::thread::yield_now();
    }
}

/// FNV-1a over words: tells apart what is different by mistake. Whoever wants to deceive may write the memory anyway.
fn sum(words: impl Iterator<Item = u64>) -> u64 {
    words.fold(0xcbf2_9ce4_8422_2325, |sum, word| {
        let sum = (sum ^ word).wrapping_mul(0x0100_0000_01b3);
        sum ^ sum >> 32
    })
}

/// A number that nobody else has, and not 0.
pub(super) fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    // The standard library's keys come from the system's randomness and differ for each state.
    std::collections::hash_map::RandomState::new().build_hasher().finish().max(1)
}
