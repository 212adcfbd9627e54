//! Modules: the program, this library under the names of the DLLs whose functions it has, and shared libraries of Linux.

use std::collections::BTreeMap;
use std::ffi::{c_char, c_void, CStr, CString};
use std::os::unix::ffi::OsStringExt;
use std::ptr::null_mut;
use std::sync::Mutex;

use crate::abi::{BOOL, DWORD, HANDLE, LPCSTR, LPCWSTR, NULL};
use crate::code::{Code, Result};
use crate::file::path::to_wide;
use crate::info::environment::{narrow, wide};
use crate::info::os::{self, Library};
use crate::last_error;
use crate::thread::{lock, Held};

const INSUFFICIENT_BUFFER: Code = Code(122);
const MOD_NOT_FOUND: Code = Code(126);
const PROC_NOT_FOUND: Code = Code(127);
const INVALID_ORDINAL: Code = Code(182);
const BAD_EXE_FORMAT: Code = Code(193);

const FLAG_PIN: DWORD = 1;
const FLAG_UNCHANGED_REFCOUNT: DWORD = 2;
const FLAG_FROM_ADDRESS: DWORD = 4;

/// The DLLs that this library stands for, without ".dll".
const OURS: [&str; 6] = ["kernel32", "kernelbase", "ntdll", "advapi32", "psapi", "winmm"];

enum Module {
    Program,
    /// This library.
    Ours,
    /// Handle of a library that was loaded through `LoadLibrary` or found.
    Loaded(usize),
}

struct Loaded {
    library: Library,
    count: usize,
}

static LOADED: Mutex<BTreeMap<usize, Loaded>> = Mutex::new(BTreeMap::new());

fn loaded() -> Held<'static, BTreeMap<usize, Loaded>> {
    lock(&LOADED)
}

/// Where the program begins in memory, as on Windows.
fn program() -> HANDLE {
    os::base_of(os::in_program()).map_or(1 as HANDLE, |base| base as HANDLE)
}

/// A number of this library's own: where it lies, even if it is part of the program.
fn ours() -> HANDLE {
    static OURS_IS_HERE: u64 = 0;
    &raw const OURS_IS_HERE as HANDLE
}

fn module(handle: HANDLE) -> Result<Module> {
    match handle {
        _ if handle.is_null() || handle == program() => Ok(Module::Program),
        _ if handle == ours() => Ok(Module::Ours),
        _ if loaded().contains_key(&(handle as usize)) => Ok(Module::Loaded(handle as usize)),
        _ => Err(MOD_NOT_FOUND),
    }
}

fn is_ours(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let last = name.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
    let base = last.strip_suffix(b".dll").unwrap_or(last);
    OURS.iter().any(|ours| ours.as_bytes() == base) || base.starts_with(b"api-ms-win-core-")
}

/// The name as the loader wants it.
fn file(name: &[u8]) -> Result<CString> {
    let name = name.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte });
    CString::new(name.collect::<Vec<u8>>()).map_err(|_| MOD_NOT_FOUND)
}

/// Remembers a library under its handle, which the loader gives out once for each library.
fn remember(library: Library, counts: bool) -> HANDLE {
    let number = library.number();
    let mut all = loaded();
    match all.get_mut(&number) {
        Some(known) => {
            known.count += usize::from(counts);
            library.close();
        }
        None => {
            all.insert(number, Loaded { library, count: usize::from(counts) });
        }
    }
    number as HANDLE
}

fn load(name: Option<Vec<u8>>) -> Result<HANDLE> {
    let name = name.filter(|name| !name.is_empty()).ok_or(Code::INVALID_PARAMETER)?;
    if is_ours(&name) {
        return Ok(ours());
    }
    let file = file(&name)?;
    match Library::open(Some(&file), false) {
        Some(library) => Ok(remember(library, true)),
        None if os::exists(&file) => Err(BAD_EXE_FORMAT),
        None => Err(MOD_NOT_FOUND),
    }
}

fn find(name: Option<Vec<u8>>) -> Result<HANDLE> {
    let Some(name) = name else { return Ok(program()) };
    if is_ours(&name) {
        return Ok(ours());
    }
    let is_program = os::program_file().and_then(|path| Some(path.file_name()?.to_os_string()));
    let last = name.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
    if is_program.is_some_and(|program| program.into_vec() == last) {
        return Ok(program());
    }
    let library = Library::open(Some(&file(&name)?), true).ok_or(MOD_NOT_FOUND)?;
    Ok(remember(library, false))
}

