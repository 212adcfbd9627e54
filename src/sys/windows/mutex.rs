//! `Mutex`: a handle to a mutant.

use std::os::windows::io::OwnedHandle;

use super::api::{self, Outcome, Wait, Wide};
use super::waitable::{Kind, Waitable};
use super::{wait, watch};
use crate::sys::{LockOutcome, MutexRequest};
use crate::{Deadline, ObjectKind, Result};

#[derive(Debug)]
pub(crate) struct Mutant;

impl Kind for Mutant {
    const KIND: ObjectKind = ObjectKind::Mutex;
    const WITH_ARTICLE: &'static str = "a mutex";
    const USE: u32 = api::SYNCHRONIZATION_SYNCHRONIZE | api::MUTEX_MODIFY_STATE;
    const ALL: u32 = api::MUTEX_ALL_ACCESS;
    const OPEN: fn(u32, bool, &Wide) -> Outcome<OwnedHandle> = api::open_mutex;
}

pub(crate) type Mutex = Waitable<Mutant>;

impl Mutex {
    pub(crate) fn create(request: MutexRequest) -> Result<(Mutex, bool)> {
        let MutexRequest { name, initial_owner, security, inheritable, if_exists } = request;
        Mutex::create_by(name, (&security, inheritable), if_exists, |security, name| {
            api::create_mutex_ex(security, name, initial_owner, Mutant::USE)
        })
    }

    pub(crate) fn lock(&self, deadline: Deadline) -> Result<LockOutcome> {
        Ok(match wait::wait(&[self.as_handle()], false, deadline)? {
            Wait::Object(_) => LockOutcome::Acquired,
            Wait::Abandoned(_) => LockOutcome::Abandoned,
            Wait::Timeout => LockOutcome::TimedOut,
        })
    }

    pub(crate) fn unlock(&self) -> Result<()> {
        api::release_mutex(self.as_handle())
            .map_err(|code| code.error("cannot unlock the mutex"))?;
        watch::look_now();
        Ok(())
    }
}
