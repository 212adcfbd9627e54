//! `Free`: what is given back.

/// What [`free`](crate::memory::free) gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "VirtualFree")]
pub enum Free {
    /// The memory; the addresses stay reserved (`MEM_DECOMMIT`).
    Decommit,
    /// A whole allocation with its addresses (`MEM_RELEASE`).
    Release,
}
