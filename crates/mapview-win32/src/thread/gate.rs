//! What stops a thread: being suspended, and being terminated.
//!
//! Both are told by a signal, for which a thread stands still where it is. One that is [busy](super::busy), or blocks the
//! signal, goes on until it no longer does.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::{busy, lock, os, Life, Thread, CURRENT};
use crate::abi::{DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::{last_error, process};

const THREAD_SUSPEND_RESUME: u32 = 2;
const MAXIMUM_SUSPEND_COUNT: u32 = 127;

/// In the word: the thread is to end. Below it, how often it was suspended.
const KILLED: u32 = 1 << 31;
/// A thread that has not stopped by then will later.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Gate {
    word: AtomicU32,
    /// 1 while the thread stands still.
    stands: AtomicU32,
}

impl Gate {
    pub(super) fn new(suspended: bool) -> Gate {
        Gate { word: AtomicU32::new(suspended.into()), stands: AtomicU32::new(0) }
    }

    /// Stands still as long as the thread, which is the calling one, is suspended. Also for a signal handler.
    pub(super) fn pass(&self) {
        loop {
            let word = self.word.load(Ordering::Acquire);
            if word & KILLED != 0 {
                os::end_at_once();
            }
            if word == 0 {
                break;
            }
            self.stands.store(1, Ordering::Release);
            os::wake_all(&self.stands);
            os::wait_while(&self.word, word, None);
        }
        self.stands.store(0, Ordering::Relaxed);
    }

    /// Has the thread end where it stands, or when it next comes here.
    pub(super) fn kill(&self) {
        self.word.fetch_or(KILLED, Ordering::Release);
        os::wake_all(&self.word);
    }

    /// Suspends once more. Returns how often it was before.
    fn close(&self) -> Result<u32> {
        let closer = |word| (word & !KILLED < MAXIMUM_SUSPEND_COUNT).then_some(word + 1);
        let before = self.word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, closer);
        before.map(|word| word & !KILLED).map_err(|_| Code::SIGNAL_REFUSED)
    }

    /// Takes one suspension back. Returns how often it was suspended before.
    fn open(&self) -> u32 {
        let opener = |word| (word & !KILLED > 0).then(|| word - 1);
        match self.word.fetch_update(Ordering::AcqRel, Ordering::Relaxed, opener) {
            Ok(before) => {
                os::wake_all(&self.word);
                before & !KILLED
            }
            Err(_) => 0,
        }
    }
}

/// What the calling thread was told, it does now. Also for a signal handler.
pub(super) fn obey() {
    let current = CURRENT.get();
    if !current.is_null() {
        // SAFETY: the thread's own share, which it gives back only where it ends.
        unsafe { &*current }.gate.pass();
    }
}

/// The handler of the signal.
pub(super) extern "C" fn told(_signal: i32) {
    if !busy::put_off() {
        let error = os::errno();
        obey();
        os::set_errno(error);
    }
}

impl Thread {
    /// Sends the signal.
    pub(super) fn tell(&self, life: &Life) -> Result<()> {
        let signal = os::signal()?;
        match life {
            Life::Joinable(thread) => os::tell(*thread, signal),
            Life::Foreign => os::tell_by_id(self.id(), signal),
            Life::Over => {}
        }
        Ok(())
    }

    fn suspend(&self) -> Result<u32> {
        if std::ptr::eq(self, CURRENT.get()) {
            let before = self.gate.close()?;
            self.gate.pass();
            return Ok(before);
        }
        let before = {
            let end = lock(&self.end);
            if end.code.is_some() {
                return Err(Code::ACCESS_DENIED);
            }
            let before = self.gate.close()?;
            if let (0, Err(code)) = (before, self.tell(&end.life)) {
                self.gate.open();
                return Err(code);
            }
            before
        };
        let since = Instant::now();
        while self.gate.stands.load(Ordering::Acquire) == 0
            && self.gate.word.load(Ordering::Acquire) & !KILLED > 0
            && !self.has_ended()
        {
            let Some(left) = PATIENCE.checked_sub(since.elapsed()) else { break };
            os::wait_while(&self.gate.stands, 0, Some(left));
        }
        Ok(before)
    }
}

/// A thread that ended cannot be suspended; resuming one that is not suspended does nothing and returns 0.
#[no_mangle]
extern "C" fn SuspendThread(handle: HANDLE) -> DWORD {
    mapview::expect_stopped_threads();
    let suspend = || match process::main_thread(handle, THREAD_SUSPEND_RESUME)? {
        Some(process) => process.suspend(),
        None => super::handle::get(handle, THREAD_SUSPEND_RESUME)?.suspend(),
    };
    last_error::or(suspend(), DWORD::MAX)
}

#[no_mangle]
extern "C" fn ResumeThread(handle: HANDLE) -> DWORD {
    let resume = || match process::main_thread(handle, THREAD_SUSPEND_RESUME)? {
        Some(process) => process.resume(),
        None => Ok(super::handle::get(handle, THREAD_SUSPEND_RESUME)?.gate.open()),
    };
    last_error::or(resume(), DWORD::MAX)
}
