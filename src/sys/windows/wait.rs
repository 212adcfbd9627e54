//! Waiting for one object, for several, and giving a signal with it.

use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::process::Child;
use std::time::Duration;

use super::api::{self, Wait};
use super::{watch, Event, Mutex, Process, Semaphore, Timer};
use crate::{Deadline, Error, ErrorKind, Result};

/// What can be waited for.
#[derive(Debug)]
pub(crate) enum Target<'a> {
    Mutex(&'a Mutex),
    Event(&'a Event),
    Semaphore(&'a Semaphore),
    Timer(&'a Timer),
    Process(&'a Process),
    Child(&'a Child),
}

impl Target<'_> {
    pub(super) fn handle(&self) -> BorrowedHandle<'_> {
        match self {
            Target::Mutex(mutex) => mutex.as_handle(),
            Target::Event(event) => event.as_handle(),
            Target::Semaphore(semaphore) => semaphore.as_handle(),
            Target::Timer(timer) => timer.as_handle(),
            Target::Process(process) => process.handle(),
            Target::Child(child) => child.as_handle(),
        }
    }

    pub(crate) fn is_same(&self, other: &Target<'_>) -> bool {
        api::is_same_object(self.handle(), other.handle())
    }
}

pub(crate) fn wait_any(targets: &[Target], deadline: Deadline) -> Result<Option<(usize, bool)>> {
    wait_for(targets, false, deadline)
}

pub(crate) fn wait_all(targets: &[Target], deadline: Deadline) -> Result<Option<(usize, bool)>> {
    // Wherever the abandoned mutex stands, the place is 0.
    let waited = wait_for(targets, true, deadline)?;
    Ok(waited.map(|(_, abandoned)| (0, abandoned)))
}

pub(crate) fn signal_and_wait(
    signal: &Target,
    target: &Target,
    deadline: Deadline,
) -> Result<Option<(usize, bool)>> {
    if let Target::Process(_) | Target::Child(_) | Target::Timer(_) = signal {
        let why = "only a mutex, an event or a semaphore can be signaled";
        return Err(Error::new(ErrorKind::WrongKind, why));
    }
    let milliseconds = milliseconds(deadline);
    let waited = api::signal_object_and_wait(signal.handle(), target.handle(), milliseconds)
        .map_err(|code| code.error("cannot signal and wait"))?;
    watch::look_now();
    match waited {
        Wait::Timeout => wait_any(std::slice::from_ref(target), deadline), // the signal was given once, which is enough
        waited => Ok(outcome(waited)),
    }
}

fn wait_for(targets: &[Target], all: bool, deadline: Deadline) -> Result<Option<(usize, bool)>> {
    let handles: Vec<BorrowedHandle<'_>> = targets.iter().map(Target::handle).collect();
    wait(&handles, all, deadline).map(outcome)
}

fn outcome(wait: Wait) -> Option<(usize, bool)> {
    match wait {
        Wait::Object(index) => Some((index, false)),
        Wait::Abandoned(index) => Some((index, true)),
        Wait::Timeout => None,
    }
}

pub(super) fn wait(handles: &[BorrowedHandle<'_>], all: bool, deadline: Deadline) -> Result<Wait> {
    loop {
        let wait = api::wait_for_multiple_objects(handles, all, milliseconds(deadline))
            .map_err(|code| code.error("cannot wait"))?;
        // Too early if the wait is longer than one can be, or if the clocks differ by a tick.
        if wait != Wait::Timeout || deadline.passed() {
            return Ok(wait);
        }
    }
}

fn milliseconds(deadline: Deadline) -> u32 {
    deadline.remaining().map_or(api::INFINITE, whole_milliseconds)
}

/// Rounded up so that a wait does not end early; the largest number would mean for ever.
fn whole_milliseconds(remaining: Duration) -> u32 {
    let rounded = remaining.as_nanos().div_ceil(1_000_000);
    u32::try_from(rounded).map_or(api::INFINITE - 1, |whole| whole.min(api::INFINITE - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_and_never_becomes_endless() {
        assert_eq!(whole_milliseconds(Duration::ZERO), 0);
        assert_eq!(whole_milliseconds(Duration::from_nanos(1)), 1);
        assert_eq!(whole_milliseconds(Duration::from_millis(7)), 7);
        assert_eq!(whole_milliseconds(Duration::MAX), u32::MAX - 1);
        assert_eq!(whole_milliseconds(Duration::from_millis(u32::MAX.into())), u32::MAX - 1);
        assert_eq!(milliseconds(Deadline::never()), api::INFINITE);
    }
}
