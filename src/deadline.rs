//! When a wait gives up.

use std::time::{Duration, Instant};

/// The moment a wait gives up, on the monotonic clock; or never; or at once.
///
/// ```
/// use std::time::Duration;
/// use mapview::Deadline;
/// assert!(Deadline::now().passed());
/// assert!(!Deadline::never().passed());
/// let soon: Deadline = Duration::from_secs(1).into();
/// assert!(soon.remaining().unwrap() <= Duration::from_secs(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(When);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Already passed, without a look at the clock.
    Now,
    At(Instant),
    Never,
}

impl Deadline {
    /// Never gives up (`INFINITE`).
    #[doc(alias = "INFINITE")]
    pub const fn never() -> Deadline {
        Deadline(When::Never)
    }

    /// Gives up at once: a test, not a wait.
    pub const fn now() -> Deadline {
        Deadline(When::Now)
    }

    /// Gives up at `instant`.
    pub const fn at(instant: Instant) -> Deadline {
        Deadline(When::At(instant))
    }

    /// Gives up after `duration`; one too long for the clock means never.
    pub fn after(duration: Duration) -> Deadline {
        Deadline(Instant::now().checked_add(duration).map_or(When::Never, When::At))
    }

    /// The time left, zero when passed; `None` means for ever.
    pub fn remaining(self) -> Option<Duration> {
        match self.0 {
            When::Now => Some(Duration::ZERO),
            When::At(instant) => Some(instant.saturating_duration_since(Instant::now())),
            When::Never => None,
        }
    }

    /// Whether the moment is over.
    pub fn passed(self) -> bool {
        self.remaining().is_some_and(|left| left.is_zero())
    }
}

impl From<Duration> for Deadline {
    fn from(duration: Duration) -> Deadline {
        Deadline::after(duration)
    }
}
