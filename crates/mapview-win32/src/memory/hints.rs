//! What the system is told about memory that is needed soon, or not: prefetching, discarding, offering.

use std::ffi::c_void;
use std::os::fd::AsFd;

use mapview::memory::{self, Allocate};
use mapview::{ErrorKind, MemoryInfo, MemoryState, Protect};

use super::os;
use super::target::{Target, PROCESS_QUERY_INFORMATION, PROCESS_SET_QUOTA};
use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::object::Object;
use crate::thread::Busy;

#[repr(C)]
#[derive(Clone, Copy)]
struct WIN32_MEMORY_RANGE_ENTRY {
    VirtualAddress: usize,
    NumberOfBytes: usize,
}

/// # Safety
/// `entries` may be wrong.
unsafe fn prefetch(
    handle: HANDLE,
    count: usize,
    entries: *const WIN32_MEMORY_RANGE_ENTRY,
    flags: DWORD,
) -> Result<()> {
    let _busy = Busy::enter();
    const ENTRY: usize = size_of::<WIN32_MEMORY_RANGE_ENTRY>();
    if count == 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let len = count.checked_mul(ENTRY).ok_or(Code::INVALID_PARAMETER)?;
    if os::readable(entries.addr(), len) != len || !entries.is_aligned() {
        return Err(Code::NOACCESS);
    }
    // SAFETY: so many were readable just now.
    let entries = unsafe { std::slice::from_raw_parts(entries, count) };
    let ranges: Vec<(usize, usize)> =
        entries.iter().map(|entry| (entry.VirtualAddress, entry.NumberOfBytes)).collect();
    if flags != 0 || ranges.iter().any(|(_, len)| *len == 0) {
        return Err(Code::INVALID_PARAMETER);
    }
    match Target::of(handle, PROCESS_QUERY_INFORMATION)? {
        Target::Own => Ok(memory::prefetch(&ranges)?),
        Target::Other(object) => {
            let Object::Process(process) = &*object else { return Err(Code::INVALID_HANDLE) };
            for (address, len) in ranges {
                os::advise(process.pidfd().as_fd(), address, len, os::WILL_NEED);
                // a hint
            }
            Ok(())
        }
    }
}

#[no_mangle]
unsafe extern "C" fn PrefetchVirtualMemory(
    process: HANDLE,
    count: usize,
    entries: *const WIN32_MEMORY_RANGE_ENTRY,
    flags: DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { prefetch(process, count, entries, flags) })
}

/// The code, which these calls return instead of leaving it to `GetLastError`.
fn code(result: Result<()>) -> DWORD {
    result.err().map_or(0, |Code(code)| code)
}

#[no_mangle]
extern "C" fn DiscardVirtualMemory(address: *mut c_void, size: usize) -> DWORD {
    let _busy = Busy::enter();
    // SAFETY: what Win32 demands of the caller, too.
    code(unsafe { memory::discard(address.addr(), size) }.map_err(Into::into))
}

/// Offered and reclaimed are whole committed pages.
fn check_pages(address: usize, size: usize) -> Result<()> {
    if size == 0 || !(address | size).is_multiple_of(os::PAGE) {
        return Err(Code::INVALID_PARAMETER);
    }
    let mut at = address;
    while at - address < size {
        let info = memory::query(at)?;
        if info.state != MemoryState::Committed {
            return Err(Code::INVALID_ADDRESS);
        }
        at = info.base + info.len;
    }
    Ok(())
}

fn reset(address: usize, size: usize, wanted: Allocate) -> mapview::Result<()> {
    let wanted = Allocate { address, size, protect: Protect::NO_ACCESS, ..wanted };
    // SAFETY: what Win32 demands of the caller, too.
    unsafe { memory::allocate(&wanted) }.map(drop)
}

/// The kernel takes offered pages when it needs memory. Until then they can be used, which Windows leaves undefined.
#[no_mangle]
extern "C" fn OfferVirtualMemory(address: *mut c_void, size: usize, priority: i32) -> DWORD {
    let _busy = Busy::enter();
    let offer = || {
        if !(1..=4).contains(&priority) {
            return Err(Code::INVALID_PARAMETER);
        }
        check_pages(address.addr(), size)?;
        let wanted = Allocate { reset: true, ..Allocate::default() };
        Ok(reset(address.addr(), size, wanted)?)
    };
    code(offer())
}

#[no_mangle]
extern "C" fn ReclaimVirtualMemory(address: *mut c_void, size: usize) -> DWORD {
    let _busy = Busy::enter();
    let reclaim = || {
        check_pages(address.addr(), size)?;
        let wanted = Allocate { reset_undo: true, ..Allocate::default() };
        reset(address.addr(), size, wanted).map_err(|error| match error.kind() {
            ErrorKind::InPageError => Code::BUSY, // some of it is lost
            _ => error.into(),
        })
    };
    code(reclaim())
}

/// Takes every page of the process out of memory, as far as the kernel does that; they come back at their next use.
pub(super) fn trim(handle: HANDLE) -> Result<()> {
    let _busy = Busy::enter();
    let target = Target::of(handle, PROCESS_SET_QUOTA)?;
    let committed = |told: Vec<MemoryInfo>| {
        told.into_iter().filter(|info| info.state == MemoryState::Committed)
    };
    let taken = match &target {
        Target::Own => committed(memory::regions()?)
            .filter(|info| os::advise_own(info.base, info.len, os::PAGE_OUT))
            .count(),
        Target::Other(object) => {
            let Object::Process(process) = &**object else { return Err(Code::INVALID_HANDLE) };
            let pidfd = process.pidfd().as_fd();
            committed(process.memory()?.memory_map()?.collect())
                .filter(|info| os::advise(pidfd, info.base, info.len, os::PAGE_OUT))
                .count()
        }
    };
    match taken {
        0 => Err(Code::NOT_SUPPORTED),
        _ => Ok(()),
    }
}
