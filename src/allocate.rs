//! `Allocate`: what to do with addresses, as `VirtualAlloc` takes it.

use crate::{Caching, Protect};

/// What [`allocate`](crate::memory::allocate) shall do: the arguments of `VirtualAlloc`, by name.
///
/// ```
/// use mapview::memory::Allocate;
/// let some = Allocate { size: 1 << 20, reserve: true, ..Allocate::default() };
/// assert!(!some.commit && some.address == 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocate {
    /// Where, rounded down to 64 KiB for a new reservation and to a page otherwise; 0 leaves the place to the system.
    pub address: usize,
    /// Bytes, rounded up to whole pages; never 0.
    pub size: usize,
    /// Take addresses that nobody has (`MEM_RESERVE`).
    #[doc(alias = "MEM_RESERVE")]
    pub reserve: bool,
    /// Have memory at the addresses (`MEM_COMMIT`); with address 0 this reserves, too.
    #[doc(alias = "MEM_COMMIT")]
    pub commit: bool,
    /// What the pages permit once they are committed.
    pub protect: Protect,
    /// Reserve at the highest addresses that are free (`MEM_TOP_DOWN`).
    #[doc(alias = "MEM_TOP_DOWN")]
    pub top_down: bool,
    /// Use pages of 2 MiB (`MEM_LARGE_PAGES`): reserved and committed in one, in multiples of 2 MiB.
    #[doc(alias = "MEM_LARGE_PAGES")]
    pub large_pages: bool,
    /// Note which pages are written (`MEM_WRITE_WATCH`); for a new reservation.
    #[doc(alias = "MEM_WRITE_WATCH")]
    pub write_watch: bool,
    /// The content of committed pages is not needed and may turn to zeros (`MEM_RESET`); alone.
    #[doc(alias = "MEM_RESET")]
    pub reset: bool,
    /// The content is needed again; fails if it is lost (`MEM_RESET_UNDO`); alone.
    #[doc(alias = "MEM_RESET_UNDO")]
    pub reset_undo: bool,
    /// The NUMA node on which the memory of a new reservation shall preferably lie.
    #[doc(alias = "VirtualAllocExNuma")]
    pub numa_node: Option<u32>,
    /// How the pages of a new reservation may be cached; told by queries from then on (`PAGE_NOCACHE`, `PAGE_WRITECOMBINE`).
    pub caching: Caching,
    /// Keep the addresses for what takes their place later, whole or in parts (`MEM_RESERVE_PLACEHOLDER`); a new reservation,
    /// which permits nothing whatever `protect` says.
    #[doc(alias = "MEM_RESERVE_PLACEHOLDER")]
    pub placeholder: bool,
    /// Take the place of a placeholder that has exactly these addresses (`MEM_REPLACE_PLACEHOLDER`); with `reserve`.
    #[doc(alias = "MEM_REPLACE_PLACEHOLDER")]
    pub replace: bool,
    /// The lowest address of a new reservation, a multiple of 64 KiB; 0 for no limit. Not with `address`.
    #[doc(alias = "MEM_ADDRESS_REQUIREMENTS")]
    #[doc(alias = "LowestStartingAddress")]
    pub lowest: usize,
    /// The last address that a new reservation may reach, the last of a page; 0 for no limit. Not with `address`.
    #[doc(alias = "HighestEndingAddress")]
    pub highest: usize,
    /// What the address of a new reservation is a multiple of: a power of two from 64 KiB on; 0 means 64 KiB. Not with `address`.
    #[doc(alias = "Alignment")]
    pub alignment: usize,
}

impl Default for Allocate {
    /// Nothing to do yet, at any address; readable and writable.
    fn default() -> Allocate {
        Allocate {
            address: 0,
            size: 0,
            reserve: false,
            commit: false,
            protect: Protect::READ_WRITE,
            top_down: false,
            large_pages: false,
            write_watch: false,
            reset: false,
            reset_undo: false,
            numa_node: None,
            caching: Caching::Cached,
            placeholder: false,
            replace: false,
            lowest: 0,
            highest: 0,
            alignment: 0,
        }
    }
}
