//! The one error type: what went wrong, with which object, and what the caller can do about it.

use std::borrow::Cow;
use std::fmt;
use std::io;

/// A result of this library.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, in the vocabulary of Win32 (`GetLastError`).
///
/// Every kind maps to exactly one Win32 code, see [`ErrorKind::win32_code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No object, file or process has this name (ERROR_FILE_NOT_FOUND, 2).
    NotFound,
    /// The name or path leads through a namespace or directory that does not exist (ERROR_PATH_NOT_FOUND, 3).
    PathNotFound,
    /// The caller, or the handle it used, lacks the right (ERROR_ACCESS_DENIED, 5).
    AccessDenied,
    /// The handle or name belongs to another kind of object (ERROR_INVALID_HANDLE, 6).
    WrongKind,
    /// There is no room in memory or in the address space (ERROR_NOT_ENOUGH_MEMORY, 8).
    NotEnoughMemory,
    /// What another process wrote is not valid (ERROR_INVALID_DATA, 13).
    InvalidData,
    /// The buffer's length is wrong (ERROR_BAD_LENGTH, 24).
    BadLength,
    /// Somebody else has the file exclusively (ERROR_SHARING_VIOLATION, 32).
    SharingViolation,
    /// The system has no such facility (ERROR_NOT_SUPPORTED, 50).
    Unsupported,
    /// An argument is out of range or contradicts another (ERROR_INVALID_PARAMETER, 87).
    InvalidParameter,
    /// The disk under the file is full (ERROR_DISK_FULL, 112).
    DiskFull,
    /// The name is empty where it must not be, too long, or not text (ERROR_INVALID_NAME, 123).
    InvalidName,
    /// The name starts with a backslash (ERROR_BAD_PATHNAME, 161).
    BadPathName,
    /// The object is held in the middle of a change by a process that does not go on (ERROR_BUSY, 170).
    Busy,
    /// The memory is not locked (ERROR_NOT_LOCKED, 158).
    NotLocked,
    /// The name is taken and only a new object would do (ERROR_ALREADY_EXISTS, 183).
    AlreadyExists,
    /// The file is no executable or library, or a damaged one (ERROR_BAD_EXE_FORMAT, 193).
    BadExeFormat,
    /// The calling thread does not own the mutex (ERROR_NOT_OWNER, 288).
    NotOwner,
    /// The semaphore's count would exceed its maximum (ERROR_TOO_MANY_POSTS, 298).
    TooManyPosts,
    /// Only a part of another process's memory could be copied (ERROR_PARTIAL_COPY, 299).
    PartialCopy,
    /// No mapping lies at this address, or the wanted address is taken (ERROR_INVALID_ADDRESS, 487).
    InvalidAddress,
    /// The mutex was locked more often than it can count (ERROR_MUTANT_LIMIT_EXCEEDED, 587).
    RecursionLimit,
    /// Somebody ended in the midst of changing the value (ERROR_ABANDONED_WAIT_0, 735).
    Abandoned,
    /// The memory is there, but its protection forbids the access (ERROR_NOACCESS, 998).
    NoAccess,
    /// A page cannot be brought in: its file was truncated, or the disk fails or is full (ERROR_SWAPERROR, 999).
    InPageError,
    /// The file is empty, so there is nothing to map (ERROR_FILE_INVALID, 1006).
    EmptyFile,
    /// The address is not a multiple of the allocation granularity (ERROR_MAPPED_ALIGNMENT, 1132).
    MappedAlignment,
    /// The file is mapped and cannot shrink (ERROR_USER_MAPPED_FILE, 1224).
    UserMappedFile,
    /// The system reserves this for the privileged, or for a setting that is off (ERROR_PRIVILEGE_NOT_HELD, 1314).
    PrivilegeNotHeld,
    /// A size is beyond what the system can describe (ERROR_NO_SYSTEM_RESOURCES, 1450).
    NoSystemResources,
    /// The memory asked for is not there (ERROR_COMMITMENT_LIMIT, 1455).
    CommitmentLimit,
    /// A guard page was touched; it is an ordinary page from now on (STATUS_GUARD_PAGE_VIOLATION, 0x80000001).
    GuardPage,
    /// Anything else the system reported; see [`Error::raw_os_error`] (ERROR_GEN_FAILURE, 31).
    Other,
}

