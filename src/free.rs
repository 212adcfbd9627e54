//! `Free`: what is given back.

/// What [`free`](crate::memory::free) gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "VirtualFree")]
pub enum Free {
    /// The memory; the addresses stay reserved (`MEM_DECOMMIT`).
    Decommit,
    /// A whole allocation with its addresses (`MEM_RELEASE`).
    Release,
    /// A part of a placeholder becomes one of its own, and what took a placeholder's place becomes a placeholder again, its
    /// memory lost (`MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER`).
    #[doc(alias = "MEM_PRESERVE_PLACEHOLDER")]
    ToPlaceholder,
    /// Two or more neighbouring placeholders, exactly these addresses, become one (`MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS`).
    #[doc(alias = "MEM_COALESCE_PLACEHOLDERS")]
    Coalesce,
}
