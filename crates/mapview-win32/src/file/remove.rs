//! Removing files and folders.

use std::os::unix::ffi::OsStrExt;

use mapview::{is_file_mapped, share_file, ErrorKind, FileUse};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::open::failed;
use super::{attributes, path, Kind};
use crate::abi::{BOOL, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::last_error;

/// Opens what is to be removed or renamed, without following a link, and agrees with those who have it open. What cannot be
/// opened for reading nobody could have locked.
pub(super) fn to_delete(path: &std::path::Path) -> Result<std::fs::File> {
    let open = |mode: OFlags| {
        let flags = mode | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        rustix::fs::open(path, flags, Mode::empty())
    };
    let opened = match open(OFlags::RDONLY) {
        Err(Errno::ACCESS | Errno::LOOP | Errno::NXIO) => open(OFlags::PATH),
        other => other,
    };
    let file = std::fs::File::from(opened.map_err(|errno| failed(errno, path))?);
    if Kind::of(&rustix::fs::fstat(&file)?) == Kind::Character {
        return Err(Code::ACCESS_DENIED); // a device, which no program for Windows means to remove
    }
    match share_file(&file, FileUse::DELETE, FileUse::all()) {
        Err(error) if error.kind() == ErrorKind::SharingViolation => Err(Code::SHARING_VIOLATION),
        _ => Ok(file),
    }
}

fn delete(text: Option<Vec<u8>>) -> Result<()> {
    let path = path::to_linux(text.as_deref())?;
    let file = to_delete(&path)?;
    let stat = rustix::fs::fstat(&file)?;
    if Kind::of(&stat) == Kind::Folder {
        return Err(Code::ACCESS_DENIED);
    }
    if path.as_os_str().as_bytes().ends_with(b"/") {
        return Err(Code::INVALID_NAME);
    }
    if Kind::of(&stat) == Kind::Disk
        && (attributes::is_read_only(&stat) || is_file_mapped(&file).unwrap_or(false))
    {
        return Err(Code::ACCESS_DENIED);
    }
    rustix::fs::unlink(&path).map_err(|errno| failed(errno, &path))
}

fn remove_folder(text: Option<Vec<u8>>) -> Result<()> {
    let path = path::to_linux(text.as_deref())?;
    let file = to_delete(&path)?;
    if Kind::of(&rustix::fs::fstat(&file)?) != Kind::Folder {
        return Err(Code::DIRECTORY);
    }
    rustix::fs::rmdir(&path).map_err(|errno| match errno {
        Errno::EXIST => Code::DIR_NOT_EMPTY,
        Errno::BUSY => Code::SHARING_VIOLATION, // somebody's current or root directory
        errno => failed(errno, &path),
    })
}

#[no_mangle]
unsafe extern "C" fn DeleteFileW(path: LPCWSTR) -> BOOL {
    // SAFETY: what Win32 documents.
    last_error::report(delete(unsafe { path::wide(path) }))
}

#[no_mangle]
unsafe extern "C" fn DeleteFileA(path: LPCSTR) -> BOOL {
    // SAFETY: what Win32 documents.
    last_error::report(delete(unsafe { path::narrow(path) }))
}

#[no_mangle]
unsafe extern "C" fn RemoveDirectoryW(path: LPCWSTR) -> BOOL {
    // SAFETY: what Win32 documents.
    last_error::report(remove_folder(unsafe { path::wide(path) }))
}

#[no_mangle]
unsafe extern "C" fn RemoveDirectoryA(path: LPCSTR) -> BOOL {
    // SAFETY: what Win32 documents.
    last_error::report(remove_folder(unsafe { path::narrow(path) }))
}
