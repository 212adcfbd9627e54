//! What sliding windows need to know of a mapping.

use super::mapping::Mapping;
use super::os::files;
use crate::{Error, ErrorKind, Result};

/// The kernel's read-ahead follows a file across mappings, and with larger pages than advice would get.
pub(crate) const READS_AHEAD: bool = true;

impl Mapping {
    /// What is mapped for a view starts at and covers multiples of so many bytes.
    pub(crate) fn unit(&self) -> u64 {
        self.object.memory.page() as u64
    }

    pub(crate) fn check_end(&self, end: u64) -> Result<()> {
        self.object.memory.check_size(end).map_err(|error| match error.kind() {
            ErrorKind::InvalidData => Error::new(
                ErrorKind::InPageError,
                format!("its file was truncated, it ends before byte {end}"),
            ),
            _ => error,
        })
    }

    /// A range that nobody needs soon again may leave the page cache. A hint: what is dirty or mapped stays.
    pub(crate) fn drop_from_cache(&self, offset: u64, len: u64) {
        if self.object.memory.is_file() {
            let _ = files::forget(self.object.memory.any_descriptor().0, offset, len);
        }
    }
}
