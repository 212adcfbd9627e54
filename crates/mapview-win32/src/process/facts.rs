//! What can be asked about a process: where its program lies, how long it ran, how urgent it is, how many handles it has.

use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::Ordering;

use super::open::{with, PROCESS_QUERY_INFORMATION, QUERY};
use super::page::Page;
use super::{image, os, Process};
use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::{last_error, table};

const PROCESS_SET_INFORMATION: u32 = 0x200;
/// What GetExitCodeProcess and the like say about a process that is not there any more in `/proc`.
const ENDED: Code = Code::GEN_FAILURE;

/// `FILETIME`.
#[repr(C)]
struct FILETIME {
    low: DWORD,
    high: DWORD,
}

/// Units of 100 ns from 1601 to 1970.
const TO_1970: u64 = 116_444_736_000_000_000;
const PER_SECOND: u64 = 10_000_000;

fn filetime(units: u64) -> FILETIME {
    FILETIME { low: units as DWORD, high: (units >> 32) as DWORD }
}

/// The start and, while its parent has not asked how it ended, the user and system time of a process. When it ended the
/// kernel does not say: 0.
#[no_mangle]
unsafe extern "C" fn GetProcessTimes(
    process: HANDLE,
    creation: *mut FILETIME,
    exit: *mut FILETIME,
    kernel: *mut FILETIME,
    user: *mut FILETIME,
) -> BOOL {
    let tell = |process: &Process| {
        if [creation, exit, kernel, user].iter().any(|place| place.is_null()) {
            return Err(Code::NOACCESS);
        }
        let machine = os::machine_started().ok_or(Code::NOT_SUPPORTED)?;
        let ticks = os::ticks_per_second();
        let units =
            |count: u64| (u128::from(count) * u128::from(PER_SECOND) / u128::from(ticks)) as u64;
        let (in_user, in_kernel) = os::times(process.pid, process.started).ok_or(ENDED)?;
        // SAFETY: the caller gives places for them.
        unsafe {
            *creation = filetime(TO_1970 + machine * PER_SECOND + units(process.started));
            *exit = filetime(0);
            *kernel = filetime(units(in_kernel));
            *user = filetime(units(in_user));
        }
        Ok(())
    };
    last_error::report(with(process, QUERY, tell))
}

const NORMAL_PRIORITY_CLASS: DWORD = 0x20;
/// Priority classes, the most urgent last, each with the nice value that stands for it.
const CLASSES: [(DWORD, i32); 6] = [
    (0x40, 19),                 // IDLE
    (0x4000, 10),               // BELOW_NORMAL
    (NORMAL_PRIORITY_CLASS, 0), // NORMAL
    (0x8000, -5),               // ABOVE_NORMAL
    (0x80, -10),                // HIGH
    (0x100, -20),               // REALTIME
];

#[no_mangle]
extern "C" fn GetPriorityClass(process: HANDLE) -> DWORD {
    let class = |process: &Process| {
        let nice = os::nice(process.pid).ok_or(ENDED)?;
        let class = CLASSES.iter().find(|(_, value)| nice >= *value);
        Ok(class.map_or(NORMAL_PRIORITY_CLASS, |(class, _)| *class))
    };
    last_error::or(with(process, QUERY, class), 0)
}

pub(super) fn set_priority(pid: u32, class: DWORD) -> Result<()> {
    let known = CLASSES.iter().find(|(number, _)| *number == class);
    let (_, nice) = known.ok_or(Code::INVALID_PARAMETER)?;
    os::set_nice(pid, *nice).map_err(|_| Code::PRIVILEGE_NOT_HELD)
}

/// More urgent than the usual is for privileged programs, as the system has it.
#[no_mangle]
extern "C" fn SetPriorityClass(process: HANDLE, class: DWORD) -> BOOL {
    let set = |process: &Process| set_priority(process.pid, class);
    last_error::report(with(process, &[PROCESS_SET_INFORMATION], set))
}

#[no_mangle]
unsafe extern "C" fn GetProcessHandleCount(process: HANDLE, count: *mut DWORD) -> BOOL {
    let tell = |process: &Process| {
        if count.is_null() {
            return Err(Code::NOACCESS);
        }
        let handles = match process.is_current() {
            true => table::count() as u64,
            false => {
                let count = |page: &Page| page.handle_count().load(Ordering::Relaxed);
                process.page.as_ref().map(count).ok_or(Code::NOT_SUPPORTED)?
            }
        };
        // SAFETY: the caller gives a place for it.
        unsafe { *count = handles as DWORD };
        Ok(())
    };
    last_error::report(with(process, QUERY, tell))
}

