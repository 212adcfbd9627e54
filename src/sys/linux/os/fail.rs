//! One mapping from `errno` to [`ErrorKind`].

use std::borrow::Cow;

use rustix::io::Errno;

use crate::{Error, ErrorKind};

/// The error for a call that failed while doing something.
pub(in super::super) fn fail(errno: Errno, doing: impl Into<Cow<'static, str>>) -> Error {
    Error::from_os(kind(errno), errno.raw_os_error(), doing)
}

fn kind(errno: Errno) -> ErrorKind {
    match errno {
        Errno::NOENT | Errno::NOTDIR => ErrorKind::NotFound,
        Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::TXTBSY => ErrorKind::AccessDenied,
        Errno::NOMEM | Errno::FBIG | Errno::OVERFLOW => ErrorKind::NotEnoughMemory,
        Errno::NOSPC | Errno::DQUOT => ErrorKind::DiskFull,
        Errno::INVAL => ErrorKind::InvalidParameter,
        Errno::EXIST => ErrorKind::AlreadyExists,
        Errno::ISDIR | Errno::NODEV => ErrorKind::WrongKind,
        Errno::OPNOTSUPP | Errno::NOSYS => ErrorKind::Unsupported,
        _ => ErrorKind::Other,
    }
}
