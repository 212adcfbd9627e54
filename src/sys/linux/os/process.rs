//! Who we are, who lives, and what happens at fork.
#![allow(unsafe_code)]

use std::ffi::CString;
use std::os::fd::OwnedFd;

use rustix::process::{Gid, Pid};

/// The kernel's id of the calling thread.
pub(in super::super) fn gettid() -> u32 {
    rustix::thread::gettid().as_raw_nonzero().get() as u32
}

/// Whether there is a process with this number, whoever it is now.
pub(in super::super) fn exists(pid: u32) -> bool {
    if cfg!(test) {
        return false; // the processes of the interleaving tests are threads, so all their pids exist
    }
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}

/// Whether the process has this thread.
pub(in super::super) fn has_thread(pid: u32, tid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}/task/{tid}")).exists()
}

/// A descriptor that becomes readable when a child of this process ends. `None` if it has, and was waited for: its number
/// may be another process's by now.
pub(in super::super) fn open_child(pid: u32) -> rustix::io::Result<Option<OwnedFd>> {
    use rustix::io::Errno;
    use rustix::process::{pidfd_open, waitid, PidfdFlags, WaitId, WaitIdOptions};
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return Ok(None) };
    let only_look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match waitid(WaitId::Pid(pid), only_look) {
        Err(Errno::CHILD) => return Ok(None),
        Err(errno) => return Err(errno),
        Ok(_) => {}
    }
    match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(process) => Ok(Some(process)),
        Err(Errno::SRCH) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// Whether a process is on its way out, or a zombie.
pub(in super::super) fn is_ending(pid: u32) -> bool {
    const PF_EXITING: u64 = 4;
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    // The name of the program, in parentheses, may contain anything; the flags are the seventh field behind it.
    let flags = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(6));
    flags.and_then(|flags| flags.parse::<u64>().ok()).is_some_and(|flags| flags & PF_EXITING != 0)
}

/// Whether other processes of this user may look into this one through `/proc`.
pub(in super::super) fn is_dumpable() -> bool {
    use rustix::process::{dumpable_behavior, DumpableBehavior};
    dumpable_behavior().is_ok_and(|behavior| behavior == DumpableBehavior::Dumpable)
}

/// A number that nobody guesses or repeats.
pub(in super::super) fn random() -> u64 {
    let mut bytes = [0; 8];
    // Short reads do not happen below 256 bytes; a kernel without the call gets the clock and the thread instead.
    if rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()) != Ok(8) {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        return (now.tv_nsec as u64) << 32 ^ now.tv_sec as u64 ^ u64::from(gettid()) << 20;
    }
    u64::from_ne_bytes(bytes).max(1)
}

/// The number of the group with this name.
pub(in super::super) fn group(name: &str) -> Option<Gid> {
    let name = CString::new(name).ok()?;
    let mut buffer = vec![0_u8; 1 << 16];
    // SAFETY: `libc::group` is a plain C struct of integers and pointers, for which zeros are valid.
    let mut entry: libc::group = unsafe { std::mem::zeroed() };
    let mut found: *mut libc::group = std::ptr::null_mut();
    // SAFETY: the name ends in NUL, the buffer has the length given, and all pointers live through the call.
    let failed = unsafe {
        libc::getgrnam_r(
            name.as_ptr(),
            &raw mut entry,
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            &raw mut found,
        )
    };
    (failed == 0 && !found.is_null()).then(|| Gid::from_raw(entry.gr_gid))
}

/// Has the C library call `prepare` before each `fork`, then `parent` and `child` on their sides of it.
pub(in super::super) fn at_fork(
    prepare: extern "C" fn(),
    parent: extern "C" fn(),
    child: extern "C" fn(),
) -> bool {
    // SAFETY: the functions live for ever and take no arguments, as the C library expects.
    unsafe { libc::pthread_atfork(Some(prepare), Some(parent), Some(child)) == 0 }
}

/// Has the C library call `leave` when the process ends by `exit` or by returning from `main`.
pub(in super::super) fn at_exit(leave: extern "C" fn()) {
    // SAFETY: the function lives for ever and takes no arguments. It is not called where registering fails.
    unsafe { libc::atexit(leave) };
}
