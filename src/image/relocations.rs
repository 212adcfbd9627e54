//! `Relocation`: a place in an image that depends on where the image lies.

use object::pe::{ImageNtHeaders32, ImageNtHeaders64};
use object::read::pe::ImageNtHeaders;
use object::ReadRef;

use super::headers::{bad, broken, tables};
use crate::Result;

/// A place in an image that holds an address, and changes with the base of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "IMAGE_BASE_RELOCATION")]
#[non_exhaustive]
pub struct Relocation {
    /// Bytes from the base of the image.
    pub address: u32,
    /// What is there.
    pub kind: RelocationKind,
}

/// What the place of a [`Relocation`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RelocationKind {
    /// A whole 64-bit address (`IMAGE_REL_BASED_DIR64`).
    Address64,
    /// A whole 32-bit address (`IMAGE_REL_BASED_HIGHLOW`).
    Address32,
    /// The upper half of a 32-bit address (`IMAGE_REL_BASED_HIGH`).
    High16,
    /// The lower half of a 32-bit address (`IMAGE_REL_BASED_LOW`).
    Low16,
}

impl RelocationKind {
    /// Bytes that change.
    pub fn width(self) -> u32 {
        match self {
            RelocationKind::Address64 => 8,
            RelocationKind::Address32 => 4,
            RelocationKind::High16 | RelocationKind::Low16 => 2,
        }
    }
}

/// The relocations of an image of `size` bytes, in the order of the file.
pub(super) fn relocations<'data, R: ReadRef<'data>>(
    data: R,
    is_64: bool,
    size: u32,
) -> Result<Vec<Relocation>> {
    match is_64 {
        true => relocations_of::<ImageNtHeaders64, R>(data, size),
        false => relocations_of::<ImageNtHeaders32, R>(data, size),
    }
}

fn relocations_of<'data, Pe: ImageNtHeaders, R: ReadRef<'data>>(
    data: R,
    size: u32,
) -> Result<Vec<Relocation>> {
    let tables = tables::<Pe, R>(data)?;
    let blocks = tables.directories.relocation_blocks(data, &tables.sections).map_err(broken)?;
    let mut found = Vec::new();
    for block in blocks.into_iter().flatten() {
        for entry in block.map_err(broken)? {
            let kind = match entry.typ.0 {
                0 => continue, // fills a block up
                1 => RelocationKind::High16,
                2 => RelocationKind::Low16,
                3 => RelocationKind::Address32,
                10 => RelocationKind::Address64,
                other => return Err(bad(format!("relocations of type {other} are unknown"))),
            };
            let address = entry.virtual_address;
            if address.checked_add(kind.width()).is_none_or(|end| end > size) {
                return Err(bad(format!("a relocation at {address:#x} is outside of the image")));
            }
            found.push(Relocation { address, kind });
        }
    }
    Ok(found)
}
