//! Faults as signals: SIGBUS, where the bytes of a page cannot be had, and SIGSEGV, where its protection forbids the access.
//!
//! One handler for both asks a function of this library what to do. What is not this library's goes to the handler that
//! was there before, under the conditions that one was installed with.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::mem::zeroed;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::OnceLock;

use rustix::io::Errno;

/// An access that the processor could not do.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Fault {
    pub address: usize,
    /// Of the instruction that did it.
    pub instruction: usize,
    pub write: bool,
    /// The page is there, but its protection forbids the access.
    pub forbidden: bool,
}

/// What to do about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Action {
    /// It is somebody else's.
    Pass,
    /// Do the instruction again.
    Retry,
    /// Go on there, with this as the result of the function that faulted.
    Land { at: usize, result: usize },
}

/// Decides in a signal handler: takes no lock, allocates nothing, calls the kernel directly.
pub(in super::super) type Decide = fn(&Fault) -> Action;

static DECIDE: OnceLock<Decide> = OnceLock::new();

/// What was there before, for SIGBUS and for SIGSEGV; never freed, because a handler may be reading it.
static BEFORE: [AtomicPtr<libc::sigaction>; 2] = [const { AtomicPtr::new(null_mut()) }; 2];

// SAFETY: all zeros are the default action, with no flags and an empty mask.
static DEFAULT: libc::sigaction = unsafe { zeroed() };

type PlainHandler = extern "C" fn(c_int);
type InformedHandler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

fn before(signal: c_int) -> &'static AtomicPtr<libc::sigaction> {
    &BEFORE[usize::from(signal == libc::SIGSEGV)]
}

/// Has faults decided on from now on, in all threads. Once in a process.
pub(in super::super) fn install(decide: Decide) -> Result<(), Errno> {
    DECIDE.get_or_init(|| decide);
    for signal in [libc::SIGBUS, libc::SIGSEGV] {
        let was = exchange(signal, None)?;
        // Remembered before ours is in force, because a fault may come at once.
        remember(signal, was);
        let mut ours = DEFAULT;
        ours.sa_sigaction = on_fault as *const () as usize;
        // On the alternate stack, where the thread has one: an overflow of the stack comes here too.
        ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | (was.sa_flags & libc::SA_RESTART);
        // SAFETY: a valid set. With everything blocked, nothing interrupts a decision.
        unsafe { libc::sigfillset(&mut ours.sa_mask) };
        // And once more, should another thread have changed it meanwhile.
        remember(signal, exchange(signal, Some(&ours))?);
    }
    Ok(())
}

fn remember(signal: c_int, action: libc::sigaction) {
    before(signal).store(Box::leak(Box::new(action)), Ordering::Release);
}

fn exchange(signal: c_int, new: Option<&libc::sigaction>) -> Result<libc::sigaction, Errno> {
    let mut old = DEFAULT;
    let new = new.map_or(null(), std::ptr::from_ref);
    // SAFETY: both are valid for the call; a new handler is `on_fault` or the system's default, which suit every thread.
    if unsafe { libc::sigaction(signal, new, &mut old) } != 0 {
        return Err(last_errno());
    }
    Ok(old)
}

fn last_errno() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL)
}

extern "C" fn on_fault(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: a variable of this thread, which the interrupted code may be about to read.
    let errno = unsafe { *libc::__errno_location() };
    let action = match (fault(signal, info, context), DECIDE.get()) {
        (Some(fault), Some(decide)) => decide(&fault),
        _ => Action::Pass,
    };
    match action {
        Action::Pass => pass(signal, info, context),
        Action::Retry => {}
        Action::Land { at, result } => land(context, at, result),
    }
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = errno };
}

