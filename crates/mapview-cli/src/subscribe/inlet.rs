//! The channel that messages come from.

use mapview::Deadline;
use mapview_channel::{Policy, Receiver, Subscriber};

use super::output::{About, Output};
use super::{Args, Slow};
use crate::failure::Failure;

/// Where the messages come from.
pub enum Inlet {
    Ring(Receiver),
    Topic(Subscriber),
}

impl Inlet {
    pub fn open(args: &Args) -> Result<Inlet, Failure> {
        if args.joining.ring {
            return args.joining.receiver(&args.name).map(Inlet::Ring);
        }
        let policy = match args.policy {
            Slow::Wait => Policy::Block,
            Slow::Overwrite => Policy::Overwrite,
        };
        args.joining.subscriber(&args.name, policy, args.history).map(Inlet::Topic)
    }

    /// Writes the next message; `false` if there is none until the deadline.
    pub fn next(&mut self, deadline: Deadline, output: &mut Output) -> Result<bool, Failure> {
        match self {
            Inlet::Ring(receiver) => {
                let Some(message) = receiver.recv_until(deadline)? else { return Ok(false) };
                let redelivered = Some(message.redelivered());
                let about = About { redelivered, ..About::default() };
                let arrived = output.write(&message, about).and_then(|()| output.flush());
                if arrived.is_err() {
                    // Not released: another receiver gets it.
                    std::mem::forget(message);
                }
                arrived?;
            }
            Inlet::Topic(subscriber) => {
                let Some(sample) = subscriber.recv_until(deadline)? else { return Ok(false) };
                let (sequence, publisher) = (Some(sample.sequence()), Some(sample.publisher()));
                output
                    .write(&sample.payload(), About { sequence, publisher, ..About::default() })?;
            }
        }
        Ok(true)
    }

    /// Messages that were overwritten before we got them.
    pub fn lost(&self) -> u64 {
        match self {
            Inlet::Ring(_) => 0,
            Inlet::Topic(subscriber) => subscriber.dropped(),
        }
    }
}
