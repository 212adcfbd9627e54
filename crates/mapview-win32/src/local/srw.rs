//! Slim reader/writer locks.

use parking_lot::lock_api::RawRwLock as _;
use parking_lot::RawRwLock;

/// `SRWLOCK`; `SRWLOCK_INIT` is all zeros, which is a free lock.
pub(crate) type SRWLOCK = RawRwLock;

const _: () = assert!(size_of::<SRWLOCK>() == 8);

#[no_mangle]
unsafe extern "C" fn InitializeSRWLock(lock: *mut SRWLOCK) {
    // SAFETY: the caller gives the place of the lock.
    unsafe { lock.write(SRWLOCK::INIT) };
}

#[no_mangle]
extern "C" fn AcquireSRWLockExclusive(lock: &SRWLOCK) {
    lock.lock_exclusive();
}

#[no_mangle]
extern "C" fn AcquireSRWLockShared(lock: &SRWLOCK) {
    lock.lock_shared();
}

#[no_mangle]
extern "C" fn TryAcquireSRWLockExclusive(lock: &SRWLOCK) -> u8 {
    u8::from(lock.try_lock_exclusive())
}

#[no_mangle]
extern "C" fn TryAcquireSRWLockShared(lock: &SRWLOCK) -> u8 {
    u8::from(lock.try_lock_shared())
}

#[no_mangle]
unsafe extern "C" fn ReleaseSRWLockExclusive(lock: &SRWLOCK) {
    // SAFETY: the caller holds the lock; for others Win32 makes no promise.
    unsafe { lock.unlock_exclusive() };
}

#[no_mangle]
unsafe extern "C" fn ReleaseSRWLockShared(lock: &SRWLOCK) {
    // SAFETY: the caller holds the lock; for others Win32 makes no promise.
    unsafe { lock.unlock_shared() };
}

/// Gives the lock back that is held in that way.
///
/// # Safety
/// The caller holds the lock in that way.
pub(crate) unsafe fn release(lock: &SRWLOCK, shared: bool) {
    match shared {
        // SAFETY: the caller says so.
        true => unsafe { lock.unlock_shared() },
        // SAFETY: the caller says so.
        false => unsafe { lock.unlock_exclusive() },
    }
}

pub(crate) fn acquire(lock: &SRWLOCK, shared: bool) {
    match shared {
        true => lock.lock_shared(),
        false => lock.lock_exclusive(),
    }
}
