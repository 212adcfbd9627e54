//! Private memory: `mmap` without a file, `mprotect`, `madvise`, `mlock`, `mbind`.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::{null_mut, without_provenance_mut};

use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags};

/// Where a range shall lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Place {
    /// At a multiple of this, which is a multiple of the page size.
    Aligned(usize),
    /// Exactly here, and only if nothing lies there.
    At(usize),
}

/// Addresses without memory. They count for nothing until they permit something.
pub(in super::super) fn reserve(len: usize, place: Place) -> Result<*mut u8, Errno> {
    anonymous(len, place, ProtFlags::empty(), MapFlags::NORESERVE)
}

/// Huge pages of 2 MiB, taken from the system's pool now; `len` is a multiple of them.
pub(in super::super) fn huge(len: usize, place: Place) -> Result<*mut u8, Errno> {
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    anonymous(len, place, protection, MapFlags::HUGETLB | MapFlags::HUGE_2MB)
}

fn anonymous(
    len: usize,
    place: Place,
    protection: ProtFlags,
    more: MapFlags,
) -> Result<*mut u8, Errno> {
    let flags = MapFlags::PRIVATE | more;
    let map = |address: usize, len: usize, flags: MapFlags| {
        // SAFETY: without FIXED the kernel replaces no existing mapping, so no memory in use changes.
        unsafe {
            rustix::mm::mmap_anonymous(without_provenance_mut(address), len, protection, flags)
                .map(<*mut c_void>::cast::<u8>)
        }
    };
    // SAFETY: what is unmapped below was mapped just before, and nobody knows it yet.
    let unmap = |start: *mut u8, len: usize| unsafe { unmap(start, len) };
    match place {
        Place::At(address) => {
            let got = map(address, len, flags | MapFlags::FIXED_NOREPLACE)?;
            if got.addr() != address {
                unmap(got, len)?; // kernels before 4.17 take the address as a mere hint
                return Err(Errno::EXIST);
            }
            Ok(got)
        }
        Place::Aligned(_) if more.contains(MapFlags::HUGETLB) => map(0, len, flags),
        Place::Aligned(alignment) => {
            // More than needed, and back what is too much: nobody can come between.
            let room = len.checked_add(alignment).ok_or(Errno::NOMEM)?;
            let offer = map(0, room, flags)?;
            let skip = offer.addr().next_multiple_of(alignment) - offer.addr();
            if skip != 0 {
                unmap(offer, skip)?;
            }
            let base = offer.wrapping_add(skip);
            if room > skip + len {
                unmap(base.wrapping_add(len), room - skip - len)?;
            }
            Ok(base)
        }
    }
}

/// Throws the content of whole pages away and leaves reserved addresses.
///
/// # Safety
/// The range belongs to an allocation of this process, and nobody uses what is in it.
pub(in super::super) unsafe fn empty(start: *mut u8, len: usize) -> Result<(), Errno> {
    let flags = MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED;
    // SAFETY: the caller's promise: nothing that is in use is replaced.
    unsafe { rustix::mm::mmap_anonymous(start.cast(), len, ProtFlags::empty(), flags) }.map(drop)
}

/// Gives addresses back.
///
/// # Safety
/// The range belongs to this process's caller, and nobody uses what is in it.
pub(in super::super) unsafe fn unmap(start: *mut u8, len: usize) -> Result<(), Errno> {
    // SAFETY: the caller's promise.
    unsafe { rustix::mm::munmap(start.cast(), len) }
}

/// Says what the pages of a range permit.
///
/// # Safety
/// Nobody relies on what the range permits now and will not then.
pub(in super::super) unsafe fn protect(
    start: *mut u8,
    len: usize,
    flags: ProtFlags,
) -> Result<(), Errno> {
    let flags = MprotectFlags::from_bits_retain(flags.bits());
    // SAFETY: the caller's promise.
    unsafe { rustix::mm::mprotect(start.cast(), len, flags) }
}

