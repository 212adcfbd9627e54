//! Waiting on words that several processes share: [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html) and
//! [`futex_waitv(2)`](https://docs.kernel.org/userspace-api/futex2.html), without `FUTEX_PRIVATE_FLAG`.
//!
//! The kernel compares 32 bits: of a word of 64, the low half.
#![allow(unsafe_code)]

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::Duration;

use rustix::io::Errno;
use rustix::thread::futex::{self, Flags, Timespec, Wait, WaitFlags, WaitPtr, WaitvFlags};
use rustix::time::{clock_gettime, ClockId};

use super::fail::fail;
use crate::{Deadline, Error, ErrorKind, Result};

/// As many sleepers as there are.
pub(in super::super) const ALL: u32 = u32::MAX >> 1;

/// How a sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Woken {
    /// By a wake that counted this sleeper, on the word with this index.
    ByWake(usize),
    /// A word had another value, or a signal came: look again.
    LookAgain,
    /// The time is over.
    TimedOut,
    /// One of the words is no memory (any more).
    Fault,
}

/// A word and the value at which to sleep.
pub(in super::super) type Sleep = Wait;

/// Sleep while the low half of `word` is `expected`.
pub(in super::super) fn while_low(word: &AtomicU64, expected: u32) -> Sleep {
    sleep_while(low(word).as_ptr().cast(), expected)
}

/// Sleep while the word at `address` is `expected`. The kernel alone looks there.
pub(in super::super) fn sleep_while(address: *mut u32, expected: u32) -> Sleep {
    let mut wait = Wait::new();
    wait.val = expected.into();
    wait.uaddr = WaitPtr::from(address.cast::<std::ffi::c_void>());
    wait.flags = WaitFlags::SIZE_U32;
    wait
}

/// Sleeps until one of up to 128 words is woken or has another value, until `deadline`, and at most for `limit`.
pub(in super::super) fn sleep(
    words: &[Sleep],
    deadline: Deadline,
    limit: Option<Duration>,
) -> Result<Woken> {
    let left = match (deadline.remaining(), limit) {
        (Some(left), Some(limit)) => Some(left.min(limit)),
        (left, limit) => left.or(limit),
    };
    if let [only] = words {
        return Ok(sleep_on_one(only, left));
    }
    // A moment too far for the kernel is as good as none; the caller's loop looks at its deadline anyway.
    sleep_on_several(words, left.and_then(from_now), ClockId::Monotonic)
}

/// Sleeps until one of several words is woken or has another value, or until the wall clock shows this time since 1970, also if
/// that clock is set meanwhile.
pub(in super::super) fn sleep_until_wall(words: &[Sleep], time: Duration) -> Result<Woken> {
    sleep_on_several(words, Timespec::try_from(time).ok(), ClockId::Realtime)
}

fn sleep_on_several(words: &[Sleep], until: Option<Timespec>, clock: ClockId) -> Result<Woken> {
    match futex::waitv(words, WaitvFlags::empty(), until.as_ref(), clock) {
        Ok(index) => Ok(Woken::ByWake(index)),
        Err(Errno::TIMEDOUT) => Ok(Woken::TimedOut),
        Err(Errno::AGAIN | Errno::INTR) => Ok(Woken::LookAgain),
        Err(Errno::FAULT) => Ok(Woken::Fault),
        Err(Errno::NOSYS) => {
            let why = "sleeping on several words needs Linux 5.16 or later";
            Err(Error::new(ErrorKind::Unsupported, why))
        }
        Err(errno) => Err(fail(errno, "going to sleep")),
    }
}

/// The call for several words costs more.
fn sleep_on_one(only: &Sleep, left: Option<Duration>) -> Woken {
    let Some(address) = NonNull::new(only.uaddr.ptr.cast::<AtomicU32>()) else {
        return Woken::Fault;
    };
    // SAFETY: the reference only carries the address to the kernel; see `while_low` and `sleep_while`.
    let word = unsafe { address.as_ref() };
    let left = left.and_then(|left| Timespec::try_from(left).ok());
    match futex::wait(word, Flags::empty(), only.val as u32, left.as_ref()) {
        Ok(()) => Woken::ByWake(0),
        Err(Errno::TIMEDOUT) => Woken::TimedOut,
        Err(_) => Woken::LookAgain,
    }
}

fn from_now(left: Duration) -> Option<Timespec> {
    let (now, left) = (clock_gettime(ClockId::Monotonic), Timespec::try_from(left).ok()?);
    let nanoseconds = now.tv_nsec + left.tv_nsec;
    let tv_sec = now.tv_sec.checked_add(left.tv_sec)?.checked_add(nanoseconds / 1_000_000_000)?;
    Some(Timespec { tv_sec, tv_nsec: nanoseconds % 1_000_000_000 })
}

/// Wakes those up to `most` that have slept longest. Returns how many there were.
pub(in super::super) fn wake(word: &AtomicU64, most: u32) -> u32 {
    futex::wake(low(word), Flags::empty(), most).map_or(0, |woken| woken as u32)
}

/// As [`wake`], for a word that the kernel alone looks at.
pub(in super::super) fn wake_at(address: *mut u32, most: u32) -> u32 {
    let Some(address) = NonNull::new(address) else { return 0 };
    // SAFETY: of a page that stays mapped for ever; the reference only carries the address to the kernel.
    let word: &AtomicU32 = unsafe { address.cast().as_ref() };
    futex::wake(word, Flags::empty(), most).map_or(0, |woken| woken as u32)
}

/// The half of the word that lies at its address.
fn low(word: &AtomicU64) -> &AtomicU32 {
    const { assert!(cfg!(target_endian = "little"), "the kernel looks at the half that lies first") };
    let address = NonNull::from(word).cast::<AtomicU32>();
    // SAFETY: inside the word and aligned; only handed to the kernel, which treats it as a device does.
    unsafe { address.as_ref() }
}
