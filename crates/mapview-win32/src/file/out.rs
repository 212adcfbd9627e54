//! Text that functions give back into buffers of the caller.

use super::path;
use crate::abi::DWORD;

/// The characters of both encodings.
pub(crate) trait Unit: Copy {
    const NUL: Self;
    fn path(bytes: &[u8]) -> Vec<Self>;
}

impl Unit for u8 {
    const NUL: u8 = 0;
    fn path(bytes: &[u8]) -> Vec<u8> {
        bytes.to_vec()
    }
}

impl Unit for u16 {
    const NUL: u16 = 0;
    fn path(bytes: &[u8]) -> Vec<u16> {
        path::to_wide(bytes)
    }
}

/// What most functions return: the length without the NUL if all of it fits; else the length with it, and nothing is written.
///
/// # Safety
/// `to` is NULL or has room for `room` units.
pub(crate) unsafe fn give<U: Unit>(bytes: &[u8], to: *mut U, room: DWORD) -> DWORD {
    let mut units = U::path(bytes);
    if to.is_null() || units.len() >= room as usize {
        return units.len() as DWORD + 1;
    }
    units.push(U::NUL);
    // SAFETY: they fit, the caller says so.
    unsafe { std::ptr::copy_nonoverlapping(units.as_ptr(), to, units.len()) };
    units.len() as DWORD - 1
}
