//! `CreateFileMapping` and its variants.

use std::sync::Arc;

use mapview::{Caching, MappingOptions};

use crate::abi::INVALID_HANDLE_VALUE;
use crate::abi::{Given, DWORD, HANDLE, LPCSTR, LPCWSTR, SECURITY_ATTRIBUTES};
use crate::code::{Code, Result};
use crate::file::Kind as FileKind;
use crate::memory::extended::{self, MEM_EXTENDED_PARAMETER, NO_NODE};
use crate::object::{Object, Rights};
use crate::table::{self, Entry};
use crate::thread::Busy;
use crate::{last_error, text};

use super::flags::{Attributes, Kind};
use super::{Section, BAD_EXE_FORMAT};

/// What a section is made of, besides its name.
struct Wanted {
    file: HANDLE,
    protect: DWORD,
    size: u64,
    /// What the handle may do; else what the protection stands for.
    access: Option<u32>,
    given: Given,
    node: DWORD,
}

/// From here on no section can be described, and no file can be so long.
const TOO_LARGE: u64 = 1 << 47;
const TOO_LARGE_FOR_A_FILE: u64 = 1 << 54;
/// From here on Windows has no room for what it notes of each reserved page.
const TOO_LARGE_TO_RESERVE: u64 = 1 << 43;

/// The file and everything else are looked at before the name is: that it is taken does not make them right.
fn create(wanted: &Wanted, name: Option<&[u16]>) -> Result<(HANDLE, bool)> {
    let _busy = Busy::enter();
    let attributes = Attributes::parse(wanted.protect)?;
    let access = match wanted.access {
        None => attributes.rights(),
        Some(access) => table::rights_wanted(access, Rights::SECTION)?,
    };
    if wanted.size > i64::MAX as u64 {
        return Err(Code::INVALID_PARAMETER);
    }
    let mut options = MappingOptions::new();
    options.protection(attributes.protection).size(wanted.size).caching(attributes.caching);
    if wanted.node != NO_NODE {
        options.numa_node(wanted.node);
    }
    let mut name_of_file = None;
    if wanted.file.is_null() || wanted.file == INVALID_HANDLE_VALUE {
        of_memory(&attributes, wanted.size, &mut options)?;
    } else {
        let entry = table::get(wanted.file)?;
        let file = entry.file()?;
        entry.need(attributes.of_file())?;
        if attributes.kind == Kind::LargePages {
            return Err(Code::INVALID_PARAMETER);
        }
        if file.kind != FileKind::Disk {
            return Err(BAD_EXE_FORMAT);
        }
        if attributes.kind == Kind::Image {
            let plain = attributes.caching == Caching::None;
            let section = Section::of_image(&file.file, plain, wanted.size)?;
            if text::name_to_create(name)?.is_some() {
                return Err(Code::NOT_SUPPORTED);
            }
            return Ok((insert(section, access, wanted)?, true));
        }
        if wanted.size >= TOO_LARGE_FOR_A_FILE {
            return Err(Code::NOT_ENOUGH_MEMORY);
        }
        options.file(&file.file);
        name_of_file = file.keep_name();
    }
    if let Some(name) = text::name_to_create(name)? {
        options.name(&name);
        options.security(wanted.given.security_of(&name)?);
    }
    let mapping = options.create()?;
    let new = mapping.was_created();
    let section = Section::new(mapping, name_of_file.filter(|_| new));
    Ok((insert(section, access, wanted)?, new))
}

fn insert(section: Section, access: u32, wanted: &Wanted) -> Result<HANDLE> {
    table::insert(Entry {
        object: Arc::new(Object::Section(section)),
        access,
        inherit: wanted.given.inherit,
        protect: false,
    })
}

fn of_memory(attributes: &Attributes, size: u64, options: &mut MappingOptions) -> Result<()> {
    if size == 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    match attributes.kind {
        Kind::Image => return Err(BAD_EXE_FORMAT),
        _ if size >= TOO_LARGE => return Err(Code::NOT_ENOUGH_MEMORY),
        Kind::Reserved if size >= TOO_LARGE_TO_RESERVE => return Err(Code::NO_SYSTEM_RESOURCES),
        Kind::Reserved => options.reserve(true),
        Kind::LargePages => options.large_pages(true),
        Kind::Committed => options,
    };
    Ok(())
}

