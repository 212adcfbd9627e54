//! `CopyFile`: the data, the attributes, the permissions and the time of the last write.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::open::{self, Wish};
use super::time;
use super::{attributes, info, path, Kind};
use crate::abi::{right, BOOL, DWORD, FALSE, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::last_error;

const OPEN_EXISTING: DWORD = 3;
const CREATE_NEW: DWORD = 1;
const CREATE_ALWAYS: DWORD = 2;

pub(super) fn copy(from: &Path, to: &Path, fail_if_exists: bool) -> Result<()> {
    let wish = |access, share, disposition| Wish { access, share, disposition, flags: 0 };
    // Who writes the source meanwhile is welcome, as on Windows.
    let source =
        open::open(Some(from.as_os_str().as_bytes()), wish(right::GENERIC_READ, 7, OPEN_EXISTING))?
            .file;
    let before = rustix::fs::fstat(&source.file)?;
    if Kind::of(&before) != Kind::Disk {
        return Err(Code::ACCESS_DENIED);
    }
    if super::rename::is_same(from, to) {
        return Err(if fail_if_exists { Code::FILE_EXISTS } else { Code::SHARING_VIOLATION });
    }
    let disposition = if fail_if_exists { CREATE_NEW } else { CREATE_ALWAYS };
    let access = right::GENERIC_READ | right::GENERIC_WRITE;
    let target = open::open(Some(to.as_os_str().as_bytes()), wish(access, 7, disposition))?;
    let copied = || {
        std::io::copy(&mut &source.file, &mut &target.file.file).map_err(super::code::of)?;
        let info = info::Info::of(&source.file)?;
        time::set(&target.file.file, 0, 0, info.times.write.number())?;
        // The permissions are the new file's own, but for the right to execute and to write at all.
        let executable = before.st_mode & 0o111;
        if executable != 0 {
            let mode = rustix::fs::fstat(&target.file.file)?.st_mode & 0o7777 | executable;
            rustix::fs::fchmod(&target.file.file, rustix::fs::Mode::from_raw_mode(mode))?;
        }
        match attributes::of_new_file(&target.file.file, info.attributes) {
            Err(Code::NOT_SUPPORTED) => Ok(()), // a file system that cannot keep them
            other => other,
        }
    };
    let copied = copied();
    if copied.is_err() && !target.existed {
        let _ = rustix::fs::unlink(to); // no half of a copy stays
    }
    copied
}

fn copy_text(from: Option<Vec<u8>>, to: Option<Vec<u8>>, fail_if_exists: bool) -> Result<()> {
    let from = path::to_linux(from.as_deref())?;
    copy(&from, &path::to_linux(to.as_deref())?, fail_if_exists)?;
    last_error::set(0); // like creating a file, which it is
    Ok(())
}

#[no_mangle]
unsafe extern "C" fn CopyFileW(from: LPCWSTR, to: LPCWSTR, fail_if_exists: BOOL) -> BOOL {
    // SAFETY: what Win32 documents.
    let (from, to) = unsafe { (path::wide(from), path::wide(to)) };
    last_error::report(copy_text(from, to, fail_if_exists != FALSE))
}

#[no_mangle]
unsafe extern "C" fn CopyFileA(from: LPCSTR, to: LPCSTR, fail_if_exists: BOOL) -> BOOL {
    // SAFETY: what Win32 documents.
    let (from, to) = unsafe { (path::narrow(from), path::narrow(to)) };
    last_error::report(copy_text(from, to, fail_if_exists != FALSE))
}
