//! `CreateProcess`.

use std::ffi::{CStr, CString};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::ptr::null;
use std::sync::Arc;

use super::abi::*;
use super::attributes::{self, Attributes};
use super::handover::{self, Startup};
use super::os::socket;
use super::os::spawn::{self, Failure, Plan};
use super::page::Page;
use super::{command_line, environment, facts, image, os, parcel, start, Process};
use crate::abi::{inheritable, BOOL, DWORD, FALSE, HANDLE, LPCSTR, LPCWSTR, SECURITY_ATTRIBUTES};
use crate::code::{Code, Result};
use crate::file::standard;
use crate::object::{Object, Rights};
use crate::table::{self, Entry};
use crate::{last_error, text};

/// `CREATE_BREAKAWAY_FROM_JOB`, error mode, console and window: nothing that a child here could notice.
const HARMLESS: DWORD = 0x0100_0000 | 0x0400_0000 | CREATE_NEW_CONSOLE | CREATE_NO_WINDOW;
/// The priority classes.
const PRIORITIES: DWORD = 0xC1E0;
const KNOWN: DWORD = HARMLESS
    | PRIORITIES
    | CREATE_SUSPENDED
    | DETACHED_PROCESS
    | CREATE_NEW_PROCESS_GROUP
    | CREATE_UNICODE_ENVIRONMENT
    | EXTENDED_STARTUPINFO_PRESENT;

/// What `CreateProcess` is asked for, with all text in UTF-16.
struct Wanted {
    application: Option<Vec<u16>>,
    line: Option<Vec<u16>>,
    inherit: bool,
    flags: DWORD,
    environment: Vec<CString>,
    directory: Option<CString>,
    startup: Startup,
    attributes: Attributes,
}

fn create(wanted: &Wanted) -> Result<Arc<Process>> {
    if wanted.flags & !KNOWN != 0 {
        return Err(if wanted.flags & 3 != 0 {
            Code::NOT_SUPPORTED
        } else {
            Code::INVALID_PARAMETER
        });
    }
    if wanted.flags & DETACHED_PROCESS != 0 && wanted.flags & CREATE_NEW_CONSOLE != 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let (program, line) = image::find(wanted.application.as_deref(), wanted.line.as_deref())?;
    let program = CString::new(program.as_os_str().as_bytes()).map_err(|_| Code::FILE_NOT_FOUND)?;
    let entries = inherited(wanted)?;
    let mut startup = wanted.startup.clone();
    let standard = standard(&mut startup, &entries)?;
    let page = Page::new()?;
    if wanted.flags & CREATE_SUSPENDED != 0 {
        page.change_suspended(|_| Some(1));
    }
    let packed =
        handover::pack((&page, socket::listen(&page.inbox_name())), &line, &startup, &entries)?;

    let variable = format!("{}={}", start::VARIABLE, packed.file.as_raw_fd());
    let variable = CString::new(variable).map_err(|_| Code::INVALID_PARAMETER)?;
    let arguments: Vec<CString> = command_line::split_for_main(&line)
        .iter()
        .filter_map(|argument| CString::new(String::from_utf16_lossy(argument)).ok())
        .collect();
    let pointers = |texts: &[CString], more: &[&CStr]| {
        let texts = texts.iter().map(|text| text.as_ptr());
        texts.chain(more.iter().map(|text| text.as_ptr())).chain([null()]).collect::<Vec<_>>()
    };
    let mut keep: Vec<i32> = packed.descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    keep.push(packed.file.as_raw_fd());
    let plan = Plan {
        program: &program,
        arguments: &pointers(&arguments, &[]),
        environment: &pointers(&wanted.environment, &[&variable]),
        directory: wanted.directory.as_deref(),
        pid: page.pid_word(),
        keep: &keep,
        standard: standard.each_ref().map(|fd| fd.as_ref().map_or(-1, AsRawFd::as_raw_fd)),
        new_group: wanted.flags & CREATE_NEW_PROCESS_GROUP != 0,
        new_session: wanted.flags & DETACHED_PROCESS != 0,
        stopped: wanted.flags & CREATE_SUSPENDED != 0,
    };
    let (pid, pidfd) = spawn::spawn(&plan).map_err(|failure| match failure {
        Failure::Directory => Code::DIRECTORY,
        Failure::Errno(libc::ENOENT) => Code::FILE_NOT_FOUND, // the interpreter of a script, or the loader
        Failure::Errno(libc::ENOTDIR) => Code::PATH_NOT_FOUND,
        Failure::Errno(libc::EACCES | libc::EPERM) => Code::ACCESS_DENIED,
        Failure::Errno(libc::ENOEXEC | libc::ELIBBAD | libc::EINVAL) => image::BAD_EXE_FORMAT,
        Failure::Errno(libc::E2BIG | libc::ENAMETOOLONG) => Code::FILENAME_EXCED_RANGE,
        Failure::Errno(_) => Code::NOT_ENOUGH_MEMORY,
    })?;
    if wanted.flags & PRIORITIES != 0 {
        // As on Windows, one that this user may not give is no reason not to start it.
        let _ = facts::set_priority(pid, wanted.flags & PRIORITIES);
    }
    Process::of(pidfd, pid, Some(page), true)
}

