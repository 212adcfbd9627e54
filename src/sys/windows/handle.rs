//! Handles that come from elsewhere: another process, or the parent.

use std::os::windows::io::{AsHandle, AsRawHandle, OwnedHandle};

use super::api::{self, Code};
use crate::{Error, ErrorKind, ObjectKind, Result};

/// The object manager's word for a kind.
pub(super) fn type_of(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Mapping => "Section",
        ObjectKind::Mutex => "Mutant",
        ObjectKind::Event => "Event",
        ObjectKind::Semaphore => "Semaphore",
        ObjectKind::Timer => "Timer",
    }
}

pub(super) fn raw(handle: &OwnedHandle) -> u64 {
    handle.as_raw_handle().addr() as u64
}

pub(super) fn try_clone(handle: &OwnedHandle) -> Result<OwnedHandle> {
    api::duplicate_handle(None, raw(handle)).map_err(|code| code.error("cannot copy the handle"))
}

pub(super) fn close(handle: OwnedHandle) -> Result<()> {
    api::close_handle(handle).map_err(|code| code.error("cannot close the handle"))
}

/// A copy of handle `raw` of another process, which must be of this kind.
pub(super) fn duplicate_from(pid: u32, raw: u64, kind: ObjectKind) -> Result<OwnedHandle> {
    let process = api::open_process(pid).map_err(|code| match code {
        Code::INVALID_PARAMETER => no_such("process"),
        code => code.error("cannot open the process"),
    })?;
    let handle = api::duplicate_handle(Some(process.as_handle()), raw);
    let handle = handle.map_err(|code| match code {
        Code::INVALID_HANDLE => no_such("handle in that process"),
        code => code.error("cannot copy the handle"),
    })?;
    expect_kind(&handle, kind, ErrorKind::WrongKind)?;
    Ok(handle)
}

fn no_such(what: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no such {what}"))
}

fn expect_kind(handle: &OwnedHandle, kind: ObjectKind, otherwise: ErrorKind) -> Result<()> {
    let found = api::type_name(handle.as_handle())
        .map_err(|code| code.error("cannot find out the kind of the handle"))?;
    if found != type_of(kind) {
        let remedy = format!("the handle is of type {found}, not a {}", kind.as_str());
        return Err(Error::new(otherwise, remedy));
    }
    Ok(())
}

/// What an inheriting child needs to know: the number, which is the same there.
pub(super) fn to_token(handle: &OwnedHandle) -> Result<String> {
    let number = raw(handle);
    match api::is_inheritable(number) {
        Ok(true) => Ok(number.to_string()),
        Ok(false) => {
            Err(Error::new(ErrorKind::InvalidParameter, "the object was not made inheritable"))
        }
        Err(code) => Err(code.error("cannot ask the handle")),
    }
}

/// A copy of the handle that the parent passed. The variable may be a stranger's, so everything is checked.
pub(super) fn from_token(token: &str, kind: ObjectKind) -> Result<OwnedHandle> {
    let invalid = |why| Error::new(ErrorKind::InvalidData, why);
    let number: u64 = token.parse().map_err(|_| invalid("not the number of a handle"))?;
    if api::is_inheritable(number) != Ok(true) {
        return Err(invalid("no handle with this number was inherited"));
    }
    let handle = api::duplicate_handle(None, number)
        .map_err(|code| code.error("cannot copy the inherited handle"))?;
    expect_kind(&handle, kind, ErrorKind::InvalidData)?;
    Ok(handle)
}
