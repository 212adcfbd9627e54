//! A range of addresses that is taken first and filled piece by piece.
#![allow(unsafe_code)]

use std::os::fd::BorrowedFd;
use std::ptr::null_mut;

use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags};

use super::memory::{self, Map};

/// A range of ours that nobody may touch yet. Given back on drop.
pub(in super::super) struct Range {
    base: *mut u8,
    len: usize,
}

/// Takes `len` bytes, whole pages, from an address that is a multiple of `alignment`, itself a multiple of the page.
pub(in super::super) fn reserve(len: usize, alignment: usize) -> Result<Range, Errno> {
    let room = len.checked_add(alignment).ok_or(Errno::NOMEM)?;
    let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
    // SAFETY: a fresh range that nobody may touch, wherever the kernel finds room.
    let got = unsafe { rustix::mm::mmap_anonymous(null_mut(), room, ProtFlags::empty(), flags)? };
    let lead = got.addr().next_multiple_of(alignment) - got.addr();
    let base = got.cast::<u8>().wrapping_add(lead);
    let range = Range { base, len };
    for (start, len) in [(got.cast(), lead), (base.wrapping_add(len), alignment - lead)] {
        if len != 0 {
            // SAFETY: an end of the range that was mapped just now, outside of what `range` owns.
            unsafe { memory::unmap(start, len)? };
        }
    }
    Ok(range)
}

/// Takes `len` bytes, whole pages, at `base`, a multiple of the page.
///
/// # Errors
/// `EXIST`: something lies there.
pub(in super::super) fn reserve_at(base: usize, len: usize) -> Result<Range, Errno> {
    let flags = MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED_NOREPLACE;
    let wanted = std::ptr::with_exposed_provenance_mut(base);
    // SAFETY: a fresh range that nobody may touch, and that replaces nothing.
    let got = unsafe { rustix::mm::mmap_anonymous(wanted, len, ProtFlags::empty(), flags)? };
    let range = Range { base: got.cast(), len };
    match got.addr() == base {
        true => Ok(range),
        false => Err(Errno::EXIST), // a kernel that takes the address for a hint
    }
}

/// A part of a file, to be mapped beside others: bytes from the start of the range, and which.
pub(in super::super) type Piece<'a> = (usize, BorrowedFd<'a>, Map);

/// Maps pieces that fill `len` bytes without gaps, all in whole pages, from an address that is a multiple of `alignment`.
///
/// Most of the time there is room right below what was mapped last: then each piece is mapped where nothing lies. Else the
/// addresses are taken first.
pub(in super::super) fn map_beside(
    pieces: &[Piece<'_>],
    len: usize,
    alignment: usize,
) -> Result<Range, Errno> {
    let below = memory::below_last(len, alignment, 0);
    if let Some(range) = below.and_then(|base| map_into_gap(pieces, base).ok()) {
        memory::placed(range.base.addr());
        return Ok(range);
    }
    let range = reserve(len, alignment)?;
    for &(start, fd, map) in pieces {
        range.map_over(start, fd, map)?;
    }
    memory::placed(range.base.addr());
    Ok(range)
}

/// Maps pieces from `base` on; `EXIST` if anything lies where one of them belongs.
fn map_into_gap(pieces: &[Piece<'_>], base: usize) -> Result<Range, Errno> {
    // What is mapped so far; unmapped if the rest has no room.
    let mut range = Range { base: std::ptr::with_exposed_provenance_mut(base), len: 0 };
    for &(start, fd, map) in pieces {
        let address = base.checked_add(start).ok_or(Errno::NOMEM)?;
        let mapped = memory::map(fd, Map { address: Some(address), ..map })?;
        if start == 0 {
            range.base = mapped;
        }
        range.len = start + map.len;
    }
    Ok(range)
}

impl Range {
    /// Maps a part of a file `start` bytes from the start of the range, where it must have room; both in whole pages.
    pub(in super::super) fn map_over(
        &self,
        start: usize,
        fd: BorrowedFd<'_>,
        map: Map,
    ) -> Result<(), Errno> {
        assert!(start <= self.len && map.len <= self.len - start, "outside of the range");
        let kind = if map.private { MapFlags::PRIVATE } else { MapFlags::SHARED };
        let address = self.base.wrapping_add(start).cast();
        // SAFETY: replaces a piece of a range that is ours and that nobody has a pointer into.
        unsafe {
            let flags = kind | MapFlags::FIXED;
            rustix::mm::mmap(address, map.len, map.protection, flags, fd, map.offset)?;
        }
        Ok(())
    }

    /// Its start.
    pub(in super::super) fn base(&self) -> *mut u8 {
        self.base
    }

    /// Its start and length; the caller unmaps the range from now on.
    pub(in super::super) fn into_raw(range: Range) -> (*mut u8, usize) {
        let range = std::mem::ManuallyDrop::new(range);
        (range.base, range.len)
    }
}

impl Drop for Range {
    fn drop(&mut self) {
        if self.len == 0 {
            return;
        }
        // SAFETY: ours, whatever was mapped over it, and nobody knows it.
        let _ = unsafe { memory::unmap(self.base, self.len) };
    }
}
