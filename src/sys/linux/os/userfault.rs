//! `userfaultfd`: what the kernel does about the first touch of a page.
#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, OwnedFd};

use rustix::io::Errno;
use rustix::mm::UserfaultfdFlags;

#[repr(C)]
struct Api {
    api: u64,
    features: u64,
    ioctls: u64,
}

#[repr(C)]
struct Register {
    start: u64,
    len: u64,
    mode: u64,
    ioctls: u64,
}

#[repr(C)]
struct WriteProtect {
    start: u64,
    len: u64,
    mode: u64,
}

const UFFD_USER_MODE_ONLY: u32 = 1;
const UFFDIO_API: u64 = 0xC018_AA3F;
const UFFDIO_REGISTER: u64 = 0xC020_AA00;
const UFFDIO_WRITEPROTECT: u64 = 0xC018_AA06;

/// What the kernel shall do by itself, so that no thread ever stops for an answer.
#[derive(Clone, Copy)]
pub(in super::super) enum Answer {
    /// Note which pages are written, also of those that were never touched (Linux 6.7).
    NoteWrites,
    /// Refuse pages that a memory file has not got with SIGBUS, or EFAULT in a system call (Linux 4.14).
    RefuseMissing,
}

impl Answer {
    /// Bits of `UFFDIO_API` and of `UFFDIO_REGISTER`.
    fn bits(self) -> (u64, u64) {
        match self {
            Answer::NoteWrites => (1 << 13 | 1 << 15, 1 << 1),
            Answer::RefuseMissing => (1 << 7, 1 << 0),
        }
    }
}

/// Ranges of this process where the kernel does so. It ends with them or with this, whichever is first; a child by `fork`
/// must not use it.
#[derive(Debug)]
pub(in super::super) struct Faults {
    fd: OwnedFd,
    mode: u64,
}

impl Faults {
    pub(in super::super) fn new(answer: Answer) -> Result<Faults, Errno> {
        let flags = UserfaultfdFlags::CLOEXEC
            | UserfaultfdFlags::NONBLOCK
            | UserfaultfdFlags::from_bits_retain(UFFD_USER_MODE_ONLY);
        // SAFETY: neither answer stops a thread or changes memory.
        let fd = unsafe { rustix::mm::userfaultfd(flags)? };
        let (features, mode) = answer.bits();
        ioctl(&fd, UFFDIO_API, &mut Api { api: 0xAA, features, ioctls: 0 })?;
        Ok(Faults { fd, mode })
    }

    /// Begins with a range of whole pages.
    pub(in super::super) fn add(&self, start: usize, len: usize) -> Result<(), Errno> {
        let (start, len) = (start as u64, len as u64);
        let mut register = Register { start, len, mode: self.mode, ioctls: 0 };
        ioctl(&self.fd, UFFDIO_REGISTER, &mut register)
    }

    /// Notes the next write to each page of a range.
    pub(in super::super) fn protect_writes(&self, start: usize, len: usize) -> Result<(), Errno> {
        let (start, len) = (start as u64, len as u64);
        ioctl(&self.fd, UFFDIO_WRITEPROTECT, &mut WriteProtect { start, len, mode: 1 })
    }
}

fn ioctl<T>(fd: &OwnedFd, request: u64, argument: &mut T) -> Result<(), Errno> {
    // SAFETY: every request above goes with the structure of its size.
    let result = unsafe { libc::ioctl(fd.as_raw_fd(), request as _, std::ptr::from_mut(argument)) };
    match result {
        0 => Ok(()),
        _ => Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL)),
    }
}
