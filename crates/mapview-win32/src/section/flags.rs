//! What `flProtect` of `CreateFileMapping` says: a page protection and `SEC_` attributes.

use mapview::{Caching, Protection};

use crate::abi::{right, DWORD};
use crate::code::{Code, Result};
use crate::file::file_right;

use super::section_right;

const SEC_NO_CHANGE: DWORD = 0x40_0000;
const SEC_IMAGE: DWORD = 0x100_0000;
const SEC_RESERVE: DWORD = 0x400_0000;
const SEC_COMMIT: DWORD = 0x800_0000;
/// With `SEC_IMAGE` it says that nothing of the image is executable, and with a file nothing else.
const SEC_NOCACHE: DWORD = 0x1000_0000;
const SEC_WRITECOMBINE: DWORD = 0x4000_0000;
const SEC_LARGE_PAGES: DWORD = 0x8000_0000;
/// `PAGE_` bits.
const PAGE: DWORD = 0xFFFF;

/// What a section shall be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attributes {
    pub protection: Protection,
    pub kind: Kind,
    pub caching: Caching,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Committed,
    Reserved,
    LargePages,
    Image,
}

impl Attributes {
    /// # Errors
    /// 87 for what is unknown or does not go together, 50 for `SEC_NO_CHANGE`.
    pub(super) fn parse(protect: DWORD) -> Result<Attributes> {
        let protection = match protect & PAGE {
            0x02 => Protection::ReadOnly,
            0x04 => Protection::ReadWrite,
            0x08 => Protection::WriteCopy,
            0x20 => Protection::ExecuteRead,
            0x40 => Protection::ExecuteReadWrite,
            0x80 => Protection::ExecuteWriteCopy,
            _ => return Err(Code::INVALID_PARAMETER),
        };
        let caching = match protect & (SEC_NOCACHE | SEC_WRITECOMBINE) {
            0 => Caching::Cached,
            SEC_NOCACHE => Caching::None,
            SEC_WRITECOMBINE => Caching::WriteCombined,
            _ => return Err(Code::INVALID_PARAMETER),
        };
        // Views that nobody can unmap or change.
        let no_change = protect & SEC_NO_CHANGE != 0;
        let kind = match protect & !(PAGE | SEC_NO_CHANGE | SEC_NOCACHE | SEC_WRITECOMBINE) {
            0 if caching == Caching::Cached && !no_change => Kind::Committed,
            SEC_COMMIT => Kind::Committed,
            SEC_RESERVE => Kind::Reserved,
            flags if flags == SEC_COMMIT | SEC_LARGE_PAGES => Kind::LargePages,
            SEC_IMAGE if caching != Caching::WriteCombined && !no_change => {
                return Ok(Attributes { protection, kind: Kind::Image, caching });
                // which stands for no execution
            }
            _ => return Err(Code::INVALID_PARAMETER),
        };
        match no_change {
            true => Err(Code::NOT_SUPPORTED),
            false => Ok(Attributes { protection, kind, caching }),
        }
    }

    /// The rights that the handle of a new section has.
    pub(super) fn rights(&self) -> u32 {
        right::STANDARD_RIGHTS_REQUIRED | section_right::QUERY | self.protection.access().bits()
    }

    /// The rights that a handle to the file needs.
    pub(super) fn of_file(&self) -> u32 {
        let access = self.protection.access();
        let write = access.contains(mapview::Access::WRITE);
        let execute = access.contains(mapview::Access::EXECUTE);
        file_right::READ_DATA
            | if write { file_right::WRITE_DATA } else { 0 }
            | if execute { file_right::EXECUTE } else { 0 }
    }
}
