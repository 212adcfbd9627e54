//! Signals of the processor's troubles, and their way to the handlers.

use std::ffi::{c_int, c_void};
use std::mem::zeroed;
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};

use mapview::memory;

use super::context::CONTEXT;
use super::record::*;
use super::{dispatch, Outcome};
use crate::abi::DWORD;
use crate::code::{Code, Result};
use crate::process;

const SIGNALS: [c_int; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL];

/// What was there before, once it is no more.
static BEFORE: Mutex<Option<[libc::sigaction; SIGNALS.len()]>> = Mutex::new(None);

type PlainHandler = extern "C" fn(c_int);
type InformedHandler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

/// Has troubles told to the handlers from now on, in all threads.
///
/// # Errors
/// 50 if the system refuses.
pub(super) fn install() -> Result<()> {
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if before.is_some() {
        return Ok(());
    }
    // SAFETY: all zeros are a valid one, with the default action.
    let mut found: [libc::sigaction; SIGNALS.len()] = unsafe { zeroed() };
    for (signal, found) in SIGNALS.iter().zip(&mut found) {
        // SAFETY: a place for the answer; nothing is changed.
        if unsafe { libc::sigaction(*signal, std::ptr::null(), found) } != 0 {
            return Err(Code::NOT_SUPPORTED);
        }
    }
    // Remembered before ours is in force, because a trouble may come at once.
    *before = Some(found);
    drop(before);
    // SAFETY: as above.
    let mut ours: libc::sigaction = unsafe { zeroed() };
    ours.sa_sigaction = on_trouble as *const () as usize;
    // On the stack of the program, as on Windows: handlers are ordinary functions. One may have trouble itself.
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
    for signal in SIGNALS {
        // SAFETY: a handler that suits every thread.
        unsafe { libc::sigaction(signal, &ours, null_mut()) };
    }
    Ok(())
}

extern "C" fn on_trouble(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: a variable of this thread, which the interrupted code may be about to read.
    let errno = unsafe { *libc::__errno_location() };
    // SAFETY: the kernel passes what it made for this signal, and nobody else looks at it now.
    let (told, machine) =
        unsafe { (&*info, &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext) };
    if told.si_code <= 0 {
        return pass(signal, info, context, None); // somebody sent it
    }
    let mut record = describe(signal, told, machine);
    let mut registers = CONTEXT::of(machine);
    match dispatch(&mut record, &mut registers) {
        Outcome::Continue => registers.restore(machine),
        Outcome::End => end(record.ExceptionCode, Outcome::End),
        Outcome::Unhandled => pass(signal, info, context, Some(record.ExceptionCode)),
    }
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = errno };
}

