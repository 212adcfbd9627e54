//! `FILE_ATTRIBUTE_...`: read-only is a file that nobody may write, hidden and system are kept in the extended attribute
//! that Samba and Wine use as well.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use rustix::fs::{FileType, Mode, Stat, XattrFlags};
use rustix::io::Errno;

use super::open::failed;
use super::path;
use crate::abi::{BOOL, DWORD, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::last_error;

pub(super) const READONLY: DWORD = 1;
pub(super) const HIDDEN: DWORD = 2;
pub(super) const SYSTEM: DWORD = 4;
pub(super) const DIRECTORY: DWORD = 0x10;
pub(super) const ARCHIVE: DWORD = 0x20;
pub(super) const ENCRYPTED: DWORD = 0x4000;

pub(super) const INVALID_FILE_ATTRIBUTES: DWORD = u32::MAX;

const NAME: &str = "user.DOSATTRIB";
/// What is kept there: the rest follows from the file itself.
const STORED: DWORD = HIDDEN | SYSTEM;

pub(super) fn is_read_only(stat: &Stat) -> bool {
    stat.st_mode & 0o222 == 0
}

fn parse(bytes: &[u8]) -> DWORD {
    let text = std::str::from_utf8(bytes).unwrap_or("").trim_end_matches('\0');
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u32::from_str_radix(digits, 16).map_or(0, |value| value & STORED)
}

/// The stored ones of an open file.
pub(super) fn stored(fd: BorrowedFd<'_>) -> DWORD {
    let mut bytes = [0; 32];
    let len = rustix::fs::fgetxattr(fd, NAME, &mut bytes).unwrap_or(0);
    parse(&bytes[..len])
}

pub(super) fn stored_at(path: &Path) -> DWORD {
    let mut bytes = [0; 32];
    let len = rustix::fs::getxattr(path, NAME, &mut bytes).unwrap_or(0);
    parse(&bytes[..len])
}

/// All of them. A file has `ARCHIVE`, as each has after a write on Windows.
pub(super) fn of_mode(mode: impl Into<u32>, stored: DWORD) -> DWORD {
    let mode = mode.into();
    let kind = match FileType::from_raw_mode(mode) {
        FileType::Directory => DIRECTORY,
        _ => ARCHIVE,
    };
    let read_only = if mode & 0o222 == 0 { READONLY } else { 0 };
    kind | read_only | stored
}

/// Gives a file that `CreateFile` made, or made anew, its attributes.
pub(super) fn of_new_file(file: &std::fs::File, flags: DWORD) -> Result<()> {
    if flags & STORED != 0 || stored(file.as_fd()) != 0 {
        store(flags & STORED, |value| {
            rustix::fs::fsetxattr(file, NAME, value, XattrFlags::empty())
        })?;
    }
    if flags & READONLY != 0 {
        let mode = rustix::fs::fstat(file)?.st_mode & 0o7777 & !0o222;
        rustix::fs::fchmod(file, Mode::from_raw_mode(mode))?;
    }
    Ok(())
}

fn store(
    attributes: DWORD,
    set: impl FnOnce(&[u8]) -> std::result::Result<(), Errno>,
) -> Result<()> {
    match set(format!("0x{attributes:x}").as_bytes()) {
        Err(_) if attributes == 0 => Ok(()), // then nothing is stored there either
        // A file system that cannot keep them.
        Err(Errno::OPNOTSUPP | Errno::NOSPC | Errno::DQUOT) => Err(Code::NOT_SUPPORTED),
        done => Ok(done?),
    }
}

/// Sets those of a path. Nothing of it has happened when it fails.
pub(super) fn set(path: &Path, attributes: DWORD) -> Result<()> {
    let stat = rustix::fs::stat(path).map_err(|errno| failed(errno, path))?;
    let is_folder = FileType::from_raw_mode(stat.st_mode).is_dir();
    if attributes & DIRECTORY != 0 && !is_folder {
        return Err(Code::INVALID_PARAMETER);
    }
    let mode = stat.st_mode & 0o7777;
    let change_mode = |mode| rustix::fs::chmod(path, Mode::from_raw_mode(mode));
    // The link that /proc/self/fd shows is followed, so this serves open files as well.
    if stored_at(path) != attributes & STORED {
        change_mode(mode | 0o200)?; // Linux keeps it only in files that may be written
        let stored = store(attributes & STORED, |value| {
            rustix::fs::setxattr(path, NAME, value, XattrFlags::empty())
        });
        change_mode(mode)?;
        stored?;
    }
    // On a folder, Windows does not keep anybody from making files by it.
    let wanted = match (attributes & READONLY != 0, is_read_only(&stat)) {
        (true, false) if !is_folder => mode & !0o222,
        (false, true) => mode | 0o200,
        _ => mode,
    };
    if wanted != mode {
        change_mode(wanted)?;
    }
    Ok(())
}

pub(super) fn get(path: &Path) -> Result<DWORD> {
    let stat = rustix::fs::stat(path).map_err(|errno| failed(errno, path))?;
    Ok(of_mode(stat.st_mode, stored_at(path)))
}

fn get_text(text: Option<Vec<u8>>) -> DWORD {
    let get = path::to_linux(text.as_deref()).and_then(|path| get(&path));
    last_error::or(get, INVALID_FILE_ATTRIBUTES)
}

fn set_text(text: Option<Vec<u8>>, attributes: DWORD) -> BOOL {
    last_error::report(path::to_linux(text.as_deref()).and_then(|path| set(&path, attributes)))
}

#[no_mangle]
unsafe extern "C" fn GetFileAttributesW(path: LPCWSTR) -> DWORD {
    // SAFETY: what Win32 documents.
    get_text(unsafe { path::wide(path) })
}

#[no_mangle]
unsafe extern "C" fn GetFileAttributesA(path: LPCSTR) -> DWORD {
    // SAFETY: what Win32 documents.
    get_text(unsafe { path::narrow(path) })
}

#[no_mangle]
unsafe extern "C" fn SetFileAttributesW(path: LPCWSTR, attributes: DWORD) -> BOOL {
    // SAFETY: what Win32 documents.
    set_text(unsafe { path::wide(path) }, attributes)
}

#[no_mangle]
unsafe extern "C" fn SetFileAttributesA(path: LPCSTR, attributes: DWORD) -> BOOL {
    // SAFETY: what Win32 documents.
    set_text(unsafe { path::narrow(path) }, attributes)
}
