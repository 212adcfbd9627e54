//! Backing files.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use super::api::{self, Code};
use crate::{Access, Error, ErrorKind, FileUse, Protection, Result};

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const GENERIC_EXECUTE: u32 = 0x2000_0000;

pub(crate) fn tune_open_options(
    options: &mut OpenOptions,
    protection: Protection,
    exclusive: bool,
) {
    if exclusive {
        options.share_mode(0);
    }
    let access = protection.access();
    if access.contains(Access::EXECUTE) {
        let write = if access.contains(Access::WRITE) { GENERIC_WRITE } else { 0 };
        options.access_mode(GENERIC_READ | GENERIC_EXECUTE | write);
    }
}

pub(crate) fn set_file_len(file: &File, len: u64) -> Result<()> {
    file.set_len(len).map_err(|error| match error.raw_os_error() {
        // A `File` is a valid handle: this is how Wine 8 says that it may not write.
        Some(code @ 6) => Error::from_os(ErrorKind::AccessDenied, code, "the file is not writable"),
        _ => file_error(error, None),
    })
}

pub(crate) fn share_file(_: &File, _: FileUse, _: FileUse) -> Result<()> {
    let why =
        "Windows takes the share mode when a file is opened; use share_mode of OpenOptionsExt";
    Err(Error::new(ErrorKind::Unsupported, why))
}

pub(crate) fn is_file_mapped(_: &File) -> Result<bool> {
    Err(Error::new(ErrorKind::Unsupported, "Windows does not tell who maps a file"))
}

pub(crate) fn file_error(error: io::Error, path: Option<&Path>) -> Error {
    let error = match error.raw_os_error() {
        Some(code) => Code(code as u32).error(""),
        None if error.kind() == io::ErrorKind::InvalidInput => {
            Error::new(ErrorKind::InvalidParameter, error.to_string())
        }
        None => Error::new(ErrorKind::Other, error.to_string()),
    };
    match path {
        Some(path) => error.about(path.display()),
        None => error,
    }
}

/// Refuses an exclusive mapping of a file that was opened with sharing, which would keep nobody out.
pub(super) fn expect_exclusive(file: &File) -> Result<()> {
    match api::re_open_file(file) {
        Err(code) if code.kind() == ErrorKind::SharingViolation => Ok(()),
        Err(code) => Err(code.error("cannot find out whether the file is shared")),
        Ok(_) => Err(Error::new(
            ErrorKind::InvalidParameter,
            "the file is open with sharing; give its path, or open it with share_mode(0)",
        )),
    }
}

/// Lets a file that is to grow do so without taking disk space.
pub(super) fn prepare_growth(file: &File, size: Option<u64>) -> Result<()> {
    let len = file.metadata().map_err(|error| file_error(error, None))?.len();
    if size.is_some_and(|size| size > len) {
        // A file system without holes takes the space now, which harms nobody.
        let _ = api::set_sparse(file);
    }
    Ok(())
}
