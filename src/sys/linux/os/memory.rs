//! Mapping memory: memory files, `mmap`, `msync`.
#![allow(unsafe_code)]

use std::ffi::{c_void, CStr};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, MsyncFlags, ProtFlags};

/// What `/proc` calls the memory files of mappings, and those of other objects.
pub(in super::super) const MAPPING: &CStr = c"mapview";
pub(in super::super) const OBJECT: &CStr = c"mapview-object";

/// A file without a place in a directory that lives in memory; `executable` for mappings from which code may run.
pub(in super::super) fn memfd(name: &CStr, executable: bool) -> Result<OwnedFd, Errno> {
    let base = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let exec = if executable { MemfdFlags::EXEC } else { MemfdFlags::NOEXEC_SEAL };
    match rustix::fs::memfd_create(name, base | exec) {
        // Kernels before 6.3 do not know the two flags.
        Err(Errno::INVAL) => rustix::fs::memfd_create(name, base),
        other => other,
    }
}

/// The size of a huge page on this architecture.
pub(in super::super) const HUGE_PAGE: usize = 2 << 20;

/// A memory file of huge pages, from those that the system keeps for such.
pub(in super::super) fn memfd_of_huge_pages(name: &CStr) -> Result<OwnedFd, Errno> {
    let huge = MemfdFlags::HUGETLB | MemfdFlags::HUGE_2MB;
    rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING | huge)
}

/// The size of the pages that a file is made of; `block` is what `fstat` calls its block size.
pub(in super::super) fn page_of(fd: BorrowedFd<'_>, block: u64) -> usize {
    const HUGETLBFS: u64 = 0x9584_58F6;
    let small = page_size();
    // Anything with small blocks is not made of huge pages, and need not be asked.
    if block > small as u64 && rustix::fs::fstatfs(fd).is_ok_and(|fs| fs.f_type as u64 == HUGETLBFS)
    {
        return block as usize;
    }
    small
}

/// Fixes the size of a memory file, so that no process can take pages away under the views of others; a `growable` one
/// can still become longer.
pub(in super::super) fn seal_size(fd: BorrowedFd<'_>, growable: bool) -> Result<(), Errno> {
    let mut seals = SealFlags::SHRINK | SealFlags::SEAL;
    seals.set(SealFlags::GROW, !growable);
    rustix::fs::fcntl_add_seals(fd, seals)
}

/// How a range is mapped.
#[derive(Clone, Copy)]
pub(in super::super) struct Map {
    pub len: usize,
    pub protection: ProtFlags,
    pub private: bool,
    pub offset: u64,
    /// Exactly here, and only if nothing lies there.
    pub address: Option<usize>,
}

/// Maps a part of a file.
pub(in super::super) fn map(fd: BorrowedFd<'_>, map: Map) -> Result<*mut u8, Errno> {
    let mut flags = if map.private { MapFlags::PRIVATE } else { MapFlags::SHARED };
    if map.address.is_some() {
        flags |= MapFlags::FIXED_NOREPLACE;
    }
    let address = map.address.map_or(null_mut(), |address| address as *mut c_void);
    // SAFETY: without FIXED the kernel replaces no existing mapping, so no memory in use changes.
    let got = unsafe {
        rustix::mm::mmap(address, map.len, map.protection, flags, fd, map.offset)?.cast::<u8>()
    };
    if map.address.is_some_and(|wanted| wanted != got.addr()) {
        // Kernels before 4.17 take the address as a mere hint.
        // SAFETY: the range was mapped just now and nobody knows it yet.
        unsafe { rustix::mm::munmap(got.cast(), map.len)? };
        return Err(Errno::EXIST);
    }
    Ok(got)
}

