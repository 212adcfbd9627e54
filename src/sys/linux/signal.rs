//! Setting, resetting, releasing: the signals, and who is woken by them.
//!
//! While a signal is given, the thread announces the object to the kernel: if it dies between changing the word and waking,
//! the kernel wakes a sleeper, who sees to the rest.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::object::{Kind, Object};
use super::os;
use super::os::futex::{self, ALL};
use super::{claim, mutex, robust, wait};
use crate::state::count::{self, Look, Released};
use crate::state::{manual, mutex as word};
use crate::{Error, ErrorKind, Result};

/// A release that is not done has a system call to make.
const SHORT: Duration = Duration::from_micros(10);

/// Sets an event.
#[inline]
pub(super) fn set(object: &Object) -> Result<()> {
    let thread = robust::current()?;
    thread.begin(object.page.entry());
    let set = match object.kind {
        Kind::ManualEvent => {
            set_manual(object.page.word());
            Ok(())
        }
        _ => give(object, 1, count::set).map(|_| ()),
    };
    thread.done();
    set.and_then(|()| object.page.check())
}

fn set_manual(word: &AtomicU64) {
    if let Some(seen) = manual::set(word) {
        futex::wake(word, ALL);
        manual::woke(word, seen);
    }
}

/// Adds to a semaphore.
#[inline]
pub(super) fn release(object: &Object, add: u32) -> Result<u32> {
    let most = most(object);
    let thread = robust::current()?;
    thread.begin(object.page.entry());
    let before = give(object, most, |word| count::release(word, add, most));
    thread.done();
    before.and_then(|before| object.page.check().map(|()| before))
}

fn most(object: &Object) -> u32 {
    match object.kind {
        Kind::Semaphore { most } => most,
        _ => 1,
    }
}

#[inline]
fn give(object: &Object, most: u32, signal: impl Fn(&AtomicU64) -> Released) -> Result<u32> {
    let word = object.page.word();
    let mut since = None;
    loop {
        match signal(word) {
            Released::Done { before, wake: 0 } => return Ok(before),
            Released::Done { before, wake } => {
                wake_for(word, wake, most);
                return Ok(before);
            }
            Released::Full => {
                let why = format!("the count would exceed {most}; nothing was released");
                return Err(Error::new(ErrorKind::TooManyPosts, why));
            }
            Released::Claimed(by) => claim::resolve(object, by)?,
            Released::Unsettled => settle(object, *since.get_or_insert_with(Instant::now))?,
        }
    }
}

/// Wakes so many sleepers for whom something is kept; if there are fewer, the rest is for everybody.
pub(super) fn wake_for(word: &AtomicU64, wake: u32, most: u32) {
    let found = futex::wake(word, wake);
    if count::woke(word, wake, found, most) {
        futex::wake(word, ALL);
    }
}

/// Waits a little until a woken sleeper took or declined what is kept for it; one that does neither loses it.
pub(super) fn settle(object: &Object, since: Instant) -> Result<()> {
    let waited = since.elapsed();
    if waited > wait::PATIENCE {
        return claim::covered(object.namespace(), || {
            if count::unkeep(object.page.word(), u32::MAX, most(object)) {
                futex::wake(object.page.word(), ALL);
            }
        });
    } else if waited < SHORT {
        std::hint::spin_loop();
    } else {
        os::pause(Duration::from_micros(20));
    }
    Ok(())
}

/// Resets an event.
pub(super) fn reset(object: &Object) -> Result<()> {
    let mut since = None;
    loop {
        let look = match object.kind {
            Kind::ManualEvent => manual::reset(object.page.word()),
            _ => count::reset(object.page.word()),
        };
        match look {
            Look::Claimed(by) => claim::resolve(object, by)?,
            Look::Unsettled => settle(object, *since.get_or_insert_with(Instant::now))?,
            Look::Nothing | Look::Ready => return object.page.check(),
        }
    }
}

/// Lets through who sleeps now, and leaves the event not set.
pub(super) fn pulse(object: &Object) -> Result<()> {
    let word = object.page.word();
    let thread = robust::current()?;
    thread.begin(object.page.entry());
    let pulsed = loop {
        let claimed = if object.kind == Kind::ManualEvent {
            match manual::pulse(word) {
                (Look::Claimed(by), _) => by,
                (_, wake) => {
                    if wake {
                        futex::wake(word, ALL);
                    }
                    break Ok(());
                }
            }
        } else {
            match count::pulse(word) {
                Released::Claimed(by) => by,
                Released::Done { wake, .. } => {
                    if wake > 0 && count::pulsed(word, futex::wake(word, 1)) {
                        futex::wake(word, ALL);
                    }
                    break Ok(());
                }
                Released::Full | Released::Unsettled => break Ok(()),
            }
        };
        if let Err(error) = claim::resolve(object, claimed) {
            break Err(error);
        }
    };
    thread.done();
    pulsed.and_then(|()| object.page.check())
}

/// Of somebody who slept for this object among others and does not take it: its wake is for the next sleeper, and if
/// there is none, what was kept is for everybody.
pub(super) fn pass_on(object: &Object) {
    let page = &*object.page;
    let seen = page.word().load(Ordering::Relaxed);
    match object.kind {
        Kind::Mutex if word::claim_of(seen) == 0 && word::owes_a_wake(seen) => mutex::wake(page),
        Kind::ManualEvent | Kind::ManualTimer if manual::is_set(seen) => help(object),
        Kind::AutoEvent | Kind::AutoTimer | Kind::Semaphore { .. } if count::is_owed(seen) => {
            let word = page.word();
            if futex::wake(word, 1) == 0 && count::unkeep(word, 1, most(object)) {
                futex::wake(word, ALL);
            }
        }
        _ => {}
    }
}

/// Wakes a sleeper for whom something is kept, or there.
#[cold]
pub(super) fn wake_one_more(object: &Object) {
    futex::wake(object.page.word(), 1);
}

/// Of somebody who is let through by a manual-reset event: sees to it that all are.
pub(super) fn help(object: &Object) {
    let word = object.page.word();
    let seen = word.load(Ordering::Relaxed);
    if manual::must_help(seen) {
        futex::wake(word, ALL);
        manual::woke(word, seen);
    }
}
