//! Barriers that a fixed number of threads meet at.

use parking_lot_core::{park, unpark_all, DEFAULT_PARK_TOKEN, DEFAULT_UNPARK_TOKEN};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use crate::abi::{BOOL, DWORD, FALSE, TRUE};
use crate::code::Code;
use crate::last_error;

/// `SYNCHRONIZATION_BARRIER`, which programs do not look into.
#[repr(C)]
struct Barrier {
    threads: u32,
    missing: AtomicU32,
    /// How often all have met.
    met: AtomicU32,
    rest: [u32; 5],
}

const _: () = assert!(size_of::<Barrier>() == 32);

#[no_mangle]
unsafe extern "C" fn InitializeSynchronizationBarrier(
    barrier: *mut Barrier,
    threads: i32,
    spin: i32,
) -> BOOL {
    if barrier.is_null() || threads < 1 || spin < -1 {
        return last_error::report(Err(Code::INVALID_PARAMETER));
    }
    let threads = threads as u32;
    let new =
        Barrier { threads, missing: AtomicU32::new(threads), met: AtomicU32::new(0), rest: [0; 5] };
    // SAFETY: the caller gives the place.
    unsafe { barrier.write(new) };
    TRUE
}

/// TRUE for the thread that came last.
#[no_mangle]
extern "C" fn EnterSynchronizationBarrier(barrier: &Barrier, _flags: DWORD) -> BOOL {
    let key = barrier as *const Barrier as usize;
    let met = barrier.met.load(SeqCst);
    if barrier.missing.fetch_sub(1, SeqCst) == 1 {
        barrier.missing.store(barrier.threads, SeqCst);
        barrier.met.fetch_add(1, SeqCst);
        // SAFETY: only threads at this barrier wait by its address.
        unsafe { unpark_all(key, DEFAULT_UNPARK_TOKEN) };
        return TRUE;
    }
    let waits = || barrier.met.load(SeqCst) == met;
    while waits() {
        // SAFETY: the functions neither panic nor park.
        unsafe { park(key, waits, || {}, |_, _| {}, DEFAULT_PARK_TOKEN, None) };
    }
    FALSE
}

/// Nothing is held outside the structure.
#[no_mangle]
extern "C" fn DeleteSynchronizationBarrier(_barrier: *mut Barrier) -> BOOL {
    TRUE
}
