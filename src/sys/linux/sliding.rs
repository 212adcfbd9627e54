//! What sliding windows need to know of a mapping.

use super::mapping::Mapping;
use super::os::files;
use super::os::page_cache::cachestat;
use crate::layout::PAGE;
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

    /// Whether all of a range, which is not empty, is in the page cache. `false` also where the kernel does not tell.
    pub(crate) fn is_cached(&self, offset: u64, len: u64) -> bool {
        let memory = &self.object.memory;
        let counted = memory.is_file().then(|| cachestat(memory.any_descriptor().0, offset, len));
        let pages = len.div_ceil(PAGE as u64);
        matches!(counted, Some(Ok(counts)) if counts.cached >= pages)
    }

    /// A range that nobody needs soon again may leave the page cache. A hint: what is dirty or mapped stays.
    pub(crate) fn drop_from_cache(&self, offset: u64, len: u64) {
        if self.object.memory.is_file() {
            let _ = files::forget(self.object.memory.any_descriptor().0, offset, len);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::Protection;

    #[test]
    fn what_is_cached_is_known_where_the_kernel_tells() {
        let mut file = tempfile::NamedTempFile::new_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        file.write_all(&vec![1; 1 << 20]).unwrap();
        file.as_file().sync_all().unwrap();
        let mut options = crate::MappingOptions::new();
        let mapping = options.path(file.path()).protection(Protection::ReadOnly).create().unwrap();
        let told = matches!(cachestat(mapping.inner.object.memory.any_descriptor().0, 0, 1), Ok(counts) if counts.cached == 1);
        assert_eq!(mapping.inner.is_cached(0, 1 << 20), told);
        mapping.inner.drop_from_cache(0, 1 << 20);
        assert!(!mapping.inner.is_cached(0, 1 << 20));
        let memory = crate::Mapping::create("", 1 << 20).unwrap();
        assert!(!memory.inner.is_cached(0, 1 << 20), "there is nothing to read ahead");
    }
}