/// The handles that the child gets.
fn inherited(wanted: &Wanted) -> Result<Vec<(HANDLE, Entry)>> {
    let Some(list) = &wanted.attributes.handles else {
        return Ok(if wanted.inherit { table::inheritable() } else { Vec::new() });
    };
    if !wanted.inherit {
        return Err(Code::INVALID_PARAMETER);
    }
    let mut entries = Vec::new();
    for handle in list {
        let entry = table::get_real(*handle).map_err(|_| Code::INVALID_PARAMETER)?;
        if !entry.inherit {
            return Err(Code::INVALID_PARAMETER);
        }
        entries.push((((*handle as usize) & !3) as HANDLE, entry));
    }
    Ok(entries)
}

/// What becomes the standard descriptors and handles of the child: nothing where it shall have this process's.
fn standard(startup: &mut Startup, entries: &[(HANDLE, Entry)]) -> Result<[Option<OwnedFd>; 3]> {
    let given = startup.flags & STARTF_USESTDHANDLES != 0;
    let wished = match given {
        true => startup.standard.map(|handle| Some(handle as HANDLE)),
        false => standard::chosen(),
    };
    let mut streams = [None, None, None];
    for (index, handle) in wished.into_iter().enumerate() {
        let Some(handle) = handle else { continue };
        let real = ((handle as usize) & !3) as HANDLE;
        let found = entries.iter().find(|(inherited, _)| *inherited == real);
        let stream = match found.and_then(|(_, entry)| parcel::stream(&entry.object)) {
            Some(stream) => spawn::away_from_standard(&stream),
            // No stream, or not inherited: the child finds one that is empty.
            None if given => os::null(index > 0).and_then(|null| spawn::away_from_standard(&null)),
            None => continue,
        };
        streams[index] = Some(stream.map_err(|_| Code::NOT_ENOUGH_MEMORY)?);
        startup.chosen[index] = Some(handle as u64);
    }
    Ok(streams)
}

/// Makes the process and its handles.
///
/// # Safety
/// `information` is NULL or points to a place for it.
unsafe fn finish(
    wanted: Result<Wanted>,
    [process_inherit, thread_inherit]: [bool; 2],
    information: *mut PROCESS_INFORMATION,
) -> BOOL {
    let start = || {
        let wanted = wanted?;
        if information.is_null() {
            return Err(Code::INVALID_PARAMETER);
        }
        let process = create(&wanted)?;
        let (pid, all) = (process.pid(), Rights::PROCESS.all);
        let entry = Entry::new(Object::Process(process.clone()), all, process_inherit);
        let hProcess = table::insert(entry)?;
        let entry = Entry::new(Object::MainThread(process), Rights::THREAD.all, thread_inherit);
        let hThread = table::insert(entry)?;
        // SAFETY: the caller gives a place for it.
        unsafe {
            *information =
                PROCESS_INFORMATION { hProcess, hThread, dwProcessId: pid, dwThreadId: pid }
        };
        Ok(())
    };
    last_error::report(start())
}

