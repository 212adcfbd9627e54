//! Views: `mmap` of a part of a mapping's memory.
#![allow(unsafe_code)]

use std::os::fd::AsFd;
use std::sync::{Arc, Mutex};

use rustix::io::Errno;
use rustix::mm::ProtFlags;

use super::locked::Locked;
use super::mapping::Object;
use super::memory::Memory;
use super::os::files::OpenFor;
use super::os::{fail::fail, files, memory, memory::Map, memory::HUGE_PAGE};
use super::view_advice::prefer_node;
use crate::sys::{MapRequest, GRANULARITY};
use crate::{Error, ErrorKind, Result, ViewAccess};

/// The highest address a view may reach, as on Windows.
const HIGHEST: usize = 0x7FFF_FFFE_FFFF;

/// A mapped range. The memory (and with a file, the agreement not to shrink it) lives as long as it.
#[derive(Debug)]
pub(crate) struct View {
    /// What was mapped, in whole pages.
    pub(super) base: *mut u8,
    mapped: usize,
    /// From `base` to the first byte of the view.
    pub(super) skip: usize,
    len: usize,
    pub(super) memory: Arc<Memory>,
    pub(super) access: ViewAccess,
    /// Counted from `base`.
    pub(super) locked: Mutex<Locked>,
}

// SAFETY: a mapped range is valid in every thread, and all access to it goes through atomics or opaque copies.
unsafe impl Send for View {}
// SAFETY: as above.
unsafe impl Sync for View {}

impl View {
    pub(super) fn map(object: &Object, request: &MapRequest) -> Result<View> {
        let access = request.access;
        if !object.protection.access().contains(access.needs()) {
            let why = format!("the mapping is {:?}", object.protection);
            return Err(Error::new(ErrorKind::InvalidParameter, why));
        }
        let page = object.memory.page();
        let len = match request.len {
            Some(len) => len,
            None => usize::try_from(object.size - request.offset).map_err(|_| no_room())?,
        };
        let start = object.memory.start() + request.offset;
        let skip = (start % page as u64) as usize;
        let mapped = (skip.checked_add(len).ok_or_else(no_room)?)
            .checked_next_multiple_of(page)
            .ok_or_else(no_room)?;
        let address = match request.address {
            Some(wanted) => {
                let start = check_address(wanted, mapped, request.offset)?.wrapping_sub(skip);
                Some(check_page(start, page)?)
            }
            None => None,
        };
        let writes_through = access.writable() && !access.is_private();
        let fd = match writes_through {
            true => object.memory.descriptor(OpenFor::ReadWrite)?,
            false => object.memory.any_descriptor().0,
        };
        let offset = start - skip as u64;
        let private = access.is_private();
        let map = Map { len: mapped, protection: protection(access), private, offset, address };
        let base = match address {
            Some(_) => memory::map(fd, map),
            None => {
                let alignment = alignment(mapped).max(page);
                let rest = (request.offset - request.offset % page as u64) as usize % alignment;
                memory::map_aligned(fd, map, alignment, rest)
            }
        };
        let base = base.map_err(|errno| map_failed(errno, address))?;
        prefer_node(base, mapped, request.numa_node);
        let (memory, locked) = (object.memory.clone(), Mutex::default());
        Ok(View { base, mapped, skip, len, memory, access, locked })
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.base.wrapping_add(self.skip)
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn flush(&self, offset: usize, len: usize) -> Result<()> {
        if !self.reaches_a_file() || len == 0 {
            return Ok(());
        }
        let from = (self.skip + offset) / memory::page_size() * memory::page_size();
        let to = self.skip + offset + len;
        memory::sync(self.base.wrapping_add(from), to - from)
            .map_err(|errno| fail(errno, "writing the view to its file"))
    }

    pub(crate) fn sync(&self, offset: usize, len: usize) -> Result<()> {
        if !self.reaches_a_file() {
            return Ok(());
        }
        self.flush(offset, len)?;
        let fd = self.memory.descriptor(OpenFor::ReadWrite)?;
        files::fsync(fd.as_fd()).map_err(|errno| fail(errno, "writing the file to the disk"))
    }

    pub(crate) fn unmap(self) -> Result<()> {
        let view = std::mem::ManuallyDrop::new(self);
        // SAFETY: `view` is never dropped, so each field that owns something is taken out exactly once.
        drop(unsafe {
            (std::ptr::read(&raw const view.memory), std::ptr::read(&raw const view.locked))
        });
        // SAFETY: mapped by `map` and never unmapped before; the view is gone for everybody else.
        let unmapped = unsafe { memory::unmap(view.base, view.mapped) };
        memory::freed(view.base, view.mapped);
        unmapped.map_err(|errno| fail(errno, "unmapping the view"))
    }

    fn reaches_a_file(&self) -> bool {
        self.memory.is_file() && self.access.writable() && !self.access.is_private()
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // SAFETY: as in `unmap`. Fails only if the process has split its memory into too many ranges; then it stays.
        let _ = unsafe { memory::unmap(self.base, self.mapped) };
        memory::freed(self.base, self.mapped);
    }
}

fn protection(access: ViewAccess) -> ProtFlags {
    let mut flags = ProtFlags::READ;
    flags.set(ProtFlags::WRITE, access.writable());
    flags.set(ProtFlags::EXEC, access.executable());
    flags
}

/// Large views lie so that huge pages of their file fit: a fault then maps many pages instead of a few.
fn alignment(mapped: usize) -> usize {
    if mapped >= HUGE_PAGE {
        HUGE_PAGE
    } else {
        GRANULARITY
    }
}

/// The start of a view of large pages is one.
fn check_page(start: usize, page: usize) -> Result<usize> {
    if !start.is_multiple_of(page) {
        let why = format!("address and offset must leave the same rest when divided by {page}, the size of a large page");
        return Err(Error::new(ErrorKind::MappedAlignment, why));
    }
    Ok(start)
}

/// The rules of `MapViewOfFileEx` for a wanted address.
fn check_address(wanted: usize, mapped: usize, offset: u64) -> Result<usize> {
    if wanted == 0 || wanted > HIGHEST || mapped > HIGHEST - wanted {
        return Err(Error::new(ErrorKind::InvalidParameter, "no program's memory lies there"));
    }
    if wanted % GRANULARITY != offset as usize % GRANULARITY {
        let why = "address and offset must leave the same rest when divided by 65536";
        return Err(Error::new(ErrorKind::MappedAlignment, why));
    }
    Ok(wanted)
}

fn map_failed(errno: Errno, address: Option<usize>) -> Error {
    match (errno, address) {
        (Errno::EXIST, _) => {
            Error::new(ErrorKind::InvalidAddress, "something lies at the wanted address already")
        }
        (Errno::PERM | Errno::ACCESS, Some(_)) => {
            Error::new(ErrorKind::InvalidAddress, "the system keeps the wanted address free")
        }
        (Errno::NOMEM, _) => no_room(),
        _ => fail(errno, "mapping the view"),
    }
}

fn no_room() -> Error {
    Error::new(ErrorKind::NotEnoughMemory, "the address space has no room for the view")
}
