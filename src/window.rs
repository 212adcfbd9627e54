//! `Window`: the part of a mapping that a sliding window shows.

use std::ops::Deref;

use crate::View;

/// A [`View`] that knows where in the mapping it is; lent by [`SlidingWindows`](crate::SlidingWindows).
///
/// ```
/// let mapping = mapview::MappingOptions::new().size(300_000).create()?;
/// let mut windows = mapview::SlidingWindows::options().window(65_536).overlap(10).open(&mapping)?;
/// let window = windows.next()?.unwrap();
/// assert_eq!((window.offset(), window.own_len(), window.len()), (0, 65_536, 65_546));
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Debug)]
pub struct Window {
    view: View,
    offset: u64,
    own_len: usize,
}

impl Window {
    pub(crate) fn new(view: View, offset: u64, own_len: usize) -> Window {
        Window { view, offset, own_len }
    }

    /// Where in the mapping the window starts, in bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes are this window's; those behind, up to `len()`, are the overlap and the next window's too.
    pub fn own_len(&self) -> usize {
        self.own_len
    }
}

impl Deref for Window {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}
