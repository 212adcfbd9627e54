//! Events.

use mapview::{Event, EventOptions, Reset};

use crate::abi::{
    right, Given, BOOL, DWORD, FALSE, HANDLE, LPCSTR, LPCWSTR, NULL, SECURITY_ATTRIBUTES,
};
use crate::code::{Code, Result};
use crate::object::{Object, Rights};
use crate::table::{self, Entry};
use crate::thread::Busy;
use crate::{handles, last_error, text};

const CREATE_EVENT_MANUAL_RESET: DWORD = 1;
const CREATE_EVENT_INITIAL_SET: DWORD = 2;

fn create(name: Option<&[u16]>, flags: DWORD, access: u32, given: Given) -> Result<(HANDLE, bool)> {
    if flags & !(CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET) != 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let access = table::rights_wanted(access, Rights::EVENT)?;
    let _busy = Busy::enter();
    let manual = flags & CREATE_EVENT_MANUAL_RESET != 0;
    let mut options = EventOptions::new(if manual { Reset::Manual } else { Reset::Auto });
    options.initially_set(flags & CREATE_EVENT_INITIAL_SET != 0);
    if let Some(name) = text::name_to_create(name)? {
        options.name(&name);
        options.security(given.security_of(&name)?);
    }
    let event = options.create()?;
    let new = event.was_created();
    let handle = table::insert(Entry::new(Object::Event(event), access, given.inherit))?;
    Ok((handle, new))
}

fn open(name: Option<&[u16]>, access: u32, inherit: bool) -> Result<HANDLE> {
    let name = text::name_to_open(name)?;
    let _busy = Busy::enter();
    let event = Event::open(&name)?;
    let access = handles::open_rights(access, Rights::EVENT)?;
    table::insert(Entry::new(Object::Event(event), access, inherit))
}

fn flags(manual: BOOL, set: BOOL) -> DWORD {
    let manual = if manual != FALSE { CREATE_EVENT_MANUAL_RESET } else { 0 };
    let set = if set != FALSE { CREATE_EVENT_INITIAL_SET } else { 0 };
    manual | set
}

#[no_mangle]
unsafe extern "C" fn CreateEventW(
    attributes: *const SECURITY_ATTRIBUTES,
    manual: BOOL,
    set: BOOL,
    name: LPCWSTR,
) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { CreateEventExW(attributes, name, flags(manual, set), Rights::EVENT.all) }
}

#[no_mangle]
unsafe extern "C" fn CreateEventA(
    attributes: *const SECURITY_ATTRIBUTES,
    manual: BOOL,
    set: BOOL,
    name: LPCSTR,
) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { CreateEventExA(attributes, name, flags(manual, set), Rights::EVENT.all) }
}

#[no_mangle]
unsafe extern "C" fn CreateEventExW(
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
unsafe extern "C" fn CreateEventExA(
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
unsafe extern "C" fn OpenEventW(access: DWORD, inherit: BOOL, name: LPCWSTR) -> HANDLE {
    // SAFETY: what Win32 documents.
    let name = unsafe { text::wide(name) };
    last_error::or(open(name, access, inherit != FALSE), NULL)
}

#[no_mangle]
unsafe extern "C" fn OpenEventA(access: DWORD, inherit: BOOL, name: LPCSTR) -> HANDLE {
    let _busy = Busy::enter();
    // SAFETY: what Win32 documents.
    let name = unsafe { text::narrow_name(name) };
    last_error::or(name.and_then(|name| open(name.as_deref(), access, inherit != FALSE)), NULL)
}

/// Does something with the event behind a handle that may change it.
fn modify(handle: HANDLE, act: impl FnOnce(&Event) -> mapview::Result<()>) -> BOOL {
    let modify = || {
        let entry = table::get(handle)?;
        let Object::Event(event) = &*entry.object else { return Err(Code::INVALID_HANDLE) };
        entry.need(right::MODIFY_STATE)?;
        Ok(act(event)?)
    };
    last_error::report(modify())
}

#[no_mangle]
extern "C" fn SetEvent(handle: HANDLE) -> BOOL {
    modify(handle, Event::set)
}

#[no_mangle]
extern "C" fn ResetEvent(handle: HANDLE) -> BOOL {
    modify(handle, Event::reset)
}

#[no_mangle]
extern "C" fn PulseEvent(handle: HANDLE) -> BOOL {
    modify(handle, Event::pulse)
}