/// Maps a part of a file over what lies at its address.
///
/// # Safety
/// The range belongs to one view, and nobody relies on what it shows or permits now and will not then.
pub(in super::super) unsafe fn map_over(fd: BorrowedFd<'_>, map: Map) -> Result<(), Errno> {
    let kind = if map.private { MapFlags::PRIVATE } else { MapFlags::SHARED };
    let address = map.address.map_or(null_mut(), |address| address as *mut c_void);
    let flags = kind | MapFlags::FIXED;
    // SAFETY: the caller's promise.
    unsafe { rustix::mm::mmap(address, map.len, map.protection, flags, fd, map.offset) }.map(drop)
}

/// Where the last range was placed: the next one is tried right below.
static LAST: AtomicUsize = AtomicUsize::new(0);

/// Maps a part of a file at an address that leaves `rest` when divided by `alignment`, which is more than a page.
///
/// The kernel only aligns to pages. Most of the time the place below the last range is free, and one call does it.
pub(in super::super) fn map_aligned(
    fd: BorrowedFd<'_>,
    wanted: Map,
    alignment: usize,
    rest: usize,
) -> Result<*mut u8, Errno> {
    let place = |address: usize| -> Result<*mut u8, Errno> {
        let base = map(fd, Map { address: Some(address), ..wanted })?;
        placed(address);
        Ok(base)
    };
    if let Some(Ok(base)) = below_last(wanted.len, alignment, rest).map(place) {
        return Ok(base);
    }
    // Ask the kernel for a place; what it offers has enough room for an aligned start if a little more is asked for.
    let room = wanted.len.checked_add(alignment).ok_or(Errno::NOMEM)?;
    // SAFETY: a fresh range that nobody may touch, wherever the kernel finds room.
    let offer = unsafe {
        rustix::mm::mmap_anonymous(null_mut(), room, ProtFlags::empty(), MapFlags::PRIVATE)?
    };
    // SAFETY: the range of the line above, which nobody knows.
    unsafe { rustix::mm::munmap(offer, room)? };
    let start = (offer.addr() - rest).next_multiple_of(alignment) + rest;
    // Another thread may have taken it meanwhile; then unaligned is better than not at all.
    place(start).or_else(|_| map(fd, wanted))
}

/// Where a range may have room, right below the last one; `None` if there was none yet.
pub(in super::super) fn below_last(len: usize, alignment: usize, rest: usize) -> Option<usize> {
    let last = LAST.load(Ordering::Relaxed);
    let start = last.checked_sub(len)? / alignment * alignment + rest;
    let start = if start + len > last { start.checked_sub(alignment)? } else { start };
    (start != 0).then_some(start)
}

/// A range was placed there: the next one goes below it.
pub(in super::super) fn placed(address: usize) {
    LAST.store(address, Ordering::Relaxed);
}

/// Lets the next range have the place of one that was just unmapped, if it was the last.
pub(in super::super) fn freed(address: *mut u8, len: usize) {
    let _ = LAST.compare_exchange(
        address.addr(),
        address.addr().saturating_add(len),
        Ordering::Relaxed,
        Ordering::Relaxed,
    );
}

/// Maps one shared page of a file with one page of private memory right behind it.
pub(in super::super) fn map_with_private_tail(
    fd: BorrowedFd<'_>,
    page: usize,
) -> Result<*mut u8, Errno> {
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a fresh private range where the kernel finds room.
    let base =
        unsafe { rustix::mm::mmap_anonymous(null_mut(), 2 * page, protection, MapFlags::PRIVATE)? };
    // SAFETY: replaces the first page of the range that was just made and that nobody else knows.
    let shared = unsafe {
        rustix::mm::mmap(base, page, protection, MapFlags::SHARED | MapFlags::FIXED, fd, 0)
    };
    match shared {
        Ok(_) => Ok(base.cast()),
        Err(errno) => {
            // SAFETY: the same fresh range.
            let _ = unsafe { rustix::mm::munmap(base, 2 * page) };
            Err(errno)
        }
    }
}

