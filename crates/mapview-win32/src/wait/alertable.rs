//! Waits that also end when a call is queued to the thread. An object that is signaled comes before the calls.

use std::sync::Arc;
use std::time::Duration;

use mapview::Deadline;

use super::multiple::{self, MOST};
use super::{multiple::targets, Ended};
use crate::code::Result;
use crate::table::Entry;
use crate::thread::{self, Thread};

/// How long a wait sleeps for its objects alone where it cannot sleep for a call as well.
const SLICE: Duration = Duration::from_millis(5);

/// The calling thread, about to wait alertably.
pub(super) struct Alert {
    thread: Arc<Thread>,
}

impl Alert {
    pub(super) fn new() -> Alert {
        Alert { thread: thread::current() }
    }

    /// Waits for calls alone.
    pub(super) fn sleep(&self, deadline: Deadline) -> Result<Ended> {
        if self.thread.apcs.run() {
            return Ok(Ended::Apc);
        }
        self.wait_any(&[], deadline)
    }

    pub(super) fn wait_any(&self, entries: &[Entry], deadline: Deadline) -> Result<Ended> {
        if entries.len() == MOST {
            return self.in_slices(deadline, |until| multiple::any(entries, until));
        }
        let calls = self.thread.apcs.event()?;
        let mut targets = targets(entries)?;
        targets.push(calls);
        loop {
            let until = self.thread.apcs.sooner(deadline);
            let ended = Ended::from(mapview::wait_any(&targets, until)?);
            if let Ended::Object(index, _) = ended {
                if let Some(entry) = entries.get(index as usize) {
                    return Ok(multiple::settle(std::slice::from_ref(entry), ended, deadline));
                }
            }
            // It was the event of the calls, or the time of a timer, or of the deadline.
            if self.thread.apcs.run() {
                return Ok(Ended::Apc);
            }
            if ended == Ended::TimedOut && deadline.passed() {
                return Ok(ended);
            }
        }
    }

    /// The library waits for all of a set or for any of it, but not for all or for one beside them.
    pub(super) fn wait_all(&self, entries: &[Entry], deadline: Deadline) -> Result<Ended> {
        self.in_slices(deadline, |until| multiple::all(entries, until))
    }

    fn in_slices(
        &self,
        deadline: Deadline,
        wait: impl Fn(Deadline) -> Result<Ended>,
    ) -> Result<Ended> {
        let mut until = Deadline::now();
        loop {
            let ended = wait(until)?;
            if ended != Ended::TimedOut {
                return Ok(ended);
            }
            if self.thread.apcs.run() {
                return Ok(Ended::Apc);
            }
            if deadline.passed() {
                return Ok(Ended::TimedOut);
            }
            let left = deadline.remaining().map_or(SLICE, |left| left.min(SLICE));
            until = Deadline::after(left);
        }
    }
}
