//! Stdout as it was asked for.

use std::io::{self, BufWriter, Write};

use mapview_channel::Payload;
use serde::Serialize;

use super::Args;
use crate::failure::Failure;
use crate::framing::Format;
use crate::out;

/// What is told about a message beside its bytes.
#[derive(Default, Serialize)]
pub struct About {
    /// Filled in when it is written.
    pub number: u64,
    pub sequence: Option<u64>,
    pub publisher: Option<usize>,
    pub redelivered: Option<bool>,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    about: &'a About,
    len: usize,
    text: Option<&'a str>,
    hex: Option<String>,
}

/// Stdout, as it was asked for.
pub struct Output {
    stdout: BufWriter<io::StdoutLock<'static>>,
    format: Format,
    json: bool,
    bytes: Vec<u8>,
    /// Messages so far.
    pub count: u64,
}

impl Output {
    pub fn new(args: &Args) -> Output {
        let stdout = BufWriter::with_capacity(64 << 10, io::stdout().lock());
        Output { stdout, format: args.format, json: args.json, bytes: Vec::new(), count: 0 }
    }

    pub fn write(&mut self, message: &Payload<'_>, about: About) -> Result<(), Failure> {
        self.bytes.resize(message.len(), 0);
        message.copy_out(0, &mut self.bytes)?;
        let written = match self.json {
            true => self
                .stdout
                .write_all(line(&self.bytes, &About { number: self.count, ..about }).as_bytes()),
            false => self.format.write(&self.bytes, &mut self.stdout),
        };
        self.count += 1;
        written.map_err(Failure::stdout)
    }

    pub fn flush(&mut self) -> Result<(), Failure> {
        // Std's own buffer looks for newlines and keeps the rest.
        self.stdout.flush().map_err(Failure::stdout)
    }
}

fn line(bytes: &[u8], about: &About) -> String {
    let text = std::str::from_utf8(bytes).ok();
    let hex = text.is_none().then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect());
    out::json_line(&Line { about, len: bytes.len(), text, hex })
}
