//! Images: sections of the kernel's own kind. It lays them out, shares their pages, and may or may not adjust addresses.
#![allow(unsafe_code)]

use std::fs::File;
use std::os::windows::io::AsHandle;

use super::api::{self, Code};
use super::mapping::RIGHTS;
use super::security;
use super::view::View;
use crate::sys::{image_addresses, ImageRequest};
use crate::{Error, ErrorKind, Protect, Relocation, RelocationKind, Result, Security, ViewAccess};

/// The kernel does it for sections that say so.
pub(crate) const LAYS_IMAGES_OUT: bool = true;

/// Volume, file number, size and time of the last change.
pub(crate) fn file_identity(file: &File) -> Result<String> {
    let told = api::file_information(file).map_err(|code| code.error("cannot look at the file"))?;
    Ok(told.iter().map(|number| format!("{number:x}")).collect::<Vec<_>>().join(" "))
}

/// Reads from a position, wherever that of the file is.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// The file that this process runs.
pub(crate) fn open_program() -> Result<File> {
    let path = std::env::current_exe().map_err(|error| super::file_error(error, None))?;
    File::open(&path).map_err(|error| super::file_error(error, Some(&path)))
}

pub(crate) fn map_image(request: &ImageRequest<'_>) -> Result<View> {
    let plain = security::attributes(&Security::OnlyMe, &RIGHTS, false)?;
    let protect = api::PAGE_READONLY | api::SEC_IMAGE;
    let made = api::create_file_mapping(Some(request.file), &plain, protect, 0, None, None);
    let (section, _) = made.map_err(|code| match code {
        Code::BAD_EXE_FORMAT => {
            let why = format!(
                "Windows does not take it for an image; it is for {:?}, and this system runs {}",
                request.machine,
                std::env::consts::ARCH
            );
            Error::new(ErrorKind::BadExeFormat, why)
        }
        code => code.error("cannot map it as an image"),
    })?;
    let wanted = request.wanted.unwrap_or(0);
    let mapped =
        api::map_view_of_file_ex(section.as_handle(), api::FILE_MAP_READ, 0, 0, wanted, None);
    let mapped = mapped.map_err(|code| match code {
        Code::INVALID_ADDRESS => {
            Error::new(ErrorKind::InvalidAddress, "something lies at the wanted address already")
        }
        code => code.error("cannot map the image"),
    })?;
    let view = View::of_image(mapped, request.size, ViewAccess::ExecuteCopyOnWrite);
    if wanted != 0 && view.as_ptr().addr() != wanted {
        let why = "the system does not put this image there";
        return Err(Error::new(ErrorKind::InvalidAddress, why));
    }
    finish(view.as_ptr(), request)?;
    Ok(view)
}

/// Adjusts the addresses by what the kernel has not done; whether it has is seen in the first one.
fn finish(base: *mut u8, request: &ImageRequest<'_>) -> Result<()> {
    let away = base.addr().wrapping_sub(request.preferred);
    if away == 0 {
        return Ok(());
    }
    if !request.can_move {
        let why = format!("it can only lie at {:#x}, which is taken", request.preferred);
        return Err(Error::new(ErrorKind::InvalidAddress, why));
    }
    let Some((first, original)) = request.first else { return Ok(()) };
    let left = away.wrapping_sub(done(base, first, original));
    if left == 0 {
        return Ok(());
    }
    for (range, protect) in request.protects {
        let inside = |place: &&Relocation| range.contains(&(place.address as usize));
        // One that crosses into the next section is of this one.
        let places: Vec<Relocation> = request.relocations.iter().filter(inside).copied().collect();
        let Some(last) = places.last() else { continue };
        let end = (last.address + last.kind.width()) as usize;
        let (start, len) = (base.addr() + range.start, range.end.max(end) - range.start);
        let open =
            if protect.executable() { Protect::EXECUTE_WRITE_COPY } else { Protect::WRITE_COPY };
        // SAFETY: pages of the image, which nobody else knows yet; the places are inside of them.
        unsafe {
            super::protect(start, len, open)?;
            image_addresses::adjust(base, &places, left);
            super::protect(start, range.len(), *protect)?;
        }
    }
    Ok(())
}

/// How far the kernel moved the first address.
fn done(base: *mut u8, first: Relocation, original: u64) -> usize {
    let place = base.wrapping_add(first.address as usize);
    match first.kind {
        RelocationKind::Address64 => {
            // SAFETY: inside of the image, and it holds an address, so it can be read.
            let now = unsafe { place.cast::<u64>().read_unaligned() };
            now.wrapping_sub(original) as usize
        }
        _ => {
            // SAFETY: as above.
            let now = unsafe { place.cast::<u32>().read_unaligned() };
            now.wrapping_sub(original as u32) as i32 as usize // downwards, too
        }
    }
}
