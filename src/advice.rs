//! `Advice`: how a range of a view is going to be used.

/// What to tell the system about a range of a [`View`](crate::View), for [`View::advise`](crate::View::advise).
///
/// Advice changes the speed and where pages lie, never what the bytes are.
///
/// ```
/// use mapview::{Advice, MappingOptions};
/// let view = MappingOptions::new().size(1 << 20).create()?.view()?;
/// view.copy_in(5, b"kept")?;
/// view.advise(0, view.len(), Advice::WontNeed)?;
/// assert_eq!(view.to_vec(5, 4)?, b"kept");
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "madvise")]
#[non_exhaustive]
pub enum Advice {
    /// No particular order: the system's usual read-ahead. Takes back `Sequential` and `Random`.
    Normal,
    /// From front to back: reads further ahead, and lets go earlier of what is behind.
    Sequential,
    /// Here and there: reads only what is touched.
    Random,
    /// Soon: starts to bring in what is absent, and does not wait for it.
    WillNeed,
    /// Not soon: takes the pages out of this process's page table. They stay in memory while there is room.
    WontNeed,
    /// Huge pages (2 MiB) wherever the system can, see also
    /// [`MappingOptions::large_pages`](crate::MappingOptions::large_pages).
    HugePages,
    /// Ordinary pages only.
    NoHugePages,
}