/// Maps the start of a file for reading only.
pub(in super::super) fn map_to_look_at(fd: BorrowedFd<'_>, len: usize) -> Result<*mut u8, Errno> {
    let protection = ProtFlags::READ;
    map(fd, Map { len, protection, private: false, offset: 0, address: None })
}

/// Maps the start of a file that this process shares with others, to write there.
pub(in super::super) fn map_to_write(fd: BorrowedFd<'_>, len: usize) -> Result<*mut u8, Errno> {
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    map(fd, Map { len, protection, private: false, offset: 0, address: None })
}

/// Puts private pages of zeros over a range. Also for signal handlers.
///
/// # Safety
/// As `map_over`.
pub(in super::super) unsafe fn map_zeros_over(
    address: usize,
    len: usize,
    writable: bool,
) -> Result<(), Errno> {
    let mut protection = ProtFlags::READ;
    protection.set(ProtFlags::WRITE, writable);
    let flags = MapFlags::PRIVATE | MapFlags::FIXED;
    let address = std::ptr::without_provenance_mut(address);
    // SAFETY: the caller's promise.
    unsafe { rustix::mm::mmap_anonymous(address, len, protection, flags)? };
    Ok(())
}

/// Whether all pages of a mapped range can be brought in now, for writing or just for reading; kernels before 5.14 do not
/// tell. Also for signal handlers.
pub(in super::super) fn can_be_brought_in(address: usize, len: usize, write: bool) -> bool {
    let advice = if write { Advice::LinuxPopulateWrite } else { Advice::LinuxPopulateRead };
    // SAFETY: brings pages in, as an access would; no byte changes.
    unsafe { rustix::mm::madvise(std::ptr::without_provenance_mut(address), len, advice).is_ok() }
}

/// Writes every page of a part of a memory file as it is, which makes allocated pages data.
pub(in super::super) fn write_as_is(
    fd: BorrowedFd<'_>,
    offset: u64,
    len: usize,
) -> Result<(), Errno> {
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    let base = map(fd, Map { len, protection, private: false, offset, address: None })?;
    // SAFETY: brings pages in, as an access would; no byte changes.
    if unsafe { rustix::mm::madvise(base.cast(), len, Advice::LinuxPopulateWrite) }.is_err() {
        for at in (0..len).step_by(page_size()) {
            // SAFETY: mapped above for reading and writing, and allocated.
            unsafe { super::private::touch(base.wrapping_add(at)) };
        }
    }
    // SAFETY: mapped above, and nobody else knows it.
    unsafe { unmap(base, len) }
}

/// Has a part of a file mapped, for reading, while `look` looks at what the kernel says about the addresses.
pub(in super::super) fn with_mapped<T>(
    fd: BorrowedFd<'_>,
    offset: u64,
    len: usize,
    look: impl FnOnce(usize) -> T,
) -> Result<T, Errno> {
    let protection = ProtFlags::READ;
    let base = map(fd, Map { len, protection, private: false, offset, address: None })?;
    let seen = look(base.addr());
    // SAFETY: mapped above, and only its address was given away.
    unsafe { unmap(base, len)? };
    Ok(seen)
}

/// Unmaps a range.
///
/// # Safety
/// The range was mapped by this module and nothing refers to it any more.
pub(in super::super) unsafe fn unmap(address: *mut u8, len: usize) -> Result<(), Errno> {
    // SAFETY: the caller's promise.
    unsafe { rustix::mm::munmap(address.cast(), len) }
}

/// Writes changed pages of a range to their file and waits for it. The range is made of whole mapped pages.
pub(in super::super) fn sync(address: *mut u8, len: usize) -> Result<(), Errno> {
    // SAFETY: msync changes no memory; an unmapped range would be reported as ENOMEM.
    unsafe { rustix::mm::msync(address.cast(), len, MsyncFlags::SYNC) }
}

/// The size of a page of this machine.
pub(in super::super) fn page_size() -> usize {
    rustix::param::page_size()
}
