//! The bytes of a record: the small shared file that describes a named object on Linux. `docs/format.md` draws them.
//!
//! Whatever is read here was written by another process, which may be old, hostile or dead: [`Header::check`] comes first.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The size of a page that the format counts in, whatever the hardware's.
pub(crate) const PAGE: usize = 0x1000;

/// The first bytes of every record.
pub(crate) const MAGIC: [u8; 8] = *b"mapview\0";
/// Raised whenever a byte changes its meaning.
pub(crate) const VERSION: u32 = 2;

/// Holder entries that lie in the first page, behind the header.
pub(crate) const INLINE_HOLDERS: u32 = 64;
const INLINE_HOLDERS_AT: usize = 0x100;
const MORE_HOLDERS_AT: usize = 0x2_0000;
/// No table is longer.
pub(crate) const MAX_HOLDERS: u32 = 1 << 20;

/// Names up to this many units lie in the first page.
const SHORT_NAME: usize = 0x280;
const SHORT_NAME_AT: usize = 0x900;
const LONG_NAME_AT: usize = PAGE;
/// The longest name in UTF-16 units.
const MAX_NAME: u32 = 32_766;
/// The path of the backing file, for users who cannot look into the holders' processes.
pub(crate) const PATH_AT: u64 = 0x1_2000;
/// The longest path in bytes.
pub(crate) const MAX_PATH: u32 = 0x1000;

/// One read of this many bytes yields the header, the first holders and a short name.
pub(crate) const FRONT: usize = 0xE00;

/// What a timer has besides its word: its plan, how often that changed, and who changes it.
pub(crate) const TIMER_AT: usize = FRONT;

/// The word of a mutex, event, semaphore or timer, whose low half is a futex. The 32 bytes up to the end of the page are what the kernel's robust list and the C
/// library's bookkeeping of it need; see `sys/linux/robust.rs`.
pub(crate) const WORD_AT: usize = PAGE - 32;

/// The bytes of a mapping, when they lie in the record itself: behind the longest table of holders.
pub(crate) const DATA_AT: u64 = 0x400_0000;

/// What a record describes; stored as a number.
pub(crate) mod kind {
    pub(crate) const MAPPING: u32 = 1;
    pub(crate) const MUTEX: u32 = 2;
    pub(crate) const EVENT: u32 = 3;
    pub(crate) const SEMAPHORE: u32 = 4;
    pub(crate) const TIMER: u32 = 5;
}

/// Properties of an object that are on or off.
pub(crate) mod flag {
    /// The mapping's memory is taken at first touch.
    pub(crate) const RESERVE: u32 = 1;
    /// The mapping's bytes lie in the record, at `DATA_AT`.
    pub(crate) const IN_RECORD: u32 = 2;
    /// The mapping is backed by a file.
    pub(crate) const FILE: u32 = 4;
    /// No other mapping of that file is allowed.
    pub(crate) const EXCLUSIVE: u32 = 8;
    /// The name is in `Global\`.
    pub(crate) const GLOBAL: u32 = 16;
    /// The event or timer is a manual-reset one.
    pub(crate) const MANUAL: u32 = 32;
    /// The mapping's memory is not to be cached; nobody can have that here, but it is told.
    pub(crate) const NO_CACHE: u32 = 64;
    /// Writes to the mapping's memory may be combined; this, too, is only told.
    pub(crate) const WRITE_COMBINED: u32 = 128;
}

/// The start of a record.
#[repr(C)]
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub(crate) struct Header {
    pub magic: [u8; 8],
    pub version: u32,
    pub kind: u32,
    pub flags: u32,
    /// `Protection` as a number, 0 for objects other than mappings.
    pub protection: u32,
    /// Exact bytes of a mapping, or the maximum of a semaphore. Of memory that can grow: the bytes it began with.
    pub size: u64,
    /// Identity of the memory or the backing file.
    pub memory_dev: u64,
    pub memory_ino: u64,
    /// Units of the name; 0 for an unnamed object.
    pub name_units: u32,
    /// Entries of the table that have ever been used.
    pub holders: u32,
    /// First free entry plus one, or 0; each free entry names the next.
    pub free: u32,
    /// Bytes of the path of the backing file; 0 without one.
    pub path_bytes: u32,
    /// Bytes up to which memory can grow, which is then as long as its file; 0 if it cannot.
    pub maximum: u64,
}