/// In the words of Windows. A guard page is an ordinary one from here on.
fn describe(signal: c_int, told: &libc::siginfo_t, machine: &libc::mcontext_t) -> EXCEPTION_RECORD {
    let register = |register: c_int| machine.gregs[register as usize] as usize;
    let at = register(libc::REG_RIP);
    // SAFETY: a field of every signal of a trouble.
    let address = unsafe { told.si_addr() }.addr();
    let code = match (signal, told.si_code) {
        (libc::SIGFPE, 1) => STATUS_INTEGER_DIVIDE_BY_ZERO, // the numbers are FPE_INTDIV and those that follow
        (libc::SIGFPE, 2) => STATUS_INTEGER_OVERFLOW,
        (libc::SIGFPE, 3) => STATUS_FLOAT_DIVIDE_BY_ZERO,
        (libc::SIGFPE, 4) => STATUS_FLOAT_OVERFLOW,
        (libc::SIGFPE, 5) => STATUS_FLOAT_UNDERFLOW,
        (libc::SIGFPE, 6) => STATUS_FLOAT_INEXACT_RESULT,
        (libc::SIGFPE, 8) => STATUS_FLOAT_DENORMAL_OPERAND,
        (libc::SIGFPE, _) => STATUS_FLOAT_INVALID_OPERATION,
        (libc::SIGILL, 5 | 6) => STATUS_PRIVILEGED_INSTRUCTION, // ILL_PRVOPC, ILL_PRVREG
        (libc::SIGILL, _) => STATUS_ILLEGAL_INSTRUCTION,
        (libc::SIGBUS, libc::BUS_ADRALN) => STATUS_DATATYPE_MISALIGNMENT,
        (libc::SIGBUS, _) => STATUS_IN_PAGE_ERROR,
        _ => STATUS_ACCESS_VIOLATION,
    };
    let mut record = EXCEPTION_RECORD::new(code, at);
    if !matches!(code, STATUS_ACCESS_VIOLATION | STATUS_IN_PAGE_ERROR) {
        return record;
    }
    const PAGE_FAULT: usize = 14;
    if register(libc::REG_TRAPNO) != PAGE_FAULT {
        // An address that is none: the processor does not say which.
        record.tell(0);
        record.tell(usize::MAX);
        return record;
    }
    let error = register(libc::REG_ERR);
    let (write, execute) = (error & 2 != 0, error & 16 != 0);
    record.tell(if execute { 8 } else { usize::from(write) });
    record.tell(address);
    if code == STATUS_IN_PAGE_ERROR {
        record.tell(STATUS_END_OF_FILE);
    } else if open_guard(address) {
        record.ExceptionCode = STATUS_GUARD_PAGE_VIOLATION;
    }
    record
}

/// Whether a guard page lies there, which it does no more.
fn open_guard(address: usize) -> bool {
    let protect = memory::query(address).ok().and_then(|info| info.protect);
    let Some(protect) = protect.filter(|protect| protect.is_guarded()) else { return false };
    // SAFETY: the page permitted nothing, and nobody can rely on that for longer than until the first touch.
    unsafe { memory::protect(address, 1, protect.unguarded()).is_ok() }
}

/// Gives a signal to who had it before; the process ends with `code` where that was nobody.
fn pass(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void, code: Option<DWORD>) {
    let before = *BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    let index = SIGNALS.iter().position(|known| *known == signal);
    let Some(action) = before.zip(index).map(|(before, index)| before[index]) else { return };
    match action.sa_sigaction {
        libc::SIG_IGN if code.is_none() => {}
        libc::SIG_DFL | libc::SIG_IGN => {
            if let Some(code) = code {
                process::publish_exit(code);
            }
            die(signal);
        }
        handler if action.sa_flags & libc::SA_SIGINFO != 0 => {
            // SAFETY: whoever installed it said that it is such a function.
            let handler: InformedHandler = unsafe { std::mem::transmute(handler) };
            handler(signal, info, context);
        }
        handler => {
            // SAFETY: as above.
            let handler: PlainHandler = unsafe { std::mem::transmute(handler) };
            handler(signal);
        }
    }
}

/// Ends the process as the kernel ends it for this signal.
fn die(signal: c_int) {
    // SAFETY: the default action; the signal is this thread's, and it is not blocked, because we do not defer it.
    unsafe {
        let default: libc::sigaction = zeroed();
        libc::sigaction(signal, &default, null_mut());
        libc::raise(signal);
    }
}

/// Ends the process with the code of an exception that nobody handled, or that the filter ended it for.
pub(super) fn end(code: DWORD, outcome: Outcome) -> ! {
    process::publish_exit(code);
    if outcome == Outcome::End {
        // SAFETY: ends the process, without a word more, as on Windows.
        unsafe { libc::_exit(code as c_int) }
    }
    eprintln!("exception {code:#010x} was raised, and nothing handles it");
    std::process::abort()
}

/// The registers as they are now.
pub(super) fn here() -> CONTEXT {
    // SAFETY: all zeros are a valid one, and a place for the answer.
    let mut machine: libc::ucontext_t = unsafe { zeroed() };
    // SAFETY: as above.
    unsafe { libc::getcontext(&mut machine) };
    CONTEXT::of(&machine.uc_mcontext)
}
