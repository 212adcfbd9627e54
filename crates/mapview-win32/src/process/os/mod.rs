//! System calls about processes.

mod descriptors;
mod ends;
mod facts;
pub(super) mod shared;
pub(super) mod socket;
pub(super) mod spawn;

use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::event::{poll, PollFd, PollFlags};

pub(super) use descriptors::*;
pub(super) use ends::*;
pub(super) use facts::*;

/// Waits until one of the descriptors is readable. Returns which are.
pub(super) fn wait_readable(fds: &[BorrowedFd<'_>]) -> Vec<bool> {
    let mut asked: Vec<PollFd<'_>> =
        fds.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    match poll(&mut asked, None) {
        Ok(_) => asked.iter().map(|fd| !fd.revents().is_empty()).collect(),
        Err(_) => vec![false; fds.len()],
    }
}

/// A pipe to wake a thread that waits, which neither side ever waits at.
pub(super) fn bell() -> Option<(OwnedFd, OwnedFd)> {
    use rustix::pipe::{pipe_with, PipeFlags};
    let (heard, bell) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).ok()?;
    Some((bell, heard))
}

pub(super) fn ring(bell: &OwnedFd) {
    // A full pipe wakes as well.
    let _ = rustix::io::write(bell, &[0]);
}

pub(super) fn unring(heard: &OwnedFd) {
    let mut bytes = [0; 64];
    while matches!(rustix::io::read(heard, &mut bytes), Ok(1..)) {}
}

/// Whether this user may execute a file.
pub(super) fn may_execute(path: &std::path::Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

/// Has a function called in children of `fork`, which run no other code of this library first.
pub(super) fn at_fork(act: fn()) {
    static ACT: std::sync::OnceLock<fn()> = std::sync::OnceLock::new();
    extern "C" fn child() {
        if let Some(act) = ACT.get() {
            act();
        }
    }
    ACT.get_or_init(|| act);
    // SAFETY: the function stays where it is; only memory could be missing, and then `fork` fails as well.
    unsafe { libc::pthread_atfork(None, None, Some(child)) };
}
