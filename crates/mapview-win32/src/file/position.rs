//! The position in a file, its length, and writing it through.

use mapview::set_file_len;
use rustix::fs::SeekFrom;
use rustix::io::Errno;

use super::{file_right, flag, File, Kind};
use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::{last_error, table};

const FILE_BEGIN: DWORD = 0;
const FILE_CURRENT: DWORD = 1;
const FILE_END: DWORD = 2;

/// What `SetFilePointer` and `GetFileSize` return in their low half when they fail; also the low half of some sizes, and
/// then the last error is 0.
const INVALID: DWORD = u32::MAX;

fn seek(handle: HANDLE, distance: i64, from: DWORD) -> Result<u64> {
    let entry = table::get(handle)?;
    let file = entry.file()?;
    let start = match from {
        FILE_BEGIN => 0,
        FILE_CURRENT => rustix::fs::tell(&file.file).map_err(no_position)? as i64,
        FILE_END => rustix::fs::fstat(&file.file)?.st_size,
        _ => return Err(Code::INVALID_PARAMETER),
    };
    // Beyond what a number can say is below 0, on Windows.
    let target = u64::try_from(start.wrapping_add(distance)).map_err(|_| Code::NEGATIVE_SEEK)?;
    if file.has(flag::NO_BUFFERING) && !target.is_multiple_of(512) {
        return Err(Code::INVALID_PARAMETER);
    }
    rustix::fs::seek(&file.file, SeekFrom::Start(target)).map_err(no_position)
}

fn no_position(errno: Errno) -> Code {
    match errno {
        Errno::SPIPE => Code::INVALID_FUNCTION,
        errno => errno.into(),
    }
}

#[no_mangle]
unsafe extern "C" fn SetFilePointerEx(
    handle: HANDLE,
    distance: i64,
    now: *mut i64,
    from: DWORD,
) -> BOOL {
    let seek = seek(handle, distance, from).map(|position| {
        if !now.is_null() {
            // SAFETY: the caller gives a place for the position.
            unsafe { *now = position as i64 };
        }
    });
    last_error::report(seek)
}

/// The low half; the high one goes to its place.
///
/// # Safety
/// `high` is NULL or a place for a number.
pub(super) unsafe fn halves(number: Result<u64>, high: *mut DWORD) -> DWORD {
    let low = number.map(|number| {
        if !high.is_null() {
            // SAFETY: the caller says so.
            unsafe { *high = (number >> 32) as DWORD };
        }
        if number as DWORD == INVALID {
            last_error::set(0);
        }
        number as DWORD
    });
    last_error::or(low, INVALID)
}

#[no_mangle]
unsafe extern "C" fn SetFilePointer(
    handle: HANDLE,
    low: i32,
    high: *mut i32,
    from: DWORD,
) -> DWORD {
    // SAFETY: the caller gives NULL or the high half.
    let distance = match unsafe { high.as_ref() } {
        Some(high) => i64::from(*high) << 32 | i64::from(low as u32),
        None => i64::from(low),
    };
    let seek = || {
        if high.is_null() {
            // Windows refuses before it moves; so does this.
            let before = tell(handle)?;
            let position = seek(handle, distance, from)?;
            if position > u64::from(u32::MAX) {
                let entry = table::get(handle)?;
                rustix::fs::seek(&entry.file()?.file, SeekFrom::Start(before))?;
                return Err(Code::INVALID_PARAMETER);
            }
            return Ok(position);
        }
        seek(handle, distance, from)
    };
    // SAFETY: as above.
    unsafe { halves(seek(), high.cast()) }
}

fn tell(handle: HANDLE) -> Result<u64> {
    rustix::fs::tell(&table::get(handle)?.file()?.file).map_err(no_position)
}

pub(super) fn size(file: &File) -> Result<u64> {
    match file.kind {
        Kind::Disk | Kind::Folder => Ok(rustix::fs::fstat(&file.file)?.st_size as u64),
        Kind::Pipe | Kind::Character => Err(Code::INVALID_FUNCTION),
    }
}

#[no_mangle]
unsafe extern "C" fn GetFileSize(handle: HANDLE, high: *mut DWORD) -> DWORD {
    let size = table::get(handle).and_then(|entry| size(entry.file()?));
    // SAFETY: the caller gives NULL or a place for the high half.
    unsafe { halves(size, high) }
}

#[no_mangle]
unsafe extern "C" fn GetFileSizeEx(handle: HANDLE, to: *mut i64) -> BOOL {
    let get = || {
        let size = size(table::get(handle)?.file()?)?;
        // SAFETY: the caller gives a place for the size.
        *unsafe { to.as_mut() }.ok_or(Code::NOACCESS)? = size as i64;
        Ok(())
    };
    last_error::report(get())
}

/// # Errors
/// 1224 if it would become shorter and is mapped.
pub(super) fn set_size(file: &File, size: u64) -> Result<()> {
    if file.kind != Kind::Disk {
        return Err(Code::INVALID_PARAMETER);
    }
    Ok(set_file_len(&file.file, size)?)
}

#[no_mangle]
extern "C" fn SetEndOfFile(handle: HANDLE) -> BOOL {
    let set = || {
        let entry = table::get(handle)?;
        let file = entry.file()?;
        entry.need(file_right::WRITE_DATA)?;
        set_size(file, rustix::fs::tell(&file.file)?)
    };
    last_error::report(set())
}

/// Needs a privilege on Windows, and on Linux no file shows what was on the disk before.
#[no_mangle]
extern "C" fn SetFileValidData(handle: HANDLE, _: i64) -> BOOL {
    let check = || {
        table::get(handle)?.file()?;
        Err(Code::PRIVILEGE_NOT_HELD)
    };
    last_error::report(check())
}

#[no_mangle]
extern "C" fn FlushFileBuffers(handle: HANDLE) -> BOOL {
    let flush = || {
        let entry = table::get(handle)?;
        let file = entry.file()?;
        entry.need_any(file_right::WRITE_DATA | file_right::APPEND_DATA)?;
        match file.kind {
            Kind::Disk | Kind::Folder => Ok(rustix::fs::fsync(&file.file)?),
            Kind::Pipe => super::pipe::wait_until_read(file),
            Kind::Character => Ok(()), // nothing waits there
        }
    };
    last_error::report(flush())
}