/// What the processor could not do; `None` for signals that somebody sent, and for other troubles.
#[cfg(target_arch = "x86_64")]
fn fault(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) -> Option<Fault> {
    const WRITE: i64 = 1 << 1; // of the page fault's error code
    const SEGV_MAPERR: c_int = 1; // these two are not in libc
    const SEGV_ACCERR: c_int = 2;
    let forbidden = signal == libc::SIGSEGV;
    // SAFETY: the kernel, or a handler that chains to ours, passes what the kernel made for this signal.
    let (code, address) = unsafe { ((*info).si_code, (*info).si_addr()) };
    let of_a_page = match forbidden {
        true => [SEGV_MAPERR, SEGV_ACCERR].contains(&code),
        false => [libc::BUS_ADRERR, libc::BUS_OBJERR, libc::BUS_MCEERR_AR].contains(&code),
    };
    // SAFETY: as above.
    let registers = unsafe { &(*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    of_a_page.then(|| Fault {
        address: address.addr(),
        instruction: registers[libc::REG_RIP as usize] as usize,
        write: registers[libc::REG_ERR as usize] & WRITE != 0,
        forbidden,
    })
}

#[cfg(target_arch = "x86_64")]
fn land(context: *mut c_void, at: usize, result: usize) {
    // SAFETY: as in `fault`; nobody else looks at the context of this signal now.
    let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    registers[libc::REG_RIP as usize] = at as i64;
    registers[libc::REG_RAX as usize] = result as i64;
}

#[cfg(not(target_arch = "x86_64"))]
fn fault(_: c_int, _: *mut libc::siginfo_t, _: *mut c_void) -> Option<Fault> {
    None
}

#[cfg(not(target_arch = "x86_64"))]
fn land(_: *mut c_void, _: usize, _: usize) {}

/// Gives the signal to the handler that was there before.
fn pass(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: remembered before this handler was installed, and never freed.
    let action = unsafe { *before(signal).load(Ordering::Acquire) };
    // SAFETY: as in `fault`.
    let was_sent = unsafe { (*info).si_code } <= 0;
    match action.sa_sigaction {
        libc::SIG_IGN if was_sent => {}
        // The kernel ignores no fault: the instruction would be done again and again.
        libc::SIG_DFL | libc::SIG_IGN => end(signal, info, was_sent),
        handler => {
            if action.sa_flags & libc::SA_RESETHAND != 0 {
                before(signal).store((&raw const DEFAULT).cast_mut(), Ordering::Release);
            }
            set_mask(signal, &action, context);
            if action.sa_flags & libc::SA_SIGINFO != 0 {
                // SAFETY: whoever installed it said that it is such a function.
                let handler: InformedHandler = unsafe { std::mem::transmute(handler) };
                handler(signal, info, context);
            } else {
                // SAFETY: as above.
                let handler: PlainHandler = unsafe { std::mem::transmute(handler) };
                handler(signal);
            }
        }
    }
}

/// Blocks what the kernel would have blocked for that handler: this signal, those it asked for, and what was blocked already.
fn set_mask(signal: c_int, action: &libc::sigaction, context: *mut c_void) {
    // SAFETY: as in `fault`. Only the first 64 signals exist, and only those are read.
    let mut mask = unsafe { (*context.cast::<libc::ucontext_t>()).uc_sigmask };
    for number in 1..=64 {
        // SAFETY: valid sets; a number that the C library keeps for itself is refused.
        unsafe {
            if libc::sigismember(&action.sa_mask, number) == 1 {
                libc::sigaddset(&mut mask, number);
            }
        }
    }
    // SAFETY: valid sets; returning from the signal restores the mask.
    unsafe {
        if action.sa_flags & libc::SA_NODEFER == 0 {
            libc::sigaddset(&mut mask, signal);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &mask, null_mut());
    }
}

/// Lets the default action happen, as the kernel would without us: the process ends by this signal.
fn end(signal: c_int, info: *mut libc::siginfo_t, was_sent: bool) {
    // Cannot fail for these two signals. A fault comes again when the instruction is done again.
    let _ = exchange(signal, Some(&DEFAULT));
    if was_sent {
        // SAFETY: the information is the kernel's own; the signal is blocked until this handler returns.
        unsafe {
            let thread = libc::syscall(libc::SYS_gettid);
            libc::syscall(libc::SYS_rt_tgsigqueueinfo, libc::getpid(), thread, signal, info);
        }
    }
}
