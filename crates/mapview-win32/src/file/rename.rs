//! `MoveFile` and `ReplaceFile`.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use mapview::is_file_mapped;
use rustix::fs::{RenameFlags, CWD};
use rustix::io::Errno;

use super::open::failed;
use super::{attributes, copy, path, remove, Kind};
use crate::abi::{BOOL, DWORD, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::last_error;

const MOVEFILE_REPLACE_EXISTING: DWORD = 1;
const MOVEFILE_COPY_ALLOWED: DWORD = 2;
const MOVEFILE_DELAY_UNTIL_REBOOT: DWORD = 4;
const MOVEFILE_WRITE_THROUGH: DWORD = 8;

/// Gives an open file another name.
///
/// # Errors
/// 183 if there is a file of that name and it may not be replaced; 5 if it cannot be, because it is a folder, read-only, mapped, or
/// open by somebody who does not share that.
pub(super) fn rename(from: &Path, is_folder: bool, to: &Path, replace: bool) -> Result<()> {
    let moved = rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE);
    match moved {
        Err(Errno::EXIST) => {}
        // A file system that cannot; then another one may come in between.
        Err(Errno::INVAL) if std::fs::symlink_metadata(to).is_err() => {
            return rustix::fs::rename(from, to).map_err(|errno| target_failed(errno, to));
        }
        Err(Errno::INVAL) if !is_folder => {}
        other => return other.map_err(|errno| target_failed(errno, to)),
    }
    if is_same(from, to) {
        return Ok(());
    }
    if !replace {
        return Err(Code::ALREADY_EXISTS);
    }
    let target = remove::to_delete(to).map_err(|code| match code {
        Code::SHARING_VIOLATION => Code::ACCESS_DENIED,
        code => code,
    })?;
    let stat = rustix::fs::fstat(&target)?;
    let kept = Kind::of(&stat) == Kind::Folder
        || attributes::is_read_only(&stat)
        || is_file_mapped(&target).unwrap_or(false);
    if is_folder || kept {
        return Err(Code::ACCESS_DENIED);
    }
    rustix::fs::rename(from, to).map_err(|errno| target_failed(errno, to))
}

/// The file that is moved was there, so what is missing is the folder it should go to.
fn target_failed(errno: Errno, to: &Path) -> Code {
    match failed(errno, to) {
        Code::FILE_NOT_FOUND => Code::PATH_NOT_FOUND,
        Code::INVALID_PARAMETER => Code::SHARING_VIOLATION, // a folder into itself
        code => code,
    }
}

