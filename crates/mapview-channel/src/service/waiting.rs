//! Waiting, by several threads and functions that may share one member.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mapview::{Deadline, Reset, Timer};

use crate::station::Class;
use crate::wait::{until_async, Awaited, Waiter, ASK};
use crate::Result;

/// A member's waiter. One at a time can sleep with it; others, who are rare, look twice in a millisecond.
#[derive(Debug)]
pub(super) struct Waiting(Mutex<Option<Waiter>>);

impl Waiting {
    pub(super) fn new(waiter: Waiter) -> Arc<Waiting> {
        Arc::new(Waiting(Mutex::new(Some(waiter))))
    }

    /// Waits until it is there; `false` if the deadline passed.
    pub(super) fn until(
        self: &Arc<Waiting>,
        class: Class,
        deadline: Deadline,
        awaited: &mut impl Awaited,
    ) -> Result<bool> {
        if deadline == Deadline::now() {
            return Ok(false);
        }
        match self.borrow() {
            Some(mut waiter) => waiter.until_awaited(class, deadline, false, awaited),
            None => look_often(deadline, awaited),
        }
    }

    /// Waits until it is there.
    pub(super) async fn until_async(
        self: &Arc<Waiting>,
        class: Class,
        awaited: &mut (impl Awaited + Send),
    ) -> Result<()> {
        if let Some(waiter) = self.borrow() {
            return until_async(&waiter, class, awaited).await;
        }
        let timer = Timer::create("", Reset::Auto)?;
        loop {
            awaited.watched()?;
            if awaited.ready()? {
                return Ok(());
            }
            timer.set(ASK, None)?;
            timer.wait_async().await?;
        }
    }

    /// The waiter, unless another wait has it.
    pub(super) fn borrow(self: &Arc<Waiting>) -> Option<Borrowed> {
        let waiter = self.lock().take()?;
        Some(Borrowed { waiting: self.clone(), waiter: Some(waiter) })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Waiter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

/// A waiter that is in use. It can be held while a future sleeps, which a lock could not.
#[derive(Debug)]
pub(super) struct Borrowed {
    waiting: Arc<Waiting>,
    waiter: Option<Waiter>,
}

impl Deref for Borrowed {
    type Target = Waiter;

    fn deref(&self) -> &Waiter {
        self.waiter.as_ref().expect("it is taken out only on drop")
    }
}

impl DerefMut for Borrowed {
    fn deref_mut(&mut self) -> &mut Waiter {
        self.waiter.as_mut().expect("it is taken out only on drop")
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        *self.waiting.lock() = self.waiter.take();
    }
}