fn whole(high: DWORD, low: DWORD) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

#[no_mangle]
unsafe extern "C" fn CreateFileMappingW(
    file: HANDLE,
    attributes: *const SECURITY_ATTRIBUTES,
    protect: DWORD,
    size_high: DWORD,
    size_low: DWORD,
    name: LPCWSTR,
) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { CreateFileMappingNumaW(file, attributes, protect, size_high, size_low, name, NO_NODE) }
}

#[no_mangle]
unsafe extern "C" fn CreateFileMappingA(
    file: HANDLE,
    attributes: *const SECURITY_ATTRIBUTES,
    protect: DWORD,
    size_high: DWORD,
    size_low: DWORD,
    name: LPCSTR,
) -> HANDLE {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { CreateFileMappingNumaA(file, attributes, protect, size_high, size_low, name, NO_NODE) }
}

#[no_mangle]
unsafe extern "C" fn CreateFileMappingNumaW(
    file: HANDLE,
    attributes: *const SECURITY_ATTRIBUTES,
    protect: DWORD,
    size_high: DWORD,
    size_low: DWORD,
    name: LPCWSTR,
    node: DWORD,
) -> HANDLE {
    // SAFETY: both are what Win32 documents.
    let (name, given) = unsafe { (text::wide(name), Given::of(attributes)) };
    let size = whole(size_high, size_low);
    last_error::created(create(&Wanted { file, protect, size, access: None, given, node }, name))
}

#[no_mangle]
unsafe extern "C" fn CreateFileMappingNumaA(
    file: HANDLE,
    attributes: *const SECURITY_ATTRIBUTES,
    protect: DWORD,
    size_high: DWORD,
    size_low: DWORD,
    name: LPCSTR,
    node: DWORD,
) -> HANDLE {
    let _busy = Busy::enter();
    // SAFETY: both are what Win32 documents.
    let (name, given) = unsafe { (text::narrow_name(name), Given::of(attributes)) };
    let size = whole(size_high, size_low);
    let wanted = Wanted { file, protect, size, access: None, given, node };
    last_error::created(name.and_then(|name| create(&wanted, name.as_deref())))
}

#[no_mangle]
unsafe extern "C" fn CreateFileMappingFromApp(
    file: HANDLE,
    attributes: *const SECURITY_ATTRIBUTES,
    protect: DWORD,
    size: u64,
    name: LPCWSTR,
) -> HANDLE {
    // SAFETY: both are what Win32 documents.
    let (name, given) = unsafe { (text::wide(name), Given::of(attributes)) };
    let wanted = Wanted { file, protect, size, access: None, given, node: NO_NODE };
    last_error::created(create(&wanted, name))
}

#[no_mangle]
unsafe extern "C" fn CreateFileMapping2(
    file: HANDLE,
    attributes: *const SECURITY_ATTRIBUTES,
    access: DWORD,
    protect: DWORD,
    allocation: DWORD,
    size: u64,
    name: LPCWSTR,
    parameters: *const MEM_EXTENDED_PARAMETER,
    count: DWORD,
) -> HANDLE {
    // SAFETY: all are what Win32 documents.
    let (name, given, told) =
        unsafe { (text::wide(name), Given::of(attributes), extended::read(parameters, count)) };
    let made = told.and_then(|told| {
        let addresses = told.lowest | told.highest | told.alignment;
        // A page protection and attributes: each in its own argument.
        if addresses != 0 || protect > 0xFFFF || allocation & 0xFFFF != 0 {
            return Err(Code::INVALID_PARAMETER);
        }
        let (protect, access) = (protect | allocation, Some(access));
        let node = told.numa_node.unwrap_or(NO_NODE);
        create(&Wanted { file, protect, size, access, given, node }, name)
    });
    last_error::created(made)
}
