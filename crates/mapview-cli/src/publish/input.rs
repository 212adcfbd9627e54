//! Stdin, read and split by a thread of its own, so that nobody who wants the end has to wait for it.

use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::SyncSender;

use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::framing::{CutOff, Splitter, TooLong};

/// What the thread at stdin has for us.
pub enum Input {
    Messages(Vec<Vec<u8>>),
    End,
    Failed(Failure),
}

/// Reads stdin and splits it. Ends when there is no more, or when nobody wants it.
pub fn read(mut splitter: Splitter, sender: &SyncSender<Input>) {
    let failed = |failure| {
        let _ = sender.send(Input::Failed(failure)); // or it is over anyway
    };
    let mut stdin = io::stdin().lock();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let got = match stdin.read(&mut buffer) {
            Ok(0) => break,
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return failed(Failure::file(Path::new("stdin"), error)),
        };
        let mut messages = Vec::new();
        let split = splitter.push(&buffer[..got], &mut |message| messages.push(message));
        if sender.send(Input::Messages(messages)).is_err() {
            return;
        }
        if let Err(TooLong(len)) = split {
            let why = format!("stdin: a message of {len} bytes or more is too long for this channel; see --longest");
            return failed(Failure::new(Exit::Failed, why));
        }
    }
    match splitter.finish() {
        Ok(last) => {
            let _ = sender.send(Input::Messages(last.into_iter().collect()));
            let _ = sender.send(Input::End);
        }
        Err(CutOff) => failed(Failure::new(Exit::Failed, "stdin ends in the midst of a message")),
    }
}
