//! `FindFirstFile`: what is in a folder, in the order of the names.

use std::collections::HashMap;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use super::info::Info;
use super::out::Unit;
use super::time::FILETIME;
use super::{path, pattern};
use crate::abi::{BOOL, DWORD, HANDLE, INVALID_HANDLE_VALUE, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::thread::{lock, Held};
use crate::{last_error, text};

/// `WIN32_FIND_DATAA` and `WIN32_FIND_DATAW`
#[repr(C)]
pub(crate) struct WIN32_FIND_DATA<U> {
    dwFileAttributes: DWORD,
    ftCreationTime: FILETIME,
    ftLastAccessTime: FILETIME,
    ftLastWriteTime: FILETIME,
    nFileSizeHigh: DWORD,
    nFileSizeLow: DWORD,
    dwReserved0: DWORD,
    dwReserved1: DWORD,
    cFileName: [U; text::MAX_PATH],
    cAlternateFileName: [U; 14],
}

/// What was found when the search began, last name first.
struct Search {
    folder: PathBuf,
    names: Vec<Vec<u8>>,
}

/// Searches have handles of their own, which `CloseHandle` does not know.
static SEARCHES: LazyLock<Mutex<(usize, HashMap<usize, Search>)>> = LazyLock::new(Mutex::default);

fn searches() -> Held<'static, (usize, HashMap<usize, Search>)> {
    lock(&SEARCHES)
}

/// Where the numbers of searches begin: not among those of handles.
const FIRST: usize = 0x10_0000_0000;

fn begin(text: Option<&[u8]>) -> Result<Search> {
    let text = text.filter(|text| !text.is_empty()).ok_or(Code::PATH_NOT_FOUND)?;
    let split = text.iter().rposition(|byte| matches!(byte, b'/' | b'\\' | b':'));
    let (folder, name) = text.split_at(split.map_or(0, |at| at + 1));
    if name.is_empty() {
        return Err(Code::FILE_NOT_FOUND);
    }
    let folder = if folder.is_empty() { b".".as_slice() } else { folder };
    let folder = path::to_linux(Some(folder))?;
    if !pattern::is_pattern(name) {
        let whole = path::to_linux(Some(text))?;
        let found = std::fs::metadata(&whole).is_ok();
        if !found {
            let there = folder.is_dir();
            return Err(if there { Code::FILE_NOT_FOUND } else { Code::PATH_NOT_FOUND });
        }
        let name = whole.file_name().map_or(Vec::new(), |name| name.as_bytes().to_vec());
        return Ok(Search { folder, names: vec![name] });
    }
    if name.iter().any(|byte| matches!(byte, 1..32 | b'<' | b'>' | b'"' | b'|')) {
        return Err(Code::INVALID_NAME);
    }
    let names = names_in(&folder, name)?;
    match names.is_empty() {
        true => Err(Code::FILE_NOT_FOUND),
        false => Ok(Search { folder, names }),
    }
}

fn names_in(folder: &Path, wanted: &[u8]) -> Result<Vec<Vec<u8>>> {
    let entries = std::fs::read_dir(folder).map_err(|error| match super::code::of(error) {
        Code::FILE_NOT_FOUND => Code::PATH_NOT_FOUND,
        code => code,
    })?;
    let wanted = String::from_utf8_lossy(wanted);
    let mut names: Vec<Vec<u8>> = Vec::new();
    // The folder itself and the one above come first, the root has none of them.
    let own = if folder == Path::new("/") { [].as_slice() } else { &[".", ".."] };
    let mut own: Vec<Vec<u8>> = own.iter().map(|name| name.as_bytes().to_vec()).collect();
    own.retain(|name| pattern::matches(&wanted, &String::from_utf8_lossy(name)));
    for entry in entries {
        let name = entry.map_err(super::code::of)?.file_name().into_vec();
        if pattern::matches(&wanted, &String::from_utf8_lossy(&name)) {
            names.push(name);
        }
    }
    names.sort_by_cached_key(|name| String::from_utf8_lossy(name).to_uppercase());
    own.append(&mut names);
    own.reverse();
    Ok(own)
}

