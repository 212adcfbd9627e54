//! Files, folders, pipes and devices: `CreateFile` and everything that takes what it returns or a path.
//!
//! A handle stands for a descriptor, and all handles duplicated from one another, also into children, share it and with
//! it the position. What others may do meanwhile is agreed by `mapview::share_file`.

mod attributes;
pub(crate) mod code;
mod control;
mod copy;
mod create;
mod disk;
pub(crate) mod doomed;
mod find;
mod folder;
pub(crate) mod image;
mod info;
mod io;
mod kind;
mod lock;
mod open;
mod os;
mod out;
pub(crate) mod path;
mod pattern;
mod pipe;
mod position;
mod remove;
mod rename;
mod set_info;
pub(crate) mod standard;
mod temp;
mod time;

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, OnceLock};

use mapview::{Event, EventOptions, Reset};

use crate::abi::{right, DWORD};
use crate::code::{Code, Result};
use crate::object::{Object, Rights};
use crate::table::Entry;
use crate::thread::lock;

use doomed::Doomed;
pub(crate) use kind::Kind;
pub(crate) use standard::meant;

/// Rights to a file; those to a folder have the same numbers.
pub(crate) mod file_right {
    pub(crate) const READ_DATA: u32 = 1;
    pub(crate) const WRITE_DATA: u32 = 2;
    pub(crate) const APPEND_DATA: u32 = 4;
    pub(crate) const EXECUTE: u32 = 0x20;
    pub(crate) const READ_ATTRIBUTES: u32 = 0x80;
    pub(crate) const WRITE_ATTRIBUTES: u32 = 0x100;
}

/// `FILE_FLAG_...`
pub(crate) mod flag {
    pub(crate) const WRITE_THROUGH: u32 = 0x8000_0000;
    pub(crate) const OVERLAPPED: u32 = 0x4000_0000;
    pub(crate) const NO_BUFFERING: u32 = 0x2000_0000;
    pub(crate) const RANDOM_ACCESS: u32 = 0x1000_0000;
    pub(crate) const SEQUENTIAL_SCAN: u32 = 0x0800_0000;
    pub(crate) const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    pub(crate) const BACKUP_SEMANTICS: u32 = 0x0200_0000;
    pub(crate) const OPEN_REPARSE_POINT: u32 = 0x0020_0000;
}

impl Rights {
    pub(crate) const FILE: Rights =
        Rights { read: 0x12_0089, write: 0x12_0116, execute: 0x12_00A0, all: 0x1F_01FF };
}

/// An open file, folder, pipe or device.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) file: std::fs::File,
    pub(crate) kind: Kind,
    /// What it was opened for: no handle to it can do more.
    access: u32,
    /// Those of `CreateFile` that outlive it.
    flags: DWORD,
    /// Its name goes when this and everything else that keeps it is closed.
    doomed: Mutex<Option<Arc<Doomed>>>,
    /// Bytes that `LockFile` locked through it.
    locked: Mutex<Vec<lock::Range>>,
    idle: OnceLock<Event>,
}

impl File {
    /// What a descriptor is that came from elsewhere: a parent, the system, a pipe.
    pub(crate) fn adopt(fd: OwnedFd, access: u32, flags: DWORD) -> Result<File> {
        let file = std::fs::File::from(fd);
        let kind = Kind::of(&rustix::fs::fstat(&file)?);
        File::new(file, kind, access, flags)
    }

    fn new(file: std::fs::File, kind: Kind, access: u32, flags: DWORD) -> Result<File> {
        let doomed = match flags & flag::DELETE_ON_CLOSE != 0 {
            true => Some(Doomed::new(&file, false)?),
            false => None,
        };
        Ok(File {
            file,
            kind,
            access,
            flags,
            doomed: Mutex::new(doomed),
            locked: Mutex::default(),
            idle: OnceLock::new(),
        })
    }

    pub(crate) fn has(&self, flag: DWORD) -> bool {
        self.flags & flag != 0
    }

    /// What a child needs, besides the descriptor, to have the same file: see `adopt`.
    pub(crate) fn heritage(&self) -> (u32, DWORD) {
        (self.access, self.flags)
    }

    /// What a section holds so that the name of a file to be deleted on close stays while it is mapped.
    pub(crate) fn keep_name(&self) -> Option<Arc<Doomed>> {
        lock(&self.doomed).clone()
    }

    /// What a wait for it waits for: no transfer is ever under way, so it is signaled.
    pub(crate) fn idle(&self) -> Result<&Event> {
        if let Some(event) = self.idle.get() {
            return Ok(event);
        }
        let event = EventOptions::new(Reset::Manual).initially_set(true).create()?;
        Ok(self.idle.get_or_init(|| event))
    }

    pub(crate) fn is_same(&self, other: &File) -> bool {
        // Two openings of one file are two objects.
        std::ptr::eq(self, other)
    }

    pub(crate) fn rights(&self) -> Rights {
        Rights { all: self.access, ..Rights::FILE }
    }

    /// For who passes it on.
    pub(crate) fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl Entry {
    /// # Errors
    /// 6 if the handle stands for something else.
    pub(crate) fn file(&self) -> Result<&File> {
        match &*self.object {
            Object::File(file) => Ok(file),
            _ => Err(Code::INVALID_HANDLE),
        }
    }

    /// # Errors
    /// 5 if the handle has none of the rights.
    fn need_any(&self, rights: u32) -> Result<()> {
        if self.access & rights != 0 {
            Ok(())
        } else {
            Err(Code::ACCESS_DENIED)
        }
    }
}

/// What `CreateFile` adds to every access mask.
const ALWAYS_GRANTED: u32 = right::SYNCHRONIZE | file_right::READ_ATTRIBUTES;
