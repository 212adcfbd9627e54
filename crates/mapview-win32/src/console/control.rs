//! `SetConsoleCtrlHandler`: Ctrl+C and the like, which are signals here.
//!
//! Handlers run on a thread of their own, as on Windows. The signal handler only writes the signal's number to a pipe that this
//! thread reads, so handlers may call anything.

use std::io::Read;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};
use std::sync::Mutex;

use crate::abi::{BOOL, DWORD, FALSE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::thread::{lock, Held};

type Handler = extern "C" fn(DWORD) -> BOOL;

const CTRL_C_EVENT: DWORD = 0;
const CTRL_BREAK_EVENT: DWORD = 1;
const CTRL_CLOSE_EVENT: DWORD = 2;

/// Each signal and the event that it is; after a close event a process ends whatever its handlers return.
const EVENTS: [(i32, DWORD); 4] = [
    (libc::SIGINT, CTRL_C_EVENT),
    (libc::SIGQUIT, CTRL_BREAK_EVENT),
    (libc::SIGTERM, CTRL_CLOSE_EVENT),
    (libc::SIGHUP, CTRL_CLOSE_EVENT),
];

static HANDLERS: Mutex<Vec<Handler>> = Mutex::new(Vec::new());
/// Where signals are written to; -1 until the first handler.
static PIPE: AtomicI32 = AtomicI32::new(-1);

fn handlers() -> Held<'static, Vec<Handler>> {
    lock(&HANDLERS)
}

extern "C" fn caught(signal: i32) {
    let number = signal as u8;
    // SAFETY: write may be called here, and errno is put back.
    unsafe {
        let errno = *libc::__errno_location();
        libc::write(PIPE.load(SeqCst), (&raw const number).cast(), 1);
        *libc::__errno_location() = errno;
    }
}

fn set_action(signal: i32, action: libc::sighandler_t) {
    // SAFETY: all zeros is an action without flags and with an empty mask.
    let mut new: libc::sigaction = unsafe { std::mem::zeroed() };
    new.sa_sigaction = action;
    new.sa_flags = libc::SA_RESTART;
    // SAFETY: a signal that exists and an action for it.
    unsafe { libc::sigaction(signal, &new, std::ptr::null_mut()) };
}

/// Whether nobody has decided about the signal yet; what is ignored stays so, as after `nohup`.
fn is_default(signal: i32) -> bool {
    // SAFETY: all zeros is a good one to be filled in.
    let mut now: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: a place for the action.
    unsafe { libc::sigaction(signal, std::ptr::null(), &mut now) };
    now.sa_sigaction == libc::SIG_DFL
}

fn start() -> Result<()> {
    if PIPE.load(SeqCst) >= 0 {
        return Ok(());
    }
    let mut ends = [0; 2];
    // SAFETY: places for two descriptors.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return Err(Code::NOT_ENOUGH_MEMORY);
    }
    // SAFETY: both were just made.
    let (reads, writes) = unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) };
    let thread = std::thread::Builder::new().name("ctrl-handler".into());
    thread.spawn(move || run(reads)).map_err(|_| Code::NOT_ENOUGH_MEMORY)?;
    PIPE.store(OwnedFd::into_raw_fd(writes), SeqCst);
    for (signal, _) in EVENTS {
        if is_default(signal) {
            set_action(signal, caught as extern "C" fn(i32) as libc::sighandler_t);
        }
    }
    Ok(())
}

fn run(pipe: OwnedFd) {
    let mut pipe = std::fs::File::from(pipe);
    let mut number = [0];
    while pipe.read_exact(&mut number).is_ok() {
        let signal = i32::from(number[0]);
        let Some((_, event)) = EVENTS.iter().find(|(own, _)| *own == signal) else { continue };
        // The last one that was added is asked first.
        let all: Vec<Handler> = handlers().iter().rev().copied().collect();
        let handled = all.into_iter().any(|handler| handler(*event) != FALSE);
        if !handled || *event == CTRL_CLOSE_EVENT {
            end(signal);
        }
    }
}

/// Ends the process by the signal, as if there were no handlers.
fn end(signal: i32) {
    set_action(signal, libc::SIG_DFL);
    // SAFETY: a signal for this process.
    unsafe { libc::kill(libc::getpid(), signal) };
}

fn set(handler: Option<Handler>, add: bool) -> Result<()> {
    let Some(handler) = handler else {
        // Children inherit that Ctrl+C is ignored, as on Windows.
        let action = match (add, PIPE.load(SeqCst) >= 0) {
            (true, _) => libc::SIG_IGN,
            (false, true) => caught as extern "C" fn(i32) as libc::sighandler_t,
            (false, false) => libc::SIG_DFL,
        };
        set_action(libc::SIGINT, action);
        return Ok(());
    };
    let mut all = handlers();
    if add {
        start()?;
        all.push(handler);
        return Ok(());
    }
    let known = all.iter().rposition(|known| *known as usize == handler as usize);
    all.remove(known.ok_or(Code::INVALID_PARAMETER)?);
    Ok(())
}

#[no_mangle]
extern "C" fn SetConsoleCtrlHandler(handler: Option<Handler>, add: BOOL) -> BOOL {
    last_error::report(set(handler, add != FALSE))
}