/// Lets the kernel throw pages away when it needs memory; a write takes its page back.
///
/// # Safety
/// Nobody needs what is in the range: it may turn to zeros at any time.
pub(in super::super) unsafe fn offer(start: *mut u8, len: usize) -> Result<(), Errno> {
    // SAFETY: the caller's promise.
    unsafe { rustix::mm::madvise(start.cast(), len, Advice::LinuxFree) }
}

/// Throws the content of private pages away; they are zero from now on.
///
/// # Safety
/// Nobody needs what is in the range.
pub(in super::super) unsafe fn discard(start: *mut u8, len: usize) -> Result<(), Errno> {
    // SAFETY: the caller's promise.
    unsafe { rustix::mm::madvise(start.cast(), len, Advice::LinuxDontNeed) }
}

/// Starts to read a range into memory. A hint.
pub(in super::super) fn will_need(start: *mut u8, len: usize) -> Result<(), Errno> {
    // SAFETY: reading ahead changes no memory, and the kernel checks the addresses.
    unsafe { rustix::mm::madvise(start.cast(), len, Advice::WillNeed) }
}

/// Reads a range into memory, as reading each page would.
pub(in super::super) fn bring_in(start: *mut u8, len: usize) -> Result<(), Errno> {
    // SAFETY: reading changes no memory, and the kernel checks the addresses.
    unsafe { rustix::mm::madvise(start.cast(), len, Advice::LinuxPopulateRead) }
}

/// Reads a range into memory and keeps it there. What is private and writable is written to.
pub(in super::super) fn lock(start: *mut u8, len: usize) -> Result<(), Errno> {
    // SAFETY: changes no content, and the kernel checks the addresses.
    unsafe { rustix::mm::mlock(start.cast(), len) }
}

/// Keeps in memory what is there, and what comes later.
pub(in super::super) fn lock_on_fault(start: *mut u8, len: usize) -> Result<(), Errno> {
    // SAFETY: as above.
    unsafe { rustix::mm::mlock_with(start.cast(), len, rustix::mm::MlockFlags::ONFAULT) }
}

pub(in super::super) fn unlock(start: *mut u8, len: usize) -> Result<(), Errno> {
    // SAFETY: as above.
    unsafe { rustix::mm::munlock(start.cast(), len) }
}

/// Has the pages of a range, when they come into being, lie on this NUMA node as long as there is room.
pub(in super::super) fn prefer_node(start: *mut u8, len: usize, node: u32) -> Result<(), Errno> {
    const MPOL_PREFERRED: usize = 1;
    const NODES: usize = 1024; // the most a kernel is built for
    if node as usize >= NODES {
        return Err(Errno::INVAL);
    }
    let mut mask = [0_u64; NODES / 64];
    mask[node as usize / 64] = 1 << (node % 64);
    // SAFETY: the mask has as many bits as is said (the kernel counts one less); the call changes no content.
    let failed = unsafe {
        libc::syscall(libc::SYS_mbind, start, len, MPOL_PREFERRED, mask.as_ptr(), NODES + 1, 0)
    };
    match failed {
        0 => Ok(()),
        _ => Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL)),
    }
}

/// Stores a byte anew, so that the kernel takes its page for needed.
///
/// # Safety
/// It can be read and written.
pub(in super::super) unsafe fn touch(start: *mut u8) {
    // SAFETY: the caller's promise; adding nothing changes nothing, also while others write.
    unsafe { std::sync::atomic::AtomicU8::from_ptr(start) }
        .fetch_or(0, std::sync::atomic::Ordering::Relaxed);
}

/// Bytes that the main thread's stack may grow to, below its end.
pub(in super::super) fn stack_room() -> usize {
    const USUAL: u64 = 128 << 20; // what the kernel keeps free at least
    let limit = rustix::process::getrlimit(rustix::process::Resource::Stack).current;
    limit.unwrap_or(USUAL).max(USUAL) as usize
}

/// An address without a pointer it came from: for the kernel only.
pub(in super::super) fn pointer(address: usize) -> *mut u8 {
    match address {
        0 => null_mut(),
        address => std::ptr::with_exposed_provenance_mut(address),
    }
}
