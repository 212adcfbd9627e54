//! Presence: how others learn that a process lives.
//!
//! A process that holds something in a namespace keeps one small file `p-<number>` there, locked through an open file
//! description. The kernel drops the lock when the process ends, however it ends, and the number is never used again;
//! so, unlike a pid, a number whose file is locked *is* that process. One lock per process and not one per object and
//! holder: the kernel searches the locks of a file one by one, and a thousand holders of one object would slow each
//! other down.

use std::os::fd::{AsFd, OwnedFd};

use super::namespace::Directory;
use super::os::{fail::fail, files, locks, process};
use crate::Result;

const LOCK: i64 = 0;

/// A mark in a namespace directory that lasts as long as the process, or its owner wants.
#[derive(Debug)]
pub(super) struct Presence {
    pub number: u64,
    /// Keeps the lock. Inheritable only for objects that are.
    pub fd: OwnedFd,
}

impl Presence {
    pub(super) fn new(directory: &Directory) -> Result<Presence> {
        loop {
            let number = process::random();
            let fd = files::create_in(directory.fd.as_fd(), &file(number))
                .map_err(|errno| fail(errno, "marking this process in the namespace directory"))?;
            if directory.shared {
                // Others test with descriptors that can only read.
                files::fchmod(&fd, rustix::fs::Mode::from_raw_mode(0o644)).map_err(|errno| {
                    fail(errno, "marking this process in the namespace directory")
                })?;
            }
            let locked = locks::try_lock(fd.as_fd(), locks::Kind::Exclusive, LOCK)
                .map_err(|errno| fail(errno, "locking a file of the namespace directory"))?;
            // Between the two calls a sweep may have taken the file for a dead process's.
            if locked && files::fstat(&fd).is_ok_and(|stat| stat.st_nlink > 0) {
                return Ok(Presence { number, fd });
            }
        }
    }

    /// Ends it on purpose.
    pub(super) fn remove(&self, directory: &Directory) {
        // Gone already means that somebody swept the directory by hand.
        let _ = files::unlink_in(directory.fd.as_fd(), &file(self.number));
    }
}

/// Whether the process with this number lives. Removes the file of one that does not.
pub(super) fn is_present(directory: &Directory, number: u64) -> bool {
    let name = file(number);
    let Ok(fd) = files::open_in(directory.fd.as_fd(), &name, files::OpenFor::Read) else {
        return false;
    };
    if locks::is_locked(fd.as_fd(), LOCK).unwrap_or(true) {
        return true;
    }
    let _ = files::unlink_in(directory.fd.as_fd(), &name);
    false
}

/// The number in the name of a presence file.
pub(super) fn number_of(file: &str) -> Option<u64> {
    u64::from_str_radix(file.strip_prefix("p-")?, 16).ok()
}

fn file(number: u64) -> String {
    format!("p-{number:016x}")
}
