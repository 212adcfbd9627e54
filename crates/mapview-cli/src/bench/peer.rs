//! The other process of a measurement: this program once more.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::{Deserialize, Serialize};

use super::{lines, pipe, ring, service, topic, Job, Subject};
use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::{os, out};

/// What it has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Sends back what it gets.
    Echo,
    /// Counts what it gets.
    Count,
}

/// The other process of `bench channel`
#[derive(clap::Args)]
pub struct PeerArgs {
    pub subject: Subject,
    pub part: Part,
    pub name: String,
    pub size: usize,
    #[arg(long)]
    processor: Option<usize>,
}

/// What it says on stdout: at the start, and when it has counted.
#[derive(Serialize, Deserialize)]
struct Said {
    received: u64,
}

/// Does its part, until the process that started it closes our stdin, which its death does as well.
pub fn obey(args: &PeerArgs) -> Result<(), Failure> {
    if let Some(processor) = args.processor {
        os::run_on(processor);
    }
    if args.subject != Subject::Pipe {
        std::thread::spawn(|| {
            let _ = io::stdin().read(&mut [0]); // nobody writes there
            std::process::exit(Exit::Ok as i32);
        });
    }
    match args.subject {
        Subject::Lines => lines::serve(args),
        Subject::Ring => ring::serve(args),
        Subject::Topic => topic::serve(args),
        Subject::Service => service::serve(args),
        Subject::Pipe => pipe::serve(args),
    }
}

/// Says that everything is open, or how many messages came.
pub fn say(received: u64) -> Result<(), Failure> {
    out::print_json(&Said { received })
}

/// The other process as the measuring one sees it.
pub struct Peer {
    child: Child,
    pub stdin: Option<ChildStdin>,
    pub stdout: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts it, and returns when it has opened everything.
    pub fn start(job: &Job, subject: Subject, part: Part) -> Result<Peer, Failure> {
        let word = |part: Part| match part {
            Part::Echo => "echo",
            Part::Count => "count",
        };
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.args(["bench-peer", subject.as_str(), word(part), &job.name]);
        command.arg(job.size.to_string());
        if let Some(processor) = job.processor {
            command.arg(format!("--processor={processor}"));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("piped above"));
        let mut peer = Peer { child, stdin, stdout };
        peer.received()?;
        Ok(peer)
    }

    /// How many messages it says it got; waits until it says so.
    pub fn received(&mut self) -> Result<u64, Failure> {
        let mut line = String::new();
        self.stdout.read_line(&mut line).map_err(failed)?;
        // Why it ended, it has said on stderr.
        let said: Said = serde_json::from_str(&line)
            .map_err(|_| Failure::new(Exit::Failed, "the other process ended before its time"))?;
        Ok(said.received)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.kill(); // it may have ended already
        let _ = self.child.wait();
    }
}

pub fn failed(error: io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("the other process: {error}"))
}
