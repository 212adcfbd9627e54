//! File mappings, which NT calls sections, and their views: `CreateFileMapping`, `MapViewOfFile` and relatives.
//!
//! A handle says what may be done through it; the [`Mapping`] behind it is asked for more rights when a duplicate of the
//! handle has more. Views are known to `mapview::memory` by their addresses.

mod create;
mod flags;
mod image;
mod kept;
mod map;
mod name;
mod open;
mod unmap;
mod working_set;

use std::sync::Arc;

use mapview::{Access, Mapping};

use crate::code::{Code, Result};
use crate::file::doomed::Doomed;
use crate::object::Rights;

use image::Program;

const UNEXP_NET_ERR: Code = Code(59);
const BAD_EXE_FORMAT: Code = Code(193);
const FILE_INVALID: Code = Code(1006);

/// `SECTION_...`
pub(crate) mod section_right {
    pub(crate) const QUERY: u32 = 0x1;
    pub(crate) const MAP_WRITE: u32 = 0x2;
    pub(crate) const MAP_READ: u32 = 0x4;
    pub(crate) const MAP_EXECUTE: u32 = 0x8;
}

/// A section as this process has it.
#[derive(Debug)]
pub(crate) struct Section {
    mapping: Mapping,
    /// Of a file that is deleted when it is closed: it is not as long as it is mapped.
    name_of_file: Option<Arc<Doomed>>,
    /// If its views are those of a program or library.
    program: Option<Program>,
}

impl Section {
    pub(crate) fn new(mapping: Mapping, name_of_file: Option<Arc<Doomed>>) -> Section {
        Section { mapping, name_of_file, program: None }
    }

    pub(crate) fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    pub(crate) fn program(&self) -> Option<&Program> {
        self.program.as_ref()
    }

    pub(crate) fn is_same(&self, other: &Section) -> bool {
        self.mapping.is_same(&other.mapping)
    }

    /// Does something with the mapping on behalf of a handle with these rights.
    fn with<T>(&self, rights: u32, act: impl FnOnce(&Mapping) -> Result<T>) -> Result<T> {
        let access = Access::from_bits_truncate(rights);
        if self.mapping.access().contains(access) {
            return act(&self.mapping);
        }
        act(&self.mapping.try_clone_with(access)?)
    }

    /// The rights that handles can have: not to write, where others own the memory and let this user only read.
    pub(crate) fn rights(&self) -> Rights {
        if self.program.is_some() {
            return Rights::SECTION;
        }
        let all = Rights::SECTION.all;
        match self.with(all, |_| Ok(())) {
            Ok(()) => Rights::SECTION,
            Err(_) => Rights { all: all & !section_right::MAP_WRITE, ..Rights::SECTION },
        }
    }
}

impl Rights {
    pub(crate) const SECTION: Rights =
        Rights { read: 0x2_0005, write: 0x2_0002, execute: 0x2_0008, all: 0xF_001F };
}
