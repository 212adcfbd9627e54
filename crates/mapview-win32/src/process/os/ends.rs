//! How processes end.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::event::{poll, PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Signal, WaitId, WaitIdOptions};

use super::facts::stat;

pub(in super::super) fn has_ended(pidfd: &impl AsFd) -> bool {
    let mut asked = [PollFd::new(pidfd, PollFlags::IN)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    matches!(poll(&mut asked, Some(&now)), Ok(1..))
}

/// Sends `SIGKILL`. A process that has ended is as good as killed.
pub(in super::super) fn kill(pidfd: &OwnedFd) -> Result<(), Errno> {
    match rustix::process::pidfd_send_signal(pidfd, Signal::KILL) {
        Err(Errno::SRCH) => Ok(()),
        sent => sent,
    }
}

/// Sends another signal.
pub(in super::super) fn signal(pidfd: &OwnedFd, signal: Signal) -> Result<(), Errno> {
    rustix::process::pidfd_send_signal(pidfd, signal)
}

/// How a process ended, as the kernel has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Status {
    Exited(u32),
    Signaled(i32),
}

impl Status {
    /// Takes apart what `wait` and `/proc` tell.
    fn of_bits(bits: i32) -> Status {
        match bits & 0x7f {
            0 => Status::Exited((bits as u32 >> 8) & 0xff),
            signal => Status::Signaled(signal),
        }
    }
}

/// Asks how a child ended, which lets go of it. `None`: it runs, or somebody else asked already.
pub(in super::super) fn wait(pidfd: &impl AsFd) -> Option<Status> {
    let which = WaitId::PidFd(pidfd.as_fd());
    let status = rustix::process::waitid(which, WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
    let status = status.ok()??;
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Some(Status::Exited(code as u32 & 0xff)),
        (None, Some(signal)) => Some(Status::Signaled(signal)),
        (None, None) => None,
    }
}

/// Lets go of a child that has ended. Returns whether there is nothing left to do.
pub(in super::super) fn reap(pidfd: &impl AsFd) -> bool {
    wait(pidfd).is_some() || has_ended(pidfd)
}

/// How a process ended that is not a child of this one: while its parent has not asked, or where the kernel remembers.
pub(in super::super) fn status_of_other(pidfd: &OwnedFd, pid: u32, since: u64) -> Option<Status> {
    remembered(pidfd).or_else(|| {
        let fields = stat(pid)?;
        let is_it = fields.get(19)?.parse() == Ok(since) && fields.first()? == "Z";
        is_it.then(|| fields.get(49)?.parse().ok().map(Status::of_bits))?
    })
}

/// `PIDFD_GET_INFO` of Linux 6.15.
fn remembered(pidfd: &OwnedFd) -> Option<Status> {
    #[repr(C)]
    #[derive(Default)]
    struct Info {
        mask: u64,
        cgroup: u64,
        ids: [u32; 11],
        exit: i32,
    }
    const PIDFD_GET_INFO: libc::c_ulong = 0xC040_FF0B;
    const PIDFD_INFO_EXIT: u64 = 8;
    let mut info = Info { mask: PIDFD_INFO_EXIT, ..Info::default() };
    // SAFETY: the kernel writes as many bytes as the number of the call says, which are those of `Info`.
    let done = unsafe { libc::ioctl(pidfd.as_raw_fd(), PIDFD_GET_INFO, &mut info) };
    (done == 0 && info.mask & PIDFD_INFO_EXIT != 0).then(|| Status::of_bits(info.exit))
}

/// Ends this process with a code of which the kernel keeps eight bits.
pub(in super::super) fn exit(code: u32, run_handlers: bool) -> ! {
    // Who sees only eight bits shall not take a failure for success.
    let code = if code & 0xff == 0 && code != 0 { 0xff } else { code as i32 & 0xff };
    if run_handlers {
        // SAFETY: any code may do this; the handlers are the program's own.
        unsafe { libc::exit(code) }
    }
    // SAFETY: nothing runs after it.
    unsafe { libc::_exit(code) }
}

/// Has a function called with the full code at `exit` and at the return from `main`.
pub(in super::super) fn at_exit(act: extern "C" fn(i32, *mut libc::c_void)) {
    extern "C" {
        fn on_exit(
            act: extern "C" fn(i32, *mut libc::c_void),
            argument: *mut libc::c_void,
        ) -> libc::c_int;
    }
    // SAFETY: the function stays where it is while the library is loaded, and libraries that hold such functions stay.
    unsafe { on_exit(act, std::ptr::null_mut()) };
}
