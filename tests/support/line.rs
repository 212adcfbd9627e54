//! One line of a script: `slot = verb argument argument key=value word`.

use std::collections::HashMap;
use std::time::Duration;

use mapview::{Access, Deadline, Grant, Protection, Security, ViewAccess};

/// A line taken apart.
#[derive(Debug)]
pub struct Line {
    pub slot: Option<String>,
    pub verb: String,
    words: Vec<String>,
    options: HashMap<String, String>,
}

/// Text as one word of a script, whatever it contains.
pub fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

/// Bytes as one word of a script, and as they come back from `read`.
pub fn quote_bytes(bytes: &[u8]) -> String {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'%' && byte != b'=';
    bytes
        .iter()
        .map(|&byte| if plain(byte) { (byte as char).into() } else { format!("%{byte:02X}") })
        .collect()
}

fn unquote(word: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = if *first == b'%' { tail.get(..2) } else { None };
        match escape {
            Some(hex) => {
                let hex = std::str::from_utf8(hex).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}

impl Line {
    /// Takes a line apart.
    pub fn parse(line: &str) -> Line {
        let mut parts: Vec<&str> = line.split_whitespace().collect();
        let mut slot = None;
        if parts.get(1) == Some(&"=") {
            slot = Some(parts[0].to_string());
            parts.drain(..2);
        }
        let verb = parts[0].to_string();
        let mut words = Vec::new();
        let mut options = HashMap::new();
        for part in &parts[1..] {
            match part.split_once('=') {
                Some((key, value)) => {
                    let value = String::from_utf8(unquote(value)).unwrap();
                    options.insert(key.to_string(), value);
                }
                None => words.push(part.to_string()),
            }
        }
        Line { slot, verb, words, options }
    }

    /// The raw bytes of an argument.
    pub fn bytes(&self, index: usize) -> Vec<u8> {
        unquote(self.words.get(index).unwrap_or_else(|| panic!("argument {index} of {self:?}")))
    }

    /// An argument as text.
    pub fn text(&self, index: usize) -> String {
        String::from_utf8(self.bytes(index)).unwrap()
    }

    /// An argument as a number.
    pub fn number(&self, index: usize) -> u64 {
        self.text(index).parse().unwrap()
    }

    /// The value of `key=value`.
    pub fn option(&self, key: &str) -> Option<&str> {
        self.options.get(key).map(String::as_str)
    }

    /// The arguments before `within`.
    pub fn slots(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).take_while(|&word| word != "within").collect()
    }

    /// `within 50` is 50 milliseconds from now; never without it.
    pub fn deadline(&self) -> Deadline {
        match self.words.iter().position(|word| word == "within") {
            Some(place) => Duration::from_millis(self.number(place + 1)).into(),
            None => Deadline::never(),
        }
    }

    /// Whether this word stands among the arguments.
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().any(|other| other == word)
    }

    /// `ro`, `rw`, `wc`, `xr`, `xrw`, `xwc`.
    pub fn protection(&self) -> Protection {
        use Protection::*;
        let words =
            [("ro", ReadOnly), ("wc", WriteCopy), ("xr", ExecuteRead), ("xrw", ExecuteReadWrite)];
        let named = words.into_iter().find(|(word, _)| self.has(word));
        let copies = if self.has("xwc") { ExecuteWriteCopy } else { ReadWrite };
        named.map_or(copies, |(_, protection)| protection)
    }

    /// `r`, `rw`, `cow`, `xr`, `xrw`, `xcow`; read-only without such a word.
    pub fn view_access(&self) -> ViewAccess {
        use ViewAccess::*;
        let words = [
            ("rw", ReadWrite),
            ("cow", CopyOnWrite),
            ("xr", ExecuteRead),
            ("xrw", ExecuteReadWrite),
            ("xcow", ExecuteCopyOnWrite),
        ];
        words.into_iter().find(|(word, _)| self.has(word)).map_or(Read, |(_, access)| access)
    }

    /// `access=rwx`, any of the three letters; reading and writing without it.
    pub fn access(&self) -> Access {
        let letters = self.option("access").unwrap_or("rw");
        let mut access = Access::empty();
        access.set(Access::READ, letters.contains('r'));
        access.set(Access::WRITE, letters.contains('w'));
        access.set(Access::EXECUTE, letters.contains('x'));
        access
    }

    /// `grant=everybody:r`, `grant=everybody:rw`, `grant=GROUP:r`; only the creator without it.
    pub fn security(&self) -> Security {
        let Some(grant) = self.option("grant") else { return Security::OnlyMe };
        let (who, what) = grant.split_once(':').unwrap();
        let grant = if what == "rw" { Grant::ReadWrite } else { Grant::Read };
        match who {
            "everybody" => Security::Everybody(grant),
            group => Security::Group(group.to_string(), grant),
        }
    }
}
