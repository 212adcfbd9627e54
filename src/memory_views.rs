//! Views by address: `MapViewOfFileEx`, `UnmapViewOfFile` and `FlushViewOfFile`, for code that thinks in addresses.
#![allow(unsafe_code)]

use crate::memory::Map;
use crate::{sys, Error, ErrorKind, Mapping, Result};

/// Maps a part of a mapping, and returns the address of its first byte. It stays mapped until [`unmap`].
///
/// [`View`](crate::View) is the safe type for the same. What is mapped keeps the memory alive, not the name.
///
/// Of a mapping made with [`reserve`](crate::MappingOptions::reserve), only pages that somebody [committed](crate::memory::allocate)
/// through a view can be touched. They are committed for every process, and stay so.
///
/// ```
/// use mapview::memory::{self, Map};
/// let mapping = mapview::MappingOptions::new().size(4096).create()?;
/// let base = memory::map(&mapping, &Map::default())?;
/// // SAFETY: the page is mapped for writing, and used only here.
/// unsafe {
///     base.write(7);
///     memory::unmap(base.addr() + 100, false)?; // any address in it will do
/// }
/// assert_eq!(mapping.view()?.read::<u8>(0)?, 7);
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Errors
/// In the order in which they are found:
/// * [`InvalidParameter`](ErrorKind::InvalidParameter): addresses that no program has, limits that make no sense; or the
///   mapping's protection does not permit such a view.
/// * [`AccessDenied`](ErrorKind::AccessDenied): the handle lacks the right, or the range is not inside the mapping.
/// * [`MappedAlignment`](ErrorKind::MappedAlignment): address or offset is no such multiple.
/// * [`InvalidAddress`](ErrorKind::InvalidAddress): something lies there already, or no placeholder of this length.
/// * [`NotEnoughMemory`](ErrorKind::NotEnoughMemory): no room in the address space.
///
/// # Platform notes
/// Linux: where the system forbids `userfaultfd`, pages that nobody committed can be touched, and are committed by that.
/// Windows: replacing and limits need Windows 10 version 1803, else [`Unsupported`](ErrorKind::Unsupported).
#[doc(alias = "MapViewOfFile")]
pub fn map(mapping: &Mapping, wanted: &Map) -> Result<*mut u8> {
    let needs = wanted.protect.needs();
    let highest = sys::HIGHEST - sys::LOWEST;
    let fits = wanted.size <= highest
        && (wanted.address == 0 && !wanted.replace
            || wanted.address != 0 && wanted.address < sys::HIGHEST - wanted.size);
    let checked = match needs {
        Some(needs) if fits && mapping.access().contains(needs) => {
            sys::map(&mapping.inner, wanted, needs)
        }
        Some(needs) if fits => {
            let why = format!("a view that is {} needs a handle with {needs:?}", wanted.protect);
            Err(Error::new(ErrorKind::AccessDenied, why))
        }
        Some(_) => Err(Error::new(ErrorKind::InvalidParameter, "no program's memory lies there")),
        None => Err(Error::new(ErrorKind::InvalidParameter, "a view has no guard pages at first")),
    };
    checked.map_err(|error| match mapping.name() {
        Some(name) => error.about(name),
        None => error,
    })
}

/// Unmaps the view with this address: its first one, or any other of it. With `keep`, the placeholder that it took the
/// place of is there again.
///
/// # Safety
/// Nobody uses the view any more.
///
/// # Errors
/// [`InvalidAddress`](ErrorKind::InvalidAddress): nothing was [mapped](map) there; or it is to be kept and was no
/// placeholder. A [`View`](crate::View) is unmapped by dropping it.
///
/// # Platform notes
/// Windows unmaps what has the address, whoever mapped it.
#[doc(alias = "UnmapViewOfFile")]
#[doc(alias = "UnmapViewOfFile2")]
#[doc(alias = "MEM_PRESERVE_PLACEHOLDER")]
pub unsafe fn unmap(address: usize, keep: bool) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe { sys::unmap(address, keep) }
}

/// Writes changed bytes of the view with this address to its file, from the page of the address on; `size` 0 means to the
/// end of the view.
///
/// Succeeds without effect for read-only and copy-on-write views and for the paging file.
///
/// # Errors
/// [`InvalidAddress`](ErrorKind::InvalidAddress): there is no view, or the range reaches past it;
/// [`Other`](ErrorKind::Other), [`DiskFull`](ErrorKind::DiskFull): the disk failed.
///
/// # Platform notes
/// As [`View::flush_range`](crate::View::flush_range).
#[doc(alias = "FlushViewOfFile")]
pub fn flush(address: usize, size: usize) -> Result<()> {
    sys::flush(address, size)
}
