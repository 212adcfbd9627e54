//! The time, in units of 100 ns: [`clock_gettime(2)`](https://man7.org/linux/man-pages/man2/clock_gettime.2.html).

use std::time::Duration;

use rustix::time::{clock_gettime, ClockId, Timespec};

/// How many there are in a second.
const SECOND: u64 = 10_000_000;

/// Since the machine was started, without the time in which it slept.
pub(in super::super) fn monotonic() -> u64 {
    units(clock_gettime(ClockId::Monotonic))
}

/// Since 1970; what was before is 0.
pub(in super::super) fn wall() -> u64 {
    units(clock_gettime(ClockId::Realtime))
}

fn units(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.saturating_mul(SECOND).saturating_add(time.tv_nsec as u64 / 100)
}

/// So many units.
pub(in super::super) fn duration(units: u64) -> Duration {
    Duration::new(units / SECOND, (units % SECOND) as u32 * 100)
}

/// Rounded up, so that nothing comes too early.
pub(in super::super) fn rounded_up(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(100)).unwrap_or(u64::MAX)
}
