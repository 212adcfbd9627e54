//! Memory by address.

use std::ffi::c_void;

use windows_sys::Win32::System::Memory::{
    DiscardVirtualMemory, GetWriteWatch, PrefetchVirtualMemory, ResetWriteWatch, VirtualAlloc,
    VirtualAllocExNuma, VirtualFree, VirtualLock, VirtualProtect, VirtualQuery, VirtualUnlock,
    WIN32_MEMORY_RANGE_ENTRY,
};
use windows_sys::Win32::System::ProcessStatus::K32GetMappedFileNameW;
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use super::{check, last_error, Code, Outcome};

pub(crate) use windows_sys::Win32::System::Memory::{
    MEMORY_BASIC_INFORMATION, MEM_COMMIT, MEM_DECOMMIT, MEM_FREE, MEM_IMAGE, MEM_LARGE_PAGES,
    MEM_MAPPED, MEM_PRESERVE_PLACEHOLDER, MEM_RELEASE, MEM_REPLACE_PLACEHOLDER, MEM_RESERVE,
    MEM_RESERVE_PLACEHOLDER, MEM_RESET, MEM_RESET_UNDO, PAGE_NOACCESS,
};

/// These windows-sys does not have.
pub(crate) const MEM_COALESCE_PLACEHOLDERS: u32 = 1;
pub(crate) const MEM_TOP_DOWN: u32 = 0x10_0000;
pub(crate) const MEM_WRITE_WATCH: u32 = 0x20_0000;

fn pointer(address: usize) -> *mut c_void {
    std::ptr::with_exposed_provenance_mut(address)
}

/// # Safety
/// Nobody relies on what committed pages of the range permit and will not then, nor on content that is reset.
pub(crate) unsafe fn virtual_alloc(
    address: usize,
    size: usize,
    kind: u32,
    protect: u32,
    node: Option<u32>,
) -> Outcome<*mut u8> {
    // SAFETY: the caller's promise; the process is this one.
    let base = unsafe {
        match node {
            None => VirtualAlloc(pointer(address), size, kind, protect),
            Some(node) => {
                VirtualAllocExNuma(GetCurrentProcess(), pointer(address), size, kind, protect, node)
            }
        }
    };
    if base.is_null() {
        return Err(last_error());
    }
    Ok(base.cast())
}

/// # Safety
/// Nobody uses the memory or the addresses any more.
pub(crate) unsafe fn virtual_free(address: usize, size: usize, kind: u32) -> Outcome<()> {
    // SAFETY: the caller's promise.
    check(unsafe { VirtualFree(pointer(address), size, kind) })
}

/// # Safety
/// Nobody relies on what the pages permit now and will not then.
pub(crate) unsafe fn virtual_protect_at(address: usize, size: usize, new: u32) -> Outcome<u32> {
    let mut old = 0;
    // SAFETY: the caller's promise.
    check(unsafe { VirtualProtect(pointer(address), size, new, &mut old) })?;
    Ok(old)
}

pub(crate) fn virtual_query_at(address: usize) -> Outcome<MEMORY_BASIC_INFORMATION> {
    let mut information = MEMORY_BASIC_INFORMATION::default();
    let len = size_of::<MEMORY_BASIC_INFORMATION>();
    // SAFETY: the buffer has the size that is said.
    if unsafe { VirtualQuery(pointer(address), &mut information, len) } == 0 {
        return Err(last_error());
    }
    Ok(information)
}

/// The kernel's path of the file behind a view or image.
pub(crate) fn get_mapped_file_name(address: usize) -> Option<Vec<u16>> {
    let mut name = vec![0; 0x8000];
    // SAFETY: the buffer has so many units.
    let len = unsafe {
        K32GetMappedFileNameW(GetCurrentProcess(), pointer(address), name.as_mut_ptr(), 0x8000)
    };
    name.truncate(len as usize);
    (len != 0).then_some(name)
}

pub(crate) fn virtual_lock(address: usize, size: usize) -> Outcome<()> {
    // SAFETY: changes no content.
    check(unsafe { VirtualLock(pointer(address), size) })
}

pub(crate) fn virtual_unlock(address: usize, size: usize) -> Outcome<()> {
    // SAFETY: as above.
    check(unsafe { VirtualUnlock(pointer(address), size) })
}

/// # Safety
/// Nobody needs the content of the range.
pub(crate) unsafe fn discard_virtual_memory(address: usize, size: usize) -> Outcome<()> {
    // SAFETY: the caller's promise.
    match unsafe { DiscardVirtualMemory(pointer(address), size) } {
        0 => Ok(()),
        code => Err(Code(code)),
    }
}

/// Written pages, at most as many as the buffer takes; how many.
pub(crate) fn get_write_watch(
    address: usize,
    size: usize,
    reset: bool,
    pages: &mut [*mut c_void],
) -> Outcome<usize> {
    let (mut count, mut granularity) = (pages.len(), 0);
    // SAFETY: the buffer takes `count` addresses.
    let failed = unsafe {
        let pages = pages.as_mut_ptr();
        GetWriteWatch(reset.into(), pointer(address), size, pages, &mut count, &mut granularity)
    };
    if failed != 0 {
        return Err(last_error());
    }
    Ok(count)
}

pub(crate) fn reset_write_watch(address: usize, size: usize) -> Outcome<()> {
    // SAFETY: changes no content.
    if unsafe { ResetWriteWatch(pointer(address), size) } != 0 {
        return Err(last_error());
    }
    Ok(())
}

pub(crate) fn prefetch_virtual_memory(ranges: &[(usize, usize)]) -> Outcome<()> {
    let entry = |&(address, size): &(usize, usize)| WIN32_MEMORY_RANGE_ENTRY {
        VirtualAddress: pointer(address),
        NumberOfBytes: size,
    };
    let entries: Vec<_> = ranges.iter().map(entry).collect();
    // SAFETY: as many entries as is said; nothing is changed.
    check(unsafe { PrefetchVirtualMemory(GetCurrentProcess(), entries.len(), entries.as_ptr(), 0) })
}
