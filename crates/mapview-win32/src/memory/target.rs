//! Whose memory a call is for.

use std::sync::Arc;

use crate::abi::{HANDLE, INVALID_HANDLE_VALUE};
use crate::code::{Code, Result};
use crate::object::Object;
use crate::table;

pub(crate) const PROCESS_VM_OPERATION: u32 = 0x8;
pub(crate) const PROCESS_VM_READ: u32 = 0x10;
pub(crate) const PROCESS_VM_WRITE: u32 = 0x20;
pub(crate) const PROCESS_SET_QUOTA: u32 = 0x100;
pub(crate) const PROCESS_QUERY_INFORMATION: u32 = 0x400;

/// The process of a call.
pub(crate) enum Target {
    Own,
    Other(Arc<Object>),
}

impl Target {
    /// What a handle stands for, if it has these rights.
    ///
    /// # Errors
    /// 6 if it is no process, 5 if it lacks one of the rights.
    pub(crate) fn of(handle: HANDLE, rights: u32) -> Result<Target> {
        if handle == INVALID_HANDLE_VALUE {
            return Ok(Target::Own); // GetCurrentProcess()
        }
        let entry = table::get(handle)?;
        let Object::Process(process) = &*entry.object else { return Err(Code::INVALID_HANDLE) };
        entry.need(rights)?;
        let own = process.is_current();
        Ok(if own { Target::Own } else { Target::Other(entry.object) })
    }

    /// The memory of another process; `None` of this one.
    ///
    /// # Errors
    /// 5 if it has ended.
    pub(crate) fn other(&self) -> Result<Option<&mapview::Process>> {
        match self {
            Target::Other(object) => match &**object {
                Object::Process(process) if process.is_alive() => process.memory().map(Some),
                Object::Process(_) => Err(Code::ACCESS_DENIED),
                _ => Err(Code::INVALID_HANDLE),
            },
            Target::Own => Ok(None),
        }
    }
}
