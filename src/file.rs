//! Files that may be mapped: their length, and what their users agree on.

use std::fs::File;

use crate::{sys, FileUse, Result};

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

/// Says what an open file is used for and what others may do with it meanwhile: the share mode of `CreateFile`.
///
/// Holds as long as the file, its clones and what children inherited of it are open, and ends with them however they end.
/// It binds who asks with this function, who maps the file [exclusively](crate::MappingOptions::exclusive), and C programs
/// that open it with `CreateFile` of `mapview-win32`. A mapping that writes uses the file for writing, also
/// when all files are closed. Who uses the file for nothing is neither refused nor refuses.
///
/// ```
/// use mapview::{share_file, ErrorKind, FileUse};
/// # if cfg!(windows) { return Ok(()); } // there, files are opened with a share mode
/// let file = tempfile::NamedTempFile::new()?;
/// share_file(file.as_file(), FileUse::READ | FileUse::WRITE, FileUse::READ)?;
///
/// let other = file.reopen()?;
/// let refused = share_file(&other, FileUse::WRITE, FileUse::all()).unwrap_err();
/// assert_eq!(refused.kind(), ErrorKind::SharingViolation);
/// share_file(&other, FileUse::READ, FileUse::READ | FileUse::WRITE)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`SharingViolation`](crate::ErrorKind::SharingViolation): somebody who has the file open does not share one of `uses`, or
/// does what `share` leaves out; nothing has changed then. [`Unsupported`](crate::ErrorKind::Unsupported): the file
/// system has no locks, or the file is not open for reading.
///
/// # Platform notes
/// Windows takes the share mode when a file is opened (`OpenOptionsExt::share_mode` of the standard library) and not later:
/// `Unsupported` there.
#[doc(alias = "dwShareMode")]
pub fn share_file(file: &File, uses: FileUse, share: FileUse) -> Result<()> {
    sys::share_file(file, uses, share)
}

/// Whether a mapping or view of the file exists in any process, made through this library.
///
/// ```
/// use mapview::{is_file_mapped, MappingOptions};
/// # if cfg!(windows) { return Ok(()); }
/// let file = tempfile::tempfile()?;
/// assert!(!is_file_mapped(&file)?);
/// let view = MappingOptions::new().file(&file).size(10_000).create()?.view()?;
/// assert!(is_file_mapped(&file)?);
/// drop(view);
/// assert!(!is_file_mapped(&file)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of the system.
///
/// # Platform notes
/// Windows tells nobody: `Unsupported` there. On Linux, file systems without locks have no mapped files.
pub fn is_file_mapped(file: &File) -> Result<bool> {
    sys::is_file_mapped(file)
}
