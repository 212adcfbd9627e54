//! `VirtualQuery`.

use std::ffi::c_void;

use mapview::{memory, MemoryInfo, MemoryKind, MemoryState, Protect};

use super::flags::*;
use super::os;
use super::target::{Target, PROCESS_QUERY_INFORMATION};
use crate::abi::{DWORD, HANDLE, INVALID_HANDLE_VALUE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::thread::Busy;

/// Where programs have their memory: from the first address on, below the other.
pub(super) const LOWEST: usize = 0x1_0000;
pub(super) const HIGHEST: usize = 0x7FFF_FFFF_0000;

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct MEMORY_BASIC_INFORMATION {
    BaseAddress: usize,
    AllocationBase: usize,
    AllocationProtect: DWORD,
    PartitionId: u16,
    RegionSize: usize,
    State: DWORD,
    Protect: DWORD,
    Type: DWORD,
    /// Makes it 48 bytes, with nothing unsaid between.
    __alignment: DWORD,
}

/// What lies at an address of this process or of another.
///
/// # Errors
/// 87 above the addresses of programs.
fn at(process: Option<&mapview::Process>, address: usize) -> Result<MEMORY_BASIC_INFORMATION> {
    let query = |address| match process {
        Some(process) => process.query(address),
        None => memory::query(address),
    };
    if address >= LOWEST {
        return Ok(describe(&query(address)?));
    }
    // Nothing can be had there, so it is free, together with what is free above.
    let above = query(LOWEST)?;
    let end = if above.state == MemoryState::Free { above.base + above.len } else { LOWEST };
    let base = address / os::PAGE * os::PAGE;
    Ok(MEMORY_BASIC_INFORMATION {
        BaseAddress: base,
        RegionSize: end - base,
        State: MEM_FREE,
        Protect: PAGE_NOACCESS,
        ..MEMORY_BASIC_INFORMATION::default()
    })
}

fn describe(info: &MemoryInfo) -> MEMORY_BASIC_INFORMATION {
    let caching = info.caching.bits();
    let bits = |protect: Option<Protect>| {
        protect.map_or(PAGE_NOACCESS, |protect| protect.bits() | caching)
    };
    let (state, protect) = match info.state {
        MemoryState::Free => (MEM_FREE, PAGE_NOACCESS),
        MemoryState::Reserved => (MEM_RESERVE, 0),
        MemoryState::Committed => (MEM_COMMIT, bits(info.protect)),
    };
    let kind = match info.kind {
        None => 0,
        Some(MemoryKind::Private) => MEM_PRIVATE,
        Some(MemoryKind::Mapped) => MEM_MAPPED,
        Some(MemoryKind::Image) => MEM_IMAGE,
    };
    // Of what others mapped nobody remembers it: an image is what Windows maps images as, the rest what it is now.
    let first = match (info.allocation_protect, info.kind) {
        (_, None) => 0,
        (None, Some(MemoryKind::Image)) => Protect::EXECUTE_WRITE_COPY.bits(),
        (None, _) => bits(info.protect),
        (first, _) => bits(first),
    };
    MEMORY_BASIC_INFORMATION {
        BaseAddress: info.base,
        AllocationBase: info.allocation_base,
        AllocationProtect: first,
        PartitionId: 0,
        RegionSize: info.len,
        State: state,
        Protect: protect,
        Type: kind,
        __alignment: 0,
    }
}

/// # Safety
/// `information` may be wrong; if something lies there, it is the caller's to overwrite.
unsafe fn query(
    handle: HANDLE,
    address: usize,
    information: *mut MEMORY_BASIC_INFORMATION,
    len: usize,
) -> Result<usize> {
    let _busy = Busy::enter();
    let target = Target::of(handle, PROCESS_QUERY_INFORMATION)?;
    if address >= HIGHEST {
        return Err(Code::INVALID_PARAMETER);
    }
    if len < size_of::<MEMORY_BASIC_INFORMATION>() {
        return Err(Code::BAD_LENGTH);
    }
    let told = at(target.other()?, address)?;
    // SAFETY: the caller's promise.
    unsafe { os::store(information, told)? };
    Ok(size_of::<MEMORY_BASIC_INFORMATION>())
}

#[no_mangle]
unsafe extern "C" fn VirtualQuery(
    address: *const c_void,
    information: *mut MEMORY_BASIC_INFORMATION,
    len: usize,
) -> usize {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { VirtualQueryEx(INVALID_HANDLE_VALUE, address, information, len) }
}

#[no_mangle]
unsafe extern "C" fn VirtualQueryEx(
    process: HANDLE,
    address: *const c_void,
    information: *mut MEMORY_BASIC_INFORMATION,
    len: usize,
) -> usize {
    // SAFETY: the caller's, as Win32 documents.
    last_error::or(unsafe { query(process, address.addr(), information, len) }, 0)
}
