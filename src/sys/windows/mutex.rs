//! `Mutex`: a handle to a mutant.

use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::time::Duration;

use super::api::{self, Code, Wait};
use super::security::{self, Rights};
use super::{error, handle, names};
use crate::sys::{IfExists, LockOutcome, MutexRequest};
use crate::{Deadline, Error, ErrorKind, Name, ObjectKind, Result};

/// Waiting and releasing; a mutex knows no reading.
const USE: u32 = api::SYNCHRONIZATION_SYNCHRONIZE | api::MUTEX_MODIFY_STATE;
const RIGHTS: Rights = Rights { all: api::MUTEX_ALL_ACCESS, read: USE, read_write: USE };

#[derive(Debug)]
pub(crate) struct Mutex {
    handle: OwnedHandle,
    name: Option<Name>,
}

impl Mutex {
    pub(crate) fn create(request: MutexRequest) -> Result<(Mutex, bool)> {
        let MutexRequest { name, initial_owner, security, inheritable, if_exists } = request;
        let security = security::attributes(&security, &RIGHTS, inheritable)?;
        let wide = name.as_ref().map(names::wide);
        let (handle, created) = api::create_mutex_ex(&security, wide.as_ref(), initial_owner, USE)
            .map_err(|code| match (code, &wide) {
                (Code::INVALID_HANDLE, Some(wide)) => error::wrong_kind(wide, "a mutex"),
                _ => code.error("cannot create the mutex"),
            })?;
        if !created && if_exists == IfExists::Fail {
            return Err(Error::new(ErrorKind::AlreadyExists, "the name is taken"));
        }
        Ok((Mutex { handle, name }, created))
    }

    pub(crate) fn open(name: &Name, inheritable: bool) -> Result<Mutex> {
        let wide = names::wide(name);
        let handle = api::open_mutex(USE, inheritable, &wide).map_err(|code| match code {
            Code::INVALID_HANDLE => error::wrong_kind(&wide, "a mutex"),
            code => code.error("cannot open the mutex"),
        })?;
        Ok(Mutex { handle, name: Some(name.clone()) })
    }

    pub(crate) fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    pub(crate) fn lock(&self, deadline: Deadline) -> Result<LockOutcome> {
        loop {
            let milliseconds = deadline.remaining().map_or(api::INFINITE, milliseconds);
            let wait = api::wait_for_single_object(self.handle.as_handle(), milliseconds)
                .map_err(|code| code.error("cannot lock the mutex"))?;
            match wait {
                Wait::Object => return Ok(LockOutcome::Acquired),
                Wait::Abandoned => return Ok(LockOutcome::Abandoned),
                Wait::Timeout if deadline.passed() => return Ok(LockOutcome::TimedOut),
                Wait::Timeout => {} // longer than one wait can be, or the clocks differ by a tick
            }
        }
    }

    pub(crate) fn unlock(&self) -> Result<()> {
        api::release_mutex(self.handle.as_handle())
            .map_err(|code| code.error("cannot unlock the mutex"))
    }

    pub(crate) fn try_clone(&self) -> Result<Mutex> {
        Ok(Mutex { handle: handle::try_clone(&self.handle)?, name: self.name.clone() })
    }

    pub(crate) fn raw(&self) -> u64 {
        handle::raw(&self.handle)
    }

    pub(super) fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }

    pub(crate) fn duplicate_from(pid: u32, raw: u64) -> Result<Mutex> {
        Ok(Mutex::from_handle(handle::duplicate_from(pid, raw, ObjectKind::Mutex)?))
    }

    pub(crate) fn to_token(&self) -> Result<String> {
        handle::to_token(&self.handle)
    }

    pub(crate) fn from_token(token: &str) -> Result<Mutex> {
        Ok(Mutex::from_handle(handle::from_token(token, ObjectKind::Mutex)?))
    }

    pub(crate) fn close(self) -> Result<()> {
        handle::close(self.handle)
    }

    fn from_handle(handle: OwnedHandle) -> Mutex {
        let name = names::name_of(handle.as_handle());
        Mutex { handle, name }
    }
}

/// Whole milliseconds, rounded up so that a wait does not end early; the largest number would mean for ever.
fn milliseconds(remaining: Duration) -> u32 {
    let rounded = remaining.as_nanos().div_ceil(1_000_000);
    u32::try_from(rounded).map_or(api::INFINITE - 1, |whole| whole.min(api::INFINITE - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_and_never_becomes_endless() {
        assert_eq!(milliseconds(Duration::ZERO), 0);
        assert_eq!(milliseconds(Duration::from_nanos(1)), 1);
        assert_eq!(milliseconds(Duration::from_millis(7)), 7);
        assert_eq!(milliseconds(Duration::MAX), u32::MAX - 1);
        assert_eq!(milliseconds(Duration::from_millis(u32::MAX.into())), u32::MAX - 1);
    }
}
