//! Timers.
//!
//! The word is that of an event; the plan lies beside it, see [`crate::state::timer`]. There is nobody who signals: whoever
//! looks at a timer that is due fires it, and who sleeps for it wakes when it is due and looks. The monotonic clock, not the one that goes on while
//! the machine sleeps: that is what Windows counts, and what the kernel's futex waits by.

use std::os::fd::BorrowedFd;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use super::alarm::now;
use super::object::{Handle, Kind, New, Object};
use super::os::futex::{self, ALL};
use super::os::{self, clock, files};
use super::robust::{self, Thread};
use super::{claim, signal, wait};
use crate::layout::{TIMER_AT, WORD_AT};
use crate::state::count;
use crate::state::manual;
use crate::state::parts::Tagged;
use crate::state::timer::{self as state, Plan, Step, LATEST};
use crate::sys::TimerRequest;
use crate::{Deadline, Due, Error, ErrorKind, Name, ObjectKind, Reset, Result};

/// How long another process may take to change a plan.
const PATIENCE: Duration = Duration::from_secs(10);
/// A change that is not done has nothing to wait for.
const SPINS: u32 = 100;

/// A handle.
#[derive(Debug)]
pub(crate) struct Timer(pub(super) Handle);

impl Timer {
    pub(crate) fn create(request: TimerRequest) -> Result<(Timer, bool)> {
        let TimerRequest { name, reset, security, inheritable, if_exists } = request;
        let (kind, initial) = match reset {
            Reset::Auto => (Kind::AutoTimer, count::initial(0)),
            Reset::Manual => (Kind::ManualTimer, manual::initial(false)),
        };
        let new = New { name, kind, initial, owned: false, security, inheritable, if_exists };
        Handle::create(new).map(|(handle, created)| (Timer(handle), created))
    }

    pub(crate) fn open(name: &Name, inheritable: bool) -> Result<Timer> {
        Handle::open(name, ObjectKind::Timer, inheritable).map(Timer)
    }

    pub(crate) fn duplicate_from(pid: u32, raw: u64) -> Result<Timer> {
        Handle::duplicate_from(pid, raw, ObjectKind::Timer).map(Timer)
    }

    pub(crate) fn from_token(text: &str) -> Result<Timer> {
        Handle::from_token(text, ObjectKind::Timer).map(Timer)
    }

    pub(crate) fn to_token(&self) -> Result<String> {
        self.0.to_token()
    }

    pub(crate) fn name(&self) -> Option<&Name> {
        self.0.name()
    }

    pub(crate) fn try_clone(&self) -> Result<Timer> {
        Ok(Timer(self.0.clone_it()))
    }

    pub(crate) fn raw(&self) -> u64 {
        self.0.raw()
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    pub(crate) fn close(self) -> Result<()> {
        self.0.close()
    }

    pub(crate) fn set(&self, due: Due, period: u32) -> Result<()> {
        change(&self.0.object, Plan { period, ..plan(due) }, true)
    }

    pub(crate) fn cancel(&self) -> Result<()> {
        change(&self.0.object, Plan { due: 0, wall: false, period: 0 }, false)
    }

    pub(crate) fn wait(&self, deadline: Deadline) -> Result<bool> {
        tick(&self.0.object)?;
        wait::one(&self.0.object, deadline)
    }
}

/// Of a moment that is not in the past by the wall clock; else at once.
fn plan(due: Due) -> Plan {
    let (after, period) = (|after| now(false).saturating_add(after).min(LATEST), 0);
    match due {
        Due::After(time) => Plan { due: after(clock::rounded_up(time)), wall: false, period },
        Due::At(time) => {
            let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            match clock::rounded_up(since).min(LATEST) {
                due if due > now(true) => Plan { due, wall: true, period },
                _ => Plan { due: after(0), wall: false, period },
            }
        }
    }
}

fn state_of(object: &Object) -> state::Timer<'_> {
    let (word, slots) = (object.page.word(), &object.page.timer().slots);
    state::Timer { word, slots, manual: object.kind.is_manual() }
}

