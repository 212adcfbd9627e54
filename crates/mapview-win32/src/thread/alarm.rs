//! Calls that timers make: each runs in the thread that set its timer, when that waits alertably. So nobody needs to watch
//! the clock but this thread, in those waits.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use mapview::Due;

use super::{current, lock};

/// `PTIMERAPCROUTINE`: an argument, and when the timer was due.
pub(crate) type Function = extern "C" fn(usize, u32, u32);

#[derive(Debug)]
pub(crate) struct Alarm {
    function: Function,
    argument: usize,
    period: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When it is due next; `None` if that was the last time, or it was cancelled.
    next: Option<Instant>,
    /// It was due then, and the call was not made yet.
    owed: Option<Instant>,
}

impl Alarm {
    /// Has the calling thread call the function when it is due.
    pub(crate) fn start(
        function: Function,
        argument: usize,
        due: Due,
        period: Option<Duration>,
    ) -> Arc<Alarm> {
        let after = match due {
            Due::After(after) => after,
            Due::At(time) => time.duration_since(SystemTime::now()).unwrap_or_default(),
        };
        let state = Mutex::new(State { next: Instant::now().checked_add(after), owed: None });
        let alarm = Arc::new(Alarm { function, argument, period, state });
        current().apcs.watch(alarm.clone());
        alarm
    }

    /// It is not called from now on, even if it is due.
    pub(crate) fn cancel(&self) {
        *lock(&self.state) = State { next: None, owed: None };
    }

    /// When to look again.
    pub(super) fn next(&self) -> Option<Instant> {
        lock(&self.state).next
    }

    /// Whether there is anything to expect of it.
    pub(super) fn is_over(&self) -> bool {
        let state = lock(&self.state);
        state.next.is_none() && state.owed.is_none()
    }

    /// When it became due, if it did and nobody was told. Times that pass before the call is made count as one.
    pub(super) fn has_come(&self, now: Instant) -> Option<Instant> {
        let mut state = lock(&self.state);
        let due = state.next.filter(|next| *next <= now)?;
        state.next = self.period.and_then(|period| {
            let passed = (now - due).as_nanos() / period.as_nanos() + 1;
            due.checked_add(period.checked_mul(passed.try_into().ok()?)?)
        });
        let told = state.owed.replace(due).is_some();
        (!told).then_some(due)
    }

    /// Makes the call that is owed. Returns whether there was one.
    pub(super) fn call(&self) -> bool {
        let Some(due) = lock(&self.state).owed.take() else { return false };
        let time = SystemTime::now() - due.elapsed();
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let time = (since.as_nanos() / 100) as u64 + 116_444_736_000_000_000; // from 1601
        (self.function)(self.argument, time as u32, (time >> 32) as u32);
        true
    }
}
