//! Programs that notice when somebody disturbs them: a computation that uses every register, and waits of every kind
//! that must last as long as they were asked to, and not end for a signal that was none. Linux, x86-64.

#![allow(dead_code)] // every test binary uses another part of this

use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::registers;

const WAIT: Duration = Duration::from_millis(15);

/// Every kind of round there is.
pub const ROUNDS: [&str; 10] = [
    "compute",
    "nanosleep",
    "read",
    "poll",
    "ppoll",
    "select",
    "futex",
    "epoll",
    "sigtimedwait",
    "epoll_for_ever",
];

/// How often something was done in this process.
pub static DONE: AtomicU64 = AtomicU64::new(0);

pub fn tick() {
    DONE.fetch_add(1, Ordering::SeqCst);
}

/// One round of this kind, which is counted.
pub fn count_round(kind: &str) {
    round(kind);
    tick();
}

/// Waits that the kernel ends with `EINTR` whenever a thread is stopped, also by SIGSTOP.
pub fn ends_with_any_stop(kind: &str) -> bool {
    kind.starts_with("epoll") || kind == "sigtimedwait"
}

/// One round of this kind; panics when it was disturbed.
pub fn round(kind: &str) {
    if kind == "compute" {
        return registers::compute();
    }
    let begin = Instant::now();
    // SAFETY: the calls below get descriptors of their own and pointers to locals, or null where that is allowed.
    let interrupted = unsafe { wait(kind) };
    assert!(!interrupted, "{kind} was interrupted");
    assert!(begin.elapsed() >= WAIT, "{kind} ended after {:?}", begin.elapsed());
}

/// One round of this kind, which may end early with `EINTR` where every stop does that.
pub fn round_with_stops(kind: &str) {
    if !ends_with_any_stop(kind) {
        return round(kind);
    }
    // SAFETY: as in `round`.
    unsafe { wait(kind) };
}

/// Whether it was interrupted.
unsafe fn wait(kind: &str) -> bool {
    let time = libc::timespec { tv_sec: 0, tv_nsec: WAIT.as_nanos() as i64 };
    let milliseconds = WAIT.as_millis() as i32;
    // SAFETY: see `round`.
    unsafe {
        match kind {
            "nanosleep" => ended(libc::nanosleep(&time, null_mut()), 0),
            "read" => {
                let timer = timer(time);
                let mut times = 0_u64;
                let outcome = ended(libc::read(timer, (&raw mut times).cast(), 8) as i32, 8);
                libc::close(timer);
                outcome
            }
            "poll" => ended(libc::poll(null_mut(), 0, milliseconds), 0),
            "ppoll" => {
                let mut all: libc::sigset_t = std::mem::zeroed();
                libc::sigfillset(&mut all);
                ended(libc::ppoll(null_mut(), 0, &time, &all), 0)
            }
            "select" => {
                let mut time = libc::timeval { tv_sec: 0, tv_usec: WAIT.as_micros() as i64 };
                ended(libc::select(0, null_mut(), null_mut(), null_mut(), &mut time), 0)
            }
            "futex" => {
                let word = 0_u32;
                let waited = libc::syscall(libc::SYS_futex, &word, 0, 0, &time, 0, 0);
                ended(waited as i32, -libc::ETIMEDOUT)
            }
            "epoll" => {
                let epoll = libc::epoll_create1(0);
                let mut event: libc::epoll_event = std::mem::zeroed();
                let outcome = ended(libc::epoll_wait(epoll, &mut event, 1, milliseconds), 0);
                libc::close(epoll);
                outcome
            }
            "epoll_for_ever" => {
                let (epoll, timer) = (libc::epoll_create1(0), timer(time));
                let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: 7 };
                ended(libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, timer, &mut event), 0);
                let outcome = ended(libc::epoll_wait(epoll, &mut event, 1, -1), 1);
                libc::close(epoll);
                libc::close(timer);
                outcome
            }
            "sigtimedwait" => {
                let mut some: libc::sigset_t = std::mem::zeroed();
                libc::sigaddset(&mut some, libc::SIGUSR2);
                ended(libc::sigtimedwait(&some, null_mut(), &time), -libc::EAGAIN)
            }
            kind => panic!("no round of {kind}"),
        }
    }
}

/// A descriptor that can be read once this time has passed.
unsafe fn timer(it_value: libc::timespec) -> i32 {
    let never = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let setting = libc::itimerspec { it_interval: never, it_value };
    // SAFETY: a setting that lives through the call, and no place for the old one.
    unsafe {
        let timer = libc::timerfd_create(libc::CLOCK_MONOTONIC, 0);
        ended(libc::timerfd_settime(timer, 0, &setting, null_mut()), 0);
        timer
    }
}

/// Whether a call was interrupted; if not, its result, or its error as a negative number, must be this.
#[track_caller]
fn ended(result: i32, expected: i32) -> bool {
    let error = std::io::Error::last_os_error();
    let code = error.raw_os_error().unwrap_or(0);
    if result == -1 && code == libc::EINTR {
        return true;
    }
    assert_eq!(if result == -1 { -code } else { result }, expected, "{error}");
    false
}

/// Runs `body`, which never returns, in a process that has no thread but that one. Returns its number. It ends with this
/// thread.
pub fn alone(body: impl FnOnce()) -> i32 {
    // SAFETY: in the child, the C library's allocator and output go on working; nothing else of this process is used.
    match unsafe { libc::fork() } {
        0 => {
            // SAFETY: takes numbers only.
            unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
            std::process::abort(); // it was disturbed
        }
        pid => pid,
    }
}
