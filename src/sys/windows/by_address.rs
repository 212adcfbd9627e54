//! Views by address: passed on, in the order in which Windows checks.
#![allow(unsafe_code)]

use super::api::{self, Code, Mapped, Outcome};
use super::mapping::Mapping;
use crate::memory::Map;
use crate::sys::GRANULARITY;
use crate::{Access, Error, ErrorKind, Protect, Result};

/// Addresses and rights are checked; `needs` are those rights.
pub(crate) fn map(mapping: &Mapping, wanted: &Map, _needs: Access) -> Result<*mut u8> {
    let &Map { address, offset, size, protect, replace, numa_node, lowest, highest } = wanted;
    let limits = api::Limits { lowest, highest, alignment: 0 };
    let unit = if replace { 0x1000 } else { GRANULARITY };
    if !address.is_multiple_of(unit) || !offset.is_multiple_of(unit as u64) {
        let why = format!("address and offset must be multiples of {unit}");
        return Err(Error::new(ErrorKind::MappedAlignment, why));
    }
    let all = mapping.size();
    let rest = all.checked_sub(offset).filter(|&rest| rest > 0 && size as u64 <= rest);
    let Some(rest) = rest else {
        let why =
            format!("{size} bytes from offset {offset} reach past the end, the mapping has {all}");
        return Err(Error::new(ErrorKind::AccessDenied, why));
    };
    // To the end of the mapping, which is not that of the section if it can grow.
    let len = if size == 0 { rest as usize } else { size };
    let from = mapping.growth.start() + offset;
    let mapped = mapping.with_section(|section| {
        if replace {
            return api::map_over_placeholder(section, protect.bits(), from, len, address);
        }
        if limits != api::Limits::default() {
            return api::map_within(section, protect.bits(), from, len, limits, numa_node);
        }
        let mut access = access_of(protect)?;
        if mapping.large_pages && protect != Protect::WRITE_COPY {
            access |= api::FILE_MAP_LARGE_PAGES; // only ordinary pages are copied when they are written
        }
        api::map_view_of_file_ex(section, access, from, len, address, numa_node)
    });
    mapped.map(Mapped::into_raw).map_err(|code| code.error("cannot map the view"))
}

/// The `FILE_MAP_*` that `MapViewOfFileEx` makes such a protection of.
fn access_of(protect: Protect) -> Outcome<u32> {
    Ok(match protect {
        Protect::NO_ACCESS => 0,
        Protect::READ_ONLY => api::FILE_MAP_READ,
        Protect::READ_WRITE => api::FILE_MAP_WRITE,
        Protect::WRITE_COPY => api::FILE_MAP_COPY,
        Protect::EXECUTE_READ => api::FILE_MAP_EXECUTE | api::FILE_MAP_READ,
        Protect::EXECUTE_READ_WRITE => api::FILE_MAP_EXECUTE | api::FILE_MAP_WRITE,
        Protect::EXECUTE_WRITE_COPY => api::FILE_MAP_EXECUTE | api::FILE_MAP_COPY,
        _ => return Err(Code::NOT_SUPPORTED), // executing alone
    })
}

/// # Safety
/// The duties of [`crate::memory::unmap`].
pub(crate) unsafe fn unmap(address: usize, keep: bool) -> Result<()> {
    let pointer = std::ptr::with_exposed_provenance_mut(address);
    // SAFETY: the caller's promise.
    let unmapped = unsafe {
        match keep {
            true => api::unmap_to_placeholder(Mapped::adopt(pointer)).map_err(|(mapped, code)| {
                mapped.into_raw(); // it is still there
                code
            }),
            false => api::unmap_view_of_file_at(address),
        }
    };
    unmapped.map_err(|code| code.error("cannot unmap the view"))
}

pub(crate) fn flush(address: usize, size: usize) -> Result<()> {
    api::flush_view_of_file_at(address, size)
        .map_err(|code| code.error("cannot write the view to its file"))
}
