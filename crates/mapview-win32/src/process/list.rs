//! All processes: snapshots of them, and their numbers.

use std::sync::Mutex;

use super::{image, os};
use crate::abi::{BOOL, DWORD, FALSE, HANDLE, INVALID_HANDLE_VALUE};
use crate::code::{Code, Result};
use crate::object::{Object, Rights};
use crate::table::{self, Entry};
use crate::{last_error, text};

const TH32CS_SNAPPROCESS: DWORD = 2;
const TH32CS_INHERIT: DWORD = 0x8000_0000;
const NORMAL_PRIORITY: i32 = 8;

/// One process of a snapshot.
#[derive(Clone, Debug)]
struct Listed {
    pid: u32,
    parent: u32,
    threads: u32,
    name: Vec<u16>,
}

/// The processes that there were at one moment, and which of them is told next.
#[derive(Debug)]
pub(crate) struct Snapshot {
    processes: Vec<Listed>,
    next: Mutex<usize>,
}

/// `PROCESSENTRY32` and `PROCESSENTRY32W`.
#[repr(C)]
struct PROCESSENTRY32<C> {
    dwSize: DWORD,
    cntUsage: DWORD,
    th32ProcessID: DWORD,
    th32DefaultHeapID: usize,
    th32ModuleID: DWORD,
    cntThreads: DWORD,
    th32ParentProcessID: DWORD,
    pcPriClassBase: i32,
    dwFlags: DWORD,
    szExeFile: [C; text::MAX_PATH],
}

fn listed(pid: u32) -> Option<Listed> {
    let (name, parent, threads) = os::facts(pid)?;
    // The name of the program, which the kernel cuts off, if it may be seen.
    let path = image::path_of(pid);
    let file = path.as_deref().and_then(|path| path.file_name()).map(std::path::Path::new);
    let name = file.map_or_else(|| name.encode_utf16().collect(), image::to_units);
    Some(Listed { pid, parent, threads, name })
}

fn snapshot(flags: DWORD) -> Result<HANDLE> {
    match flags & !TH32CS_INHERIT {
        0 => return Err(Code::INVALID_PARAMETER),
        TH32CS_SNAPPROCESS => {}
        _ => return Err(Code::NOT_SUPPORTED), // threads, modules and heaps
    }
    let processes = os::all().into_iter().filter_map(listed).collect();
    let snapshot = Object::Snapshot(Snapshot { processes, next: Mutex::new(0) });
    let inherit = flags & TH32CS_INHERIT != 0;
    table::insert(Entry::new(snapshot, Rights::SECTION.all, inherit))
}

#[no_mangle]
extern "C" fn CreateToolhelp32Snapshot(flags: DWORD, _pid: DWORD) -> HANDLE {
    last_error::or(snapshot(flags), INVALID_HANDLE_VALUE)
}

/// Tells the next process of a snapshot, or the first.
///
/// # Safety
/// `out` is NULL or points to such a structure that says its size.
unsafe fn tell<C: Copy + Default>(
    snapshot: HANDLE,
    first: bool,
    out: *mut PROCESSENTRY32<C>,
    name: impl Fn(&[u16]) -> Vec<C>,
) -> BOOL {
    let tell = || {
        let entry = table::get_real(snapshot)?;
        let Object::Snapshot(snapshot) = &*entry.object else { return Err(Code::INVALID_HANDLE) };
        // SAFETY: the caller says so.
        let out = unsafe { out.as_mut() }.ok_or(Code::INVALID_PARAMETER)?;
        if (out.dwSize as usize) < size_of::<PROCESSENTRY32<C>>() {
            return Err(Code::INSUFFICIENT_BUFFER);
        }
        let mut next = snapshot.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if first {
            *next = 0;
        }
        let process = snapshot.processes.get(*next).ok_or(Code::NO_MORE_FILES)?;
        *next += 1;
        let mut szExeFile = [C::default(); text::MAX_PATH];
        let units = name(&process.name);
        let fits = units.len().min(text::MAX_PATH - 1);
        szExeFile[..fits].copy_from_slice(&units[..fits]);
        *out = PROCESSENTRY32 {
            dwSize: out.dwSize,
            cntUsage: 0,
            th32ProcessID: process.pid,
            th32DefaultHeapID: 0,
            th32ModuleID: 0,
            cntThreads: process.threads,
            th32ParentProcessID: process.parent,
            pcPriClassBase: NORMAL_PRIORITY,
            dwFlags: 0,
            szExeFile,
        };
        Ok(())
    };
    last_error::report(tell())
}

fn wide(name: &[u16]) -> Vec<u16> {
    name.to_vec()
}

fn narrow(name: &[u16]) -> Vec<u8> {
    String::from_utf16_lossy(name).into_bytes()
}

#[no_mangle]
unsafe extern "C" fn Process32FirstW(snapshot: HANDLE, out: *mut PROCESSENTRY32<u16>) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { tell(snapshot, true, out, wide) }
}

#[no_mangle]
unsafe extern "C" fn Process32NextW(snapshot: HANDLE, out: *mut PROCESSENTRY32<u16>) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { tell(snapshot, false, out, wide) }
}

#[no_mangle]
unsafe extern "C" fn Process32First(snapshot: HANDLE, out: *mut PROCESSENTRY32<u8>) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { tell(snapshot, true, out, narrow) }
}

#[no_mangle]
unsafe extern "C" fn Process32Next(snapshot: HANDLE, out: *mut PROCESSENTRY32<u8>) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { tell(snapshot, false, out, narrow) }
}

/// The numbers of as many processes as there is room for.
#[no_mangle]
unsafe extern "C" fn EnumProcesses(pids: *mut DWORD, room: DWORD, needed: *mut DWORD) -> BOOL {
    let list = || {
        if needed.is_null() || (pids.is_null() && room > 0) {
            return Err(Code::NOACCESS);
        }
        let all = os::all();
        let fits = all.len().min(room as usize / size_of::<DWORD>());
        // SAFETY: the caller gives room for so many, and a place for the count of bytes.
        unsafe {
            pids.copy_from_nonoverlapping(all.as_ptr(), fits);
            *needed = (fits * size_of::<DWORD>()) as DWORD;
        }
        Ok(())
    };
    last_error::report(list())
}

/// Sessions of Windows are not those of Linux: all is session 0 here.
#[no_mangle]
unsafe extern "C" fn ProcessIdToSessionId(pid: DWORD, session: *mut DWORD) -> BOOL {
    let tell = || {
        if pid == 0 || os::started(pid).is_none() {
            return Err(Code::INVALID_PARAMETER);
        }
        if session.is_null() {
            return Err(Code::NOACCESS);
        }
        // SAFETY: the caller gives a place for it.
        unsafe { *session = 0 };
        Ok(())
    };
    last_error::report(tell())
}

/// Whether a 32-bit program runs on a system of 64 bits. This library has 64 bits, so its own process never is.
#[no_mangle]
unsafe extern "C" fn IsWow64Process(process: HANDLE, is: *mut BOOL) -> BOOL {
    let tell = |_: &super::Process| {
        if is.is_null() {
            return Err(Code::NOACCESS);
        }
        // SAFETY: the caller gives a place for it.
        unsafe { *is = FALSE };
        Ok(())
    };
    last_error::report(super::open::with(process, super::open::QUERY, tell))
}
