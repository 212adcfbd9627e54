//! Where a new mapping's bytes come from: checked first, then made.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};

use super::backing;
use super::growth::Object;
use super::memory::{Memory, Wanted};
use super::os::{fail::fail, files, files::OpenFor};
use super::share;
use crate::layout::{flag, PAGE};
use crate::sys::Backing;
use crate::{Access, Caching, Error, ErrorKind, Name, Protection, Result};

/// Where a new mapping's bytes come from, checked.
pub(super) enum Source {
    PagingFile(Wanted),
    File {
        file: OwnedFd,
        mode: OpenFor,
        size: u64,
        len: u64,
        /// The file as it was given, if nobody else may have it.
        exclusive: Option<File>,
        sparse: bool,
    },
}

impl Source {
    pub(super) fn check(
        backing: Backing,
        size: Option<u64>,
        protection: Protection,
        numa_node: Option<u32>,
    ) -> Result<Source> {
        let (file, exclusive, reserve) = match backing {
            Backing::PagingFile { reserve, large_pages, maximum } => {
                let pages = |bytes: u64| bytes.next_multiple_of(PAGE as u64);
                let size = pages(size.expect("checked by MappingOptions"));
                let maximum = maximum.map_or(0, pages);
                let executable = protection.access().contains(Access::EXECUTE);
                let wanted = Wanted { size, reserve, maximum, executable, large_pages, numa_node };
                return Ok(Source::PagingFile(wanted));
            }
            Backing::File { file, exclusive, reserve } => (file, exclusive, reserve),
        };
        let doing = "looking at the file";
        let stat = files::fstat(&file).map_err(|errno| fail(errno, doing))?;
        if !files::is_file(&stat) {
            return Err(Error::new(ErrorKind::WrongKind, "only plain files can be mapped"));
        }
        let (reads, writes) = files::rights(file.as_fd()).map_err(|errno| fail(errno, doing))?;
        let write = protection.access().contains(Access::WRITE);
        if !reads || write && !writes {
            let why = "the file must be open for reading, and for writing if the mapping writes";
            return Err(Error::new(ErrorKind::AccessDenied, why));
        }
        let len = stat.st_size as u64;
        let size = size.unwrap_or(len);
        if size == 0 {
            return Err(Error::new(ErrorKind::EmptyFile, "give a size to make the file grow"));
        }
        if size > len && !write {
            let why = format!("the file has {len} bytes and the protection cannot make it grow");
            return Err(Error::new(ErrorKind::NotEnoughMemory, why));
        }
        let mode = if write { OpenFor::ReadWrite } else { OpenFor::Read };
        let own = backing::own(&file, mode)?;
        let (file, exclusive) = (own, exclusive.then_some(file));
        Ok(Source::File { file, mode, size, len, exclusive, sparse: reserve })
    }

    pub(super) fn make(
        self,
        name: Option<&Name>,
        protection: Protection,
        caching: Caching,
    ) -> Result<Object> {
        let (mut memory, size) = match self {
            Source::PagingFile(wanted) => (Memory::allocate(&wanted)?, wanted.size),
            Source::File { file, mode, size, len, exclusive, sparse } => {
                backing::announce(file.as_fd(), exclusive.is_some(), false)?;
                if let Some(given) = &exclusive {
                    share::expect_unused(given)?;
                }
                share::announce_writing(file.as_fd(), mode);
                if size > len {
                    backing::grow(file.as_fd(), size, sparse)?;
                }
                let exclusive = if exclusive.is_some() { flag::EXCLUSIVE } else { 0 };
                let reserve = if sparse { flag::RESERVE } else { 0 };
                (Memory::new(file, mode, flag::FILE | exclusive | reserve)?, size)
            }
        };
        memory.flags |= flag_of(caching);
        Ok(Object::new(name.cloned(), size, protection, memory))
    }
}

/// What a record says of it.
pub(super) fn flag_of(caching: Caching) -> u32 {
    match caching {
        Caching::Cached => 0,
        Caching::None => flag::NO_CACHE,
        Caching::WriteCombined => flag::WRITE_COMBINED,
    }
}
