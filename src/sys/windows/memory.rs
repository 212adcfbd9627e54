//! Memory by address: passed on, and told in the library's words.
#![allow(unsafe_code)]

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use super::api;
use crate::memory::{Allocate, Free};
use crate::{Caching, Error, ErrorKind, MemoryInfo, MemoryKind, MemoryState, Protect, Result};

/// The first address of programs, and the one behind the last.
pub(crate) const LOWEST: usize = 0x1_0000;
pub(crate) const HIGHEST: usize = 0x7FFF_FFFF_0000;

/// Held while pages are used that safe code could take away.
static CHANGES: RwLock<()> = RwLock::new(());

/// # Safety
/// The duties of [`crate::memory::allocate`].
pub(crate) unsafe fn allocate(wanted: &Allocate) -> Result<*mut u8> {
    let kinds = [
        (wanted.reserve, api::MEM_RESERVE),
        (wanted.commit, api::MEM_COMMIT),
        (wanted.top_down, api::MEM_TOP_DOWN),
        (wanted.large_pages, api::MEM_LARGE_PAGES),
        (wanted.write_watch, api::MEM_WRITE_WATCH),
        (wanted.reset, api::MEM_RESET),
        (wanted.reset_undo, api::MEM_RESET_UNDO),
        (wanted.placeholder, api::MEM_RESERVE_PLACEHOLDER),
        (wanted.replace, api::MEM_REPLACE_PLACEHOLDER),
    ];
    let kind = kinds.iter().filter(|(wanted, _)| *wanted).fold(0, |all, (_, kind)| all | kind);
    let &Allocate { address, size, numa_node, lowest, highest, alignment, .. } = wanted;
    let limits = api::Limits { lowest, highest, alignment };
    let newer = wanted.placeholder || wanted.replace || limits != api::Limits::default();
    if newer && !api::has_placeholders() {
        let why = "placeholders and limits for addresses need Windows 10 1803";
        return Err(Error::new(ErrorKind::Unsupported, why));
    }
    let protect = match wanted.placeholder {
        true => api::PAGE_NOACCESS,
        false => wanted.protect.bits() | wanted.caching.bits(),
    };
    let _changing = CHANGES.write().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: the caller's promise.
    let allocated = unsafe {
        match newer {
            true => api::virtual_alloc_2(address, size, kind, protect, numa_node, limits),
            false => api::virtual_alloc(address, size, kind, protect, numa_node),
        }
    };
    allocated.map_err(|code| code.error("cannot allocate"))
}

/// # Safety
/// The duties of [`crate::memory::free`].
pub(crate) unsafe fn free(address: usize, size: usize, how: Free) -> Result<()> {
    let kind = match how {
        Free::Decommit => api::MEM_DECOMMIT,
        Free::Release => api::MEM_RELEASE,
        Free::ToPlaceholder => api::MEM_RELEASE | api::MEM_PRESERVE_PLACEHOLDER,
        Free::Coalesce => api::MEM_RELEASE | api::MEM_COALESCE_PLACEHOLDERS,
    };
    let _changing = CHANGES.write().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: the caller's promise.
    unsafe { api::virtual_free(address, size, kind) }.map_err(|code| code.error("cannot free"))
}

/// # Safety
/// The duties of [`crate::memory::protect`].
pub(crate) unsafe fn protect(address: usize, size: usize, new: Protect) -> Result<Protect> {
    let _changing = CHANGES.write().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: the caller's promise.
    let old = unsafe { api::virtual_protect_at(address, size, new.bits()) }
        .map_err(|code| code.error("cannot change what pages permit"))?;
    known(old).ok_or_else(|| Error::new(ErrorKind::Other, format!("unknown protection {old:#x}")))
}

/// The library's word for a protection; caching, which is no permission, is left out.
pub(super) fn known(protect: u32) -> Option<Protect> {
    const CACHING: u32 = 0x200 | 0x400;
    Protect::from_bits(protect & !CACHING)
}

pub(crate) fn query(address: usize) -> Result<MemoryInfo> {
    let found = api::virtual_query_at(address).map_err(|code| {
        code.error(format!("{address:#x} is not where programs have their memory"))
    })?;
    Ok(describe(&found, || api::get_mapped_file_name(address)))
}

