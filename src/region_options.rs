//! `RegionOptions`: how to make a region.

use crate::memory::Allocate;
use crate::{Protect, Region, Result};

/// How to make a [`Region`]: size, place, kind of pages.
///
/// ```
/// use mapview::{Protect, RegionOptions};
/// let region = RegionOptions::new().size(1 << 20).top_down(true).commit(Protect::READ_WRITE)?;
/// region.copy_in(0, b"ready at once")?;
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[doc(alias = "VirtualAlloc")]
pub struct RegionOptions {
    wanted: Allocate,
}

impl RegionOptions {
    /// Ordinary pages wherever there is room. The size must be set.
    pub fn new() -> RegionOptions {
        RegionOptions::default()
    }

    /// How many bytes, rounded up to whole pages.
    pub fn size(&mut self, bytes: usize) -> &mut RegionOptions {
        self.wanted.size = bytes;
        self
    }

    /// Where the region shall begin, rounded down to 64 KiB; the size counts from the address that is given.
    pub fn address(&mut self, address: usize) -> &mut RegionOptions {
        self.wanted.address = address;
        self
    }

    /// Whether to take the highest free addresses.
    #[doc(alias = "MEM_TOP_DOWN")]
    pub fn top_down(&mut self, yes: bool) -> &mut RegionOptions {
        self.wanted.top_down = yes;
        self
    }

    /// Whether to use pages of 2 MiB; the size is a multiple of them, and the region is committed at once.
    #[doc(alias = "MEM_LARGE_PAGES")]
    pub fn large_pages(&mut self, yes: bool) -> &mut RegionOptions {
        self.wanted.large_pages = yes;
        self
    }

    /// Whether to note which pages are written, for [`Region::written`].
    #[doc(alias = "MEM_WRITE_WATCH")]
    pub fn write_watch(&mut self, yes: bool) -> &mut RegionOptions {
        self.wanted.write_watch = yes;
        self
    }

    /// The NUMA node on which the memory shall preferably lie.
    #[doc(alias = "VirtualAllocExNuma")]
    pub fn numa_node(&mut self, node: u32) -> &mut RegionOptions {
        self.wanted.numa_node = Some(node);
        self
    }

    /// Reserves the addresses; there is no memory yet.
    ///
    /// # Errors
    /// The kinds of [`memory::allocate`](crate::memory::allocate).
    #[doc(alias = "MEM_RESERVE")]
    pub fn reserve(&self) -> Result<Region> {
        Region::allocate(&Allocate { reserve: true, ..self.wanted })
    }

    /// Reserves the addresses and commits them all.
    ///
    /// # Errors
    /// The kinds of [`memory::allocate`](crate::memory::allocate).
    #[doc(alias = "MEM_COMMIT")]
    pub fn commit(&self, protect: Protect) -> Result<Region> {
        Region::allocate(&Allocate { reserve: true, commit: true, protect, ..self.wanted })
    }
}
