//! `ReadFile` and `WriteFile`, which have done all when they return, also for files opened with `FILE_FLAG_OVERLAPPED`.

use std::os::fd::AsFd;

use super::os::{self, At};
use super::{file_right, flag, File, Kind};
use crate::abi::{BOOL, DWORD, FALSE, HANDLE, NULL};
use crate::code::{Code, Result};
use crate::object::Object;
use crate::table::Entry;
use crate::{last_error, table};

/// `OVERLAPPED`
#[repr(C)]
pub(crate) struct OVERLAPPED {
    /// An `NTSTATUS`.
    Internal: usize,
    InternalHigh: usize,
    Offset: DWORD,
    OffsetHigh: DWORD,
    hEvent: HANDLE,
}

const STATUS_SUCCESS: usize = 0;
const STATUS_PENDING: usize = 0x103;
const STATUS_END_OF_FILE: usize = 0xC000_0011;
const STATUS_UNSUCCESSFUL: usize = 0xC000_0001;

/// An offset that stands for the end of the file.
const END: u64 = u64::MAX;

/// Of what a transfer without `OVERLAPPED` is a multiple when the file is not buffered.
const SECTOR: u64 = 512;

/// Does at once what an `OVERLAPPED` asks for, and says in it how that went. The event is reset first, and set if
/// something was done.
///
/// # Safety
/// `overlapped` is NULL or points to an `OVERLAPPED` that nobody else uses meanwhile.
pub(super) unsafe fn overlapped(
    overlapped: *mut OVERLAPPED,
    act: impl FnOnce(u64) -> Result<usize>,
) -> Result<()> {
    // SAFETY: the caller says so.
    let overlapped = unsafe { overlapped.as_mut() }.ok_or(Code::NOACCESS)?;
    // The low bit keeps the result from a completion port, and there is none.
    let event = ((overlapped.hEvent as usize) & !1) as HANDLE;
    let event = if event == NULL { None } else { Some(table::get(event)?) };
    let signal = |set: bool| match event.as_ref().map(|event| &*event.object) {
        None => Ok(()),
        Some(Object::Event(event)) if set => event.set().map_err(Code::from),
        Some(Object::Event(event)) => event.reset().map_err(Code::from),
        Some(_) => Err(Code::INVALID_HANDLE),
    };
    signal(false)?;
    overlapped.Internal = STATUS_PENDING;
    let done = act(u64::from(overlapped.OffsetHigh) << 32 | u64::from(overlapped.Offset));
    overlapped.Internal = match done {
        Ok(_) => STATUS_SUCCESS,
        Err(Code::HANDLE_EOF) => STATUS_END_OF_FILE,
        Err(_) => STATUS_UNSUCCESSFUL,
    };
    overlapped.InternalHigh = done.unwrap_or(0);
    signal(done.is_ok())?;
    done.map(drop)
}

/// Moves bytes until all are there or no more come.
fn transfer(
    kind: Kind,
    len: usize,
    at: At,
    act: impl Fn(usize, At) -> Result<usize>,
) -> Result<usize> {
    let mut done = 0;
    loop {
        let at = match at {
            At::Position => At::Position,
            At::Offset(at) => At::Offset(at + done as i64),
        };
        match act(done, at) {
            Ok(0) => return Ok(done),
            Ok(n) => done += n,
            // What was moved before counts: the disk may be full now.
            Err(_) if done > 0 => return Ok(done),
            Err(code) => return Err(code),
        }
        if done == len || kind != Kind::Disk {
            return Ok(done);
        }
    }
}

fn check_aligned(file: &File, len: usize, offset: Option<u64>) -> Result<()> {
    let unaligned = |number: u64| !number.is_multiple_of(SECTOR);
    if file.has(flag::NO_BUFFERING)
        && file.kind == Kind::Disk
        && (unaligned(len as u64) || offset.is_some_and(|at| at != END && unaligned(at)))
    {
        return Err(Code::INVALID_PARAMETER);
    }
    Ok(())
}

fn read(file: &File, to: *mut u8, len: usize, offset: Option<u64>) -> Result<usize> {
    check_aligned(file, len, offset)?;
    if len > 0 && to.is_null() {
        return Err(Code::NOACCESS);
    }
    if file.kind == Kind::Folder {
        return Err(Code::INVALID_FUNCTION);
    }
    let is_disk = file.kind == Kind::Disk;
    let at = match offset.filter(|_| is_disk) {
        None => At::Position,
        Some(at) => At::Offset(i64::try_from(at).map_err(|_| Code::INVALID_PARAMETER)?),
    };
    let read = transfer(file.kind, len, at, |done, at| {
        os::read(file.file.as_fd(), to.wrapping_add(done), len - done, at)
    })?;
    match offset {
        _ if read > 0 || len == 0 => {}
        _ if file.kind == Kind::Pipe => return Err(Code::BROKEN_PIPE),
        Some(_) if is_disk => return Err(Code::HANDLE_EOF),
        _ => {}
    }
    follow(file, offset, read);
    Ok(read)
}

/// A transfer at an offset moves the position of a file that has one, as Windows documents.
fn follow(file: &File, offset: Option<u64>, moved: usize) {
    if let Some(at) = offset.filter(|_| file.kind == Kind::Disk && !file.has(flag::OVERLAPPED)) {
        let _ = rustix::fs::seek(&file.file, rustix::fs::SeekFrom::Start(at + moved as u64));
    }
}

