//! Timer queues: one thread of the library looks at the clock for all of them, and has workers make the calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::calls::{Calls, Wish};
use super::{workers, Function, Known, ONLY_ONCE};
use crate::abi::{BOOL, DWORD, HANDLE, NULL};
use crate::code::{Code, Result};
use crate::last_error;

/// `WT_EXECUTEINTIMERTHREAD`.
const IN_TIMER_THREAD: u32 = 0x20;
const INFINITE: DWORD = DWORD::MAX;

struct Timer {
    calls: Arc<Calls>,
    queue: usize,
    here: bool,
    once: bool,
}

struct Queues {
    /// What a timer queue is does not matter, only which.
    queues: Known<()>,
    timers: Known<Timer>,
    /// When timers are due, by moment and number, and how often again.
    due: BTreeMap<(Instant, usize), (Arc<Timer>, Duration)>,
    runs: bool,
}

static QUEUES: Mutex<Queues> = Mutex::new(Queues {
    queues: Known::new(),
    timers: Known::new(),
    due: BTreeMap::new(),
    runs: false,
});
static CHANGED: Condvar = Condvar::new();

fn lock() -> MutexGuard<'static, Queues> {
    QUEUES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Queues {
    /// The number of a queue, 0 for the one that is always there.
    fn queue(&self, handle: HANDLE) -> Result<usize> {
        if handle.is_null() {
            return Ok(0);
        }
        self.queues.get(handle).map(|_| super::number_of(handle))
    }

    fn timer(&self, queue: HANDLE, handle: HANDLE) -> Result<Arc<Timer>> {
        let (queue, timer) = (self.queue(queue)?, self.timers.get(handle)?);
        if timer.queue == queue {
            Ok(timer)
        } else {
            Err(Code::INVALID_PARAMETER)
        }
    }

    fn set(&mut self, number: usize, timer: &Arc<Timer>, after: DWORD, period: DWORD) {
        self.due.retain(|(_, other), _| *other != number);
        if after != INFINITE {
            let due = Instant::now() + Duration::from_millis(after.into());
            let period = Duration::from_millis(period.into());
            self.due.insert((due, number), (timer.clone(), period));
            CHANGED.notify_one();
        }
    }

    fn remove(&mut self, handle: HANDLE) -> Result<Arc<Timer>> {
        let number = super::number_of(handle);
        self.due.retain(|(_, other), _| *other != number);
        self.timers.remove(handle)
    }
}

fn run() {
    let mut queues = lock();
    loop {
        let now = Instant::now();
        let wait = queues.due.keys().next().map(|(due, _)| due.saturating_duration_since(now));
        match wait {
            Some(Duration::ZERO) => {
                let Some(((due, number), (timer, period))) = queues.due.pop_first() else {
                    continue;
                };
                if !period.is_zero() && !timer.once {
                    // What was missed is not made up for.
                    let next = (due + period).max(now);
                    queues.due.insert((next, number), (timer.clone(), period));
                }
                drop(queues);
                timer.calls.make(true, timer.here);
                queues = lock();
            }
            Some(wait) => {
                let back = CHANGED.wait_timeout(queues, wait);
                queues = back.unwrap_or_else(PoisonError::into_inner).0;
            }
            None => queues = CHANGED.wait(queues).unwrap_or_else(PoisonError::into_inner),
        }
    }
}

#[no_mangle]
extern "C" fn CreateTimerQueue() -> HANDLE {
    lock().queues.add(Arc::new(()))
}

#[no_mangle]
unsafe extern "C" fn CreateTimerQueueTimer(
    handle: *mut HANDLE,
    queue: HANDLE,
    function: Option<Function>,
    argument: usize,
    after: DWORD,
    period: DWORD,
    flags: DWORD,
) -> BOOL {
    let create = || {
        if handle.is_null() {
            return Err(Code::NOACCESS);
        }
        let function = function.ok_or(Code::INVALID_PARAMETER)?;
        let mut queues = lock();
        let queue = queues.queue(queue)?;
        if !queues.runs {
            workers::start("mapview-timers", run)?;
            queues.runs = true;
        }
        let (here, once) = (flags & IN_TIMER_THREAD != 0, flags & ONLY_ONCE != 0);
        let calls = Arc::new(Calls::new(function, argument));
        let timer = Arc::new(Timer { calls, queue, here, once });
        let new = queues.timers.add(timer.clone());
        // SAFETY: the caller gives a place for it. Before the first call, which may want it.
        unsafe { *handle = new };
        queues.set(super::number_of(new), &timer, after, period);
        Ok(())
    };
    last_error::report(create())
}

#[no_mangle]
extern "C" fn ChangeTimerQueueTimer(
    queue: HANDLE,
    handle: HANDLE,
    after: DWORD,
    period: DWORD,
) -> BOOL {
    let change = || {
        let mut queues = lock();
        let timer = queues.timer(queue, handle)?;
        queues.set(super::number_of(handle), &timer, after, period);
        Ok(())
    };
    last_error::report(change())
}

/// Fails with 997 if calls are still to come or run; the timer is gone all the same.
#[no_mangle]
extern "C" fn DeleteTimerQueueTimer(queue: HANDLE, handle: HANDLE, event: HANDLE) -> BOOL {
    let delete = || {
        let wish = Wish::new(event)?;
        let timer = {
            let mut queues = lock();
            queues.timer(queue, handle)?;
            queues.remove(handle)?
        };
        timer.calls.end(wish)
    };
    last_error::report(delete())
}

/// With an event, that is set when the calls of all its timers are over.
#[no_mangle]
extern "C" fn DeleteTimerQueueEx(queue: HANDLE, event: HANDLE) -> BOOL {
    let delete = || {
        let wish = Wish::new(event)?;
        let timers = {
            let mut queues = lock();
            let number = queues.queue(queue)?;
            queues.queues.remove(queue)?; // the one that is always there cannot be deleted
            let own = queues.timers.all.iter().filter(|(_, timer)| timer.queue == number);
            let own: Vec<usize> = own.map(|(number, _)| *number).collect();
            let own = own.into_iter().map(|number| queues.remove(super::handle_of(number)));
            own.collect::<Result<Vec<_>>>()?
        };
        super::calls::end_all(timers.iter().map(|timer| &timer.calls), wish)
    };
    last_error::report(delete())
}

#[no_mangle]
extern "C" fn DeleteTimerQueue(queue: HANDLE) -> BOOL {
    DeleteTimerQueueEx(queue, NULL)
}