/// Kind, Win32 code and what a reader is told, in one place.
const KINDS: &[(ErrorKind, u32, &str)] = &[
    (ErrorKind::NotFound, 2, "does not exist"),
    (ErrorKind::PathNotFound, 3, "no such path"),
    (ErrorKind::AccessDenied, 5, "access denied"),
    (ErrorKind::WrongKind, 6, "wrong kind of object"),
    (ErrorKind::NotEnoughMemory, 8, "not enough memory"),
    (ErrorKind::InvalidData, 13, "invalid data"),
    (ErrorKind::Other, 31, "the system reported a failure"),
    (ErrorKind::BadLength, 24, "wrong length"),
    (ErrorKind::SharingViolation, 32, "in exclusive use by somebody else"),
    (ErrorKind::Unsupported, 50, "not supported here"),
    (ErrorKind::InvalidParameter, 87, "invalid parameter"),
    (ErrorKind::DiskFull, 112, "the disk is full"),
    (ErrorKind::InvalidName, 123, "invalid name"),
    (ErrorKind::NotLocked, 158, "not locked in memory"),
    (ErrorKind::BadPathName, 161, "bad path name"),
    (ErrorKind::Busy, 170, "busy"),
    (ErrorKind::AlreadyExists, 183, "already exists"),
    (ErrorKind::BadExeFormat, 193, "no valid executable or library"),
    (ErrorKind::NotOwner, 288, "not owned by this thread"),
    (ErrorKind::TooManyPosts, 298, "more than the semaphore's maximum"),
    (ErrorKind::PartialCopy, 299, "only a part could be copied"),
    (ErrorKind::InvalidAddress, 487, "invalid address"),
    (ErrorKind::RecursionLimit, 587, "locked too many times"),
    (ErrorKind::Abandoned, 735, "abandoned"),
    (ErrorKind::NoAccess, 998, "forbidden by the memory's protection"),
    (ErrorKind::InPageError, 999, "a page cannot be brought in"),
    (ErrorKind::EmptyFile, 1006, "the file is empty"),
    (ErrorKind::MappedAlignment, 1132, "misaligned"),
    (ErrorKind::UserMappedFile, 1224, "the file is mapped"),
    (ErrorKind::PrivilegeNotHeld, 1314, "a privilege is missing"),
    (ErrorKind::NoSystemResources, 1450, "too large for the system"),
    (ErrorKind::CommitmentLimit, 1455, "not enough memory is free"),
    (ErrorKind::GuardPage, 0x8000_0001, "a guard page was touched"),
];

impl ErrorKind {
    /// The Win32 code of this kind, as `GetLastError` would return it.
    pub fn win32_code(self) -> u32 {
        self.row().1
    }

    /// The kind of a Win32 code; codes without a kind of their own are [`ErrorKind::Other`].
    pub fn from_win32_code(code: u32) -> ErrorKind {
        KINDS.iter().find(|row| row.1 == code).map_or(ErrorKind::Other, |row| row.0)
    }

    fn row(self) -> &'static (ErrorKind, u32, &'static str) {
        KINDS.iter().find(|row| row.0 == self).expect("every kind has a row, a test says so")
    }
}

/// Why an operation failed: a kind, the system's own code, the object's name and a remedy.
///
/// ```
/// let error = mapview::Mapping::open("no such mapping").unwrap_err();
/// assert_eq!(error.kind(), mapview::ErrorKind::NotFound);
/// assert_eq!(error.object(), Some("no such mapping"));
/// ```
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: ErrorKind,
    os: Option<i32>,
    object: Option<String>,
    remedy: Cow<'static, str>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, remedy: impl Into<Cow<'static, str>>) -> Error {
        Error(Box::new(Inner { kind, os: None, object: None, remedy: remedy.into() }))
    }

    pub(crate) fn from_os(
        kind: ErrorKind,
        code: i32,
        doing: impl Into<Cow<'static, str>>,
    ) -> Error {
        let mut error = Error::new(kind, doing);
        error.0.os = Some(code);
        error
    }

    /// Names the object the error is about, unless an inner layer already did.
    pub(crate) fn about(mut self, object: impl fmt::Display) -> Error {
        if self.0.object.is_none() {
            self.0.object = Some(object.to_string());
        }
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The Win32 code of the kind.
    pub fn win32_code(&self) -> u32 {
        self.0.kind.win32_code()
    }

    /// The system's own code: `errno` on Linux, `GetLastError` on Windows; `None` where the library itself refused.
    pub fn raw_os_error(&self) -> Option<i32> {
        self.0.os
    }

    /// The name or path of the object the error is about.
    pub fn object(&self) -> Option<&str> {
        self.0.object.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(object) = &self.0.object {
            // Names may hold control characters; a terminal must not obey them.
            write!(f, "`{}`: ", object.escape_debug())?;
        }
        f.write_str(self.0.kind.row().2)?;
        if !self.0.remedy.is_empty() {
            write!(f, ": {}", self.0.remedy)?;
        }
        if let Some(code) = self.0.os {
            write!(f, " ({})", io::Error::from_raw_os_error(code))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error.kind() {
            ErrorKind::NotFound | ErrorKind::PathNotFound => io::ErrorKind::NotFound,
            ErrorKind::AccessDenied => io::ErrorKind::PermissionDenied,
            ErrorKind::AlreadyExists => io::ErrorKind::AlreadyExists,
            ErrorKind::NotEnoughMemory | ErrorKind::CommitmentLimit => io::ErrorKind::OutOfMemory,
            ErrorKind::DiskFull => io::ErrorKind::StorageFull,
            ErrorKind::Unsupported => io::ErrorKind::Unsupported,
            ErrorKind::InvalidData => io::ErrorKind::InvalidData,
            ErrorKind::Busy | ErrorKind::SharingViolation => io::ErrorKind::ResourceBusy,
            ErrorKind::Other => io::ErrorKind::Other,
            _ => io::ErrorKind::InvalidInput,
        };
        io::Error::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_map_both_ways_and_no_two_kinds_share_one() {
        for &(kind, code, _) in KINDS {
            assert_eq!(kind.win32_code(), code);
            assert_eq!(ErrorKind::from_win32_code(code), kind);
        }
        assert_eq!(ErrorKind::from_win32_code(99_999), ErrorKind::Other);
    }

    #[test]
    fn a_message_names_the_object_and_hides_control_characters() {
        let error =
            Error::new(ErrorKind::WrongKind, "it is a mutex, not a mapping").about("a\x1bb");
        assert_eq!(
            error.to_string(),
            "`a\\u{1b}b`: wrong kind of object: it is a mutex, not a mapping"
        );
    }
}