fn write(file: &File, from: *const u8, len: usize, offset: Option<u64>) -> Result<usize> {
    check_aligned(file, len, offset)?;
    if len > 0 && from.is_null() {
        return Err(Code::INVALID_USER_BUFFER);
    }
    let put = |at| {
        transfer(file.kind, len, at, |done, at| {
            os::write(file.file.as_fd(), from.wrapping_add(done), len - done, at)
        })
    };
    if file.kind == Kind::Pipe {
        return os::without_sigpipe(|| {
            whole_message(len, |done| {
                os::write(file.file.as_fd(), from.wrapping_add(done), len - done, At::Position)
            })
        });
    }
    let offset = match offset.filter(|_| file.kind == Kind::Disk) {
        None => return put(At::Position),
        Some(END) => rustix::fs::fstat(&file.file)?.st_size as u64,
        Some(at) => at,
    };
    let written = put(At::Offset(i64::try_from(offset).map_err(|_| Code::INVALID_PARAMETER)?))?;
    follow(file, Some(offset), written);
    Ok(written)
}

/// A pipe takes all before the call returns.
fn whole_message(len: usize, put: impl Fn(usize) -> Result<usize>) -> Result<usize> {
    let mut done = 0;
    while done < len {
        done += put(done)?;
    }
    Ok(done)
}

/// What `ReadFile` and `WriteFile` have in common.
///
/// # Safety
/// `moved` and `overlap` are NULL or point to what Win32 documents.
unsafe fn run(
    entry: Result<Entry>,
    moved: *mut DWORD,
    overlap: *mut OVERLAPPED,
    act: impl Fn(&File, Option<u64>) -> Result<usize>,
) -> Result<()> {
    // SAFETY: the caller says so.
    let mut moved = unsafe { moved.as_mut() };
    if let Some(moved) = moved.as_deref_mut() {
        *moved = 0;
    }
    let entry = entry?;
    let file = entry.file()?;
    let mut done = 0;
    let mut counted = |offset| {
        done = act(file, offset)?;
        Ok(done)
    };
    if overlap.is_null() {
        if file.has(flag::OVERLAPPED) && file.kind == Kind::Disk {
            return Err(Code::INVALID_PARAMETER); // such a file has no position
        }
        counted(None)?;
    } else {
        // SAFETY: the caller says so.
        unsafe { overlapped(overlap, |offset| counted(Some(offset))) }?;
    }
    if let Some(moved) = moved {
        *moved = done as DWORD;
    }
    Ok(())
}

fn to_read(handle: HANDLE) -> Result<Entry> {
    let entry = table::get(handle)?;
    entry.file()?;
    entry.need(file_right::READ_DATA)?;
    Ok(entry)
}

fn to_write(handle: HANDLE) -> Result<Entry> {
    let entry = table::get(handle)?;
    entry.file()?;
    entry.need_any(file_right::WRITE_DATA | file_right::APPEND_DATA)?;
    Ok(entry)
}

#[no_mangle]
unsafe extern "C" fn ReadFile(
    handle: HANDLE,
    to: *mut u8,
    len: DWORD,
    moved: *mut DWORD,
    overlap: *mut OVERLAPPED,
) -> BOOL {
    let act = |file: &File, offset| read(file, to, len as usize, offset);
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { run(to_read(handle), moved, overlap, act) })
}

#[no_mangle]
unsafe extern "C" fn WriteFile(
    handle: HANDLE,
    from: *const u8,
    len: DWORD,
    moved: *mut DWORD,
    overlap: *mut OVERLAPPED,
) -> BOOL {
    let act = |file: &File, offset| write(file, from, len as usize, offset);
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { run(to_write(handle), moved, overlap, act) })
}

#[no_mangle]
unsafe extern "C" fn GetOverlappedResult(
    handle: HANDLE,
    overlapped: *const OVERLAPPED,
    moved: *mut DWORD,
    _wait: BOOL,
) -> BOOL {
    let get = || {
        table::get(handle)?.file()?;
        // SAFETY: the caller gives both, as Win32 documents.
        let (result, moved) = unsafe { (overlapped.as_ref(), moved.as_mut()) };
        let (result, moved) = (result.ok_or(Code::NOACCESS)?, moved.ok_or(Code::NOACCESS)?);
        match result.Internal {
            // Nothing was started with it: all that was is complete.
            STATUS_PENDING => return Err(Code::IO_INCOMPLETE),
            STATUS_SUCCESS => {}
            STATUS_END_OF_FILE => return Err(Code::HANDLE_EOF),
            _ => return Err(Code::IO_DEVICE),
        }
        *moved = result.InternalHigh as DWORD;
        Ok(())
    };
    last_error::report(get())
}

/// Nothing is ever under way.
#[no_mangle]
extern "C" fn CancelIo(handle: HANDLE) -> BOOL {
    let check = || table::get(handle)?.file().map(drop);
    last_error::or(check().map(|()| crate::abi::TRUE), FALSE)
}

#[no_mangle]
extern "C" fn CancelIoEx(handle: HANDLE, _: *const OVERLAPPED) -> BOOL {
    let check = || {
        table::get(handle)?.file()?;
        Err(Code::NOT_FOUND)
    };
    last_error::report(check())
}
