//! In place of `remote` where it has not been written for the processor.

use rustix::io::Errno;

use super::process::Process;
use crate::{Error, ErrorKind, Result};

/// Never made.
pub(super) enum Thread {}

impl Thread {
    pub(super) fn call(&mut self, _: i64, _: [u64; 6]) -> Result<std::result::Result<u64, Errno>> {
        match *self {}
    }
}

pub(super) fn with_thread<T: Send>(
    _: &Process,
    _: impl FnOnce(&mut Thread) -> Result<T> + Send,
) -> Result<T> {
    let why = "having another process make system calls is written for x86-64 only";
    Err(Error::new(ErrorKind::Unsupported, why))
}
