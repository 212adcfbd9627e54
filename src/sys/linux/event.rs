//! Events.

use std::os::fd::BorrowedFd;

use super::object::{Handle, Kind, New};
use super::{signal, wait};
use crate::state::{count, manual};
use crate::sys::EventRequest;
use crate::{Deadline, Name, ObjectKind, Reset, Result};

/// A handle.
#[derive(Debug)]
pub(crate) struct Event(pub(super) Handle);

impl Event {
    pub(crate) fn create(request: EventRequest) -> Result<(Event, bool)> {
        let EventRequest { name, reset, set, security, inheritable, if_exists } = request;
        let (kind, initial) = match reset {
            Reset::Auto => (Kind::AutoEvent, count::initial(set.into())),
            Reset::Manual => (Kind::ManualEvent, manual::initial(set)),
        };
        let new = New { name, kind, initial, owned: false, security, inheritable, if_exists };
        Handle::create(new).map(|(handle, created)| (Event(handle), created))
    }

    pub(crate) fn open(name: &Name, inheritable: bool) -> Result<Event> {
        Handle::open(name, ObjectKind::Event, inheritable).map(Event)
    }

    pub(crate) fn duplicate_from(pid: u32, raw: u64) -> Result<Event> {
        Handle::duplicate_from(pid, raw, ObjectKind::Event).map(Event)
    }

    pub(crate) fn from_token(text: &str) -> Result<Event> {
        Handle::from_token(text, ObjectKind::Event).map(Event)
    }

    pub(crate) fn to_token(&self) -> Result<String> {
        self.0.to_token()
    }

    pub(crate) fn name(&self) -> Option<&Name> {
        self.0.name()
    }

    pub(crate) fn try_clone(&self) -> Result<Event> {
        Ok(Event(self.0.clone_it()))
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
    pub(crate) fn set(&self) -> Result<()> {
        signal::set(&self.0.object)
    }

    pub(crate) fn reset(&self) -> Result<()> {
        signal::reset(&self.0.object)
    }

    pub(crate) fn pulse(&self) -> Result<()> {
        signal::pulse(&self.0.object)
    }

    #[inline]
    pub(crate) fn wait(&self, deadline: Deadline) -> Result<bool> {
        wait::one(&self.0.object, deadline)
    }
}
