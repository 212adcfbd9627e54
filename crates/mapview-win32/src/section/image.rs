//! `SEC_IMAGE`: programs and libraries, mapped as the loader maps them.

use std::fs::File;
use std::os::unix::fs::FileExt;

use crate::code::{Code, Result};

/// # Errors
/// 193 if the file is no program or library of Windows; 50 if it is, because images are not mapped here.
pub(super) fn create(file: Option<&File>) -> Result<std::convert::Infallible> {
    match file {
        Some(file) if is_program(file) => Err(Code::NOT_SUPPORTED),
        _ => Err(super::BAD_EXE_FORMAT),
    }
}

/// Whether it starts as a PE file: `MZ`, and at the place that is said there, `PE`.
fn is_program(file: &File) -> bool {
    let mut start = [0; 64];
    let mut signature = [0; 4];
    let read = |bytes: &mut [u8], at: u64| file.read_exact_at(bytes, at).is_ok();
    if !read(&mut start, 0) || !start.starts_with(b"MZ") {
        return false;
    }
    let at = u32::from_le_bytes([start[60], start[61], start[62], start[63]]);
    read(&mut signature, at.into()) && signature == *b"PE\0\0"
}
