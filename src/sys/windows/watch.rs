//! `Watch`: notices that something may be signaled, for futures, and takes nothing.
//!
//! Windows ends a wait for an auto-reset event, a semaphore or a mutex only by taking it, and giving it back is not the
//! same as not having taken it: meanwhile others find it gone, a reset is undone, a semaphore can be filled up, an
//! abandoned mutex loses its news, and a process that is killed in between keeps what it took. So one thread of this
//! process looks: it asks the kernel for the states of everything that is watched, often at first and less often the
//! longer nothing happens. What this process itself signals makes it look at once.

use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::api::{self, Outcome, Wait};
use super::wait::Target;
use crate::{Error, ErrorKind, Result};

/// Between two looks lies this part of the time since something last happened, within these bounds.
const PART: u32 = 32;
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(16);

/// Cancels on drop.
#[derive(Debug)]
pub(crate) struct Watch {
    number: u64,
}

struct Watched {
    number: u64,
    objects: Vec<Object>,
    call: Box<dyn FnOnce() + Send>,
}

/// A handle of its own, so that nobody closes it while it is looked at; and how to look.
struct Object {
    handle: OwnedHandle,
    is_signaled: fn(BorrowedHandle<'_>) -> Outcome<bool>,
}

struct Watches {
    watched: Vec<Watched>,
    next_number: u64,
    has_thread: bool,
    last_event: Option<Instant>,
}

static WATCHES: Mutex<Watches> = Mutex::new(Watches {
    watched: Vec::new(),
    next_number: 0,
    has_thread: false,
    last_event: None,
});
static CHANGED: Condvar = Condvar::new();
/// Whether anything is watched; a hint that spares everybody else the lock.
static ANY: AtomicBool = AtomicBool::new(false);

fn watches() -> MutexGuard<'static, Watches> {
    WATCHES.lock().unwrap_or_else(PoisonError::into_inner) // nothing in there can panic half-way
}

impl Watch {
    pub(crate) fn new(targets: &[Target], call: Box<dyn FnOnce() + Send>) -> Result<Watch> {
        let objects = targets.iter().map(Object::of).collect::<Result<Vec<Object>>>()?;
        let mut watches = watches();
        if !watches.has_thread {
            let thread = std::thread::Builder::new().name("mapview watch".into());
            thread.spawn(watch).map_err(|error| {
                let code = error.raw_os_error().unwrap_or(0);
                Error::from_os(ErrorKind::Other, code, "cannot start the thread that watches")
            })?;
            watches.has_thread = true;
        }
        let number = watches.next_number;
        watches.next_number += 1;
        watches.watched.push(Watched { number, objects, call });
        watches.changed();
        Ok(Watch { number })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watches = watches();
        let place = watches.watched.iter().position(|watched| watched.number == self.number);
        let cancelled = place.map(|place| watches.watched.swap_remove(place));
        watches.changed();
        drop(watches);
        drop(cancelled); // unlocked, because the call may own anything
    }
}

impl Watches {
    fn changed(&mut self) {
        ANY.store(!self.watched.is_empty(), Ordering::Relaxed);
        self.last_event = Some(Instant::now());
        CHANGED.notify_all();
    }

    fn pause(&self) -> Duration {
        let quiet = self.last_event.map_or(Duration::ZERO, |event| event.elapsed());
        (quiet / PART).clamp(SHORTEST, LONGEST)
    }
}

/// After this process has signaled something.
pub(super) fn look_now() {
    if ANY.load(Ordering::Relaxed) {
        watches().changed();
    }
}

/// The thread; it runs while anything is watched.
fn watch() {
    let mut watches = watches();
    while !watches.watched.is_empty() {
        let signaled = watches.watched.extract_if(.., |watched| watched.may_be_signaled());
        let calls: Vec<_> = signaled.map(|watched| watched.call).collect();
        if calls.is_empty() {
            let pause = watches.pause();
            watches = match CHANGED.wait_timeout(watches, pause) {
                Ok((watches, _)) => watches,
                Err(poisoned) => poisoned.into_inner().0,
            };
            continue;
        }
        watches.changed();
        drop(watches); // a call may watch again
        for call in calls {
            let _ = catch_unwind(AssertUnwindSafe(call)); // the other watches need this thread
        }
        watches = self::watches();
    }
    watches.has_thread = false;
}

impl Watched {
    fn may_be_signaled(&mut self) -> bool {
        // What cannot be looked at is left to the wait that follows, which will say why.
        self.objects
            .iter()
            .any(|object| (object.is_signaled)(object.handle.as_handle()) != Ok(false))
    }
}

impl Object {
    fn of(target: &Target) -> Result<Object> {
        let is_signaled: fn(BorrowedHandle<'_>) -> Outcome<bool> = match target {
            Target::Mutex(_) => |mutex| api::nt_query_mutant(mutex).map(|state| state.count > 0),
            Target::Event(_) => |event| api::nt_query_event(event).map(|state| state.state != 0),
            Target::Semaphore(_) => {
                |semaphore| api::nt_query_semaphore(semaphore).map(|state| state.count > 0)
            }
            Target::Timer(_) => |timer| api::nt_query_timer(timer).map(|state| state.signaled != 0),
            // Waiting for a process takes nothing.
            Target::Process(_) | Target::Child(_) => |process| {
                api::wait_for_multiple_objects(&[process], false, 0)
                    .map(|wait| wait != Wait::Timeout)
            },
        };
        let handle = target.handle().try_clone_to_owned();
        let handle = handle.map_err(|error| {
            let code = error.raw_os_error().unwrap_or(0);
            Error::from_os(ErrorKind::Other, code, "cannot copy the handle")
        })?;
        Ok(Object { handle, is_signaled })
    }
}
