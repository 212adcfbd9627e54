//! When a wait gives up.

use std::time::{Duration, Instant};

/// The moment a wait gives up, on the monotonic clock; or never.
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
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// Never gives up (`INFINITE`).
    #[doc(alias = "INFINITE")]
    pub const fn never() -> Deadline {
        Deadline(None)
    }

    /// Gives up at once: a test, not a wait.
    pub fn now() -> Deadline {
        Deadline(Some(Instant::now()))
    }

    /// Gives up at `instant`.
    pub fn at(instant: Instant) -> Deadline {
        Deadline(Some(instant))
    }

    /// Gives up after `duration`; one too long for the clock means never.
    pub fn after(duration: Duration) -> Deadline {
        Deadline(Instant::now().checked_add(duration))
    }

    /// The time left, zero when passed; `None` means for ever.
    pub fn remaining(self) -> Option<Duration> {
        self.0.map(|instant| instant.saturating_duration_since(Instant::now()))
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
