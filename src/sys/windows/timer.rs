//! `Timer`: a handle to a waitable timer.

use std::os::windows::io::OwnedHandle;
use std::time::{Duration, SystemTime};

use super::api::{self, Outcome, Wait, Wide};
use super::waitable::{Kind, Waitable};
use super::{wait, watch};
use crate::sys::TimerRequest;
use crate::{Deadline, Due, ObjectKind, Reset, Result};

/// From 1601, where a `FILETIME` begins, to 1970, in 100 ns.
const FILETIME_OF_1970: i64 = 116_444_736_000_000_000;
/// 114 years: further away is this far away, as on Linux.
const FARTHEST: i64 = (1 << 55) - 1;

#[derive(Debug)]
pub(crate) struct Plan;

impl Kind for Plan {
    const KIND: ObjectKind = ObjectKind::Timer;
    const WITH_ARTICLE: &'static str = "a timer";
    const USE: u32 =
        api::SYNCHRONIZATION_SYNCHRONIZE | api::TIMER_MODIFY_STATE | api::TIMER_QUERY_STATE;
    const ALL: u32 = api::TIMER_ALL_ACCESS;
    const OPEN: fn(u32, bool, &Wide) -> Outcome<OwnedHandle> = api::open_waitable_timer;
}

pub(crate) type Timer = Waitable<Plan>;

impl Timer {
    pub(crate) fn create(request: TimerRequest) -> Result<(Timer, bool)> {
        let TimerRequest { name, reset, security, inheritable, if_exists } = request;
        Timer::create_by(name, (&security, inheritable), if_exists, |security, name| {
            api::create_waitable_timer_ex(security, name, reset == Reset::Manual, Plan::USE)
        })
    }

    pub(crate) fn set(&self, due: Due, period: u32) -> Result<()> {
        api::set_waitable_timer(self.as_handle(), due_time(due), period)
            .map_err(|code| code.error("cannot set the timer"))?;
        watch::look_now();
        Ok(())
    }

    pub(crate) fn cancel(&self) -> Result<()> {
        api::cancel_waitable_timer(self.as_handle())
            .map_err(|code| code.error("cannot cancel the timer"))
    }

    pub(crate) fn wait(&self, deadline: Deadline) -> Result<bool> {
        Ok(wait::wait(&[self.as_handle()], false, deadline)? != Wait::Timeout)
    }
}

/// As Win32 wants it: a time that passes is negative, 0 and everything in the past is at once.
fn due_time(due: Due) -> i64 {
    match due {
        Due::After(time) => -units(time),
        Due::At(time) => {
            let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            FILETIME_OF_1970 + units(since)
        }
    }
}

/// In 100 ns, rounded up so that nothing comes too early.
fn units(time: Duration) -> i64 {
    i64::try_from(time.as_nanos().div_ceil(100)).map_or(FARTHEST, |units| units.min(FARTHEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_times_are_relative_below_zero_and_file_times_above() {
        assert_eq!(due_time(Duration::ZERO.into()), 0);
        assert_eq!(due_time(Duration::from_nanos(1).into()), -1);
        assert_eq!(due_time(Duration::from_secs(1).into()), -10_000_000);
        assert_eq!(due_time(Duration::MAX.into()), -FARTHEST);
        assert_eq!(due_time(SystemTime::UNIX_EPOCH.into()), FILETIME_OF_1970);
        let later = SystemTime::UNIX_EPOCH + Duration::from_millis(1);
        assert_eq!(due_time(later.into()), FILETIME_OF_1970 + 10_000);
    }
}
