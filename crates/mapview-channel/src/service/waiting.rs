//! Waiting, by several threads that may share one member.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use mapview::Deadline;

use crate::station::Class;
use crate::wait::{Awaited, Waiter, ASK};
use crate::Result;

/// A member's waiter. One thread at a time can sleep with it; others, who are rare, look twice in a millisecond.
#[derive(Debug)]
pub(super) struct Waiting(Mutex<Waiter>);

impl Waiting {
    pub(super) fn new(waiter: Waiter) -> Waiting {
        Waiting(Mutex::new(waiter))
    }

    /// Waits until it is there; `false` if the deadline passed.
    pub(super) fn until(
        &self,
        class: Class,
        deadline: Deadline,
        awaited: &mut impl Awaited,
    ) -> Result<bool> {
        match self.waiter() {
            Some(mut waiter) => waiter.until_awaited(class, deadline, false, awaited),
            None => look_often(deadline, awaited),
        }
    }

    /// The waiter, unless another thread has it.
    fn waiter(&self) -> Option<MutexGuard<'_, Waiter>> {
        match self.0.try_lock() {
            Ok(waiter) => Some(waiter),
            Err(TryLockError::Poisoned(poisoned)) => Some(PoisonError::into_inner(poisoned)),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

fn look_often(deadline: Deadline, awaited: &mut impl Awaited) -> Result<bool> {
    loop {
        if deadline.passed() {
            return Ok(false);
        }
        awaited.watched()?;
        if awaited.ready()? {
            return Ok(true);
        }
        std::thread::sleep(deadline.remaining().unwrap_or(ASK).min(ASK));
    }
}
