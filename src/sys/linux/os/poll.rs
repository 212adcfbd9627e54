//! Waiting for descriptors: [`poll(2)`](https://man7.org/linux/man-pages/man2/poll.2.html).

use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;

use super::fail::fail;
use crate::{Deadline, Result};

/// The first descriptor that has something to read, or whose other end is gone. One that is none counts too: reading it
/// will tell.
pub(in super::super) fn readable(fds: &[BorrowedFd<'_>]) -> Result<Option<usize>> {
    poll(fds, Some(&Timespec::default()))
}

/// Sleeps until one of the descriptors is readable, the deadline passes, or a signal comes.
pub(in super::super) fn until_readable(fds: &[BorrowedFd<'_>], deadline: Deadline) -> Result<()> {
    let left = deadline.remaining().and_then(|left| Timespec::try_from(left).ok());
    poll(fds, left.as_ref()).map(|_| ())
}

/// A pipe: its second end becomes readable when the first is dropped.
pub(in super::super) fn pipe() -> Result<(OwnedFd, OwnedFd)> {
    let made = rustix::pipe::pipe_with(PipeFlags::CLOEXEC);
    made.map(|(read, write)| (write, read)).map_err(|errno| fail(errno, "preparing to wait"))
}

fn poll(fds: &[BorrowedFd<'_>], timeout: Option<&Timespec>) -> Result<Option<usize>> {
    let mut polled: Vec<PollFd<'_>> =
        fds.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    match rustix::event::poll(&mut polled, timeout) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(errno) => return Err(fail(errno, "waiting for a descriptor")),
    }
    Ok(polled.iter().position(|fd| !fd.revents().is_empty()))
}
