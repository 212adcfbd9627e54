//! `Semaphore`: a handle to a semaphore.

use std::os::windows::io::OwnedHandle;

use super::api::{self, Outcome, Wait, Wide};
use super::waitable::{Kind, Waitable};
use super::{wait, watch};
use crate::sys::SemaphoreRequest;
use crate::{Deadline, ObjectKind, Result};

#[derive(Debug)]
pub(crate) struct Count;

impl Kind for Count {
    const KIND: ObjectKind = ObjectKind::Semaphore;
    const WITH_ARTICLE: &'static str = "a semaphore";
    const USE: u32 =
        api::SYNCHRONIZATION_SYNCHRONIZE | api::SEMAPHORE_MODIFY_STATE | api::SEMAPHORE_QUERY_STATE;
    const ALL: u32 = api::SEMAPHORE_ALL_ACCESS;
    const OPEN: fn(u32, bool, &Wide) -> Outcome<OwnedHandle> = api::open_semaphore;
}

pub(crate) type Semaphore = Waitable<Count>;

impl Semaphore {
    pub(crate) fn create(request: SemaphoreRequest) -> Result<(Semaphore, bool)> {
        let SemaphoreRequest { name, initial, maximum, security, inheritable, if_exists } = request;
        Semaphore::create_by(name, (&security, inheritable), if_exists, |security, name| {
            api::create_semaphore_ex(security, name, (initial, maximum), Count::USE)
        })
    }

    pub(crate) fn release(&self, count: u32) -> Result<u32> {
        let before = api::release_semaphore(self.as_handle(), count)
            .map_err(|code| code.error("cannot release the semaphore"))?;
        watch::look_now();
        Ok(before)
    }

    pub(crate) fn wait(&self, deadline: Deadline) -> Result<bool> {
        Ok(wait::wait(&[self.as_handle()], false, deadline)? != Wait::Timeout)
    }
}
