//! `Due`: when a timer is to expire.

use std::time::{Duration, SystemTime};

/// When a [`Timer`](crate::Timer) becomes due.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use mapview::Due;
/// assert_eq!(Due::from(Duration::ZERO), Due::After(Duration::ZERO));
/// let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
/// assert_eq!(Due::from(noon), Due::At(noon));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "lpDueTime")]
pub enum Due {
    /// So much later, not counting time in which the machine sleeps; a step of the wall clock changes nothing. Zero is at once.
    After(Duration),
    /// When the wall clock shows this, whatever sets that clock meanwhile. A time in the past is at once.
    At(SystemTime),
}

impl From<Duration> for Due {
    fn from(after: Duration) -> Due {
        Due::After(after)
    }
}

impl From<SystemTime> for Due {
    fn from(at: SystemTime) -> Due {
        Due::At(at)
    }
}
