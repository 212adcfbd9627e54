//! Sealed memory files, mapped as words that others may change at any time.

use std::ffi::CStr;
use std::os::fd::OwnedFd;
use std::sync::atomic::AtomicU64;

use rustix::fs::{fcntl_add_seals, fcntl_get_seals, fstat, ftruncate, memfd_create};
use rustix::fs::{MemfdFlags, SealFlags};
use rustix::io::Errno;
use rustix::mm::{mmap, munmap, MapFlags, ProtFlags};

use crate::code::{Code, Result};

/// Nobody can make it shorter, so touching what is mapped of it never fails.
const SEALS: SealFlags = SealFlags::SHRINK.union(SealFlags::GROW);

fn code(_: Errno) -> Code {
    Code::NOT_ENOUGH_MEMORY
}

/// A new one of this size, all zeros.
pub(in super::super) fn create(name: &CStr, bytes: usize) -> Result<OwnedFd> {
    let fd = memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).map_err(code)?;
    ftruncate(&fd, bytes as u64).map_err(code)?;
    fcntl_add_seals(&fd, SEALS).map_err(code)?;
    Ok(fd)
}

/// Whether the descriptor is of such a file.
pub(in super::super) fn is_sealed(fd: &OwnedFd, bytes: usize) -> bool {
    fcntl_get_seals(fd).is_ok_and(|seals| seals.contains(SEALS))
        && fstat(fd).is_ok_and(|stat| stat.st_size as u64 == bytes as u64)
}

/// The words of a sealed file.
#[derive(Debug)]
pub(in super::super) struct Mapped {
    base: *mut libc::c_void,
    words: usize,
}

// SAFETY: it only lends atomics.
unsafe impl Send for Mapped {}
// SAFETY: it only lends atomics.
unsafe impl Sync for Mapped {}

impl Mapped {
    /// The file was made by [`create`] or found to be sealed, with so many words.
    pub(in super::super) fn new(fd: &OwnedFd, words: usize) -> Result<Mapped> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: at an address that the kernel chooses, so nothing else is there.
        let base =
            unsafe { mmap(std::ptr::null_mut(), words * 8, protection, MapFlags::SHARED, fd, 0) };
        Ok(Mapped { base: base.map_err(code)?, words })
    }

    pub(in super::super) fn word(&self, index: usize) -> &AtomicU64 {
        assert!(index < self.words);
        // SAFETY: so many words are mapped while `self` lives, any bits are one, and all change them atomically.
        unsafe { &*self.base.cast::<AtomicU64>().add(index) }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and whoever has a word borrows `self`.
        let _ = unsafe { munmap(self.base, self.words * 8) };
    }
}

/// Words that nobody can guess.
pub(in super::super) fn random() -> [u64; 2] {
    let mut bytes = [0; 16];
    // SAFETY: the kernel fills at most these bytes; so few it never interrupts.
    unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    let (low, high) = bytes.split_at(8);
    let word = |half: &[u8]| u64::from_ne_bytes(half.try_into().unwrap_or_default());
    [word(low), word(high)]
}
