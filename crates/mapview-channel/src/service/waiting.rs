//! Waiting, by several threads that may share one member.

use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::Duration;

use mapview::Deadline;

use crate::station::Class;
use crate::wait::Waiter;
use crate::Result;

/// How often somebody looks who cannot be woken.
const LOOK: Duration = Duration::from_micros(500);

/// A member's waiter. One thread at a time can sleep with it; others, who are rare, look twice in a millisecond.
#[derive(Debug)]
pub(super) struct Waiting(Mutex<Waiter>);

impl Waiting {
    pub(super) fn new(waiter: Waiter) -> Waiting {
        Waiting(Mutex::new(waiter))
    }

    /// Waits until `ready`; `false` if the deadline passed.
    pub(super) fn until(
        &self,
        class: Class,
        deadline: Deadline,
        ready: impl FnMut() -> Result<bool>,
    ) -> Result<bool> {
        let mut waiter = match self.0.try_lock() {
            Ok(waiter) => waiter,
            Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
            Err(TryLockError::WouldBlock) => return look_often(deadline, ready),
        };
        waiter.until(class, deadline, false, ready)
    }

    /// As `until`; `ready` is asked now and then to make sure too that somebody lives over whose death it is no use to wait any longer.
    pub(super) fn until_doubting(
        &self,
        class: Class,
        deadline: Deadline,
        mut ready: impl FnMut(bool) -> Result<bool>,
    ) -> Result<bool> {
        if deadline == Deadline::now() {
            return Ok(false);
        }
        loop {
            let look = match deadline.remaining() {
                Some(left) if left < LOOK => deadline,
                _ => Deadline::after(LOOK),
            };
            if self.until(class, look, || ready(false))? || ready(true)? {
                return Ok(true);
            }
            if deadline.passed() {
                return Ok(false);
            }
        }
    }
}

fn look_often(deadline: Deadline, mut ready: impl FnMut() -> Result<bool>) -> Result<bool> {
    loop {
        if deadline.passed() {
            return Ok(false);
        }
        if ready()? {
            return Ok(true);
        }
        std::thread::sleep(deadline.remaining().unwrap_or(LOOK).min(LOOK));
    }
}
