//! One particular process, not whoever has its number later: a descriptor of the process itself
//! ([`pidfd_open(2)`](https://man7.org/linux/man-pages/man2/pidfd_open.2.html)) and of its directory in `/proc`.
#![allow(unsafe_code)]

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Dir, Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{pidfd_open, waitid, Pid, PidfdFlags, WaitId, WaitIdOptions};

use super::files::OpenFor;

/// A process that lives, or has ended since.
#[derive(Debug)]
pub(in super::super) struct PidFd {
    pid: u32,
    process: OwnedFd,
    directory: OwnedFd,
}

impl PidFd {
    pub(in super::super) fn open(pid: u32) -> Result<PidFd, Errno> {
        let number = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)?;
        let process = pidfd_open(number, PidfdFlags::empty())?;
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::open(format!("/proc/{pid}"), flags, Mode::empty())?;
        let opened = PidFd { pid, process, directory };
        // If it lives still, it had the number all the time, so the directory is its own.
        if opened.is_alive() {
            Ok(opened)
        } else {
            Err(Errno::SRCH)
        }
    }

    pub(in super::super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it has not ended; one that nobody waited for has.
    pub(in super::super) fn is_alive(&self) -> bool {
        !matches!(super::poll::readable(&[self.process.as_fd()]), Ok(Some(_)))
    }

    /// Becomes readable when it ends.
    pub(in super::super) fn end(&self) -> BorrowedFd<'_> {
        self.process.as_fd()
    }

    /// Whether both were opened for one process: as long as a descriptor keeps its directory, nobody gets that one's number.
    pub(in super::super) fn is_same(&self, other: &PidFd) -> bool {
        let identity = |process: &PidFd| {
            super::files::fstat(&process.directory).ok().map(|stat| super::files::identity(&stat))
        };
        identity(self).is_some_and(|one| Some(one) == identity(other))
    }

    /// Whether it is a child of this process that nobody waited for.
    pub(in super::super) fn is_child(&self) -> bool {
        let only_look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        waitid(WaitId::PidFd(self.process.as_fd()), only_look).is_ok()
    }

    /// Opens a file of its directory; fails with `ESRCH` when it has ended, never gives another process's.
    pub(in super::super) fn file(&self, name: &str, mode: OpenFor) -> Result<File, Errno> {
        let access = if mode == OpenFor::Read { OFlags::RDONLY } else { OFlags::RDWR };
        let flags = access | OFlags::CLOEXEC;
        rustix::fs::openat(&self.directory, name, flags, Mode::empty()).map(File::from)
    }

    /// All of a file of its directory.
    pub(in super::super) fn read(&self, name: &str) -> Result<Vec<u8>, Errno> {
        let mut bytes = Vec::new();
        let read = self.file(name, OpenFor::Read)?.read_to_end(&mut bytes);
        read.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        Ok(bytes)
    }

    /// A file of its directory that is text. Empty if it cannot be read.
    pub(in super::super) fn text(&self, name: &str) -> String {
        self.read(name).map_or(String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Where a link of its directory leads.
    pub(in super::super) fn link(&self, name: &str) -> Result<std::ffi::CString, Errno> {
        rustix::fs::readlinkat(&self.directory, name, Vec::new())
    }

    /// The user that its directory belongs to: its own, or root if it may not be looked into.
    pub(in super::super) fn owner(&self) -> Option<u32> {
        // The directory itself belongs to the user always; what lies in it to root, for a process that is not dumpable.
        let flags = rustix::fs::AtFlags::empty();
        rustix::fs::statat(&self.directory, "maps", flags).ok().map(|stat| stat.st_uid)
    }

    /// Its threads, of which none may live any more.
    pub(in super::super) fn threads(&self) -> Result<Vec<u32>, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let tasks = rustix::fs::openat(&self.directory, "task", flags, Mode::empty())?;
        let mut threads = Vec::new();
        for entry in Dir::new(tasks)? {
            threads
                .extend(entry?.file_name().to_str().ok().and_then(|name| name.parse::<u32>().ok()));
        }
        Ok(threads)
    }
}

/// Copies from another process what its own protections let it read, up to the first page that they do not; also 0 bytes.
pub(in super::super) fn process_vm_readv(
    pid: u32,
    address: usize,
    buffer: &mut [u8],
) -> Result<usize, Errno> {
    let local = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let from = std::ptr::without_provenance_mut(address);
    let remote = libc::iovec { iov_base: from, iov_len: buffer.len() };
    // SAFETY: the kernel writes only to the buffer, and checks addresses of the other process itself.
    let read = unsafe { libc::process_vm_readv(pid as libc::pid_t, &local, 1, &remote, 1, 0) };
    if read < 0 {
        let error = std::io::Error::last_os_error();
        return match Errno::from_io_error(&error) {
            Some(Errno::FAULT) => Ok(0),
            errno => Err(errno.unwrap_or(Errno::IO)),
        };
    }
    Ok(read as usize)
}