/// The next file that is still there.
fn next<U: Unit>(search: &mut Search) -> Result<WIN32_FIND_DATA<U>> {
    while let Some(name) = search.names.pop() {
        let path = search.folder.join(std::ffi::OsStr::from_bytes(&name));
        // What was removed since, or is a link that leads nowhere, nobody could open.
        let Ok(info) = Info::at(&path) else { continue };
        let mut data = WIN32_FIND_DATA {
            dwFileAttributes: info.attributes,
            ftCreationTime: info.times.creation,
            ftLastAccessTime: info.times.access,
            ftLastWriteTime: info.times.write,
            nFileSizeHigh: (info.size >> 32) as DWORD,
            nFileSizeLow: info.size as DWORD,
            dwReserved0: 0,
            dwReserved1: 0,
            cFileName: [U::NUL; text::MAX_PATH],
            cAlternateFileName: [U::NUL; 14],
        };
        let units = U::path(&name);
        if let Some(place) = data.cFileName[..text::MAX_PATH - 1].get_mut(..units.len()) {
            place.copy_from_slice(&units);
            return Ok(data);
        }
        // Names on Linux have up to 255 bytes, so none is left out here.
    }
    Err(Code::NO_MORE_FILES)
}

unsafe fn find_first<U: Unit>(text: Option<Vec<u8>>, to: *mut WIN32_FIND_DATA<U>) -> HANDLE {
    let find = || {
        let mut search = begin(text.as_deref())?;
        // SAFETY: the caller gives a place for the structure.
        let to = unsafe { to.as_mut() }.ok_or(Code::NOACCESS)?;
        *to = next(&mut search).map_err(|_| Code::FILE_NOT_FOUND)?;
        let mut searches = searches();
        searches.0 += 1;
        let handle = FIRST + searches.0;
        searches.1.insert(handle, search);
        Ok(handle as HANDLE)
    };
    last_error::or(find(), INVALID_HANDLE_VALUE)
}

unsafe fn find_next<U: Unit>(handle: HANDLE, to: *mut WIN32_FIND_DATA<U>) -> BOOL {
    let find = || {
        let mut searches = searches();
        let search = searches.1.get_mut(&(handle as usize)).ok_or(Code::INVALID_HANDLE)?;
        // SAFETY: the caller gives a place for the structure.
        let to = unsafe { to.as_mut() }.ok_or(Code::NOACCESS)?;
        *to = next(search)?;
        Ok(())
    };
    last_error::report(find())
}

#[no_mangle]
unsafe extern "C" fn FindFirstFileW(path: LPCWSTR, to: *mut WIN32_FIND_DATA<u16>) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { find_first(path::wide(path), to) }
}

#[no_mangle]
unsafe extern "C" fn FindFirstFileA(path: LPCSTR, to: *mut WIN32_FIND_DATA<u8>) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { find_first(path::narrow(path), to) }
}

#[no_mangle]
unsafe extern "C" fn FindNextFileW(handle: HANDLE, to: *mut WIN32_FIND_DATA<u16>) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { find_next(handle, to) }
}

#[no_mangle]
unsafe extern "C" fn FindNextFileA(handle: HANDLE, to: *mut WIN32_FIND_DATA<u8>) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { find_next(handle, to) }
}

#[no_mangle]
extern "C" fn FindClose(handle: HANDLE) -> BOOL {
    let closed = searches().1.remove(&(handle as usize));
    last_error::report(closed.map(drop).ok_or(Code::INVALID_HANDLE))
}

/// The levels and flags say how much Windows may leave out, and how case counts: a search that leaves out nothing serves all.
fn check(level: u32, operation: u32, filter: *const u8, flags: DWORD) -> Result<()> {
    if level > 1 || operation > 1 || flags & !7 != 0 || !filter.is_null() {
        return Err(Code::INVALID_PARAMETER);
    }
    if flags & 1 != 0 {
        return Err(Code::NOT_SUPPORTED); // FIND_FIRST_EX_CASE_SENSITIVE
    }
    Ok(())
}

#[no_mangle]
unsafe extern "C" fn FindFirstFileExW(
    path: LPCWSTR,
    level: u32,
    to: *mut WIN32_FIND_DATA<u16>,
    operation: u32,
    filter: *const u8,
    flags: DWORD,
) -> HANDLE {
    if let Err(code) = check(level, operation, filter, flags) {
        return last_error::or(Err(code), INVALID_HANDLE_VALUE);
    }
    // SAFETY: the caller's, as Win32 documents.
    unsafe { find_first(path::wide(path), to) }
}

#[no_mangle]
unsafe extern "C" fn FindFirstFileExA(
    path: LPCSTR,
    level: u32,
    to: *mut WIN32_FIND_DATA<u8>,
    operation: u32,
    filter: *const u8,
    flags: DWORD,
) -> HANDLE {
    if let Err(code) = check(level, operation, filter, flags) {
        return last_error::or(Err(code), INVALID_HANDLE_VALUE);
    }
    // SAFETY: the caller's, as Win32 documents.
    unsafe { find_first(path::narrow(path), to) }
}