fn free(handle: HANDLE) -> Result<()> {
    let Module::Loaded(number) = module(handle)? else { return Ok(()) };
    let mut all = loaded();
    let known = all.get_mut(&number).ok_or(MOD_NOT_FOUND)?;
    known.count = known.count.saturating_sub(1);
    if known.count == 0 {
        let gone = all.remove(&number);
        drop(all);
        gone.into_iter().for_each(|gone| gone.library.close());
    }
    Ok(())
}

fn procedure(handle: HANDLE, name: LPCSTR) -> Result<*mut c_void> {
    let module = module(handle)?;
    if name.addr() <= 0xFFFF {
        return Err(INVALID_ORDINAL); // modules of Linux have names only
    }
    // SAFETY: the caller gives a NUL-terminated name.
    let name = unsafe { CStr::from_ptr(name) };
    let found = match module {
        Module::Loaded(number) => {
            loaded().get(&number).map_or(null_mut(), |known| known.library.symbol(name))
        }
        Module::Program => of_module(os::in_program(), name),
        // What the program and C call by these names is not Win32's.
        Module::Ours if name.to_bytes().starts_with(b"mapview_") => null_mut(),
        Module::Ours => of_module(ours(), name),
    };
    match found.is_null() {
        true => Err(PROC_NOT_FOUND),
        false => Ok(found),
    }
}

/// A symbol of the module that an address lies in, and not of one that it uses.
fn of_module(address: *const c_void, name: &CStr) -> *mut c_void {
    let Some(place) = os::place_of(address) else { return null_mut() };
    let is_program = os::base_of(os::in_program()) == Some(place.base);
    let file = CString::new(place.file).ok().filter(|_| !is_program);
    let Some(library) = Library::open(file.as_deref(), true) else { return null_mut() };
    let symbol = library.symbol(name);
    library.close(); // the module stays: it is running
    if !symbol.is_null() && os::base_of(symbol) == Some(place.base) {
        return symbol;
    }
    null_mut()
}

fn path_of(handle: HANDLE) -> Result<Vec<u8>> {
    match module(handle)? {
        Module::Program => {
            os::program_file().map(|path| path.into_os_string().into_vec()).ok_or(MOD_NOT_FOUND)
        }
        Module::Ours => os::place_of(ours()).map(|place| place.file).ok_or(MOD_NOT_FOUND),
        Module::Loaded(number) => {
            loaded().get(&number).and_then(|known| known.library.file()).ok_or(MOD_NOT_FOUND)
        }
    }
}

/// Writes the path, cut if it must be, and then the last error says so.
///
/// # Safety
/// There are `size` places.
unsafe fn deliver<T: Copy + Default>(path: &[T], to: *mut T, size: DWORD) -> Result<DWORD> {
    let size = size as usize;
    if to.is_null() || size == 0 {
        return Err(INSUFFICIENT_BUFFER);
    }
    let kept = path.len().min(size - 1);
    // SAFETY: the caller says so.
    unsafe {
        std::ptr::copy_nonoverlapping(path.as_ptr(), to, kept);
        to.add(kept).write(T::default());
    }
    if kept < path.len() {
        last_error::set(INSUFFICIENT_BUFFER.0);
        return Ok(size as DWORD);
    }
    Ok(kept as DWORD)
}

#[no_mangle]
unsafe extern "C" fn GetModuleFileNameW(handle: HANDLE, to: *mut u16, size: DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    last_error::or(
        path_of(handle).and_then(|path| unsafe { deliver(&to_wide(&path), to, size) }),
        0,
    )
}

#[no_mangle]
unsafe extern "C" fn GetModuleFileNameA(handle: HANDLE, to: *mut c_char, size: DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    last_error::or(path_of(handle).and_then(|path| unsafe { deliver(&path, to.cast(), size) }), 0)
}

#[no_mangle]
unsafe extern "C" fn GetModuleHandleW(name: LPCWSTR) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    last_error::or(find(unsafe { wide(name) }), NULL)
}

#[no_mangle]
unsafe extern "C" fn GetModuleHandleA(name: LPCSTR) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    last_error::or(find(unsafe { narrow(name) }), NULL)
}

