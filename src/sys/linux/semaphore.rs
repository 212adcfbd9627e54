//! Semaphores.

use std::os::fd::BorrowedFd;

use super::object::{Handle, Kind, New};
use super::{signal, wait};
use crate::state::count;
use crate::sys::SemaphoreRequest;
use crate::{Deadline, Name, ObjectKind, Result};

/// A handle.
#[derive(Debug)]
pub(crate) struct Semaphore(pub(super) Handle);

impl Semaphore {
    pub(crate) fn create(request: SemaphoreRequest) -> Result<(Semaphore, bool)> {
        let SemaphoreRequest { name, initial, maximum, security, inheritable, if_exists } = request;
        let (kind, initial) = (Kind::Semaphore { most: maximum }, count::initial(initial));
        let new = New { name, kind, initial, owned: false, security, inheritable, if_exists };
        Handle::create(new).map(|(handle, created)| (Semaphore(handle), created))
    }

    pub(crate) fn open(name: &Name, inheritable: bool) -> Result<Semaphore> {
        Handle::open(name, ObjectKind::Semaphore, inheritable).map(Semaphore)
    }

    pub(crate) fn duplicate_from(pid: u32, raw: u64) -> Result<Semaphore> {
        Handle::duplicate_from(pid, raw, ObjectKind::Semaphore).map(Semaphore)
    }

    pub(crate) fn from_token(text: &str) -> Result<Semaphore> {
        Handle::from_token(text, ObjectKind::Semaphore).map(Semaphore)
    }

    pub(crate) fn to_token(&self) -> Result<String> {
        self.0.to_token()
    }

    pub(crate) fn name(&self) -> Option<&Name> {
        self.0.name()
    }

    pub(crate) fn try_clone(&self) -> Result<Semaphore> {
        Ok(Semaphore(self.0.clone_it()))
    }

    pub(crate) fn raw(&self) -> u64 {
        self.0.raw()
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    pub(crate) fn close(self) -> Result<()> {
        self.0.close()
    }

    #[inline]
    pub(crate) fn release(&self, count: u32) -> Result<u32> {
        signal::release(&self.0.object, count)
    }

    #[inline]
    pub(crate) fn wait(&self, deadline: Deadline) -> Result<bool> {
        wait::one(&self.0.object, deadline)
    }
}
