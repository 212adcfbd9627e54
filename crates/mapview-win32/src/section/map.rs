//! `MapViewOfFile` and its variants.

use std::ffi::c_void;

use mapview::memory::{self, Map};
use mapview::Protect;

use crate::abi::{DWORD, HANDLE, INVALID_HANDLE_VALUE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::memory::extended::{self, Extended, MEM_EXTENDED_PARAMETER, NO_NODE};
use crate::memory::target::{Target, PROCESS_VM_OPERATION};
use crate::object::Object;
use crate::table;
use crate::thread::Busy;

use super::{kept, section_right};

pub(super) const FILE_MAP_COPY: DWORD = 0x1;
const FILE_MAP_WRITE: DWORD = 0x2;
const FILE_MAP_READ: DWORD = 0x4;
pub(super) const FILE_MAP_EXECUTE: DWORD = 0x20;
const FILE_MAP_LARGE_PAGES: DWORD = 0x2000_0000;
/// Says that no indirect call goes there, which nobody checks here.
const FILE_MAP_TARGETS_INVALID: DWORD = 0x4000_0000;
/// Leaves room for a section to grow. A view has no more than the section had when it was mapped.
const FILE_MAP_RESERVE: DWORD = 0x8000_0000;

const MEM_RESERVE: DWORD = 0x2000;
const MEM_REPLACE_PLACEHOLDER: DWORD = 0x4000;
const MEM_LARGE_PAGES: DWORD = 0x2000_0000;

/// What such a view permits: writing wins over all, reading over copying, and what is none of them permits nothing.
fn protect_of(access: DWORD) -> Protect {
    let access = access & !(FILE_MAP_LARGE_PAGES | FILE_MAP_TARGETS_INVALID | FILE_MAP_RESERVE);
    let execute = access & FILE_MAP_EXECUTE != 0;
    match access & !FILE_MAP_EXECUTE {
        FILE_MAP_COPY if execute => Protect::EXECUTE_WRITE_COPY,
        FILE_MAP_COPY => Protect::WRITE_COPY,
        more if more & FILE_MAP_WRITE != 0 && execute => Protect::EXECUTE_READ_WRITE,
        more if more & FILE_MAP_WRITE != 0 => Protect::READ_WRITE,
        more if more & FILE_MAP_READ != 0 && execute => Protect::EXECUTE_READ,
        more if more & FILE_MAP_READ != 0 => Protect::READ_ONLY,
        _ => Protect::NO_ACCESS,
    }
}

/// The rights that a handle needs for such a view.
fn rights_for(protect: Protect) -> u32 {
    use section_right::{MAP_EXECUTE, MAP_READ, MAP_WRITE};
    match protect {
        Protect::READ_WRITE => MAP_WRITE,
        Protect::EXECUTE_READ_WRITE => MAP_WRITE | MAP_EXECUTE,
        Protect::EXECUTE => MAP_EXECUTE,
        Protect::EXECUTE_READ | Protect::EXECUTE_WRITE_COPY => MAP_READ | MAP_EXECUTE,
        _ => MAP_READ,
    }
}

fn map(section: HANDLE, wanted: Map, large_pages: bool) -> Result<*mut c_void> {
    let _busy = Busy::enter();
    let entry = table::get(section)?;
    let Object::Section(section) = &*entry.object else { return Err(Code::INVALID_HANDLE) };
    let rights = rights_for(wanted.protect);
    entry.need(rights)?;
    if large_pages && !section.mapping.has_large_pages() {
        return Err(Code::INVALID_PARAMETER);
    }
    if let Some(program) = section.program() {
        return Ok(program.map(&wanted)?.cast());
    }
    let base = section.with(rights, |mapping| Ok(memory::map(mapping, &wanted)?))?;
    if let Some(name) = &section.name_of_file {
        kept::keep(base.addr(), name.clone());
    }
    Ok(base.cast())
}

fn node(node: DWORD) -> Option<u32> {
    Some(node).filter(|node| *node != NO_NODE)
}

#[no_mangle]
extern "C" fn MapViewOfFile(
    section: HANDLE,
    access: DWORD,
    offset_high: DWORD,
    offset_low: DWORD,
    size: usize,
) -> *mut c_void {
    let base = std::ptr::null_mut();
    MapViewOfFileExNuma(section, access, offset_high, offset_low, size, base, NO_NODE)
}

#[no_mangle]
extern "C" fn MapViewOfFileEx(
    section: HANDLE,
    access: DWORD,
    offset_high: DWORD,
    offset_low: DWORD,
    size: usize,
    base: *mut c_void,
) -> *mut c_void {
    MapViewOfFileExNuma(section, access, offset_high, offset_low, size, base, NO_NODE)
}

#[no_mangle]
extern "C" fn MapViewOfFileExNuma(
    section: HANDLE,
    access: DWORD,
    offset_high: DWORD,
    offset_low: DWORD,
    size: usize,
    base: *mut c_void,
    numa_node: DWORD,
) -> *mut c_void {
    let wanted = Map {
        address: base.addr(),
        offset: u64::from(offset_high) << 32 | u64::from(offset_low),
        size,
        protect: protect_of(access),
        numa_node: node(numa_node),
        ..Map::default()
    };
    let large_pages = access & FILE_MAP_LARGE_PAGES != 0;
    last_error::or(map(section, wanted, large_pages), std::ptr::null_mut())
}

#[no_mangle]
extern "C" fn MapViewOfFileFromApp(
    section: HANDLE,
    access: DWORD,
    offset: u64,
    size: usize,
) -> *mut c_void {
    MapViewOfFile(section, access, (offset >> 32) as DWORD, offset as DWORD, size)
}

/// What `MapViewOfFileNuma2` and `MapViewOfFile3` are told besides process and section.
struct Place {
    base: *mut c_void,
    offset: u64,
    size: usize,
    kind: DWORD,
    protect: DWORD,
    told: Extended,
}

fn map_into(section: HANDLE, process: HANDLE, place: Place) -> Result<*mut c_void> {
    let Place { base, offset, size, kind, protect, told } = place;
    let Extended { lowest, highest, numa_node, .. } = told;
    if kind & !(MEM_RESERVE | MEM_REPLACE_PLACEHOLDER | MEM_LARGE_PAGES) != 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let protect = Protect::from_bits(protect).ok_or(Code::INVALID_PARAMETER)?;
    match Target::of(process, PROCESS_VM_OPERATION)? {
        Target::Own => {}
        Target::Other(_) => return Err(Code::NOT_SUPPORTED),
    }
    let replace = kind & MEM_REPLACE_PLACEHOLDER != 0;
    let address = base.addr();
    let wanted = Map { address, offset, size, protect, replace, lowest, highest, numa_node };
    map(section, wanted, kind & MEM_LARGE_PAGES != 0)
}

#[no_mangle]
extern "C" fn MapViewOfFileNuma2(
    section: HANDLE,
    process: HANDLE,
    offset: u64,
    base: *mut c_void,
    size: usize,
    kind: DWORD,
    protect: DWORD,
    numa_node: DWORD,
) -> *mut c_void {
    let told = Extended { numa_node: node(numa_node), ..Extended::default() };
    let place = Place { base, offset, size, kind, protect, told };
    last_error::or(map_into(section, process, place), std::ptr::null_mut())
}

#[no_mangle]
extern "C" fn MapViewOfFile2(
    section: HANDLE,
    process: HANDLE,
    offset: u64,
    base: *mut c_void,
    size: usize,
    kind: DWORD,
    protect: DWORD,
) -> *mut c_void {
    MapViewOfFileNuma2(section, process, offset, base, size, kind, protect, NO_NODE)
}

#[no_mangle]
unsafe extern "C" fn MapViewOfFile3(
    section: HANDLE,
    process: HANDLE,
    base: *mut c_void,
    offset: u64,
    size: usize,
    kind: DWORD,
    protect: DWORD,
    parameters: *const MEM_EXTENDED_PARAMETER,
    count: DWORD,
) -> *mut c_void {
    // SAFETY: what Win32 documents.
    let told = unsafe { extended::read(parameters, count) };
    let process = if process.is_null() { INVALID_HANDLE_VALUE } else { process };
    let mapped = told.and_then(|told| {
        if told.alignment != 0 {
            return Err(Code::INVALID_PARAMETER); // of views nobody asks for one
        }
        map_into(section, process, Place { base, offset, size, kind, protect, told })
    });
    last_error::or(mapped, std::ptr::null_mut())
}

#[no_mangle]
unsafe extern "C" fn MapViewOfFile3FromApp(
    section: HANDLE,
    process: HANDLE,
    base: *mut c_void,
    offset: u64,
    size: usize,
    kind: DWORD,
    protect: DWORD,
    parameters: *const MEM_EXTENDED_PARAMETER,
    count: DWORD,
) -> *mut c_void {
    // SAFETY: the caller's, as Win32 documents.
    unsafe {
        MapViewOfFile3(section, process, base, offset, size, kind, protect, parameters, count)
    }
}
