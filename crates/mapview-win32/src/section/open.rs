//! `OpenFileMapping`.

use std::sync::Arc;

use mapview::{Access, MappingOptions};

use crate::abi::{right, BOOL, DWORD, FALSE, HANDLE, LPCSTR, LPCWSTR, NULL};
use crate::code::Result;
use crate::object::{Object, Rights};
use crate::table::{self, Entry};
use crate::thread::Busy;
use crate::{handles, last_error, text};

use super::map::{FILE_MAP_COPY, FILE_MAP_EXECUTE};
use super::{section_right, Section};

fn open(name: Option<&[u16]>, access: DWORD, inherit: bool) -> Result<HANDLE> {
    let _busy = Busy::enter();
    let name = text::name_to_open(name)?;
    let mut options = MappingOptions::new();
    options.name(&name);
    let mapping = match wanted(access) {
        // Whatever else is asked for is no question of views, and there is nothing less than reading.
        Some(none) if none.is_empty() => options.open(Access::READ)?,
        Some(access) => options.open(access)?,
        None => options.open(Access::all()).or_else(|_| options.open(Access::READ))?,
    };
    let granted = match wanted(access) {
        Some(_) => handles::open_rights(rights(access), Rights::SECTION)?,
        None => Rights::SECTION.all & !Access::all().bits() | mapping.access().bits(),
    };
    let object = Arc::new(Object::Section(Section::new(mapping, None)));
    table::insert(Entry { object, access: granted, inherit, protect: false })
}

/// `FILE_MAP_` as `SECTION_`: the two differ in what copying and executing are called.
fn rights(access: DWORD) -> DWORD {
    match access {
        FILE_MAP_COPY => section_right::MAP_READ,
        access if access & FILE_MAP_EXECUTE != 0 => {
            access & !FILE_MAP_EXECUTE | section_right::MAP_EXECUTE
        }
        access => access,
    }
}

/// What views are wanted; `None` means whatever can be had.
fn wanted(access: DWORD) -> Option<Access> {
    if access & right::MAXIMUM_ALLOWED != 0 {
        return None;
    }
    let rights = table::rights_wanted(rights(access), Rights::SECTION).unwrap_or(0);
    Some(Access::from_bits_truncate(rights))
}

#[no_mangle]
unsafe extern "C" fn OpenFileMappingW(access: DWORD, inherit: BOOL, name: LPCWSTR) -> HANDLE {
    // SAFETY: what Win32 documents.
    let name = unsafe { text::wide(name) };
    last_error::or(open(name, access, inherit != FALSE), NULL)
}

#[no_mangle]
unsafe extern "C" fn OpenFileMappingA(access: DWORD, inherit: BOOL, name: LPCSTR) -> HANDLE {
    let _busy = Busy::enter();
    // SAFETY: what Win32 documents.
    let name = unsafe { text::narrow_name(name) };
    last_error::or(name.and_then(|name| open(name.as_deref(), access, inherit != FALSE)), NULL)
}

#[no_mangle]
unsafe extern "C" fn OpenFileMappingFromApp(access: DWORD, inherit: BOOL, name: LPCWSTR) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { OpenFileMappingW(access, inherit, name) }
}
