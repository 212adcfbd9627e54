//! Views: `mmap` of a part of a mapping's memory.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use rustix::io::Errno;
use rustix::mm::ProtFlags;

use super::growth::Object;
use super::memory::Memory;
use super::os::files::OpenFor;
use super::os::{fail::fail, files, memory, memory::Map};
use crate::sys::{MapRequest, GRANULARITY};
use crate::{Error, ErrorKind, Result, ViewAccess};

/// The highest address a view may reach, as on Windows.
const HIGHEST: usize = 0x7FFF_FFFE_FFFF;

/// A mapped range. The memory (and with a file, the agreement not to shrink it) lives as long as it.
#[derive(Debug)]
pub(crate) struct View {
    /// What was mapped, in whole pages.
    base: *mut u8,
    mapped: usize,
    /// From `base` to the first byte of the view.
    skip: usize,
    len: usize,
    memory: Arc<Memory>,
    /// Of a composite view: the parts behind the first, by where they start. Empty, and then nowhere, in others.
    more: Box<[(usize, Arc<Memory>)]>,
    access: ViewAccess,
}

// SAFETY: a mapped range is valid in every thread, and all access to it goes through atomics or opaque copies.
unsafe impl Send for View {}
// SAFETY: as above.
unsafe impl Sync for View {}

impl View {
    pub(super) fn map(object: &Object, request: &MapRequest) -> Result<View> {
        let access = request.access;
        let fd = descriptor(object, access)?;
        let page = memory::page_size();
        let len = request.len;
        let start = object.memory.start() + request.offset;
        let skip = (start % page as u64) as usize;
        let mapped = (skip.checked_add(len).ok_or_else(no_room)?)
            .checked_next_multiple_of(page)
            .ok_or_else(no_room)?;
        let address = match request.address {
            Some(wanted) => Some(check_address(wanted, mapped, request.offset)? - skip),
            None => None,
        };
        let offset = start - skip as u64;
        let private = access.is_private();
        let map = Map { len: mapped, protection: protection(access), private, offset, address };
        let base = match address {
            Some(_) => memory::map(fd, map),
            None => {
                let rest = (request.offset - request.offset % page as u64) as usize % GRANULARITY;
                memory::map_aligned(fd, map, GRANULARITY, rest)
            }
        };
        let base = base.map_err(|errno| map_failed(errno, address))?;
        let (memory, more) = (object.memory.clone(), Box::default());
        Ok(View { base, mapped, skip, len, memory, more, access })
    }

    /// A view of what was mapped side by side: `len` bytes in all, and of each part where it starts.
    pub(super) fn of_parts(
        base: *mut u8,
        len: usize,
        mut parts: Vec<(usize, Arc<Memory>)>,
        access: ViewAccess,
    ) -> View {
        let mapped = len.next_multiple_of(memory::page_size());
        let (_, memory) = parts.remove(0);
        View { base, mapped, skip: 0, len, memory, more: parts.into(), access }
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
        if len == 0 || self.files(offset, len).next().is_none() {
            return Ok(());
        }
        let from = (self.skip + offset) / memory::page_size() * memory::page_size();
        let to = self.skip + offset + len;
        memory::sync(self.base.wrapping_add(from), to - from)
            .map_err(|errno| fail(errno, "writing the view to its file"))
    }

    pub(crate) fn sync(&self, offset: usize, len: usize) -> Result<()> {
        self.flush(offset, len)?;
        self.files(offset, len).try_for_each(|file| {
            let fd = file.descriptor(OpenFor::ReadWrite)?;
            files::fsync(fd.as_fd()).map_err(|errno| fail(errno, "writing the file to the disk"))
        })
    }

    pub(crate) fn unmap(self) -> Result<()> {
        let view = std::mem::ManuallyDrop::new(self);
        // SAFETY: `view` is never dropped, so its shares of the memory are taken out exactly once.
        drop(unsafe {
            (std::ptr::read(&raw const view.memory), std::ptr::read(&raw const view.more))
        });
        // SAFETY: mapped by `map` and never unmapped before; the view is gone for everybody else.
        let unmapped = unsafe { memory::unmap(view.base, view.mapped) };
        memory::freed(view.base, view.mapped);
        unmapped.map_err(|errno| fail(errno, "unmapping the view"))
    }

    /// The files that writes to a range reach.
    fn files(&self, offset: usize, len: usize) -> impl Iterator<Item = &Memory> {
        let starts = std::iter::once((0, &self.memory))
            .chain(self.more.iter().map(|(start, memory)| (*start, memory)));
        let ends = self.more.iter().map(|part| part.0).chain([usize::MAX]);
        let written = self.access.writable() && !self.access.is_private();
        starts
            .zip(ends)
            .filter(move |((start, _), end)| *start < offset + len.max(1) && offset < *end)
            .map(|((_, memory), _)| &**memory)
            .filter(move |memory| written && memory.is_file())
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // SAFETY: as in `unmap`. Fails only if the process has split its memory into too many ranges; then it stays.
        let _ = unsafe { memory::unmap(self.base, self.mapped) };
        memory::freed(self.base, self.mapped);
    }
}

/// What to map for such a view.
pub(super) fn descriptor(object: &Object, access: ViewAccess) -> Result<BorrowedFd<'_>> {
    if !object.protection.access().contains(access.needs()) {
        let why = format!("the mapping is {:?}", object.protection);
        return Err(Error::new(ErrorKind::InvalidParameter, why));
    }
    let writes_through = access.writable() && !access.is_private();
    match writes_through {
        true => object.memory.descriptor(OpenFor::ReadWrite),
        false => Ok(object.memory.any_descriptor().0),
    }
}

pub(super) fn protection(access: ViewAccess) -> ProtFlags {
    let mut flags = ProtFlags::READ;
    flags.set(ProtFlags::WRITE, access.writable());
    flags.set(ProtFlags::EXEC, access.executable());
    flags
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

pub(super) fn map_failed(errno: Errno, address: Option<usize>) -> Error {
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