/// What does not depend on the encoding.
///
/// # Safety
/// As Win32 documents.
unsafe fn wanted<C>(
    (application, line): (Option<Vec<u16>>, Option<Vec<u16>>),
    directory: Option<Vec<u16>>,
    (inherit, flags): (BOOL, DWORD),
    environment: *const std::ffi::c_void,
    startup: *const STARTUPINFO<C>,
    units: unsafe fn(*const C) -> Option<Vec<u16>>,
) -> Result<Wanted> {
    // SAFETY: the caller gives one.
    let given = unsafe { startup.as_ref() }.ok_or(Code::INVALID_PARAMETER)?;
    // SAFETY: with this flag it is a larger one, which begins like the smaller.
    let attributes = unsafe {
        match flags & EXTENDED_STARTUPINFO_PRESENT != 0 {
            true if given.cb as usize != size_of::<STARTUPINFOEX<C>>() => {
                return Err(Code::INVALID_PARAMETER)
            }
            true => attributes::read((*startup.cast::<STARTUPINFOEX<C>>()).lpAttributeList),
            false => Attributes::default(),
        }
    };
    // SAFETY: NULL or NUL-terminated.
    let (desktop, title) = unsafe { (units(given.lpDesktop), units(given.lpTitle)) };
    let startup = Startup {
        flags: given.dwFlags,
        window: [
            given.dwX,
            given.dwY,
            given.dwXSize,
            given.dwYSize,
            given.dwXCountChars,
            given.dwYCountChars,
            given.dwFillAttribute,
        ],
        show: given.wShowWindow,
        desktop: desktop.unwrap_or_default(),
        title: title.unwrap_or_default(),
        standard: [given.hStdInput, given.hStdOutput, given.hStdError].map(|h| h as u64),
        chosen: [None; 3],
    };
    let wide = flags & CREATE_UNICODE_ENVIRONMENT != 0;
    // SAFETY: NULL, or a block of the encoding that the flag says.
    let environment = unsafe { environment::of_block(environment, wide) };
    let directory = directory.map(|directory| image::to_c_path(&directory)).transpose()?;
    let inherit = inherit != FALSE;
    Ok(Wanted { application, line, inherit, flags, environment, directory, startup, attributes })
}

#[no_mangle]
unsafe extern "C" fn CreateProcessW(
    application: LPCWSTR,
    line: *mut u16,
    process_attributes: *const SECURITY_ATTRIBUTES,
    thread_attributes: *const SECURITY_ATTRIBUTES,
    inherit: BOOL,
    flags: DWORD,
    environment: *const std::ffi::c_void,
    directory: LPCWSTR,
    startup: *const STARTUPINFO<u16>,
    information: *mut PROCESS_INFORMATION,
) -> BOOL {
    unsafe fn units(text: *const u16) -> Option<Vec<u16>> {
        // SAFETY: the caller's.
        unsafe { text::wide(text) }.map(<[u16]>::to_vec)
    }
    // SAFETY: all are as Win32 documents.
    unsafe {
        let (texts, directory) = ((units(application), units(line)), units(directory));
        let wanted = wanted(texts, directory, (inherit, flags), environment, startup, units);
        let inherit = [inheritable(process_attributes), inheritable(thread_attributes)];
        finish(wanted, inherit, information)
    }
}

#[no_mangle]
unsafe extern "C" fn CreateProcessA(
    application: LPCSTR,
    line: *mut libc::c_char,
    process_attributes: *const SECURITY_ATTRIBUTES,
    thread_attributes: *const SECURITY_ATTRIBUTES,
    inherit: BOOL,
    flags: DWORD,
    environment: *const std::ffi::c_void,
    directory: LPCSTR,
    startup: *const STARTUPINFO<libc::c_char>,
    information: *mut PROCESS_INFORMATION,
) -> BOOL {
    // SAFETY: all are as Win32 documents.
    unsafe {
        let texts = (text::narrow(application), text::narrow(line));
        let directory = text::narrow(directory);
        let wanted = wanted(texts, directory, (inherit, flags), environment, startup, text::narrow);
        let inherit = [inheritable(process_attributes), inheritable(thread_attributes)];
        finish(wanted, inherit, information)
    }
}
