//! From Win32 codes to errors.

use std::borrow::Cow;

use super::api::{Code, Wide, OPENERS};
use crate::{Error, ErrorKind};

impl Code {
    pub(super) const FILE_NOT_FOUND: Code = Code(2);
    pub(super) const ACCESS_DENIED: Code = Code(5);
    pub(super) const INVALID_HANDLE: Code = Code(6);
    pub(super) const NOT_ENOUGH_MEMORY: Code = Code(8);
    pub(super) const NOT_SUPPORTED: Code = Code(50);
    pub(super) const INVALID_PARAMETER: Code = Code(87);
    pub(super) const NOT_LOCKED: Code = Code(158);
    pub(super) const BAD_EXE_FORMAT: Code = Code(193);
    pub(super) const INVALID_ADDRESS: Code = Code(487);
    pub(super) const PRIVILEGE_NOT_HELD: Code = Code(1314);

    /// The error for this code; `doing` says what failed.
    pub(super) fn error(self, doing: impl Into<Cow<'static, str>>) -> Error {
        Error::from_os(self.kind(), self.0 as i32, doing)
    }

    /// The kind for this code. A few kinds have several codes; which one comes depends on the version and file system.
    pub(super) fn kind(self) -> ErrorKind {
        match self.0 {
            14 => ErrorKind::NotEnoughMemory,   // ERROR_OUTOFMEMORY
            39 => ErrorKind::DiskFull,          // ERROR_HANDLE_DISK_FULL
            193 => ErrorKind::WrongKind, // ERROR_BAD_EXE_FORMAT: not a file that can be mapped
            206 => ErrorKind::InvalidName, // ERROR_FILENAME_EXCED_RANGE
            1453 => ErrorKind::NotEnoughMemory, // ERROR_WORKING_SET_QUOTA: more than may be locked
            1816 => ErrorKind::CommitmentLimit, // ERROR_NOT_ENOUGH_QUOTA
            code => ErrorKind::from_win32_code(code),
        }
    }
}

/// The error for a name that something else has; `wanted` with an article.
pub(super) fn wrong_kind(name: &Wide, wanted: &str) -> Error {
    const READ_CONTROL: u32 = 0x2_0000; // a right that every kind of object knows
    let has_it = |opened| !matches!(opened, Err(code) if code != Code::ACCESS_DENIED);
    let found = OPENERS.iter().find(|(_, opener)| has_it(opener.open(READ_CONTROL, name)));
    let remedy = match found {
        Some((kind, _)) => format!("it is {kind}, not {wanted}"),
        None => format!("what has the name, or the file that was given, cannot be {wanted}"),
    };
    Error::from_os(ErrorKind::WrongKind, Code::INVALID_HANDLE.0 as i32, remedy)
}
