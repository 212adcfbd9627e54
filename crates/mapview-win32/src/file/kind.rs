//! What a descriptor leads to.

use rustix::fs::{FileType, Stat};

use crate::abi::{DWORD, HANDLE};
use crate::code::Code;
use crate::{last_error, table};

/// What a descriptor leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A plain file, or a disk itself.
    Disk,
    Folder,
    /// A pipe or a socket.
    Pipe,
    Character,
}

const FILE_TYPE_UNKNOWN: DWORD = 0;
const FILE_TYPE_DISK: DWORD = 1;
const FILE_TYPE_CHAR: DWORD = 2;
const FILE_TYPE_PIPE: DWORD = 3;

impl Kind {
    pub(super) fn of(stat: &Stat) -> Kind {
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => Kind::Folder,
            FileType::Fifo | FileType::Socket => Kind::Pipe,
            FileType::CharacterDevice => Kind::Character,
            _ => Kind::Disk,
        }
    }
}

#[no_mangle]
extern "C" fn GetFileType(handle: HANDLE) -> DWORD {
    let kind = || Ok(table::get(handle)?.file()?.kind);
    let code = kind().map(|kind| match kind {
        Kind::Disk | Kind::Folder => FILE_TYPE_DISK,
        Kind::Character => FILE_TYPE_CHAR,
        Kind::Pipe => FILE_TYPE_PIPE,
    });
    last_error::or(code.map_err(|_: Code| Code::INVALID_HANDLE), FILE_TYPE_UNKNOWN)
}
