//! What a section to be created is made of.

use std::fs::File;

use super::growth::Growth;
use super::{api, file};
use crate::sys::Backing;
use crate::{Caching, Protection, Result};

/// What a section is made of.
pub(super) struct Prepared {
    pub file: Option<File>,
    /// `SEC_*`.
    pub flags: u32,
    pub section_size: u64,
    /// In whole pages.
    pub maximum: Option<u64>,
    pub sparse: bool,
}

/// The file, checked and prepared, and what else a section is made of.
pub(super) fn prepare(backing: Backing, size: Option<u64>) -> Result<Prepared> {
    let section_size = size.unwrap_or(0);
    let prepared =
        |file, flags, sparse| Prepared { file, flags, section_size, maximum: None, sparse };
    match backing {
        Backing::PagingFile { maximum: Some(maximum), .. } => {
            let (section_size, maximum) = Growth::section_size(maximum)?;
            let reserved = prepared(None, api::SEC_RESERVE, false);
            Ok(Prepared { section_size, maximum: Some(maximum), ..reserved })
        }
        Backing::PagingFile { large_pages: true, .. } => {
            // Who holds the privilege must enable it; who does not is refused by the kernel, with a better error.
            let _ = api::enable_lock_memory_privilege();
            Ok(prepared(None, api::SEC_COMMIT | api::SEC_LARGE_PAGES, false))
        }
        Backing::PagingFile { reserve: true, .. } => Ok(prepared(None, api::SEC_RESERVE, false)),
        Backing::PagingFile { reserve: false, .. } => Ok(prepared(None, api::SEC_COMMIT, false)),
        Backing::File { file, exclusive, reserve } => {
            if exclusive {
                file::expect_exclusive(&file)?;
            }
            if reserve {
                file::prepare_growth(&file, size)?;
            }
            Ok(prepared(Some(file), api::SEC_COMMIT, reserve))
        }
    }
}

pub(super) fn page_protection(protection: Protection) -> u32 {
    match protection {
        Protection::ReadOnly => api::PAGE_READONLY,
        Protection::ReadWrite => api::PAGE_READWRITE,
        Protection::WriteCopy => api::PAGE_WRITECOPY,
        Protection::ExecuteRead => api::PAGE_EXECUTE_READ,
        Protection::ExecuteReadWrite => api::PAGE_EXECUTE_READWRITE,
        Protection::ExecuteWriteCopy => api::PAGE_EXECUTE_WRITECOPY,
    }
}

pub(super) fn section_caching(caching: Caching) -> u32 {
    match caching {
        Caching::Cached => 0,
        Caching::None => api::SEC_NOCACHE,
        Caching::WriteCombined => api::SEC_WRITECOMBINE,
    }
}
