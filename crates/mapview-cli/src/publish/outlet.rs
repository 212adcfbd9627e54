//! The channel that messages go to.

use std::time::Instant;

use mapview::Deadline;
use mapview_channel::{Publisher, Role, Sender};

use super::{here, Args, Summary, PATIENCE};
use crate::failure::Failure;
use crate::interrupt;

/// Where the messages go.
pub enum Outlet {
    Ring(Sender),
    /// `looked`: when it was last seen whether somebody who is alive subscribes.
    Topic {
        publisher: Publisher,
        looked: Option<(Instant, bool)>,
    },
}

impl Outlet {
    pub fn open(args: &Args) -> Result<Outlet, Failure> {
        match args.joining.ring {
            true => args.joining.sender(&args.name).map(Outlet::Ring),
            false => args
                .joining
                .publisher(&args.name)
                .map(|publisher| Outlet::Topic { publisher, looked: None }),
        }
    }

    pub fn longest(&self) -> usize {
        match self {
            Outlet::Ring(sender) => sender.longest(),
            Outlet::Topic { publisher, .. } => publisher.longest(),
        }
    }

    /// Publishes a message; `false` if somebody wants the end before there was room.
    pub fn put(
        &mut self,
        name: &str,
        message: &[u8],
        summary: &mut Summary,
    ) -> Result<bool, Failure> {
        // Before: whoever has got all it wanted may go as soon as it is published.
        let heard = self.is_heard(name)?;
        loop {
            let until = Deadline::after(PATIENCE);
            let done = match self {
                Outlet::Ring(sender) => sender.send_until(message, until)?,
                Outlet::Topic { publisher, .. } => publisher.publish_until(message, until)?,
            };
            if done {
                summary.unheard += u64::from(!heard);
                summary.published += 1;
                summary.bytes += message.len() as u64;
                return Ok(true);
            }
            if interrupt::wanted() {
                return Ok(false);
            }
        }
    }

    /// Whether somebody is there who gets what is published now. What waits in a ring is not lost, see `finish`.
    fn is_heard(&mut self, name: &str) -> Result<bool, Failure> {
        let Outlet::Topic { publisher, looked } = self else { return Ok(true) };
        if publisher.subscribers() == 0 {
            return Ok(false);
        }
        // One that was killed still has its place.
        if looked.is_none_or(|(at, _)| at.elapsed() > PATIENCE) {
            *looked = Some((Instant::now(), here(name, Role::Subscriber)? > 0));
        }
        Ok(looked.is_some_and(|(_, heard)| heard))
    }

    /// Stays until what would be lost with us was received.
    pub fn finish(&self, args: &Args) -> Result<bool, Failure> {
        while args.joining.ring && mapview_channel::observe(&args.name)?.depth > 0 {
            if interrupt::wanted() {
                return Ok(false);
            }
            std::thread::sleep(PATIENCE / 20);
        }
        Ok(true)
    }
}
