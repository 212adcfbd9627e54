//! Where a thread must not be stopped: it has a lock that others need to go on.
//!
//! On Windows a thread in the system is suspended or terminated when it comes back from there. So is a thread here that
//! has entered one of these: it is told to stop, and does when it leaves the last of them.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

thread_local! {
    // For a signal handler too, so without destructors.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

/// The calling thread is busy until this is dropped.
pub(crate) struct Busy(PhantomData<*const ()>);

impl Busy {
    pub(crate) fn enter() -> Busy {
        DEPTH.set(DEPTH.get() + 1);
        Busy(PhantomData)
    }

    /// Does something that needs a lock, and has given it back by the end.
    pub(crate) fn during<T>(act: impl FnOnce() -> T) -> T {
        let _busy = Busy::enter();
        act()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 && TOLD.replace(false) {
            super::gate::obey();
        }
    }
}

/// For the handler of the signal that tells a thread to stop: whether it must go on until it is busy no more.
pub(super) fn put_off() -> bool {
    let busy = DEPTH.get() > 0;
    if busy {
        TOLD.set(true);
    }
    busy
}

/// A lock whose holder is busy.
pub(crate) struct Held<'a, T> {
    // Dropped before the other.
    guard: MutexGuard<'a, T>,
    _busy: Busy,
}

/// Locks it, and is busy from before that until after it is unlocked.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> Held<'_, T> {
    let _busy = Busy::enter();
    Held { guard: mutex.lock().unwrap_or_else(PoisonError::into_inner), _busy }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}
