//! Threads that are ended or stopped from outside.

use crate::sys;

/// Says that signal handlers of this process end or stop threads wherever they are, as `TerminateThread` and `SuspendThread` of
/// the C interface do.
///
/// From now on the steps of waits that other threads of the process depend on are made with signals held back, which costs
/// two system calls for each [`wait_all`](crate::wait_all) that has everything it wants. Without this, a thread that is ended
/// in such a step leaves others waiting for ever. What a thread owned is reported as abandoned in any case.
///
/// ```
/// mapview::expect_stopped_threads();
/// let (one, other) = (mapview::Mutex::create("")?, mapview::Mutex::create("")?);
/// assert!(mapview::wait_all(&[&one, &other], mapview::Deadline::now())?.is_some());
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// Windows: nothing changes, the kernel keeps what threads wait for.
#[doc(alias = "TerminateThread")]
#[doc(alias = "SuspendThread")]
pub fn expect_stopped_threads() {
    sys::expect_stopped_threads();
}
