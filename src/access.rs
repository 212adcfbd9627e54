//! What a mapping permits, what a handle may do, and what a view is for.

use bitflags::bitflags;

/// What views a mapping permits at all: the `flProtect` of `CreateFileMapping`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "PAGE_READWRITE")]
#[doc(alias = "flProtect")]
pub enum Protection {
    /// Read and copy-on-write views (`PAGE_READONLY`).
    ReadOnly,
    /// Also views that write through (`PAGE_READWRITE`).
    ReadWrite,
    /// Read and copy-on-write views (`PAGE_WRITECOPY`); the same rights as `ReadOnly`.
    WriteCopy,
    /// Like `ReadOnly`, and views may execute (`PAGE_EXECUTE_READ`).
    ExecuteRead,
    /// Like `ReadWrite`, and views may execute (`PAGE_EXECUTE_READWRITE`).
    ExecuteReadWrite,
    /// Like `WriteCopy`, and views may execute (`PAGE_EXECUTE_WRITECOPY`).
    ExecuteWriteCopy,
}

impl Protection {
    const ALL: [Protection; 6] = [
        Protection::ReadOnly,
        Protection::ReadWrite,
        Protection::WriteCopy,
        Protection::ExecuteRead,
        Protection::ExecuteReadWrite,
        Protection::ExecuteWriteCopy,
    ];

    /// How records and child processes are told: 1 to 6.
    #[allow(dead_code)] // Win32 keeps this itself
    pub(crate) fn number(self) -> u32 {
        self as u32 + 1
    }

    /// The protection with this number, if there is one.
    #[allow(dead_code)]
    pub(crate) fn from_number(number: u32) -> Option<Protection> {
        Protection::ALL.into_iter().find(|protection| protection.number() == number)
    }

    /// The rights a handle gets from creating a mapping with this protection.
    pub fn access(self) -> Access {
        match self {
            Protection::ReadOnly | Protection::WriteCopy => Access::READ,
            Protection::ReadWrite => Access::READ | Access::WRITE,
            Protection::ExecuteRead | Protection::ExecuteWriteCopy => {
                Access::READ | Access::EXECUTE
            }
            Protection::ExecuteReadWrite => Access::all(),
        }
    }
}

bitflags! {
    /// What a handle to a mapping may be used for; the values are those of `SECTION_MAP_*`.
    ///
    /// A copy-on-write view needs only `READ`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[doc(alias = "FILE_MAP_READ")]
    #[doc(alias = "SECTION_MAP_READ")]
    pub struct Access: u32 {
        /// Map views that write through (`SECTION_MAP_WRITE`).
        const WRITE = 0x2;
        /// Map views that read, and copy-on-write views (`SECTION_MAP_READ`).
        const READ = 0x4;
        /// Map views that execute, together with `READ` or `WRITE` (`SECTION_MAP_EXECUTE`).
        const EXECUTE = 0x8;
    }
}

/// What a view is for: the `dwDesiredAccess` of `MapViewOfFile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "FILE_MAP_COPY")]
pub enum ViewAccess {
    /// Reads only; the kernel refuses writes (`FILE_MAP_READ`).
    Read,
    /// Reads and writes through to the mapping (`FILE_MAP_WRITE`).
    ReadWrite,
    /// Reads; a page that is written becomes private to this view (`FILE_MAP_COPY`).
    CopyOnWrite,
    /// Reads and executes (`FILE_MAP_READ | FILE_MAP_EXECUTE`).
    ExecuteRead,
    /// Reads, writes and executes (`FILE_MAP_WRITE | FILE_MAP_EXECUTE`).
    ExecuteReadWrite,
    /// Copy-on-write that may execute (`FILE_MAP_COPY | FILE_MAP_EXECUTE`).
    ExecuteCopyOnWrite,
}

impl ViewAccess {
    /// The rights the handle needs for such a view.
    pub fn needs(self) -> Access {
        match self {
            ViewAccess::Read | ViewAccess::CopyOnWrite => Access::READ,
            ViewAccess::ReadWrite => Access::WRITE,
            ViewAccess::ExecuteRead | ViewAccess::ExecuteCopyOnWrite => {
                Access::READ | Access::EXECUTE
            }
            ViewAccess::ExecuteReadWrite => Access::WRITE | Access::EXECUTE,
        }
    }

    /// Whether bytes can be stored through such a view, privately or not.
    #[inline]
    pub fn writable(self) -> bool {
        !matches!(self, ViewAccess::Read | ViewAccess::ExecuteRead)
    }

    /// Whether written pages stay private to the view.
    pub fn is_private(self) -> bool {
        matches!(self, ViewAccess::CopyOnWrite | ViewAccess::ExecuteCopyOnWrite)
    }

    /// Whether instructions may run from such a view.
    pub fn executable(self) -> bool {
        self.needs().contains(Access::EXECUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_views_need_only_read_and_every_protection_gives_it() {
        use Protection::*;
        for protection in Protection::ALL {
            assert_eq!(Protection::from_number(protection.number()), Some(protection));
            assert!(protection.access().contains(ViewAccess::CopyOnWrite.needs()));
        }
        assert!(!WriteCopy.access().contains(ViewAccess::ReadWrite.needs()));
        assert!(!ReadWrite.access().contains(ViewAccess::ExecuteRead.needs()));
    }
}
