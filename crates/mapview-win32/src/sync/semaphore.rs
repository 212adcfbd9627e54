//! Semaphores.

use mapview::{Semaphore, SemaphoreOptions};

use crate::abi::{
    right, Given, BOOL, DWORD, FALSE, HANDLE, LONG, LPCSTR, LPCWSTR, NULL, SECURITY_ATTRIBUTES,
};
use crate::code::{Code, Result};
use crate::object::{Object, Rights};
use crate::table::{self, Entry};
use crate::thread::Busy;
use crate::{handles, last_error, text};

/// What a new semaphore counts, and at most.
#[derive(Clone, Copy)]
struct Counts {
    initial: LONG,
    maximum: LONG,
}

fn create(
    name: Option<&[u16]>,
    counts: Counts,
    flags: DWORD,
    access: u32,
    given: Given,
) -> Result<(HANDLE, bool)> {
    let number = |count| u32::try_from(count).map_err(|_| Code::INVALID_PARAMETER);
    let (initial, maximum) = (number(counts.initial)?, number(counts.maximum)?);
    if flags != 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let access = table::rights_wanted(access, Rights::SEMAPHORE)?;
    let _busy = Busy::enter();
    let mut options = SemaphoreOptions::new(initial, maximum);
    if let Some(name) = text::name_to_create(name)? {
        options.name(&name);
        options.security(given.security_of(&name)?);
    }
    let semaphore = options.create()?;
    let new = semaphore.was_created();
    let handle = table::insert(Entry::new(Object::Semaphore(semaphore), access, given.inherit))?;
    Ok((handle, new))
}

fn open(name: Option<&[u16]>, access: u32, inherit: bool) -> Result<HANDLE> {
    let name = text::name_to_open(name)?;
    let _busy = Busy::enter();
    let semaphore = Semaphore::open(&name)?;
    let access = handles::open_rights(access, Rights::SEMAPHORE)?;
    table::insert(Entry::new(Object::Semaphore(semaphore), access, inherit))
}

#[no_mangle]
unsafe extern "C" fn CreateSemaphoreW(
    attributes: *const SECURITY_ATTRIBUTES,
    initial: LONG,
    maximum: LONG,
    name: LPCWSTR,
) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { CreateSemaphoreExW(attributes, initial, maximum, name, 0, Rights::SEMAPHORE.all) }
}

#[no_mangle]
unsafe extern "C" fn CreateSemaphoreA(
    attributes: *const SECURITY_ATTRIBUTES,
    initial: LONG,
    maximum: LONG,
    name: LPCSTR,
) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { CreateSemaphoreExA(attributes, initial, maximum, name, 0, Rights::SEMAPHORE.all) }
}

#[no_mangle]
unsafe extern "C" fn CreateSemaphoreExW(
    attributes: *const SECURITY_ATTRIBUTES,
    initial: LONG,
    maximum: LONG,
    name: LPCWSTR,
    flags: DWORD,
    access: DWORD,
) -> HANDLE {
    // SAFETY: both are what Win32 documents.
    let (name, given) = unsafe { (text::wide(name), Given::of(attributes)) };
    last_error::created(create(name, Counts { initial, maximum }, flags, access, given))
}

#[no_mangle]
unsafe extern "C" fn CreateSemaphoreExA(
    attributes: *const SECURITY_ATTRIBUTES,
    initial: LONG,
    maximum: LONG,
    name: LPCSTR,
    flags: DWORD,
    access: DWORD,
) -> HANDLE {
    let _busy = Busy::enter();
    // SAFETY: both are what Win32 documents.
    let (name, given) = unsafe { (text::narrow_name(name), Given::of(attributes)) };
    let counts = Counts { initial, maximum };
    last_error::created(name.and_then(|name| create(name.as_deref(), counts, flags, access, given)))
}

#[no_mangle]
unsafe extern "C" fn OpenSemaphoreW(access: DWORD, inherit: BOOL, name: LPCWSTR) -> HANDLE {
    // SAFETY: what Win32 documents.
    let name = unsafe { text::wide(name) };
    last_error::or(open(name, access, inherit != FALSE), NULL)
}

#[no_mangle]
unsafe extern "C" fn OpenSemaphoreA(access: DWORD, inherit: BOOL, name: LPCSTR) -> HANDLE {
    let _busy = Busy::enter();
    // SAFETY: what Win32 documents.
    let name = unsafe { text::narrow_name(name) };
    last_error::or(name.and_then(|name| open(name.as_deref(), access, inherit != FALSE)), NULL)
}

#[no_mangle]
unsafe extern "C" fn ReleaseSemaphore(handle: HANDLE, count: LONG, previous: *mut LONG) -> BOOL {
    let release = || {
        let entry = table::get(handle)?;
        let Object::Semaphore(semaphore) = &*entry.object else {
            return Err(Code::INVALID_HANDLE);
        };
        entry.need(right::MODIFY_STATE)?;
        let count = u32::try_from(count).map_err(|_| Code::INVALID_PARAMETER)?;
        let before = semaphore.release(count)?;
        if !previous.is_null() {
            // SAFETY: the caller gives a place for the count or NULL.
            unsafe { *previous = before as LONG };
        }
        Ok(())
    };
    last_error::report(release())
}
