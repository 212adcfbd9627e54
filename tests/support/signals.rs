//! Handlers of signals for tests: ones that tell what they saw, and the calls that install them.

use std::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

const PAGE: usize = 4096;

/// How a process ends whose case came out as it should.
pub const FINE: i32 = 40;

pub fn send(signal: c_int) {
    // SAFETY: no duties.
    unsafe { libc::raise(signal) };
}

pub static CALLS: AtomicU32 = AtomicU32::new(0);
pub static EXPECTED: AtomicUsize = AtomicUsize::new(0);

pub extern "C" fn count(_: c_int) {
    CALLS.fetch_add(1, Ordering::Relaxed);
}

pub extern "C" fn end_well(signal: c_int) {
    // SAFETY: ends the process at once.
    unsafe { libc::_exit(if signal == libc::SIGBUS { FINE } else { 1 }) };
}

pub extern "C" fn end_well_if_expected(_: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes them; `_exit` ends the process at once.
    unsafe {
        let address = (*info).si_addr().addr();
        let expected = EXPECTED.load(Ordering::Relaxed);
        libc::_exit(if address == expected && !context.is_null() { FINE } else { 1 });
    }
}

pub extern "C" fn put_zeros(_: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    CALLS.fetch_add(1, Ordering::Relaxed);
    // SAFETY: replaces the page of the test's own view that is missing.
    unsafe {
        let page = (*info).si_addr().map_addr(|address| address / PAGE * PAGE);
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
        libc::mmap(page, PAGE, libc::PROT_READ, flags, -1, 0);
    }
}

pub extern "C" fn note_mask(_: c_int) {
    CALLS.store(blocked(), Ordering::Relaxed);
}

pub fn bit(signal: c_int) -> u32 {
    1 << (signal - 1)
}

/// The blocked signals up to 31.
pub fn blocked() -> u32 {
    // SAFETY: valid sets.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, null(), &mut set);
        (1..32).filter(|&signal| libc::sigismember(&set, signal) == 1).map(bit).sum()
    }
}

pub fn block(signal: c_int) {
    // SAFETY: valid sets.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigaddset(&mut set, signal);
        libc::pthread_sigmask(libc::SIG_BLOCK, &set, null_mut());
    }
}

pub fn set(signal: c_int, handler: usize, flags: c_int, mask: &[c_int]) -> libc::sigaction {
    // SAFETY: valid actions with handlers of the right kind.
    unsafe {
        let (mut new, mut old): (libc::sigaction, libc::sigaction) = std::mem::zeroed();
        new.sa_sigaction = handler;
        new.sa_flags = flags;
        mask.iter().for_each(|&other| {
            libc::sigaddset(&mut new.sa_mask, other);
        });
        assert_eq!(libc::sigaction(signal, &new, &mut old), 0);
        old
    }
}

pub fn handler_of(signal: c_int) -> usize {
    // SAFETY: only asks.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        assert_eq!(libc::sigaction(signal, null(), &mut now), 0);
        now.sa_sigaction
    }
}

/// Installs a handler that counts and then calls the one before.
pub fn come_later() {
    let handler = count_and_chain as *const () as usize;
    let before = set(libc::SIGBUS, handler, libc::SA_SIGINFO, &[]);
    EXPECTED.store(before.sa_sigaction, Ordering::Relaxed);
}

pub extern "C" fn count_and_chain(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    CALLS.fetch_add(1, Ordering::Relaxed);
    type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);
    // SAFETY: the guard's handler, which is of this kind.
    let before: Handler = unsafe { std::mem::transmute(EXPECTED.load(Ordering::Relaxed)) };
    before(signal, info, context);
}
