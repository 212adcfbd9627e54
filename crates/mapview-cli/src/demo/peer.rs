//! The other process of `demo paging` and `demo cow`: it maps the same file and does as it is told.

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use mapview::{MappingOptions, View, ViewAccess, ViewOptions};
use serde::{Deserialize, Serialize};

use super::lesson::{touch, PAGE};
use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::out;

/// How the peer maps the file.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Way {
    Shared,
    CopyOnWrite,
}

/// The other process of `demo paging` and `demo cow`
#[derive(clap::Args)]
pub struct PeerArgs {
    way: Way,
    file: PathBuf,
}

/// What the peer shall do with some pages.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    Read { page: usize, pages: usize },
    Write { page: usize, pages: usize, byte: u8 },
}

/// What it says when it has done so, and at the start.
#[derive(Debug, Serialize, Deserialize)]
struct Done {
    /// Where its view is.
    address: usize,
    /// The first byte of the pages.
    byte: u8,
}

/// A view of the whole file.
pub fn map(file: &Path, way: Way) -> Result<View, Failure> {
    let failed = |error| Failure::mapped_file(file, error);
    let access = match way {
        Way::Shared => ViewAccess::ReadWrite,
        Way::CopyOnWrite => ViewAccess::CopyOnWrite,
    };
    let mapping = MappingOptions::new().path(file).create().map_err(failed)?;
    ViewOptions::new().access(access).map(&mapping).map_err(failed)
}

/// Obeys until the director closes our stdin, which its death does as well.
pub fn obey(args: &PeerArgs) -> Result<(), Failure> {
    let view = map(&args.file, args.way)?;
    let done = |byte| out::print_json(&Done { address: view.as_ptr().addr(), byte });
    done(0)?;
    for line in io::stdin().lock().lines() {
        let line = line.map_err(failed)?;
        match serde_json::from_str(&line).map_err(|error| failed(error.into()))? {
            Order::Read { page, pages } => done(touch(&view, page, pages)?)?,
            Order::Write { page, pages, byte } => {
                view.fill(page * PAGE, pages * PAGE, byte)?;
                done(byte)?;
            }
        }
    }
    Ok(())
}

/// The peer as the director sees it.
pub struct Peer {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    address: usize,
}

impl Peer {
    /// Starts it, and returns when it has mapped the file.
    pub fn start(file: &Path, way: Way) -> Result<Peer, Failure> {
        let program = std::env::current_exe().map_err(failed)?;
        let way = match way {
            Way::Shared => "shared",
            Way::CopyOnWrite => "copy-on-write",
        };
        let mut child = Command::new(program)
            .args(["demo-peer", way, "--"])
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("piped above"));
        let mut peer = Peer { child, orders, answers, address: 0 };
        peer.address = peer.answer()?.address;
        Ok(peer)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where its view is.
    pub fn address(&self) -> usize {
        self.address
    }

    /// Lets it read a byte of each of these pages; returns the first.
    pub fn read(&mut self, page: usize, pages: usize) -> Result<u8, Failure> {
        self.order(&Order::Read { page, pages })
    }

    /// Lets it fill these pages.
    pub fn write(&mut self, page: usize, pages: usize, byte: u8) -> Result<(), Failure> {
        self.order(&Order::Write { page, pages, byte }).map(drop)
    }

    /// Lets it end, and waits until it has.
    pub fn end(mut self) -> Result<(), Failure> {
        drop(self.orders.take());
        match self.child.wait().map_err(failed)?.success() {
            true => Ok(()),
            false => Err(Failure::new(Exit::Failed, "the other process failed")),
        }
    }

    fn order(&mut self, order: &Order) -> Result<u8, Failure> {
        let orders = self.orders.as_mut().expect("open until the end");
        // A peer that cannot listen any more is gone, and that is seen where the answer is.
        let _ = orders.write_all(out::json_line(order).as_bytes());
        Ok(self.answer()?.byte)
    }

    fn answer(&mut self) -> Result<Done, Failure> {
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(failed)?;
        // Why it ended, it has said on stderr.
        serde_json::from_str(&line)
            .map_err(|_| Failure::new(Exit::Failed, "the other process ended before its time"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // After a proper end both fail, and that is all right; else nobody must be left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn failed(error: io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("cannot run the other process: {error}"))
}