/// # Safety
/// `name` is what the flags say; `to` is NULL or a place.
unsafe fn find_ex(
    flags: DWORD,
    address: *const c_void,
    name: impl FnOnce() -> Option<Vec<u8>>,
    to: *mut HANDLE,
) -> BOOL {
    let find = || {
        let known = FLAG_PIN | FLAG_UNCHANGED_REFCOUNT | FLAG_FROM_ADDRESS;
        let both = FLAG_PIN | FLAG_UNCHANGED_REFCOUNT;
        if to.is_null() || flags & !known != 0 || flags & both == both {
            return Err(Code::INVALID_PARAMETER);
        }
        let handle = match flags & FLAG_FROM_ADDRESS != 0 {
            false => find(name())?,
            true => at(address)?,
        };
        if let Some(known) = loaded().get_mut(&(handle as usize)) {
            known.count = match flags & both {
                FLAG_PIN => usize::MAX / 2,
                FLAG_UNCHANGED_REFCOUNT => known.count,
                _ => known.count + 1,
            };
        }
        Ok(handle)
    };
    let found = find();
    if !to.is_null() {
        // SAFETY: the caller says so.
        unsafe { *to = *found.as_ref().unwrap_or(&NULL) };
    }
    last_error::report(found.map(drop))
}

/// The module that an address lies in.
fn at(address: *const c_void) -> Result<HANDLE> {
    let place = os::place_of(address).ok_or(MOD_NOT_FOUND)?;
    if place.base == program() as usize {
        return Ok(program());
    }
    if os::base_of(ours()) == Some(place.base) {
        return Ok(ours());
    }
    find(Some(place.file))
}

#[no_mangle]
unsafe extern "C" fn GetModuleHandleExW(flags: DWORD, name: LPCWSTR, to: *mut HANDLE) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { find_ex(flags, name.cast(), || wide(name), to) }
}

#[no_mangle]
unsafe extern "C" fn GetModuleHandleExA(flags: DWORD, name: LPCSTR, to: *mut HANDLE) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { find_ex(flags, name.cast(), || narrow(name), to) }
}

#[no_mangle]
unsafe extern "C" fn LoadLibraryW(name: LPCWSTR) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    last_error::or(load(unsafe { wide(name) }), NULL)
}

#[no_mangle]
unsafe extern "C" fn LoadLibraryA(name: LPCSTR) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    last_error::or(load(unsafe { narrow(name) }), NULL)
}

/// Where to search is the loader's matter here; loading as data, without the code, does not exist.
fn load_ex(name: Option<Vec<u8>>, file: HANDLE, flags: DWORD) -> Result<HANDLE> {
    const DONT_RESOLVE_DLL_REFERENCES: DWORD = 1;
    const AS_DATA: DWORD = 2 | 0x20 | 0x40;
    if !file.is_null() {
        return Err(Code::INVALID_PARAMETER);
    }
    if flags & (DONT_RESOLVE_DLL_REFERENCES | AS_DATA) != 0 {
        return Err(Code::NOT_SUPPORTED);
    }
    load(name)
}

#[no_mangle]
unsafe extern "C" fn LoadLibraryExW(name: LPCWSTR, file: HANDLE, flags: DWORD) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    last_error::or(load_ex(unsafe { wide(name) }, file, flags), NULL)
}

#[no_mangle]
unsafe extern "C" fn LoadLibraryExA(name: LPCSTR, file: HANDLE, flags: DWORD) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    last_error::or(load_ex(unsafe { narrow(name) }, file, flags), NULL)
}

#[no_mangle]
extern "C" fn FreeLibrary(handle: HANDLE) -> BOOL {
    let real = if handle.is_null() { Err(Code::INVALID_HANDLE) } else { free(handle) };
    last_error::report(real)
}

#[no_mangle]
extern "C" fn GetProcAddress(handle: HANDLE, name: LPCSTR) -> *mut c_void {
    last_error::or(procedure(handle, name), null_mut())
}

/// Libraries of Linux are not told of threads, so there is nothing to switch off.
#[no_mangle]
extern "C" fn DisableThreadLibraryCalls(handle: HANDLE) -> BOOL {
    last_error::report(module(handle).map(drop))
}
