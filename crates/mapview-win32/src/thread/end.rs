//! The end of a thread, and who waits for it.
//!
//! A wait for a thread is a wait for an event, so that it goes together with other objects, followed by a moment for the
//! kernel: the event is the last thing that the thread does, and the kernel then marks the mutexes that it owned. Only when
//! that is done the wait is over, so whoever waited for the owner of a mutex finds the mutex abandoned.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use mapview::{Deadline, Event, EventOptions, Reset};

use super::about::Times;
use super::{lock, os, Thread, CURRENT};
use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::{last_error, process};

const THREAD_TERMINATE: u32 = 1;
const THREAD_QUERY_LIMITED_INFORMATION: u32 = 0x800;
const STILL_ACTIVE: DWORD = 259;

/// How long to try before looking at the deadline again.
const SLICE: Duration = Duration::from_millis(2);

#[derive(Debug)]
pub(super) struct End {
    pub(super) life: Life,
    /// Once it has ended, but for what the kernel has to do.
    pub(super) code: Option<u32>,
    /// Of a thread that has ended.
    pub(super) times: Times,
}

/// How to find out that the kernel is done with a thread.
#[derive(Clone, Copy, Debug)]
pub(super) enum Life {
    /// `CreateThread` made it.
    Joinable(libc::pthread_t),
    /// Somebody else made it.
    Foreign,
    Over,
}

impl End {
    pub(super) fn new(life: Life) -> End {
        End { life, code: None, times: Times::default() }
    }
}

impl Thread {
    pub(crate) fn has_ended(&self) -> bool {
        lock(&self.end).code.is_some()
    }

    /// The event that is set when the thread ends; see [`Thread::is_over`] for what comes then.
    pub(crate) fn ending(&self) -> Result<&Event> {
        if self.ending.get().is_none() {
            let event = EventOptions::new(Reset::Manual).create()?;
            let end = lock(&self.end);
            if end.code.is_some() {
                event.set()?;
            }
            let _ = self.ending.set(event); // or somebody else was faster
        }
        self.ending.get().ok_or(Code::NOT_ENOUGH_MEMORY)
    }

    /// Waits until the thread has ended. Returns whether it did before the deadline.
    pub(crate) fn wait(&self, deadline: Deadline) -> Result<bool> {
        if !self.has_ended() && (deadline.passed() || !self.ending()?.wait_until(deadline)?) {
            return Ok(false);
        }
        Ok(self.is_over(deadline))
    }

    /// After its event was set, waits until the kernel is done with the thread. Returns whether it was before the deadline.
    pub(crate) fn is_over(&self, deadline: Deadline) -> bool {
        loop {
            let mut end = lock(&self.end);
            let left = deadline.remaining().map_or(SLICE, |left| left.min(SLICE));
            let over = match end.life {
                Life::Joinable(thread) => os::join(thread, left),
                Life::Foreign => os::is_over(self.id.load(Ordering::Acquire)),
                Life::Over => return true,
            };
            if over {
                end.life = Life::Over;
                drop(end);
                self.let_go();
                return true;
            }
            let foreign = matches!(end.life, Life::Foreign);
            drop(end);
            if deadline.passed() {
                return false;
            }
            if foreign {
                std::thread::sleep(Duration::from_micros(50));
            }
        }
    }

    /// Gives back the share of the thread itself, which a thread that was terminated could not.
    fn let_go(&self) {
        if self.holds_itself.swap(false, Ordering::AcqRel) {
            // SAFETY: `begin` made this share of an `Arc` and nobody else gives it back; the caller has another one.
            unsafe { Arc::decrement_strong_count(std::ptr::from_ref(self)) };
        }
    }

    fn finish(&self, end: &mut End, code: u32, times: Times) {
        (end.code, end.times) = (Some(code), times);
        if let Some(event) = self.ending.get() {
            let _ = event.set(); // fails if somebody truncated its memory, and then so do the waits
        }
    }

    fn terminate(&self, code: u32) -> Result<()> {
        let mut end = lock(&self.end);
        if end.code.is_some() {
            return Ok(());
        }
        let times = self.last_times();
        if std::ptr::eq(self, CURRENT.get()) {
            self.finish(&mut end, code, times);
            drop(end);
            os::end_at_once();
        }
        os::signal()?; // before anything is changed
        self.gate.kill();
        self.tell(&end.life)?;
        self.finish(&mut end, code, times);
        Ok(())
    }

    /// When nobody can ask any more.
    pub(super) fn detach(&mut self) {
        let end = self.end.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Life::Joinable(thread) = std::mem::replace(&mut end.life, Life::Over) {
            os::detach(thread);
        }
    }
}

/// Has [`over`] called for the calling thread as late as possible.
pub(super) fn watch_end(thread: *const Thread) {
    static KEY: OnceLock<libc::pthread_key_t> = OnceLock::new();
    os::set_key(*KEY.get_or_init(|| os::new_key(over)), thread.cast());
}

/// The C library calls this after the thread's function and the destructors of C++ and Rust. The destructors of keys may
/// run several times; this one waits until all others had that chance.
extern "C" fn over(thread: *mut c_void) {
    const ROUNDS: u32 = 4; // PTHREAD_DESTRUCTOR_ITERATIONS of glibc
    thread_local! {
        static ROUND: Cell<u32> = const { Cell::new(1) };
    }
    let round = ROUND.replace(ROUND.get() + 1);
    let thread: *const Thread = thread.cast_const().cast();
    if round < ROUNDS {
        watch_end(thread);
        return;
    }
    // SAFETY: the thread's own share, which is given back below.
    let own = unsafe { &*thread };
    let code = own.code.load(Ordering::Relaxed);
    {
        let mut end = lock(&own.end);
        if end.code.is_none() {
            own.finish(&mut end, code, own.last_times());
        }
    }
    CURRENT.set(std::ptr::null());
    if own.holds_itself.swap(false, Ordering::AcqRel) {
        // SAFETY: `begin` made this share, and the flag says that nobody gave it back.
        drop(unsafe { Arc::from_raw(thread) });
    }
}

#[no_mangle]
extern "C" fn TerminateThread(handle: HANDLE, code: DWORD) -> BOOL {
    mapview::expect_stopped_threads();
    let terminate = || super::handle::get(handle, THREAD_TERMINATE)?.terminate(code);
    last_error::report(terminate())
}

#[no_mangle]
unsafe extern "C" fn GetExitCodeThread(handle: HANDLE, code: *mut DWORD) -> BOOL {
    let get = || {
        let value = match process::main_thread(handle, 0)? {
            Some(process) => process.exit_code()?,
            None => {
                let thread = super::handle::get(handle, THREAD_QUERY_LIMITED_INFORMATION)?;
                let code = lock(&thread.end).code;
                code.unwrap_or(STILL_ACTIVE)
            }
        };
        if code.is_null() {
            return Err(Code::NOACCESS);
        }
        // SAFETY: the caller gives a place for it.
        unsafe { *code = value };
        Ok(())
    };
    last_error::report(get())
}
