//! Keeping signal handlers out of a few steps.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};

/// No handler runs in the calling thread until this is dropped, except for what the thread does wrong itself: memory
/// faults, which the library handles too.
///
/// A handler may never return: the C interface suspends and ends threads from one. Others wait for who holds a lock.
pub(in crate::sys::linux) struct Held {
    before: libc::sigset_t,
    /// The mask is the thread's.
    _not_send: PhantomData<*const ()>,
}

/// Whether handlers here end or stop threads. Who does not do that does not pay for it.
static STOPPING: AtomicBool = AtomicBool::new(false);

pub(crate) fn expect_stopped_threads() {
    STOPPING.store(true, Ordering::SeqCst);
}

/// Nothing where no thread is stopped.
pub(in crate::sys::linux) fn hold() -> Option<Held> {
    STOPPING.load(Ordering::Relaxed).then(hold_now)
}

fn hold_now() -> Held {
    const OWN: [libc::c_int; 6] =
        [libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGSEGV, libc::SIGSYS, libc::SIGTRAP];
    let (mut held, mut before) = (MaybeUninit::uninit(), MaybeUninit::zeroed());
    // SAFETY: the first call initialises the set, and zeros are a valid one; the last writes the mask there.
    let before = unsafe {
        libc::sigfillset(held.as_mut_ptr());
        for signal in OWN {
            libc::sigdelset(held.as_mut_ptr(), signal);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, held.as_ptr(), before.as_mut_ptr());
        before.assume_init()
    };
    Held { before, _not_send: PhantomData }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the mask that `hold` found, in the same thread.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, null_mut()) };
    }
}
