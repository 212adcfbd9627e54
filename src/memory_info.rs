//! `MemoryInfo`: what lies at an address.

use std::path::PathBuf;

use crate::{Caching, Protect};

/// A range of pages with the same attributes within one allocation, as `VirtualQuery` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "MEMORY_BASIC_INFORMATION")]
#[doc(alias = "VirtualQuery")]
#[non_exhaustive]
pub struct MemoryInfo {
    /// Where the range begins: the asked address rounded down to a page.
    pub base: usize,
    /// Bytes from `base` on that have the same attributes, in whole pages.
    pub len: usize,
    /// Where the allocation or view begins that the range belongs to; 0 for free memory.
    pub allocation_base: usize,
    /// What the allocation was first asked to permit; `None` for free memory, and where the system keeps no record.
    pub allocation_protect: Option<Protect>,
    /// Whether anything is there.
    pub state: MemoryState,
    /// What is permitted now; `None` unless committed.
    pub protect: Option<Protect>,
    /// How it may be cached.
    pub caching: Caching,
    /// What kind of memory it is; `None` for free memory.
    pub kind: Option<MemoryKind>,
    /// The file behind it, or the system's own name for the range (`[stack]`), where known.
    pub file: Option<PathBuf>,
}

/// Whether anything is at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemoryState {
    /// Nothing (`MEM_FREE`).
    Free,
    /// Addresses that are kept for somebody, without memory (`MEM_RESERVE`).
    Reserved,
    /// Memory (`MEM_COMMIT`).
    Committed,
}

/// What kind of memory lies at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemoryKind {
    /// This process's alone (`MEM_PRIVATE`).
    Private,
    /// A view (`MEM_MAPPED`).
    Mapped,
    /// An executable or library (`MEM_IMAGE`).
    Image,
}