/// One process that has the object open.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub(crate) struct Holder {
    /// The file `p-<process>` in the namespace directory is locked as long as this holder lives; 0 marks a free entry.
    pub process: u64,
    pub pid: u32,
    /// The descriptor under which that process has the memory open, or -1.
    pub fd: i32,
    /// In a free entry: the next free one plus one, or 0.
    pub next_free: u32,
    pub unused: [u32; 3],
}

const _: () = {
    assert!(size_of::<Header>() == 72 && size_of::<Header>() <= INLINE_HOLDERS_AT);
    assert!(size_of::<Holder>() == 32);
    assert!(INLINE_HOLDERS_AT + 32 * INLINE_HOLDERS as usize == SHORT_NAME_AT);
    assert!(SHORT_NAME_AT + 2 * SHORT_NAME == FRONT);
    assert!((LONG_NAME_AT + 2 * MAX_NAME as usize) as u64 <= PATH_AT);
    assert!(PATH_AT as usize + MAX_PATH as usize <= MORE_HOLDERS_AT);
    assert!(MORE_HOLDERS_AT as u64 + 32 * (MAX_HOLDERS as u64) < DATA_AT);
};

impl Header {
    /// The header of a new record without holders.
    pub(crate) fn new(kind: u32, name_units: usize) -> Header {
        let name_units = name_units as u32;
        Header {
            magic: MAGIC,
            version: VERSION,
            kind,
            flags: 0,
            protection: 0,
            size: 0,
            memory_dev: 0,
            memory_ino: 0,
            name_units,
            holders: 0,
            free: 0,
            path_bytes: 0,
            maximum: 0,
        }
    }

    /// Why these bytes cannot be used, if they cannot.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.magic != MAGIC {
            return Err("it is not a record of mapview");
        }
        if self.version != VERSION {
            return Err("it was made by another version of mapview");
        }
        let sane = self.name_units <= MAX_NAME
            && self.holders <= MAX_HOLDERS
            && self.free <= self.holders
            && self.path_bytes <= MAX_PATH
            && self.size <= i64::MAX as u64 - DATA_AT
            && (self.kind != kind::MAPPING || self.size != 0)
            && self.maximum <= i64::MAX as u64 - DATA_AT
            && (self.maximum == 0 || self.size <= self.maximum)
            && (self.kind != kind::SEMAPHORE || (1..=i32::MAX as u64).contains(&self.size));
        sane.then_some(()).ok_or("its header is damaged")
    }

    pub(crate) fn is(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

/// Where the entry of holder `index` starts.
pub(crate) fn holder_at(index: u32) -> u64 {
    let (base, rest) = match index.checked_sub(INLINE_HOLDERS) {
        None => (INLINE_HOLDERS_AT, index),
        Some(rest) => (MORE_HOLDERS_AT, rest),
    };
    base as u64 + u64::from(rest) * size_of::<Holder>() as u64
}

/// Where a name of `units` units starts.
pub(crate) fn name_at(units: usize) -> u64 {
    (if units <= SHORT_NAME { SHORT_NAME_AT } else { LONG_NAME_AT }) as u64
}

/// Bytes of the pages that a record takes up besides those of the mapping in it.
pub(crate) fn book_bytes(header: &Header) -> u64 {
    let name =
        if header.name_units as usize > SHORT_NAME { 2 * header.name_units as usize } else { 0 };
    let table = header.holders.saturating_sub(INLINE_HOLDERS) as usize * size_of::<Holder>();
    let pages = [PAGE, name, header.path_bytes as usize, table].map(|bytes| bytes.div_ceil(PAGE));
    (pages.iter().sum::<usize>() * PAGE) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_headers_are_refused() {
        let good = Header { size: 1, ..Header::new(kind::MAPPING, 3) };
        assert_eq!(good.check(), Ok(()));
        let damaged = [
            Header { magic: [0; 8], ..good },
            Header { version: VERSION + 1, ..good },
            Header { name_units: MAX_NAME + 1, ..good },
            Header { holders: u32::MAX, ..good },
            Header { free: 1, ..good },
            Header { size: u64::MAX, ..good },
            Header { size: 0, ..good },
            Header { size: 2, maximum: 1, ..good },
            Header { maximum: u64::MAX, ..good },
        ];
        for header in damaged {
            assert!(header.check().is_err(), "{header:?}");
        }
    }

    #[test]
    fn holders_and_names_never_overlap() {
        assert_eq!(holder_at(63) + 32, name_at(1));
        assert_eq!(holder_at(64), 0x2_0000);
        assert!(holder_at(MAX_HOLDERS - 1) + 32 <= DATA_AT);
        assert_eq!(name_at(SHORT_NAME + 1), 0x1000);
    }
}
