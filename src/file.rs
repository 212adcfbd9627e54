//! The length of a file that may be mapped.

use std::fs::File;

use crate::{sys, Result};

/// Sets the length of a file, and refuses to shrink one that is mapped through this library.
///
/// Growing is always possible. Shrinking a mapped file by other means is not prevented on Linux: whoever touches a page
/// behind the new end gets SIGBUS.
///
/// ```
/// use mapview::{set_file_len, ErrorKind, MappingOptions};
/// let file = tempfile::tempfile()?;
/// let mapping = MappingOptions::new().file(&file).size(10_000).create()?;
/// assert_eq!(set_file_len(&file, 10).unwrap_err().kind(), ErrorKind::UserMappedFile);
/// drop(mapping);
/// set_file_len(&file, 10)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`UserMappedFile`](crate::ErrorKind::UserMappedFile): shorter than now, and a mapping or view of it exists; the length
/// stays. [`AccessDenied`](crate::ErrorKind::AccessDenied): the file was not opened for writing.
/// [`DiskFull`](crate::ErrorKind::DiskFull).
#[doc(alias = "SetEndOfFile")]
pub fn set_file_len(file: &File, len: u64) -> Result<()> {
    sys::set_file_len(file, len)
}
