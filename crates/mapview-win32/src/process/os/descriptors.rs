//! Descriptors of processes, and descriptors that come from elsewhere.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::fs::FileExt;

use rustix::io::Errno;
use rustix::process::{pidfd_open as open, Pid, PidfdFlags};

use super::shared;

/// A descriptor of the process that has this number now.
pub(in super::super) fn pidfd_open(pid: u32) -> Result<OwnedFd, Errno> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)?;
    open(pid, PidfdFlags::empty())
}

/// The number that the process of a descriptor has now, as the kernel writes it; -1 when nothing is left of it.
fn number_of(pidfd: &OwnedFd) -> Option<i64> {
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd())).ok()?;
    info.lines().find_map(|line| line.strip_prefix("Pid:"))?.trim().parse().ok()
}

/// Whether a descriptor that came from elsewhere is of the process with this number, which may have ended.
pub(in super::super) fn is_of(pidfd: &OwnedFd, pid: u32) -> bool {
    number_of(pidfd).is_some_and(|number| number == -1 || number == pid.into())
}

/// Whether its number is still its own: it lives, or its parent has not asked how it ended.
pub(in super::super) fn is_there(pidfd: &OwnedFd, pid: u32) -> bool {
    number_of(pidfd) == Some(pid.into())
}

/// A descriptor that another process has. Unless it must be `exactly` that one, with its position, one for the same file
/// is as good, which the kernel gives to more.
pub(in super::super) fn take_descriptor(
    pidfd: &OwnedFd,
    pid: u32,
    number: i32,
    exactly: bool,
) -> io::Result<OwnedFd> {
    // SAFETY: the call touches no memory of ours.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_getfd, pidfd.as_raw_fd(), number, 0) };
    if fd < 0 {
        let error = io::Error::last_os_error();
        if exactly || error.kind() != io::ErrorKind::PermissionDenied {
            return Err(error);
        }
        let path = format!("/proc/{pid}/fd/{number}");
        let reopened = fs::File::options().read(true).write(true).open(&path);
        return reopened.or_else(|_| fs::File::open(path)).map(OwnedFd::from);
    }
    // SAFETY: the call made this descriptor for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Takes over a descriptor that the process was started with; `None` if it has none of that number.
pub(in super::super) fn adopt(number: i32) -> Option<OwnedFd> {
    // SAFETY: the call only looks whether there is such a descriptor, and has `exec` close it.
    let exists = number > 2 && unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) } == 0;
    // SAFETY: it is open, and whoever gave the number meant it for us alone.
    exists.then(|| unsafe { OwnedFd::from_raw_fd(number) })
}

/// Looks at a descriptor that may not be ours to close.
pub(in super::super) fn look_at(number: i32) -> Option<OwnedFd> {
    // SAFETY: borrowed for the one call, which says if there is no such descriptor.
    let borrowed = (number > 2).then(|| unsafe { BorrowedFd::borrow_raw(number) })?;
    borrowed.try_clone_to_owned().ok()
}

/// A copy of a descriptor that its owner keeps open meanwhile.
pub(in super::super) fn copy(number: i32) -> Option<OwnedFd> {
    // SAFETY: the caller knows that it is open.
    unsafe { BorrowedFd::borrow_raw(number) }.try_clone_to_owned().ok()
}

/// All of a memory file that this process was started with.
pub(in super::super) fn read_passed(number: i32) -> Option<Vec<u8>> {
    let link = fs::read_link(format!("/proc/self/fd/{number}")).ok()?;
    link.to_string_lossy().starts_with("/memfd:mapview-start").then_some(())?;
    fs::read(format!("/proc/self/fd/{number}")).ok()
}

/// A memory file with these bytes.
pub(in super::super) fn file_of(
    name: &std::ffi::CStr,
    bytes: &[u8],
) -> crate::code::Result<OwnedFd> {
    let fd = shared::create(name, bytes.len())?;
    let written = fs::File::from(fd.try_clone().map_err(|_| crate::code::Code::NOT_ENOUGH_MEMORY)?)
        .write_all_at(bytes, 0);
    written.map_err(|_| crate::code::Code::NOT_ENOUGH_MEMORY)?;
    Ok(fd)
}

/// The device that is always empty, or takes everything.
pub(in super::super) fn null(write: bool) -> io::Result<OwnedFd> {
    let file = fs::File::options().read(!write).write(write).open("/dev/null")?;
    Ok(file.into())
}
