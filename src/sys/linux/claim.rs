//! The claims of a wait-all: what becomes of one that somebody else meets.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::bell::Bells;
use super::object::{Kind, Object};
use super::{ledger, mutex, os, robust, signal};
use crate::state::{count, manual, mutex as word};
use crate::{Error, ErrorKind, Namespace, Result};

/// Looks at a claim before it is called off: whoever made it decides within a few hundred nanoseconds.
const LOOKS: u32 = 100;
/// How long another user's process may take to decide, which only that user can call off.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sees to it that the object does not carry this claim any more. If it is not decided, the attempt is called off.
///
/// # Errors
/// `Busy`: another user's process claimed it and has been stopped since.
#[cold]
pub(super) fn resolve(object: &Object, claim: u32) -> Result<()> {
    for _ in 0..LOOKS {
        if of(object) != claim {
            return Ok(());
        }
        std::hint::spin_loop();
    }
    let start = Instant::now();
    while of(object) == claim {
        if let Some(taken) = ledger::decide(claim)? {
            return covered(object.namespace(), || settle(object, claim, taken));
        }
        if start.elapsed() > PATIENCE {
            let why =
                "another user's process has been taking it for ten seconds and may be stopped";
            return Err(Error::new(ErrorKind::Busy, why));
        }
        os::pause(Duration::from_micros(20));
    }
    Ok(())
}

/// The claim that the object carries, or 0.
pub(super) fn of(object: &Object) -> u32 {
    let seen = object.page.word().load(Ordering::Acquire);
    match object.kind {
        Kind::Mutex => word::claim_of(seen),
        Kind::ManualEvent | Kind::ManualTimer => manual::claim_of(seen),
        Kind::AutoEvent | Kind::AutoTimer | Kind::Semaphore { .. } => count::claim_of(seen),
    }
}

/// Ends a claim whose attempt is decided, if it is still there, and wakes whoever may have missed a wake meanwhile.
pub(super) fn settle(object: &Object, claim: u32, taken: bool) {
    let page = &*object.page;
    match object.kind {
        Kind::Mutex => {
            if word::settle(page.word(), claim, taken) {
                mutex::wake(page);
            }
        }
        Kind::ManualEvent | Kind::ManualTimer => manual::settle(page.word(), claim),
        Kind::AutoEvent | Kind::AutoTimer | Kind::Semaphore { .. } => {
            if count::settle(page.word(), claim, taken) {
                signal::wake_one_more(object);
            }
        }
    }
}

/// Runs something that changes objects and wakes others: if this thread is killed in the middle, everybody looks again.
pub(super) fn covered(namespace: Namespace, run: impl FnOnce()) -> Result<()> {
    let thread = robust::current()?;
    let before = thread.begun();
    let bells = Bells::of(namespace);
    if let Some(bells) = &bells {
        thread.begin(bells.entry());
    }
    run();
    thread.begin(before);
    Ok(())
}
