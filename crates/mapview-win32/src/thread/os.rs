//! What threads need of the system.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};
use std::sync::atomic::AtomicU32;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::thread::futex::{self, Flags};

use crate::code::{Code, Result};

/// `LPTHREAD_START_ROUTINE`.
pub(crate) type Function = unsafe extern "C" fn(*mut c_void) -> u32;

type Main = extern "C-unwind" fn(*mut c_void) -> *mut c_void;

extern "C-unwind" {
    // As libc has them, but for unwinding.
    fn pthread_create(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        main: Main,
        argument: *mut c_void,
    ) -> i32;
    fn pthread_exit(value: *mut c_void) -> !;
}

pub(super) fn own_id() -> u32 {
    rustix::thread::gettid().as_raw_nonzero().get() as u32
}

/// Sleeps while the word has this value, or until it is woken or the time is over.
pub(super) fn wait_while(word: &AtomicU32, value: u32, most: Option<Duration>) {
    let most = most.and_then(|most| futex::Timespec::try_from(most).ok());
    // Whatever ends it, the caller looks again.
    let _ = futex::wait(word, Flags::PRIVATE, value, most.as_ref());
}

pub(super) fn wake_all(word: &AtomicU32) {
    let _ = futex::wake(word, Flags::PRIVATE, i32::MAX as u32);
}

/// The stack of threads for which nobody says how large.
pub(super) fn usual_stack() -> usize {
    let mut attributes = MaybeUninit::uninit();
    let mut size = 0;
    // SAFETY: initialised by the first call, and destroyed at the end.
    unsafe {
        libc::pthread_attr_init(attributes.as_mut_ptr());
        libc::pthread_attr_getstacksize(attributes.as_ptr(), &raw mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
    }
    size
}

/// Starts a thread with a stack of at least this size.
pub(super) fn start(main: Main, argument: *mut c_void, stack: usize) -> Result<libc::pthread_t> {
    const UNIT: usize = 0x1_0000;
    let stack = stack.max(libc::PTHREAD_STACK_MIN).checked_next_multiple_of(UNIT);
    let mut attributes = MaybeUninit::uninit();
    let mut thread = 0;
    // SAFETY: the attributes are initialised by the first call, and destroyed at the end; `argument` is for `main`.
    let failed = unsafe {
        libc::pthread_attr_init(attributes.as_mut_ptr());
        let size = stack.map_or(libc::EINVAL, |stack| {
            libc::pthread_attr_setstacksize(attributes.as_mut_ptr(), stack)
        });
        let made = match size {
            0 => pthread_create(&raw mut thread, attributes.as_ptr(), main, argument),
            error => error,
        };
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        made
    };
    match failed {
        0 => Ok(thread),
        _ => Err(Code::NOT_ENOUGH_MEMORY),
    }
}

/// Waits at most so long until the kernel is done with the thread. Returns whether it is.
pub(super) fn join(thread: libc::pthread_t, most: Duration) -> bool {
    // SAFETY: the thread was not joined or detached, which its `Life` tells.
    if unsafe { libc::pthread_tryjoin_np(thread, null_mut()) } == 0 {
        return true;
    }
    if most.is_zero() {
        return false;
    }
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    let nanoseconds = now.tv_nsec + i64::from(most.subsec_nanos());
    let until = libc::timespec {
        tv_sec: now.tv_sec + most.as_secs() as i64 + nanoseconds / 1_000_000_000,
        tv_nsec: nanoseconds % 1_000_000_000,
    };
    // SAFETY: as above.
    unsafe { libc::pthread_timedjoin_np(thread, null_mut(), &raw const until) == 0 }
}

pub(super) fn detach(thread: libc::pthread_t) {
    // SAFETY: the thread was not joined or detached, which its `Life` tells.
    unsafe { libc::pthread_detach(thread) };
}

/// Whether the kernel is done with a thread that is about to end. The main thread stays as a zombie while there are others.
pub(super) fn is_over(id: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/self/task/{id}/stat")) else {
        return true;
    };
    let state = stat.rsplit_once(") ").map(|(_, rest)| rest.as_bytes());
    matches!(state, Some([b'Z' | b'X', ..]))
}

/// Calls `destructor` at the end of threads that set the key.
pub(super) fn new_key(destructor: extern "C" fn(*mut c_void)) -> libc::pthread_key_t {
    let mut key = 0;
    // SAFETY: a place for the key. It fails only if the process has used up all 1024.
    unsafe { libc::pthread_key_create(&raw mut key, Some(destructor)) };
    key
}