/// Fires the timer if it is due. Whoever is killed in the middle has fired it; the sleepers, who wake when it is due, need
/// not be told.
pub(super) fn tick(object: &Object) -> Result<Step> {
    let word = object.page.word();
    loop {
        match state_of(object).look(now) {
            Step::Fired { wake } => {
                if wake > 0 {
                    signal::wake_for(word, wake, 1);
                }
                return Ok(Step::Fired { wake });
            }
            Step::FiredForAll(seen) => {
                if let Some(seen) = seen {
                    futex::wake(word, ALL);
                    manual::woke(word, seen);
                }
                return Ok(Step::FiredForAll(seen));
            }
            Step::Claimed(by) => claim::resolve(object, by)?,
            other => return Ok(other),
        }
    }
}

/// Whether the timer of this record is signaled.
pub(super) fn is_signaled_in(record: BorrowedFd<'_>, kind: Kind) -> Option<bool> {
    let mut words = [0; 40];
    let (plan, word) = words.split_at_mut(32);
    let plan_read = files::read_at(record, plan, TIMER_AT as u64).ok()?;
    let word_read = files::read_at(record, word, WORD_AT as u64).ok()?;
    if (plan_read, word_read) != (32, 8) {
        return None;
    }
    let number = |at: usize| {
        let bytes = words[at..at + 8].first_chunk().copied().unwrap_or_default();
        u64::from_ne_bytes(bytes)
    };
    Some(state::is_signaled(
        [number(0), number(8), number(16), number(24)],
        number(32),
        kind.is_manual(),
        now,
    ))
}

/// Gives the timer another plan.
fn change(object: &Object, plan: Plan, reset: bool) -> Result<()> {
    let thread = robust::current()?;
    // If this thread dies, the kernel takes it out of the lock.
    thread.begin(object.page.timer_entry());
    let changed = lock(object, thread).and_then(|()| {
        let words = object.page.timer();
        words.begin();
        wake_sleepers(object);
        let changed = change_locked(object, plan, reset);
        words.end();
        wake_sleepers(object);
        words.unlock();
        changed
    });
    thread.done();
    changed.and_then(|()| object.page.check())
}

fn lock(object: &Object, thread: Thread) -> Result<()> {
    let mut since = None;
    let mut spins = 0;
    while !object.page.timer().lock(thread.tid) {
        if spins < SPINS {
            spins += 1;
            std::hint::spin_loop();
        } else if since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
            let why = "another process has been setting it for ten seconds and may be stopped";
            return Err(Error::new(ErrorKind::Busy, why));
        } else {
            os::pause(Duration::from_micros(20));
        }
    }
    Ok(())
}

fn wake_sleepers(object: &Object) {
    if state_of(object).has_sleepers() {
        futex::wake(&object.page.timer().changes, ALL);
    }
}

fn change_locked(object: &Object, plan: Plan, reset: bool) -> Result<()> {
    let mut since = None;
    loop {
        // Who waited when it was due gets it, whatever it is set to now.
        if let Step::Fired { wake: 1.. } = tick(object)? {
            let_it_be_taken(object);
        }
        match state_of(object).plan(plan, reset) {
            Tagged::Done => return Ok(()),
            Tagged::Changed => {}
            Tagged::Claimed(by) => claim::resolve(object, by)?,
            Tagged::Unsettled => signal::settle(object, *since.get_or_insert_with(Instant::now))?,
        }
    }
}

/// Sleepers that the kernel does not know of wake just now, because the timer is due; gives them a little time to get it.
fn let_it_be_taken(object: &Object) {
    let since = Instant::now();
    let is_there = || count::count(object.page.word().load(Ordering::Relaxed)) > 0;
    while is_there() && since.elapsed() < wait::PATIENCE {
        os::pause(Duration::from_micros(20));
    }
}
