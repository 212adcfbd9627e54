//! Waiting on a word that several processes share: [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html),
//! without `FUTEX_PRIVATE_FLAG`.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

use rustix::io::Errno;
use rustix::thread::futex::{self, Flags, Timespec};

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Woken {
    /// By a wake that counted this waiter.
    ByWake,
    /// The word had another value, or a signal came: look again.
    LookAgain,
    /// The time is over.
    TimedOut,
}

/// Sleeps while `word` is `expected`, at most for `timeout`.
pub(in super::super) fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) -> Woken {
    // A time too long for the kernel is as good as none; the caller's loop looks at its deadline anyway.
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    match futex::wait(word, Flags::empty(), expected, timeout.as_ref()) {
        Ok(()) => Woken::ByWake,
        Err(Errno::TIMEDOUT) => Woken::TimedOut,
        Err(_) => Woken::LookAgain,
    }
}

/// Wakes the waiter that has slept longest. Returns whether there was one.
pub(in super::super) fn wake_one(word: &AtomicU32) -> bool {
    futex::wake(word, Flags::empty(), 1).is_ok_and(|woken| woken > 0)
}
