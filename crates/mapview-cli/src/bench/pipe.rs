//! A pipe of the system's, a system call for each message.

use std::io::{self, Read, Write};

use super::measure::{self, lost, Latency, LAST};
use super::peer::{failed, say, Part, Peer, PeerArgs};
use super::{Job, Subject};
use crate::failure::Failure;

pub fn latency(job: &Job) -> Result<Latency, Failure> {
    let mut peer = Peer::start(job, Subject::Pipe, Part::Echo)?;
    let mut there = peer.stdin.take().expect("piped, and nobody took it");
    let (mut message, mut answer) = (vec![0; job.size], vec![0; job.size]);
    let mut number = 0_u64;
    measure::latency(job.time, || {
        number += 1;
        message[..8].copy_from_slice(&number.to_le_bytes());
        there.write_all(&message).map_err(failed)?;
        peer.stdout.get_mut().read_exact(&mut answer).map_err(failed)?;
        match answer[..8] == message[..8] {
            true => Ok(()),
            false => Err(lost()),
        }
    })
}

pub fn rate(job: &Job) -> Result<f64, Failure> {
    let mut peer = Peer::start(job, Subject::Pipe, Part::Count)?;
    let mut there = peer.stdin.take().expect("piped, and nobody took it");
    let mut message = vec![0; job.size];
    let send = |number: u64| {
        message[..8].copy_from_slice(&number.to_le_bytes());
        there.write_all(&message).map_err(failed)
    };
    measure::rate(job.time, send, || peer.received())
}

pub fn serve(args: &PeerArgs) -> Result<(), Failure> {
    // Without the buffers of std around them.
    let mut there = crate::os::raw_stdin().map_err(failed)?;
    let mut back = crate::os::raw_stdout().map_err(failed)?;
    say(0)?;
    let mut message = vec![0; args.size];
    let mut count = 0;
    loop {
        match there.read_exact(&mut message) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(failed(error)),
        }
        if args.part == Part::Echo {
            back.write_all(&message).map_err(failed)?;
        } else if message[..8] == LAST.to_le_bytes() {
            return say(count);
        } else {
            count += 1;
        }
    }
}
