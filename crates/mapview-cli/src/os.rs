//! The few things that differ between the systems and are not in std.

use std::fs::{File, Metadata};
use std::io;

/// Gives `file` the owner and group that `like` has; impossible for an ordinary user and another owner, then an error.
#[cfg(unix)]
pub fn keep_owner(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{fchown, MetadataExt};
    let now = file.metadata()?;
    if (now.uid(), now.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid()))
}

/// The owner comes with the directory.
#[cfg(not(unix))]
pub fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}
