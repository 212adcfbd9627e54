//! `Waitable`: a handle to a named object that can be waited for. What mutexes, events, semaphores and timers have in common.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};

use super::api::{Code, Outcome, SecurityAttributes, Wide};
use super::security::{self, Rights};
use super::{error, handle, names};
use crate::sys::IfExists;
use crate::{Error, ErrorKind, Name, ObjectKind, Result, Security};

/// What tells one kind from another.
pub(crate) trait Kind: Debug {
    const KIND: ObjectKind;
    /// For messages.
    const WITH_ARTICLE: &'static str;
    /// The rights of every handle: none of these kinds knows reading alone.
    const USE: u32;
    const ALL: u32;
    const OPEN: fn(access: u32, inherit: bool, name: &Wide) -> Outcome<OwnedHandle>;
}

#[derive(Debug)]
pub(crate) struct Waitable<K> {
    handle: OwnedHandle,
    name: Option<Name>,
    kind: PhantomData<K>,
}

impl<K: Kind> Waitable<K> {
    /// `create` is the call, which also says whether the object is new.
    pub(super) fn create_by(
        name: Option<Name>,
        (security, inheritable): (&Security, bool),
        if_exists: IfExists,
        create: impl FnOnce(&SecurityAttributes, Option<&Wide>) -> Outcome<(OwnedHandle, bool)>,
    ) -> Result<(Waitable<K>, bool)> {
        let rights = Rights { all: K::ALL, read: K::USE, read_write: K::USE };
        let security = security::attributes(security, &rights, inheritable)?;
        let wide = name.as_ref().map(names::wide);
        let (handle, created) =
            create(&security, wide.as_ref()).map_err(|code| match (code, &wide) {
                (Code::INVALID_HANDLE, Some(wide)) => error::wrong_kind(wide, K::WITH_ARTICLE),
                _ => code.error(format!("cannot create {}", K::WITH_ARTICLE)),
            })?;
        if !created && if_exists == IfExists::Fail {
            return Err(Error::new(ErrorKind::AlreadyExists, "the name is taken"));
        }
        Ok((Waitable { handle, name, kind: PhantomData }, created))
    }

    pub(crate) fn open(name: &Name, inheritable: bool) -> Result<Waitable<K>> {
        let wide = names::wide(name);
        let handle = K::OPEN(K::USE, inheritable, &wide).map_err(|code| match code {
            Code::INVALID_HANDLE => error::wrong_kind(&wide, K::WITH_ARTICLE),
            code => code.error(format!("cannot open {}", K::WITH_ARTICLE)),
        })?;
        Ok(Waitable { handle, name: Some(name.clone()), kind: PhantomData })
    }

    pub(crate) fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    pub(crate) fn try_clone(&self) -> Result<Waitable<K>> {
        let handle = handle::try_clone(&self.handle)?;
        Ok(Waitable { handle, name: self.name.clone(), kind: PhantomData })
    }

    pub(crate) fn raw(&self) -> u64 {
        handle::raw(&self.handle)
    }

    pub(super) fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }

    pub(crate) fn duplicate_from(pid: u32, raw: u64) -> Result<Waitable<K>> {
        Ok(Waitable::from_handle(handle::duplicate_from(pid, raw, K::KIND)?))
    }

    pub(crate) fn to_token(&self) -> Result<String> {
        handle::to_token(&self.handle)
    }

    pub(crate) fn from_token(token: &str) -> Result<Waitable<K>> {
        Ok(Waitable::from_handle(handle::from_token(token, K::KIND)?))
    }

    pub(crate) fn close(self) -> Result<()> {
        handle::close(self.handle)
    }

    fn from_handle(handle: OwnedHandle) -> Waitable<K> {
        let name = names::name_of(handle.as_handle());
        Waitable { handle, name, kind: PhantomData }
    }
}
