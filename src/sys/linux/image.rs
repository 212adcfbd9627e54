//! Images: parts of a file and of memory side by side, addresses in them adjusted, and each section with its protection.
#![allow(unsafe_code)]

use std::fs::File;
use std::ops::Range;

use rustix::io::Errno;
use rustix::mm::ProtFlags;

use super::book::{self, Imaged, Shown};
use super::os::composite;
use super::os::{fail::fail, files, memory::Map, private};
use super::protection::flags;
use super::runs::Runs;
use super::space::{HIGHEST, LOWEST};
use super::view::{map_failed, Stretch, View};
use crate::sys::{image_addresses, ImageRequest, GRANULARITY};
use crate::{Error, ErrorKind, Protect, Result, ViewAccess};

/// Where images with 32-bit addresses end at the latest.
const LOW: usize = 1 << 32;

/// Device, file number, size, and when the content changed last. Not when the attributes did: that includes links.
pub(crate) fn file_identity(file: &File) -> Result<String> {
    let stat = files::fstat(file).map_err(|errno| fail(errno, "looking at the file"))?;
    let (device, number) = files::identity(&stat);
    let (size, seconds, nanoseconds) = (stat.st_size, stat.st_mtime, stat.st_mtime_nsec);
    Ok(format!("{device:x}:{number:x} {size} {seconds}.{nanoseconds:09}"))
}

/// Reads from a position, and leaves that of the file alone.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

/// The file that this process runs, wherever its path leads by now.
pub(crate) fn open_program() -> Result<File> {
    File::open("/proc/self/exe").map_err(|error| super::file_error(error, None))
}

pub(crate) fn map_image(request: &ImageRequest<'_>) -> Result<View> {
    check_length(request)?;
    let range = place(request)?;
    let mut stretches = Vec::with_capacity(request.parts.len());
    for part in request.parts {
        let object = part.mapping.object();
        let map = Map {
            len: part.len,
            protection: ProtFlags::READ | ProtFlags::WRITE, // until it is relocated
            private: !part.shared,
            offset: object.memory.start() + part.offset,
            address: None,
        };
        let fd = match part.shared {
            true => object.memory.descriptor(files::OpenFor::ReadWrite)?,
            false => object.memory.any_descriptor().0,
        };
        range.map_over(part.start, fd, map).map_err(|errno| map_failed(errno, None))?;
        let (start, place) = (part.start, map.offset);
        stretches.push(Stretch { start, place, memory: object.memory.clone() });
    }
    let base = range.base();
    let delta = base.addr().wrapping_sub(request.preferred);
    if delta != 0 {
        // SAFETY: the places are inside the image, as was checked, in pages that are this process's copies once written;
        // nobody else knows them yet.
        unsafe { image_addresses::adjust(base, request.relocations, delta) };
    }
    for (part, protect) in request.protects {
        // SAFETY: inside the range, which nobody else knows yet.
        unsafe { private::protect(base.wrapping_add(part.start), part.len(), flags(*protect)) }
            .map_err(|errno| not_permitted(errno, *protect))?;
    }

    let access = ViewAccess::ExecuteCopyOnWrite;
    let view = View::of_parts(range, request.size, stretches, access);
    show(base.addr(), request);
    Ok(view)
}

/// Since the headers were read the file may have become shorter; from now on it is announced as mapped.
fn check_length(request: &ImageRequest<'_>) -> Result<()> {
    let stat = files::fstat(request.file).map_err(|errno| fail(errno, "looking at the file"))?;
    match (stat.st_size as u64) < request.file_len {
        true => Err(Error::new(ErrorKind::BadExeFormat, "it became shorter while it was mapped")),
        false => Ok(()),
    }
}

/// Takes the addresses.
fn place(request: &ImageRequest<'_>) -> Result<composite::Range> {
    let highest = if request.low { LOW } else { HIGHEST };
    let at = |base: usize| match base.checked_add(request.size) {
        Some(end) if base >= LOWEST && end <= highest => composite::reserve_at(base, request.size),
        _ => Err(Errno::PERM), // nobody's, or not to be reached with its addresses
    };
    let base = request.wanted.unwrap_or(request.preferred);
    let taken = match at(base) {
        Err(errno) if request.wanted.is_some() || !request.can_move => {
            let error = map_failed(errno, Some(base));
            return Err(match request.can_move {
                true => error,
                false => Error::new(
                    ErrorKind::InvalidAddress,
                    format!("it can only lie at {base:#x}, which is taken"),
                ),
            });
        }
        taken => taken,
    };
    let found = match taken {
        Err(_) if request.low => low(request.size),
        Err(_) => composite::reserve(request.size, GRANULARITY),
        found => found,
    };
    found.map_err(|errno| map_failed(errno, None))
}

/// The highest room below 4 GiB, where the kernel puts nothing by itself.
fn low(size: usize) -> std::result::Result<composite::Range, Errno> {
    let mut base = (LOW - GRANULARITY).saturating_sub(size) / GRANULARITY * GRANULARITY;
    while base >= GRANULARITY {
        match composite::reserve_at(base, size) {
            Err(Errno::EXIST) => {
                base -= size.clamp(GRANULARITY, 16 << 20).next_multiple_of(GRANULARITY).min(base)
            }
            found => return found,
        }
    }
    Err(Errno::NOMEM)
}

fn not_permitted(errno: Errno, protect: Protect) -> Error {
    match errno {
        Errno::ACCESS | Errno::PERM => {
            let why = format!("the system does not permit {protect} pages here: the file may lie where nothing is executed, or this process may be forbidden to execute what it could write");
            Error::from_os(ErrorKind::AccessDenied, errno.raw_os_error(), why)
        }
        _ => fail(errno, "protecting a section"),
    }
}

/// Tells the book that the parts are one image, and what each page permits.
fn show(base: usize, request: &ImageRequest<'_>) {
    let mut book = book::write();
    let shared = |at: usize| {
        let part =
            request.parts.iter().find(|part| (part.start..part.start + part.len).contains(&at));
        part.is_some_and(|part| part.shared)
    };
    for part in request.parts {
        let start = base + part.start;
        let Some(view) = book.views.get_mut(&start) else { continue };
        let file = request.source.object().memory.clone();
        view.image = Some(Imaged { range: base..base + request.size, file });
        let whole: Range<usize> = start..view.end;
        let mut pages = Runs::new(whole.clone(), view.first());
        for (range, protect) in request.protects {
            let range = (base + range.start).max(whole.start)..(base + range.end).min(whole.end);
            if range.start < range.end {
                let private = !shared(range.start - base);
                pages.set(range, Shown { protect: *protect, private });
            }
        }
        view.pages = Some(pages);
    }
}
