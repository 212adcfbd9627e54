//! The number of a thread, and what is to be done when a thread ends.

use std::cell::Cell;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::abi::DWORD;

/// `INFINITE`.
pub(crate) const INFINITE: DWORD = u32::MAX;

/// The number that `GetCurrentThreadId` returns, without a system call after the first time.
pub(crate) fn thread_id() -> DWORD {
    thread_local! {
        static ID: Cell<DWORD> = const { Cell::new(0) };
    }
    ID.with(|id| {
        if id.get() == 0 {
            // SAFETY: gettid only returns a number.
            id.set(unsafe { libc::gettid() } as DWORD);
        }
        id.get()
    })
}

/// The moment when a timeout in milliseconds is over; `None` for INFINITE.
pub(crate) fn deadline(milliseconds: DWORD) -> Option<Instant> {
    (milliseconds != INFINITE)
        .then(|| Instant::now() + Duration::from_millis(u64::from(milliseconds)))
}

/// Calls `end` when this thread ends, after the destructors of its thread-locals; it may be called again if it makes
/// new ones. Nothing happens at the end of the process.
pub(crate) fn at_thread_exit(end: extern "C" fn()) -> bool {
    static KEY: OnceLock<Option<libc::pthread_key_t>> = OnceLock::new();

    unsafe extern "C" fn ended(end: *mut libc::c_void) {
        // SAFETY: the value of the key is always such a function.
        let end: extern "C" fn() = unsafe { std::mem::transmute(end) };
        end();
    }

    let key = KEY.get_or_init(|| {
        let mut key = 0;
        // SAFETY: there is a place for the key, and the destructor takes what is set as its value below.
        (unsafe { libc::pthread_key_create(&mut key, Some(ended)) } == 0).then_some(key)
    });
    // SAFETY: the key was made above.
    key.is_some_and(|key| unsafe { libc::pthread_setspecific(key, end as *const _) } == 0)
}

/// Calls `end` on the thread that ends the process in the ordinary way.
pub(crate) fn at_process_exit(end: extern "C" fn()) {
    // SAFETY: the function stays where it is as long as the library is loaded, and glibc calls it before unloading.
    unsafe { libc::atexit(end) };
}