pub(super) fn set_key(key: libc::pthread_key_t, value: *const c_void) {
    // SAFETY: `new_key` made it.
    unsafe { libc::pthread_setspecific(key, value) };
}

/// The signal that tells a thread to stop: the last real-time signal that nobody uses.
pub(super) fn signal() -> Result<i32> {
    static SIGNAL: OnceLock<Option<i32>> = OnceLock::new();
    let install = || {
        (libc::SIGRTMIN()..=libc::SIGRTMAX()).rev().find(|signal| {
            let mut old = MaybeUninit::<libc::sigaction>::zeroed();
            // SAFETY: a place for what was there; zeros are a valid `sigaction`.
            let mut action = unsafe {
                libc::sigaction(*signal, null(), old.as_mut_ptr());
                old.assume_init()
            };
            if action.sa_sigaction != libc::SIG_DFL {
                return false;
            }
            action.sa_sigaction = super::gate::told as extern "C" fn(i32) as usize;
            action.sa_flags = libc::SA_RESTART;
            // SAFETY: the handler only touches what handlers may.
            unsafe { libc::sigaction(*signal, &raw const action, null_mut()) == 0 }
        })
    };
    SIGNAL.get_or_init(install).ok_or(Code::NOT_SUPPORTED)
}

pub(super) fn tell(thread: libc::pthread_t, signal: i32) {
    // SAFETY: the thread was not joined or detached, which its `Life` tells.
    unsafe { libc::pthread_kill(thread, signal) };
}

pub(super) fn tell_by_id(id: u32, signal: i32) {
    // SAFETY: a system call with numbers.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), id, signal) };
}

/// Ends the calling thread here: nothing of it runs any more.
pub(super) fn end_at_once() -> ! {
    // SAFETY: the kernel takes the thread out of its mutexes, and wakes who joins it.
    unsafe { libc::syscall(libc::SYS_exit, 0) };
    std::process::abort() // the call does not return
}

pub(super) fn exit() -> ! {
    // SAFETY: no frame of this crate below has anything to drop.
    unsafe { pthread_exit(null_mut()) }
}

pub(super) fn errno() -> i32 {
    // SAFETY: the thread's own.
    unsafe { *libc::__errno_location() }
}

pub(super) fn set_errno(value: i32) {
    // SAFETY: the thread's own.
    unsafe { *libc::__errno_location() = value };
}

/// Calls a thread's function, and notes in `back` what [`leave`] needs to return from this call instead.
///
/// # Safety
/// `back` may be written, and is used only until this returns.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(super) unsafe extern "C-unwind" fn call(
    function: Function,
    parameter: *mut c_void,
    back: *mut usize,
) -> u32 {
    std::arch::naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_adjust_cfa_offset 8",
        "push rbx",
        ".cfi_adjust_cfa_offset 8",
        "push r12",
        ".cfi_adjust_cfa_offset 8",
        "push r13",
        ".cfi_adjust_cfa_offset 8",
        "push r14",
        ".cfi_adjust_cfa_offset 8",
        "push r15",
        ".cfi_adjust_cfa_offset 8",
        "sub rsp, 8",
        ".cfi_adjust_cfa_offset 8",
        "mov [rdx], rsp",
        "mov rax, rdi",
        "mov rdi, rsi",
        "call rax",
        "add rsp, 8",
        ".cfi_adjust_cfa_offset -8",
        "pop r15",
        ".cfi_adjust_cfa_offset -8",
        "pop r14",
        ".cfi_adjust_cfa_offset -8",
        "pop r13",
        ".cfi_adjust_cfa_offset -8",
        "pop r12",
        ".cfi_adjust_cfa_offset -8",
        "pop rbx",
        ".cfi_adjust_cfa_offset -8",
        "pop rbp",
        ".cfi_adjust_cfa_offset -8",
        "ret",
        ".cfi_endproc",
    )
}

/// Returns from [`call`] with this code: as on Windows, nothing of the frames above it is cleaned up.
///
/// # Safety
/// `back` is what a call noted that has not returned, on this thread.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(super) unsafe extern "C-unwind" fn leave(back: usize, code: u32) -> ! {
    std::arch::naked_asm!(
        "lea rsp, [rdi + 8]",
        "mov eax, esi",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}
