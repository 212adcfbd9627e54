//! Topics, written and read in place.

use mapview::Deadline;
use mapview_channel::{Policy, Publisher, Subscriber, TopicOptions};

use super::measure::{self, give_up, lost, Latency, LAST};
use super::peer::{say, Part, Peer, PeerArgs};
use super::{Job, Subject};
use crate::failure::Failure;

pub fn latency(job: &Job) -> Result<Latency, Failure> {
    let (mut there, mut back) =
        (publisher(&job.name, job.size)?, subscriber(&back(&job.name), job.size)?);
    let _peer = Peer::start(job, Subject::Topic, Part::Echo)?;
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
    let mut there = publisher(&job.name, job.size)?;
    let mut peer = Peer::start(job, Subject::Topic, Part::Count)?;
    let give_up = give_up(job.time);
    let send = |number| send(&mut there, number, job.size, give_up);
    measure::rate(job.time, send, || peer.received())
}

pub fn serve(args: &PeerArgs) -> Result<(), Failure> {
    let mut there = subscriber(&args.name, args.size)?;
    if args.part == Part::Count {
        say(0)?;
        let mut count = 0;
        while recv(&mut there, Deadline::never())? != LAST {
            count += 1;
        }
        return say(count);
    }
    let mut back = publisher(&back(&args.name), args.size)?;
    say(0)?;
    loop {
        let number = recv(&mut there, Deadline::never())?;
        send(&mut back, number, args.size, Deadline::never())?;
    }
}

fn back(name: &str) -> String {
    format!("{name}-back")
}

fn options(size: usize) -> TopicOptions {
    let mut options = TopicOptions::new();
    options.longest(size as u64).depth(64).policy(Policy::Block);
    options
}

fn publisher(name: &str, size: usize) -> Result<Publisher, Failure> {
    Ok(options(size).publisher(name)?)
}

fn subscriber(name: &str, size: usize) -> Result<Subscriber, Failure> {
    Ok(options(size).subscriber(name)?)
}

fn send(
    publisher: &mut Publisher,
    number: u64,
    size: usize,
    give_up: Deadline,
) -> Result<(), Failure> {
    let mut loan = publisher.loan_until(size, give_up)?.ok_or_else(lost)?;
    loan.write(0, &number)?;
    loan.publish();
    Ok(())
}

fn recv(subscriber: &mut Subscriber, give_up: Deadline) -> Result<u64, Failure> {
    let sample = subscriber.recv_until(give_up)?.ok_or_else(lost)?;
    Ok(sample.read(0)?)
}
