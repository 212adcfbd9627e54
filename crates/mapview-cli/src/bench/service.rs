//! Services: a call and its one reply, written and read in place.

use mapview::Deadline;
use mapview_channel::ServiceOptions;

use super::measure::{self, give_up, lost, Latency};
use super::peer::{say, Part, Peer, PeerArgs};
use super::{Job, Subject};
use crate::failure::Failure;

pub fn latency(job: &Job) -> Result<Latency, Failure> {
    let client = options(job.size).client(&job.name)?;
    let _peer = Peer::start(job, Subject::Service, Part::Echo)?;
    let (mut number, give_up) = (0_u64, give_up(job.time));
    measure::latency(job.time, || {
        number += 1;
        let mut request = client.reserve(job.size)?;
        request.write(0, &number)?;
        let mut call = request.commit();
        let reply = call.recv_until(give_up)?.ok_or_else(lost)?;
        match reply.read::<u64>(0)? == number {
            true => Ok(()),
            false => Err(lost()),
        }
    })
}

pub fn serve(args: &PeerArgs) -> Result<(), Failure> {
    let mut server = options(args.size).server(&args.name)?;
    say(0)?;
    loop {
        let mut request = server.recv_until(Deadline::never())?.ok_or_else(lost)?;
        let number: u64 = request.read(0)?;
        // Without room the client has gone.
        if let Some(mut reply) = request.reserve(args.size)? {
            reply.write(0, &number)?;
            reply.commit();
        }
        request.finish();
    }
}

fn options(size: usize) -> ServiceOptions {
    let mut options = ServiceOptions::new();
    options.longest_request(size as u64).reply_capacity(size as u64 * 2);
    options
}
