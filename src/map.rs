//! `Map`: which part of a mapping to have at which address, as `MapViewOfFile3` takes it.

use crate::Protect;

/// What [`map`](crate::memory::map) shall do: the arguments of `MapViewOfFileEx` and `MapViewOfFile3`, by name.
///
/// ```
/// use mapview::{memory::Map, Protect};
/// let all = Map { protect: Protect::READ_ONLY, ..Map::default() };
/// assert_eq!((all.offset, all.size), (0, 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "MapViewOfFile3")]
#[doc(alias = "MapViewOfFileEx")]
pub struct Map {
    /// Where, a multiple of 64 KiB; 0 leaves the place to the system.
    pub address: usize,
    /// Where in the mapping the view begins, a multiple of 64 KiB.
    pub offset: u64,
    /// Bytes; 0 means to the end of the mapping. Whole pages are mapped.
    pub size: usize,
    /// What the pages permit, and the most they ever can: also nothing at all, or copy-on-write.
    pub protect: Protect,
    /// Take the place of the placeholder at `address`, which is as long as the view. Address and offset are multiples of
    /// a page then.
    #[doc(alias = "MEM_REPLACE_PLACEHOLDER")]
    pub replace: bool,
    /// The lowest address that the view may have, a multiple of 64 KiB; 0 for no limit. Not with `address`.
    #[doc(alias = "MEM_ADDRESS_REQUIREMENTS")]
    pub lowest: usize,
    /// The last address that the view may reach, the last of a page; 0 for no limit. Not with `address`.
    pub highest: usize,
    /// The NUMA node on which new pages shall preferably lie.
    #[doc(alias = "MapViewOfFileExNuma")]
    pub numa_node: Option<u32>,
}

impl Default for Map {
    /// All of the mapping, at any address; readable and writable.
    fn default() -> Map {
        Map {
            address: 0,
            offset: 0,
            size: 0,
            protect: Protect::READ_WRITE,
            replace: false,
            lowest: 0,
            highest: 0,
            numa_node: None,
        }
    }
}
