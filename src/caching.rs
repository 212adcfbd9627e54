//! `Caching`: how the processor may cache memory.

/// How the processor may cache memory: the part of a page's protection that permits and forbids nothing.
///
/// Made for memory of devices. Ordinary memory is only slower without caches, and never needs it.
///
/// # Platform notes
/// Linux has no uncached memory for programs: there it is noted and told, in every process, and memory is cached all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Caching {
    /// As usual.
    #[default]
    Cached,
    /// Not at all (`SEC_NOCACHE`, `PAGE_NOCACHE`).
    #[doc(alias = "SEC_NOCACHE")]
    #[doc(alias = "PAGE_NOCACHE")]
    None,
    /// Writes may be combined (`SEC_WRITECOMBINE`, `PAGE_WRITECOMBINE`).
    #[doc(alias = "SEC_WRITECOMBINE")]
    #[doc(alias = "PAGE_WRITECOMBINE")]
    WriteCombined,
}

impl Caching {
    /// The bits that `VirtualQuery` adds to a protection: 0, `PAGE_NOCACHE` or `PAGE_WRITECOMBINE`.
    ///
    /// ```
    /// assert_eq!(mapview::Caching::None.bits(), 0x200);
    /// ```
    pub const fn bits(self) -> u32 {
        match self {
            Caching::Cached => 0,
            Caching::None => 0x200,
            Caching::WriteCombined => 0x400,
        }
    }
}
