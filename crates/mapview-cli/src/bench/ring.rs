//! Rings, written and read in place.

use mapview::Deadline;
use mapview_channel::{Receiver, RingOptions, Sender};

use super::measure::{self, give_up, lost, Latency, LAST};
use super::peer::{say, Part, Peer, PeerArgs};
use super::{Job, Subject};
use crate::failure::Failure;

pub fn latency(job: &Job) -> Result<Latency, Failure> {
    let (mut there, mut back) =
        (sender(&job.name, job.size)?, receiver(&back(&job.name), job.size)?);
    let _peer = Peer::start(job, Subject::Ring, Part::Echo)?;
    let (mut number, give_up) = (0, give_up(job.time));
    measure::latency(job.time, || {
        number += 1;
        send(&mut there, number, job.size, give_up)?;
        match recv(&mut back, give_up)? == number {
            true => Ok(()),
            false => Err(lost()),
        }
    })
}

pub fn rate(job: &Job) -> Result<f64, Failure> {
    let mut there = sender(&job.name, job.size)?;
    let mut peer = Peer::start(job, Subject::Ring, Part::Count)?;
    let give_up = give_up(job.time);
    let send = |number| send(&mut there, number, job.size, give_up);
    measure::rate(job.time, send, || peer.received())
}

pub fn serve(args: &PeerArgs) -> Result<(), Failure> {
    let mut there = receiver(&args.name, args.size)?;
    if args.part == Part::Count {
        say(0)?;
        let mut count = 0;
        while recv(&mut there, Deadline::never())? != LAST {
            count += 1;
        }
        return say(count);
    }
    let mut back = sender(&back(&args.name), args.size)?;
    say(0)?;
    loop {
        let number = recv(&mut there, Deadline::never())?;
        send(&mut back, number, args.size, Deadline::never())?;
    }
}

fn back(name: &str) -> String {
    format!("{name}-back")
}

fn options(size: usize) -> RingOptions {
    let mut options = RingOptions::new();
    options.capacity(size as u64 * 16);
    options
}

fn sender(name: &str, size: usize) -> Result<Sender, Failure> {
    Ok(options(size).sender(name)?)
}

fn receiver(name: &str, size: usize) -> Result<Receiver, Failure> {
    Ok(options(size).receiver(name)?)
}

fn send(sender: &mut Sender, number: u64, size: usize, give_up: Deadline) -> Result<(), Failure> {
    let mut draft = sender.reserve_until(size, give_up)?.ok_or_else(lost)?;
    draft.write(0, &number)?;
    draft.commit();
    Ok(())
}

fn recv(receiver: &mut Receiver, give_up: Deadline) -> Result<u64, Failure> {
    let message = receiver.recv_until(give_up)?.ok_or_else(lost)?;
    Ok(message.read(0)?)
}