pub(super) fn is_same(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (std::fs::symlink_metadata(a), std::fs::symlink_metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

fn without_end(path: PathBuf) -> PathBuf {
    path.components().collect()
}

fn move_file(from: Option<Vec<u8>>, to: Option<Vec<u8>>, flags: DWORD) -> Result<()> {
    let from = without_end(path::to_linux(from.as_deref())?);
    if flags & MOVEFILE_DELAY_UNTIL_REBOOT != 0 {
        return Err(Code::NOT_SUPPORTED);
    }
    let known = MOVEFILE_REPLACE_EXISTING | MOVEFILE_COPY_ALLOWED | MOVEFILE_WRITE_THROUGH;
    if flags & !known != 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let to = without_end(path::to_linux(to.as_deref())?);
    let file = remove::to_delete(&from)?;
    let is_folder = Kind::of(&rustix::fs::fstat(&file)?) == Kind::Folder;
    let replace = flags & MOVEFILE_REPLACE_EXISTING != 0;
    match rename(&from, is_folder, &to, replace) {
        Err(Code::NOT_SAME_DEVICE) if is_folder => Err(Code::ACCESS_DENIED),
        Err(Code::NOT_SAME_DEVICE) if flags & MOVEFILE_COPY_ALLOWED != 0 => {
            copy::copy(&from, &to, !replace).map_err(|code| match code {
                Code::FILE_EXISTS => Code::ALREADY_EXISTS,
                code => code,
            })?;
            rustix::fs::unlink(&from).map_err(|errno| failed(errno, &from))
        }
        other => other,
    }?;
    if flags & MOVEFILE_WRITE_THROUGH != 0 {
        // The name is what has to be on the disk, and it is the folder's.
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = std::fs::File::open(folder.unwrap_or(Path::new(".")));
        rustix::fs::fsync(folder.map_err(super::code::of)?.as_fd())?;
    }
    Ok(())
}

/// The replaced file keeps its attributes and permissions, and may get another name instead of being deleted.
fn replace_file(
    replaced: Option<Vec<u8>>,
    replacement: Option<Vec<u8>>,
    backup: Option<Vec<u8>>,
    flags: DWORD,
) -> Result<()> {
    const KNOWN: DWORD = 7; // write-through, and two that let go what cannot be carried over
    if flags & !KNOWN != 0 || replaced.is_none() || replacement.is_none() {
        return Err(Code::INVALID_PARAMETER);
    }
    let replaced = path::to_linux(replaced.as_deref())?;
    let replacement = path::to_linux(replacement.as_deref())?;
    let old = remove::to_delete(&replaced)?;
    let new = remove::to_delete(&replacement)?;
    let (before, after) = (rustix::fs::fstat(&old)?, rustix::fs::fstat(&new)?);
    if Kind::of(&before) != Kind::Disk
        || Kind::of(&after) != Kind::Disk
        || attributes::is_read_only(&before)
    {
        return Err(Code::ACCESS_DENIED);
    }
    let mode = rustix::fs::Mode::from_raw_mode(before.st_mode & 0o7777);
    match backup {
        Some(backup) => {
            let backup = path::to_linux(Some(&backup))?;
            rename(&replaced, false, &backup, true)?;
            if let Err(code) = rename(&replacement, false, &replaced, false) {
                let _ = rename(&backup, false, &replaced, false); // as it was
                return Err(code);
            }
        }
        None => {
            drop(old); // its own announcement would be in the way
            rename(&replacement, false, &replaced, true)?;
        }
    }
    Ok(rustix::fs::fchmod(&new, mode)?)
}

#[no_mangle]
unsafe extern "C" fn MoveFileExW(from: LPCWSTR, to: LPCWSTR, flags: DWORD) -> BOOL {
    // SAFETY: what Win32 documents.
    last_error::report(unsafe { move_file(path::wide(from), path::wide(to), flags) })
}

#[no_mangle]
unsafe extern "C" fn MoveFileExA(from: LPCSTR, to: LPCSTR, flags: DWORD) -> BOOL {
    // SAFETY: what Win32 documents.
    last_error::report(unsafe { move_file(path::narrow(from), path::narrow(to), flags) })
}

#[no_mangle]
unsafe extern "C" fn MoveFileW(from: LPCWSTR, to: LPCWSTR) -> BOOL {
    // SAFETY: what Win32 documents.
    unsafe { MoveFileExW(from, to, MOVEFILE_COPY_ALLOWED) }
}

#[no_mangle]
unsafe extern "C" fn MoveFileA(from: LPCSTR, to: LPCSTR) -> BOOL {
    // SAFETY: what Win32 documents.
    unsafe { MoveFileExA(from, to, MOVEFILE_COPY_ALLOWED) }
}

#[no_mangle]
unsafe extern "C" fn ReplaceFileW(
    replaced: LPCWSTR,
    replacement: LPCWSTR,
    backup: LPCWSTR,
    flags: DWORD,
    _: *const u8,
    _: *const u8,
) -> BOOL {
    // SAFETY: what Win32 documents.
    let [replaced, replacement, backup] =
        [replaced, replacement, backup].map(|text| unsafe { path::wide(text) });
    last_error::report(replace_file(replaced, replacement, backup, flags))
}

#[no_mangle]
unsafe extern "C" fn ReplaceFileA(
    replaced: LPCSTR,
    replacement: LPCSTR,
    backup: LPCSTR,
    flags: DWORD,
    _: *const u8,
    _: *const u8,
) -> BOOL {
    // SAFETY: what Win32 documents.
    let [replaced, replacement, backup] =
        [replaced, replacement, backup].map(|text| unsafe { path::narrow(text) });
    last_error::report(replace_file(replaced, replacement, backup, flags))
}
