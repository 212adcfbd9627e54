//! `QueryWorkingSetEx` and `QueryWorkingSet`: which pages are in memory for a process.

use std::ffi::c_void;

use mapview::{memory, MemoryInfo, MemoryKind, PageRun, Place, Process, Sharing};

use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::memory::target::{Target, PROCESS_QUERY_INFORMATION};

const PAGE: usize = 0x1000;

/// `PSAPI_WORKING_SET_EX_INFORMATION`: an address, and the attributes of its page.
#[repr(C)]
struct PSAPI_WORKING_SET_EX_INFORMATION {
    VirtualAddress: *mut c_void,
    /// Valid: 1 bit, share count: 3, protection: 11, shared: 1; the node and what follows stay 0.
    VirtualAttributes: usize,
}

/// Up to so many processes are told.
const MOST_SHARERS: usize = 7;

/// How many processes have a page; `None` for private memory.
fn sharers(info: &MemoryInfo, run: &PageRun) -> Option<usize> {
    let shared = info.kind != Some(MemoryKind::Private) && !run.private;
    let count = match run.sharing {
        Sharing::Shared(Some(count)) => count as usize,
        Sharing::Shared(None) => 2,
        _ => 1,
    };
    shared.then_some(count.clamp(1, MOST_SHARERS))
}

/// `PSAPI_WORKING_SET_EX_BLOCK` of the page with an address.
fn attributes(process: Option<&Process>, address: usize) -> Result<usize> {
    let page = address / PAGE * PAGE;
    let info = match process {
        None => memory::query(page),
        Some(process) => process.query(page),
    };
    // What is no address of a program is in nobody's memory.
    let Ok(info) = info else { return Ok(0) };
    let Some(protect) = info.protect else { return Ok(0) };
    let residency = match process {
        None => mapview::memory_residency(page, PAGE)?,
        Some(process) => mapview::process_residency(process.pid(), page, PAGE)?,
    };
    let Some(run) = residency.runs.first().filter(|run| run.place == Place::Present) else {
        return Ok(0);
    };
    let protection = (protect.bits() | info.caching.bits()) as usize;
    let (shared, count) = sharers(&info, run).map_or((0, 0), |count| (1, count));
    Ok(1 | count << 1 | protection << 4 | shared << 15)
}

#[no_mangle]
unsafe extern "C" fn K32QueryWorkingSetEx(
    process: HANDLE,
    buffer: *mut c_void,
    size: DWORD,
) -> BOOL {
    let query = || {
        let each = size_of::<PSAPI_WORKING_SET_EX_INFORMATION>();
        let count = size as usize / each;
        if count == 0 || !(size as usize).is_multiple_of(each) {
            return Err(Code::BAD_LENGTH);
        }
        let target = Target::of(process, PROCESS_QUERY_INFORMATION)?;
        let other = target.other()?;
        if buffer.is_null() {
            return Err(Code::NOACCESS);
        }
        let first = buffer.cast::<PSAPI_WORKING_SET_EX_INFORMATION>();
        for index in 0..count {
            // SAFETY: the caller gives so many, of which the addresses are set.
            let asked = unsafe { &mut *first.add(index) };
            asked.VirtualAttributes = attributes(other, asked.VirtualAddress.addr())?;
        }
        Ok(())
    };
    last_error::report(query())
}

#[no_mangle]
unsafe extern "C" fn QueryWorkingSetEx(process: HANDLE, buffer: *mut c_void, size: DWORD) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { K32QueryWorkingSetEx(process, buffer, size) }
}

/// The 5 bits of `PSAPI_WORKING_SET_BLOCK` for a protection.
fn protection_of_block(info: &MemoryInfo) -> usize {
    let Some(protect) = info.protect else { return 0 };
    let access = match protect.unguarded().bits() {
        0x02 => 1,
        0x10 => 2,
        0x20 => 3,
        0x04 => 4,
        0x08 => 5,
        0x40 => 6,
        0x80 => 7,
        _ => 0,
    };
    let uncached = if info.caching == mapview::Caching::None { 8 } else { 0 };
    access | uncached | if protect.is_guarded() { 16 } else { 0 }
}

/// `PSAPI_WORKING_SET_BLOCK` of every page that is in memory.
fn blocks(process: Option<&Process>) -> Result<Vec<usize>> {
    let regions = match process {
        None => memory::regions()?,
        Some(process) => process.memory_map()?.collect(),
    };
    let mut blocks = Vec::new();
    for info in regions.iter().filter(|info| info.protect.is_some()) {
        let residency = match process {
            None => mapview::memory_residency(info.base, info.len)?,
            Some(process) => mapview::process_residency(process.pid(), info.base, info.len)?,
        };
        let protection = protection_of_block(info);
        for run in residency.runs.iter().filter(|run| run.place == Place::Present) {
            let (shared, count) = sharers(info, run).map_or((0, 0), |count| (1, count));
            let start = run.offset as usize;
            let pages = (start..start + run.len as usize).step_by(PAGE);
            blocks.extend(pages.map(|page| page | protection | count << 5 | shared << 8));
        }
    }
    Ok(blocks)
}

#[no_mangle]
unsafe extern "C" fn K32QueryWorkingSet(process: HANDLE, buffer: *mut c_void, size: DWORD) -> BOOL {
    let query = || {
        let room = (size as usize / size_of::<usize>()).checked_sub(1).ok_or(Code::BAD_LENGTH)?;
        let target = Target::of(process, PROCESS_QUERY_INFORMATION)?;
        let blocks = blocks(target.other()?)?;
        if buffer.is_null() {
            return Err(Code::NOACCESS);
        }
        let words = buffer.cast::<usize>();
        // SAFETY: the caller gives room for the number and `room` blocks.
        unsafe {
            *words = blocks.len();
            if blocks.len() > room {
                return Err(Code::BAD_LENGTH); // and the number says how much is needed
            }
            std::ptr::copy_nonoverlapping(blocks.as_ptr(), words.add(1), blocks.len());
        }
        Ok(())
    };
    last_error::report(query())
}

#[no_mangle]
unsafe extern "C" fn QueryWorkingSet(process: HANDLE, buffer: *mut c_void, size: DWORD) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { K32QueryWorkingSet(process, buffer, size) }
}