/// In the library's words; `file` tells the file of a view or program.
pub(super) fn describe(
    found: &api::MEMORY_BASIC_INFORMATION,
    file: impl FnOnce() -> Option<Vec<u16>>,
) -> MemoryInfo {
    let state = match found.State {
        api::MEM_FREE => MemoryState::Free,
        api::MEM_RESERVE => MemoryState::Reserved,
        _ => MemoryState::Committed,
    };
    let kind = match found.Type {
        api::MEM_MAPPED => MemoryKind::Mapped,
        api::MEM_IMAGE => MemoryKind::Image,
        _ => MemoryKind::Private,
    };
    let has_file = matches!(found.Type, api::MEM_MAPPED | api::MEM_IMAGE);
    MemoryInfo {
        base: found.BaseAddress.addr(),
        len: found.RegionSize,
        allocation_base: if state == MemoryState::Free { 0 } else { found.AllocationBase.addr() },
        allocation_protect: known(found.AllocationProtect),
        state,
        caching: match found.Protect | found.AllocationProtect {
            protect if protect & Caching::None.bits() != 0 => Caching::None,
            protect if protect & Caching::WriteCombined.bits() != 0 => Caching::WriteCombined,
            _ => Caching::Cached,
        },
        protect: known(found.Protect).filter(|_| state == MemoryState::Committed),
        kind: (state != MemoryState::Free).then_some(kind),
        file: has_file.then(file).flatten().map(|name| PathBuf::from(OsString::from_wide(&name))),
    }
}

pub(crate) fn regions() -> Result<Vec<MemoryInfo>> {
    let mut told = Vec::new();
    let mut at = LOWEST;
    while at < HIGHEST {
        let mut info = query(at)?;
        // Wine's last free range reaches into the kernel's addresses.
        info.len = info.len.min(HIGHEST - info.base);
        at = info.base + info.len;
        told.push(info);
    }
    Ok(told)
}

pub(crate) fn lock_pages(address: usize, size: usize) -> Result<()> {
    api::virtual_lock(address, size).map_err(|code| code.error("cannot lock the pages"))
}

pub(crate) fn unlock_pages(address: usize, size: usize) -> Result<()> {
    api::virtual_unlock(address, size).map_err(|code| code.error("cannot unlock the pages"))
}

/// # Safety
/// The duties of [`crate::memory::discard`].
pub(crate) unsafe fn discard(address: usize, size: usize) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe { api::discard_virtual_memory(address, size) }
        .map_err(|code| code.error("cannot discard the pages"))
}

pub(crate) fn written(address: usize, size: usize, reset: bool, most: usize) -> Result<Vec<usize>> {
    const PAGE: usize = 4096;
    let first = query(address)?;
    let mut reached = first.base + first.len;
    while reached < address.saturating_add(size) {
        let next = query(reached)?;
        if next.allocation_base != first.allocation_base {
            let why = "nobody watches the writes of this range";
            return Err(Error::new(ErrorKind::InvalidParameter, why));
        }
        reached = next.base + next.len;
    }
    let mut pages = vec![std::ptr::null_mut(); most.min(size.div_ceil(PAGE) + 1)];
    let count = api::get_write_watch(address, size, reset, &mut pages)
        .map_err(|code| code.error("nobody watches the writes of this range"))?;
    Ok(pages[..count].iter().map(|page| page.addr()).collect())
}

pub(crate) fn reset_written(address: usize, size: usize) -> Result<()> {
    api::reset_write_watch(address, size)
        .map_err(|code| code.error("nobody watches the writes of this range"))
}

pub(crate) fn prefetch(ranges: &[(usize, usize)]) -> Result<()> {
    api::prefetch_virtual_memory(ranges).map_err(|code| code.error("cannot prefetch"))
}

/// Looks at each page's state under a lock that all changes through this library take.
pub(crate) fn with_pages<T>(
    address: usize,
    len: usize,
    write: bool,
    act: impl FnOnce() -> T,
) -> Result<T> {
    let held = CHANGES.read().unwrap_or_else(PoisonError::into_inner);
    let mut at = address;
    while at < address + len {
        let info = query(at)?;
        let Some(protect) = info.protect else {
            let why = "a page of the range is not committed";
            return Err(Error::new(ErrorKind::InvalidAddress, why));
        };
        if protect.is_guarded() {
            drop(held);
            // SAFETY: the page permitted nothing, and nobody can rely on that for longer than until the first touch.
            unsafe { self::protect(at, 1, protect.unguarded())? };
            let page = info.base;
            return Err(Error::new(ErrorKind::GuardPage, format!("it is the page at {page:#x}")));
        }
        if if write { !protect.writable() } else { !protect.readable() } {
            let why = "a page of the range does not permit it";
            return Err(Error::new(ErrorKind::NoAccess, why));
        }
        at = info.base + info.len;
    }
    Ok(act())
}