/// Where the program of a process lies.
fn image_of(process: &Process) -> Result<std::path::PathBuf> {
    let path = image::path_of(process.pid).ok_or(match process.is_alive() {
        true => Code::ACCESS_DENIED,
        false => ENDED,
    })?;
    // The number may have become another's meanwhile.
    if process.is_alive() {
        Ok(path)
    } else {
        Err(ENDED)
    }
}

/// Copies a text with its NUL. Returns how much without it.
///
/// # Safety
/// `buffer` has room for so many.
unsafe fn copy<C: Copy + Default>(text: &[C], buffer: *mut C, room: DWORD) -> Result<DWORD> {
    if buffer.is_null() || text.len() >= room as usize {
        return Err(Code::INSUFFICIENT_BUFFER);
    }
    // SAFETY: it fits.
    unsafe {
        buffer.copy_from_nonoverlapping(text.as_ptr(), text.len());
        *buffer.add(text.len()) = C::default();
    }
    Ok(text.len() as DWORD)
}

const PROCESS_NAME_NATIVE: DWORD = 1;

/// # Safety
/// `size` points to the room in the buffer.
unsafe fn full_name<C: Copy + Default>(
    process: HANDLE,
    flags: DWORD,
    (buffer, size): (*mut C, *mut DWORD),
    text: impl Fn(&std::path::Path) -> Vec<C>,
) -> BOOL {
    let name = |process: &Process| {
        // There are no names of NT here, so the native one is the same.
        if flags & !PROCESS_NAME_NATIVE != 0 || size.is_null() {
            return Err(Code::INVALID_PARAMETER);
        }
        // SAFETY: the caller says so.
        unsafe { *size = copy(&text(&image_of(process)?), buffer, *size)? };
        Ok(())
    };
    last_error::report(with(process, QUERY, name))
}

fn narrow(path: &std::path::Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

#[no_mangle]
unsafe extern "C" fn QueryFullProcessImageNameW(
    process: HANDLE,
    flags: DWORD,
    buffer: *mut u16,
    size: *mut DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { full_name(process, flags, (buffer, size), image::to_units) }
}

#[no_mangle]
unsafe extern "C" fn QueryFullProcessImageNameA(
    process: HANDLE,
    flags: DWORD,
    buffer: *mut u8,
    size: *mut DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { full_name(process, flags, (buffer, size), narrow) }
}

#[no_mangle]
unsafe extern "C" fn GetProcessImageFileNameW(
    process: HANDLE,
    buffer: *mut u16,
    room: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    let name =
        |process: &Process| unsafe { copy(&image::to_units(&image_of(process)?), buffer, room) };
    last_error::or(with(process, QUERY, name), 0)
}

#[no_mangle]
unsafe extern "C" fn GetProcessImageFileNameA(
    process: HANDLE,
    buffer: *mut u8,
    room: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    let name = |process: &Process| unsafe { copy(&narrow(&image_of(process)?), buffer, room) };
    last_error::or(with(process, QUERY, name), 0)
}

/// The path of a process's program, or only its file name; a module other than the program is not known.
fn module(process: HANDLE, module: HANDLE, base: bool) -> Result<std::path::PathBuf> {
    const MOD_NOT_FOUND: Code = Code(126);
    if !module.is_null() {
        return Err(MOD_NOT_FOUND);
    }
    let path = with(process, &[PROCESS_QUERY_INFORMATION], image_of)?;
    match path.file_name() {
        Some(name) if base => Ok(name.into()),
        _ => Ok(path),
    }
}

#[no_mangle]
unsafe extern "C" fn GetModuleFileNameExW(
    process: HANDLE,
    handle: HANDLE,
    buffer: *mut u16,
    room: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    let name = || unsafe { copy(&image::to_units(&module(process, handle, false)?), buffer, room) };
    last_error::or(name(), 0)
}

#[no_mangle]
unsafe extern "C" fn GetModuleFileNameExA(
    process: HANDLE,
    handle: HANDLE,
    buffer: *mut u8,
    room: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    let name = || unsafe { copy(&narrow(&module(process, handle, false)?), buffer, room) };
    last_error::or(name(), 0)
}

#[no_mangle]
unsafe extern "C" fn GetModuleBaseNameW(
    process: HANDLE,
    handle: HANDLE,
    buffer: *mut u16,
    room: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    let name = || unsafe { copy(&image::to_units(&module(process, handle, true)?), buffer, room) };
    last_error::or(name(), 0)
}

#[no_mangle]
unsafe extern "C" fn GetModuleBaseNameA(
    process: HANDLE,
    handle: HANDLE,
    buffer: *mut u8,
    room: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    let name = || unsafe { copy(&narrow(&module(process, handle, true)?), buffer, room) };
    last_error::or(name(), 0)
}
