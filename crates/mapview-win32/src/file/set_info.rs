//! `SetFileInformationByHandle`.

use std::path::Path;

use mapview::is_file_mapped;

use super::doomed::{self, Doomed};
use super::{attributes, file_right, flag, path, position, rename, time, File, Kind};
use crate::abi::{right, BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::table::Entry;
use crate::thread::lock;
use crate::{last_error, table};

/// `FILE_INFO_BY_HANDLE_CLASS`
mod class {
    pub(super) const BASIC: u32 = 0;
    pub(super) const RENAME: u32 = 3;
    pub(super) const DISPOSITION: u32 = 4;
    pub(super) const ALLOCATION: u32 = 5;
    pub(super) const END_OF_FILE: u32 = 6;
    pub(super) const DISPOSITION_EX: u32 = 21;
    pub(super) const RENAME_EX: u32 = 22;
}

impl File {
    pub(super) fn is_to_be_deleted(&self) -> bool {
        lock(&self.doomed).is_some()
    }

    /// Marks the file to be deleted when it is closed, or takes the mark back.
    fn set_disposition(&self, delete: bool) -> Result<()> {
        let stat = rustix::fs::fstat(&self.file)?;
        if delete && self.kind == Kind::Disk {
            if attributes::is_read_only(&stat) || is_file_mapped(&self.file).unwrap_or(false) {
                return Err(Code::ACCESS_DENIED);
            }
        } else if delete && self.kind == Kind::Folder {
            let path = doomed::path_of(&self.file).ok_or(Code::ACCESS_DENIED)?;
            if path.read_dir().map_err(super::code::of)?.next().is_some() {
                return Err(Code::DIR_NOT_EMPTY);
            }
        }
        let doomed = delete.then(|| Doomed::new(&self.file, true)).transpose()?;
        let mut held = lock(&self.doomed);
        if delete {
            *held = doomed;
        } else if let Some(before) = held.take_if(|_| !self.has(flag::DELETE_ON_CLOSE)) {
            before.forgive(); // what was opened to be deleted stays so
        }
        Ok(())
    }
}

/// The parts of the structures, at the offsets where 64-bit Windows has them.
struct Given<'a>(&'a [u8]);

impl Given<'_> {
    fn number(&self, at: usize) -> Result<u64> {
        let bytes = self.0.get(at..at + 8).ok_or(Code::BAD_LENGTH)?;
        Ok(u64::from_ne_bytes(bytes.try_into().map_err(|_| Code::BAD_LENGTH)?))
    }

    fn half(&self, at: usize) -> Result<u32> {
        let bytes = self.0.get(at..at + 4).ok_or(Code::BAD_LENGTH)?;
        Ok(u32::from_ne_bytes(bytes.try_into().map_err(|_| Code::BAD_LENGTH)?))
    }

    fn byte(&self) -> Result<u8> {
        self.0.first().copied().ok_or(Code::BAD_LENGTH)
    }
}

fn set(entry: &Entry, class: u32, given: &Given<'_>) -> Result<()> {
    let file = entry.file()?;
    match class {
        class::BASIC => {
            entry.need(file_right::WRITE_ATTRIBUTES)?;
            let (creation, access) = (given.number(0)?, given.number(8)?);
            let (write, wanted) = (given.number(16)?, given.half(32)?);
            time::set(&file.file, creation, access, write)?;
            match wanted {
                0 => Ok(()),
                wanted => attributes::set(&this(file), wanted),
            }
        }
        class::END_OF_FILE => {
            entry.need(file_right::WRITE_DATA)?;
            let size = i64::try_from(given.number(0)?).map_err(|_| Code::INVALID_PARAMETER)?;
            position::set_size(file, size as u64)
        }
        class::ALLOCATION => {
            entry.need(file_right::WRITE_DATA)?;
            allocate(file, given.number(0)?)
        }
        class::DISPOSITION => {
            entry.need(right::DELETE)?;
            file.set_disposition(given.byte()? != 0)
        }
        class::DISPOSITION_EX => {
            const DELETE: u32 = 1;
            const POSIX_SEMANTICS: u32 = 2;
            entry.need(right::DELETE)?;
            let flags = given.half(0)?;
            if flags & !(DELETE | POSIX_SEMANTICS) != 0 {
                return Err(Code::NOT_SUPPORTED);
            }
            file.set_disposition(flags & DELETE != 0)
        }
        class::RENAME => rename_open(entry, given, given.byte()? != 0),
        class::RENAME_EX => {
            const REPLACE_IF_EXISTS: u32 = 1;
            if given.half(0)? & !REPLACE_IF_EXISTS != 0 {
                return Err(Code::NOT_SUPPORTED);
            }
            rename_open(entry, given, given.half(0)? != 0)
        }
        _ => Err(Code::NOT_SUPPORTED),
    }
}

/// A path to the open file itself, whatever its name.
fn this(file: &File) -> std::path::PathBuf {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", file.file.as_raw_fd()).into()
}

/// Takes disk space up to `size`; a file that is longer ends there.
fn allocate(file: &File, size: u64) -> Result<()> {
    let len = position::size(file)?;
    if size < len {
        return position::set_size(file, size);
    }
    if size > len {
        let behind_end = rustix::fs::FallocateFlags::KEEP_SIZE;
        rustix::fs::fallocate(&file.file, behind_end, len, size - len)?;
    }
    Ok(())
}

fn rename_open(entry: &Entry, given: &Given<'_>, replace: bool) -> Result<()> {
    let file = entry.file()?;
    entry.need(right::DELETE)?;
    if given.number(8)? != 0 {
        return Err(Code::INVALID_PARAMETER); // a folder to start from: Win32 wants none
    }
    let len = given.half(16)? as usize;
    let name = given.0.get(20..20 + len).ok_or(Code::INVALID_PARAMETER)?;
    let units: Vec<u16> =
        name.chunks_exact(2).map(|unit| u16::from_ne_bytes([unit[0], unit[1]])).collect();
    let to = path::to_linux(Some(&path::from_wide(&units)))?;
    let from = doomed::path_of(&file.file).ok_or(Code::FILE_NOT_FOUND)?;
    rename::rename(Path::new(&from), file.kind == Kind::Folder, &to, replace)
}

#[no_mangle]
unsafe extern "C" fn SetFileInformationByHandle(
    handle: HANDLE,
    class: u32,
    from: *const u8,
    len: DWORD,
) -> BOOL {
    let set = || {
        let entry = table::get(handle)?;
        entry.file()?;
        if from.is_null() {
            return Err(Code::NOACCESS);
        }
        // SAFETY: the caller gives so many bytes.
        let given = unsafe { std::slice::from_raw_parts(from, len as usize) };
        set(&entry, class, &Given(given))
    };
    last_error::report(set())
}
