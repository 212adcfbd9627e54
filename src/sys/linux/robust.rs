//! The calling thread's list of locked mutexes, which the kernel walks when the thread ends.
//!
//! A thread has *one* such list, and the C library keeps its own robust mutexes in it, so ours are linked in beside them,
//! by the C library's rules: an entry is the field that holds the address of the next entry; the address of the previous
//! one lies 8 bytes before it; and the futex word 32 bytes before it, a distance fixed per thread.
//!
//! The word and the previous-address lie at the end of the record's page, which other processes write. The next-address
//! is the first thing on the private page behind it (`map_with_private_tail`): what this code and the kernel *follow* is
//! never in shared memory. The previous-address is written, because the C library expects it, and never read.
//!
//! The kernel walks at most 2048 entries: of more mutexes held at once by one thread, the oldest would not be recovered.
//!
//! Memory order: only this thread touches its list, and the kernel reads it when the thread is no more; `volatile` keeps
//! the compiler from reordering or dropping stores that it cannot see the use of.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ptr::null_mut;

use super::os::{process, robust_list, robust_list::Head};
use crate::{Error, ErrorKind, Result};

/// From an entry to its futex word: what glibc uses on every 64-bit machine.
const WORD: isize = -32;
/// From an entry to the address of the previous one.
const PREVIOUS: isize = -8;
/// Marks an entry of a priority-inheritance mutex.
const MARK: usize = 1;

/// This thread as the owner of mutexes.
#[derive(Clone, Copy)]
pub(super) struct Thread {
    pub tid: u32,
    head: *mut Head,
}

thread_local! {
    static CURRENT: Cell<Thread> = const { Cell::new(Thread { tid: 0, head: null_mut() }) };
}

/// The calling thread.
#[inline]
pub(super) fn current() -> Result<Thread> {
    let thread = CURRENT.get();
    if thread.tid != 0 {
        Ok(thread)
    } else {
        first_use()
    }
}

/// In a forked child: the thread has another id now.
pub(super) fn forget_current() {
    CURRENT.set(Thread { tid: 0, head: null_mut() });
}

#[cold]
fn first_use() -> Result<Thread> {
    let head = robust_list::get_robust_list();
    // SAFETY: a head that is registered with the kernel stays valid until its thread ends, and this is its thread.
    if head.is_null() || unsafe { (*head).futex_offset } != WORD {
        let why = "mutexes need glibc on a 64-bit machine, whose robust list they share";
        return Err(Error::new(ErrorKind::Unsupported, why));
    }
    let thread = Thread { tid: process::gettid(), head };
    CURRENT.set(thread);
    Ok(thread)
}

impl Thread {
    /// Announces the object of `entry` to the kernel until [`Thread::done`]: if the thread ends meanwhile, a mutex that it
    /// has got by then is marked, and a sleeper is woken. Of the entry only its address is used.
    #[inline]
    pub(super) fn begin(self, entry: *mut usize) {
        // SAFETY: our own head, see `first_use`.
        unsafe { (&raw mut (*self.head).pending).write_volatile(entry) };
    }

    /// What was announced last.
    pub(super) fn begun(self) -> *mut usize {
        // SAFETY: our own head, see `first_use`.
        unsafe { (&raw const (*self.head).pending).read_volatile() }
    }

    /// The end of what `begin` began.
    #[inline]
    pub(super) fn done(self) {
        self.begin(null_mut());
    }

    /// Puts a mutex that was just taken at the front of the list.
    ///
    /// # Safety
    /// `entry` is the private tail of a page that stays mapped until [`Thread::unlink`]; it is in no list.
    #[inline]
    pub(super) unsafe fn link(self, entry: *mut usize) {
        // SAFETY: the head is our own. The first entry is ours or the C library's, locked by this thread and so mapped;
        // both have their previous-address at this distance, as the head has.
        unsafe {
            let first = (&raw mut (*self.head).first).read_volatile();
            previous_of(first).write_volatile(entry);
            previous_of(entry).write_volatile(self.head.cast());
            entry.write_volatile(first.addr());
            (&raw mut (*self.head).first).write_volatile(entry);
        }
    }

    /// Takes a mutex that is about to be given back out of the list.
    ///
    /// # Safety
    /// `entry` was linked by this thread.
    #[inline]
    pub(super) unsafe fn unlink(self, entry: *mut usize) {
        let mut at: *mut usize = self.head.cast();
        loop {
            // SAFETY: `at` is the head or an entry of this thread's list; their next-addresses are in private memory or
            // in the C library's care.
            let next = unsafe { at.read_volatile() };
            if next & !MARK == entry.addr() {
                break;
            }
            at = with_address(next);
            if at == self.head.cast() {
                return; // not in the list: it was cleared by the C library in a forked child
            }
        }
        // SAFETY: as above; the following entry is one of this list or the head.
        unsafe {
            let next = entry.read_volatile();
            at.write_volatile(next);
            previous_of(with_address(next)).write_volatile(at);
        }
    }
}

fn with_address(next: usize) -> *mut usize {
    std::ptr::with_exposed_provenance_mut(next & !MARK)
}

fn previous_of(entry: *mut usize) -> *mut *mut usize {
    entry.map_addr(|address| (address & !MARK).wrapping_add_signed(PREVIOUS)).cast()
}
