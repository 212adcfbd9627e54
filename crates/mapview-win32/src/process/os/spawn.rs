//! Starting a program: `vfork` with what must be done in the child before `exec`, and nothing else.
//!
//! The child shares the memory of this process until it executes the program, and the calling thread stands still
//! meanwhile. Descriptors are the child's own from the start; all of this process are closed by `exec`, except those that
//! are meant for this child, so nothing leaks into children that other threads start.

use std::ffi::CStr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use std::sync::atomic::{AtomicU64, Ordering};

use libc::{c_char, c_int, c_void};

/// What to start, and how.
pub(in super::super) struct Plan<'a> {
    pub program: &'a CStr,
    /// Both end with a NULL.
    pub arguments: &'a [*const c_char],
    pub environment: &'a [*const c_char],
    pub directory: Option<&'a CStr>,
    /// Where the number of the process is written before the program runs.
    pub pid: &'a AtomicU64,
    /// Descriptors that the program has under the same numbers; all are at least 3.
    pub keep: &'a [RawFd],
    /// What becomes standard input, output and error; -1 leaves one as it is.
    pub standard: [RawFd; 3],
    pub new_group: bool,
    /// Away from the terminal.
    pub new_session: bool,
    /// Does not run before it is sent `SIGCONT`.
    pub stopped: bool,
}

/// Why a program was not started.
pub(in super::super) enum Failure {
    /// There is no such directory.
    Directory,
    Errno(i32),
}

struct Shared<'a> {
    plan: &'a Plan<'a>,
    mask: libc::sigset_t,
    errno: c_int,
    in_directory: bool,
}

const STACK: usize = 64 * 1024;

/// Starts it. Returns its number and its descriptor.
pub(in super::super) fn spawn(plan: &Plan<'_>) -> Result<(u32, OwnedFd), Failure> {
    let mut stack = vec![0_u128; STACK / 16];
    // SAFETY: all zeros are such values; both are set before they are used.
    let (all, mask): (libc::sigset_t, libc::sigset_t) = unsafe { std::mem::zeroed() };
    let (mut all, mut shared) = (all, Shared { plan, mask, errno: 0, in_directory: false });
    let mut pidfd: c_int = -1;
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD | libc::SIGCHLD;
    // SAFETY: the two sets are ours. No handler may run in the child, which shares our memory. The child runs on its
    // stack, uses what `shared` and the plan point to, and is done with both when `clone` returns.
    let pid = unsafe {
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &all, &mut shared.mask);
        let top = stack.as_mut_ptr_range().end.cast::<c_void>();
        let argument = (&raw mut shared).cast::<c_void>();
        let pid = libc::clone(child, top, flags, argument, &raw mut pidfd);
        if pid < 0 {
            shared.errno = *libc::__errno_location();
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &shared.mask, std::ptr::null_mut());
        pid
    };
    if pid < 0 {
        return Err(Failure::Errno(shared.errno));
    }
    // SAFETY: `clone` made it for us.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    if shared.errno != 0 {
        super::wait(&pidfd);
        return Err(match shared.in_directory {
            true => Failure::Directory,
            false => Failure::Errno(shared.errno),
        });
    }
    if plan.stopped {
        leave_stopped(pid);
    }
    Ok((pid as u32, pidfd))
}

/// Runs in the child. Only system calls: locks may be held by threads that the child does not have.
extern "C" fn child(argument: *mut c_void) -> c_int {
    // SAFETY: what `spawn` gave; the thread that owns it stands still.
    let shared = unsafe { &mut *argument.cast::<Shared<'_>>() };
    // SAFETY: strings and lists of the plan are alive and end with NUL and NULL; descriptors are only numbers.
    unsafe {
        if let Err(at_directory) = prepare(shared.plan, &shared.mask) {
            shared.in_directory = at_directory;
        } else {
            let (arguments, environment) = (shared.plan.arguments, shared.plan.environment);
            libc::execve(shared.plan.program.as_ptr(), arguments.as_ptr(), environment.as_ptr());
        }
        shared.errno = *libc::__errno_location();
        libc::_exit(127)
    }
}

/// The error says whether the directory was to blame.
///
/// # Safety
/// Only in the child.
unsafe fn prepare(plan: &Plan<'_>, mask: &libc::sigset_t) -> Result<(), bool> {
    let ok = |result: c_int| if result < 0 { Err(false) } else { Ok(()) };
    // SAFETY: system calls on values of our own.
    unsafe {
        for signal in 1..=64 {
            let mut action: libc::sigaction = std::mem::zeroed();
            let known = libc::sigaction(signal, std::ptr::null(), &mut action) == 0;
            if known && action.sa_sigaction != libc::SIG_DFL && action.sa_sigaction != libc::SIG_IGN
            {
                action.sa_sigaction = libc::SIG_DFL;
                libc::sigaction(signal, &action, std::ptr::null_mut());
            }
        }
        plan.pid.store(libc::getpid() as u64, Ordering::Release);
        if plan.new_session {
            ok(libc::setsid())?;
        } else if plan.new_group {
            ok(libc::setpgid(0, 0))?;
        }
        if let Some(directory) = plan.directory {
            ok(libc::chdir(directory.as_ptr())).map_err(|_| true)?;
        }
        for (number, from) in (0..).zip(plan.standard) {
            if from >= 0 {
                ok(libc::dup2(from, number))?;
            }
        }
        for fd in plan.keep {
            ok(libc::fcntl(*fd, libc::F_SETFD, 0))?;
        }
        if plan.stopped {
            ok(libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) as c_int)?;
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, mask, std::ptr::null_mut());
    }
    Ok(())
}

/// The child stopped when it executed the program, for this thread that traces it: before the program's first
/// instruction. Lets it go, stopped as any process can be.
fn leave_stopped(pid: c_int) {
    // SAFETY: all zeros are such a value; the calls write only to it and touch the child.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let flags = libc::WSTOPPED | libc::WNOWAIT | libc::__WALL | libc::WEXITED;
        while libc::waitid(libc::P_PID, pid as libc::id_t, &mut info, flags) < 0
            && *libc::__errno_location() == libc::EINTR
        {}
        libc::ptrace(libc::PTRACE_DETACH, pid, 0, libc::SIGSTOP);
    }
}

/// A copy of a descriptor with a number of at least 3, closed by `exec`.
pub(in super::super) fn away_from_standard(fd: &OwnedFd) -> std::io::Result<OwnedFd> {
    // SAFETY: the call touches no memory.
    let copy = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 3) };
    if copy < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: made for us.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}
