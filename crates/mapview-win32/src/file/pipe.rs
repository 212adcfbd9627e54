//! Pipes without names.

use std::os::fd::{AsFd, OwnedFd};

use rustix::pipe::PipeFlags;

use super::{os, File, ALWAYS_GRANTED};
use crate::abi::{inheritable, BOOL, DWORD, HANDLE, NULL, SECURITY_ATTRIBUTES};
use crate::code::{Code, Result};
use crate::last_error;
use crate::object::{Object, Rights};
use crate::table::{self, Entry};

fn end(fd: OwnedFd, rights: u32, inherit: bool) -> Result<HANDLE> {
    let access = rights | ALWAYS_GRANTED;
    table::insert(Entry::new(Object::File(File::adopt(fd, access, 0)?), access, inherit))
}

fn create(size: DWORD, inherit: bool) -> Result<(HANDLE, HANDLE)> {
    let (reading, writing) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    if size > 0 {
        // A wish, as on Windows: the system may have a limit.
        let _ = rustix::pipe::fcntl_setpipe_size(&writing, size as usize);
    }
    let read = end(reading, Rights::FILE.read, inherit)?;
    match end(writing, Rights::FILE.write, inherit) {
        Ok(write) => Ok((read, write)),
        Err(code) => {
            drop(table::remove(read));
            Err(code)
        }
    }
}

#[no_mangle]
unsafe extern "C" fn CreatePipe(
    read: *mut HANDLE,
    write: *mut HANDLE,
    attributes: *const SECURITY_ATTRIBUTES,
    size: DWORD,
) -> BOOL {
    let create = || {
        // SAFETY: the caller gives places for the handles, and attributes as Win32 documents.
        let (read, write, inherit) =
            unsafe { (read.as_mut(), write.as_mut(), inheritable(attributes)) };
        let (read, write) = (read.ok_or(Code::NOACCESS)?, write.ok_or(Code::NOACCESS)?);
        (*read, *write) = (NULL, NULL);
        (*read, *write) = self::create(size, inherit)?;
        Ok(())
    };
    last_error::report(create())
}

/// Bytes that wait in a pipe.
fn waiting(file: &File) -> Result<u64> {
    Ok(rustix::io::ioctl_fionread(&file.file)?)
}

/// Waits until the other end has read everything, or is gone.
pub(super) fn wait_until_read(file: &File) -> Result<()> {
    while waiting(file)? > 0 {
        if os::has_no_reader(file.file.as_fd())? {
            return Err(Code::BROKEN_PIPE);
        }
        os::pause();
    }
    Ok(())
}

/// Copies from a pipe what `ReadFile` would get, and leaves it there.
#[no_mangle]
unsafe extern "C" fn PeekNamedPipe(
    handle: HANDLE,
    to: *mut u8,
    len: DWORD,
    read: *mut DWORD,
    available: *mut DWORD,
    left: *mut DWORD,
) -> BOOL {
    let peek = || {
        let entry = table::get(handle)?;
        let file = entry.file()?;
        entry.need(super::file_right::READ_DATA)?;
        if file.kind != super::Kind::Pipe {
            return Err(Code::INVALID_FUNCTION);
        }
        let there = waiting(file)?;
        if there == 0 && os::has_no_writer(file.file.as_fd())? {
            return Err(Code::BROKEN_PIPE);
        }
        let copied = match len {
            0 => 0,
            _ if to.is_null() => return Err(Code::NOACCESS),
            len => os::peek(file.file.as_fd(), to, (len as usize).min(there as usize))?,
        };
        for (place, value) in [(read, copied), (available, there as usize), (left, 0)] {
            if !place.is_null() {
                // SAFETY: the caller gives NULL or a place.
                unsafe { *place = value as DWORD };
            }
        }
        Ok(())
    };
    last_error::report(peek())
}
