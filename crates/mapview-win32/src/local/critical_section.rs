//! Critical sections: locks that their owner can enter again.

use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize, Ordering::Relaxed};

use parking_lot::lock_api::RawMutex as _;
use parking_lot::RawMutex;

use crate::abi::{BOOL, DWORD, FALSE, TRUE};
use crate::local::os::thread_id;

/// `CRITICAL_SECTION`, whose fields programs look at. All zeros, and what static initialisers write, is a free one.
#[repr(C)]
pub(crate) struct CRITICAL_SECTION {
    debug_info: AtomicUsize,
    /// -1 as long as nobody is inside.
    lock_count: AtomicI32,
    recursion: AtomicI32,
    /// The number of the thread that is inside, in the place of a handle.
    owner: AtomicU32,
    owner_high: u32,
    /// In the place of the handle that the others wait for.
    lock: RawMutex,
    spin: AtomicUsize,
}

const _: () = assert!(size_of::<CRITICAL_SECTION>() == 40);

/// `RTL_CRITICAL_SECTION::DebugInfo` of one that has none.
const NO_DEBUG_INFO: usize = usize::MAX;

impl CRITICAL_SECTION {
    pub(crate) const fn new(spin: usize) -> CRITICAL_SECTION {
        CRITICAL_SECTION {
            debug_info: AtomicUsize::new(NO_DEBUG_INFO),
            lock_count: AtomicI32::new(-1),
            recursion: AtomicI32::new(0),
            owner: AtomicU32::new(0),
            owner_high: 0,
            lock: RawMutex::INIT,
            spin: AtomicUsize::new(spin),
        }
    }

    fn is_mine(&self) -> bool {
        self.owner.load(Relaxed) == thread_id()
    }

    pub(crate) fn enter(&self) {
        if !self.is_mine() {
            self.lock.lock();
            self.entered();
        }
        self.recursion.fetch_add(1, Relaxed);
    }

    fn try_enter(&self) -> bool {
        if !self.is_mine() {
            if !self.lock.try_lock() {
                return false;
            }
            self.entered();
        }
        self.recursion.fetch_add(1, Relaxed);
        true
    }

    fn entered(&self) {
        self.owner.store(thread_id(), Relaxed);
        self.lock_count.store(0, Relaxed);
    }

    /// Of a thread that is not inside, nothing happens.
    pub(crate) fn leave(&self) {
        if !self.is_mine() || self.recursion.fetch_sub(1, Relaxed) > 1 {
            return;
        }
        self.owner.store(0, Relaxed);
        self.lock_count.store(-1, Relaxed);
        // SAFETY: this thread is the owner, so it holds the lock.
        unsafe { self.lock.unlock() };
    }
}

#[no_mangle]
unsafe extern "C" fn InitializeCriticalSection(section: *mut CRITICAL_SECTION) {
    // SAFETY: the caller gives the place.
    unsafe { section.write(CRITICAL_SECTION::new(0)) };
}

#[no_mangle]
unsafe extern "C" fn InitializeCriticalSectionAndSpinCount(
    section: *mut CRITICAL_SECTION,
    spin: DWORD,
) -> BOOL {
    // SAFETY: the caller gives the place.
    unsafe { section.write(CRITICAL_SECTION::new((spin & 0x00FF_FFFF) as usize)) };
    TRUE
}

#[no_mangle]
unsafe extern "C" fn InitializeCriticalSectionEx(
    section: *mut CRITICAL_SECTION,
    spin: DWORD,
    _flags: DWORD,
) -> BOOL {
    // SAFETY: the caller's, as for the function called.
    unsafe { InitializeCriticalSectionAndSpinCount(section, spin) }
}

#[no_mangle]
extern "C" fn EnterCriticalSection(section: &CRITICAL_SECTION) {
    section.enter();
}

#[no_mangle]
extern "C" fn TryEnterCriticalSection(section: &CRITICAL_SECTION) -> BOOL {
    if section.try_enter() {
        TRUE
    } else {
        FALSE
    }
}

#[no_mangle]
extern "C" fn LeaveCriticalSection(section: &CRITICAL_SECTION) {
    section.leave();
}

/// Nothing is held outside the structure; what was written there is cleared as on Windows.
#[no_mangle]
unsafe extern "C" fn DeleteCriticalSection(section: *mut CRITICAL_SECTION) {
    // SAFETY: the caller gives the place, which nobody uses any more.
    unsafe {
        section
            .write(CRITICAL_SECTION { debug_info: AtomicUsize::new(0), ..CRITICAL_SECTION::new(0) })
    };
}

/// The count is kept to be returned; how long a thread spins before it sleeps is decided by the lock itself.
#[no_mangle]
extern "C" fn SetCriticalSectionSpinCount(section: &CRITICAL_SECTION, spin: DWORD) -> DWORD {
    section.spin.swap(spin as usize, Relaxed) as DWORD
}
