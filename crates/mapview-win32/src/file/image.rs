//! Files that are mapped as programs or libraries: nobody opens them for writing, or to delete them.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd};

use mapview::{share_file, FileUse};

use super::{code, doomed, os};
use crate::code::Result;

/// The byte that those lock who have the file mapped as an image.
const IMAGE: i64 = doomed::MARKED + 1;

/// Opens the file anew, and keeps writers out as long as that is open.
pub(crate) fn hold(file: &File) -> Result<File> {
    let own = File::open(format!("/proc/self/fd/{}", file.as_raw_fd())).map_err(code::of)?;
    // Whoever opened it for writing before may go on, as its maker does. Without locks nobody can be kept out.
    let _ = share_file(&own, FileUse::READ, FileUse::READ | FileUse::DELETE);
    let _ = os::lock(own.as_fd(), libc::F_RDLCK, IMAGE, 1);
    Ok(own)
}

/// Whether somebody has the file mapped as an image.
pub(super) fn is_held(file: &File) -> bool {
    os::is_locked(file.as_fd(), libc::F_WRLCK, IMAGE, 1).unwrap_or(false)
}
