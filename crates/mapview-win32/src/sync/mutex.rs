//! Mutexes. A wait takes them and forgets the guard; `ReleaseMutex` gives them back.

use mapview::{Mutex, MutexOptions};

use crate::abi::{Given, BOOL, DWORD, FALSE, HANDLE, LPCSTR, LPCWSTR, NULL, SECURITY_ATTRIBUTES};
use crate::code::{Code, Result};
use crate::object::{Object, Rights};
use crate::table::{self, Entry};
use crate::thread::Busy;
use crate::{handles, last_error, text};

const CREATE_MUTEX_INITIAL_OWNER: DWORD = 1;

fn create(name: Option<&[u16]>, flags: DWORD, access: u32, given: Given) -> Result<(HANDLE, bool)> {
    if flags & !CREATE_MUTEX_INITIAL_OWNER != 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let access = table::rights_wanted(access, Rights::MUTEX)?;
    let _busy = Busy::enter();
    let mut options = MutexOptions::new();
    options.initial_owner(flags & CREATE_MUTEX_INITIAL_OWNER != 0);
    if let Some(name) = text::name_to_create(name)? {
        options.name(&name);
        options.security(given.security_of(&name)?);
    }
    let mutex = options.create()?;
    let new = mutex.was_created();
    let handle = table::insert(Entry::new(Object::Mutex(mutex), access, given.inherit))?;
    Ok((handle, new))
}

fn open(name: Option<&[u16]>, access: u32, inherit: bool) -> Result<HANDLE> {
    let name = text::name_to_open(name)?;
    let _busy = Busy::enter();
    let mutex = Mutex::open(&name)?;
    let access = handles::open_rights(access, Rights::MUTEX)?;
    table::insert(Entry::new(Object::Mutex(mutex), access, inherit))
}

fn flags(owner: BOOL) -> DWORD {
    if owner != FALSE {
        CREATE_MUTEX_INITIAL_OWNER
    } else {
        0
    }
}

#[no_mangle]
unsafe extern "C" fn CreateMutexW(
    attributes: *const SECURITY_ATTRIBUTES,
    owner: BOOL,
    name: LPCWSTR,
) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { CreateMutexExW(attributes, name, flags(owner), Rights::MUTEX.all) }
}

#[no_mangle]
unsafe extern "C" fn CreateMutexA(
    attributes: *const SECURITY_ATTRIBUTES,
    owner: BOOL,
    name: LPCSTR,
) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { CreateMutexExA(attributes, name, flags(owner), Rights::MUTEX.all) }
}

#[no_mangle]
unsafe extern "C" fn CreateMutexExW(
    attributes: *const SECURITY_ATTRIBUTES,
    name: LPCWSTR,
    flags: DWORD,
    access: DWORD,
) -> HANDLE {
    // SAFETY: both are what Win32 documents.
    let (name, given) = unsafe { (text::wide(name), Given::of(attributes)) };
    last_error::created(create(name, flags, access, given))
}

#[no_mangle]
unsafe extern "C" fn CreateMutexExA(
    attributes: *const SECURITY_ATTRIBUTES,
    name: LPCSTR,
    flags: DWORD,
    access: DWORD,
) -> HANDLE {
    let _busy = Busy::enter();
    // SAFETY: both are what Win32 documents.
    let (name, given) = unsafe { (text::narrow_name(name), Given::of(attributes)) };
    last_error::created(name.and_then(|name| create(name.as_deref(), flags, access, given)))
}

#[no_mangle]
unsafe extern "C" fn OpenMutexW(access: DWORD, inherit: BOOL, name: LPCWSTR) -> HANDLE {
    // SAFETY: what Win32 documents.
    let name = unsafe { text::wide(name) };
    last_error::or(open(name, access, inherit != FALSE), NULL)
}

#[no_mangle]
unsafe extern "C" fn OpenMutexA(access: DWORD, inherit: BOOL, name: LPCSTR) -> HANDLE {
    let _busy = Busy::enter();
    // SAFETY: what Win32 documents.
    let name = unsafe { text::narrow_name(name) };
    last_error::or(name.and_then(|name| open(name.as_deref(), access, inherit != FALSE)), NULL)
}

/// Any handle will do, whatever its rights: what counts is which thread calls.
#[no_mangle]
extern "C" fn ReleaseMutex(handle: HANDLE) -> BOOL {
    let release = || {
        let entry = table::get(handle)?;
        let Object::Mutex(mutex) = &*entry.object else { return Err(Code::INVALID_HANDLE) };
        Ok(mutex.unlock()?)
    };
    last_error::report(release())
}
