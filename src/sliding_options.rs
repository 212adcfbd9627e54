//! `SlidingOptions`: which part of a mapping to slide over, in which steps, with how much memory.

use std::ops::{Bound, RangeBounds};

use crate::{Error, ErrorKind, Mapping, Order, Result, SlidingWindows, ViewAccess};

/// How to slide over a [`Mapping`] through [`SlidingWindows`].
///
/// ```
/// use mapview::{MappingOptions, Order, SlidingWindows};
/// let mapping = MappingOptions::new().size(1 << 20).create()?;
/// let mut windows =
///     SlidingWindows::options().memory(256 << 10).range(1000..).order(Order::Backward).open(&mapping)?;
/// let mut bytes = 0;
/// while let Some(window) = windows.next()? {
///     bytes += window.own_len();
/// }
/// assert_eq!(bytes, (1 << 20) - 1000);
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SlidingOptions {
    pub(crate) memory: u64,
    pub(crate) window: Option<u64>,
    pub(crate) overlap: u64,
    pub(crate) start: u64,
    /// Behind the last byte; `None` means the end of the mapping.
    pub(crate) end: Option<u64>,
    pub(crate) order: Order,
    pub(crate) access: ViewAccess,
    pub(crate) drop_behind: bool,
    pub(crate) guarded: bool,
}

impl Default for SlidingOptions {
    fn default() -> SlidingOptions {
        SlidingOptions {
            memory: 64 << 20,
            window: None,
            overlap: 0,
            start: 0,
            end: None,
            order: Order::Forward,
            access: ViewAccess::Read,
            drop_behind: false,
            guarded: false,
        }
    }
}

impl SlidingOptions {
    /// Read-only windows over the whole mapping, from front to back, with 64 MiB of memory.
    pub fn new() -> SlidingOptions {
        SlidingOptions::default()
    }

    /// How many bytes of the mapping may be mapped at any moment, by all threads together; 64 MiB unless set.
    pub fn memory(&mut self, bytes: usize) -> &mut SlidingOptions {
        self.memory = bytes as u64;
        self
    }

    /// How many bytes each window owns, the last perhaps fewer; follows from the memory unless set, and is 64 MiB at most then.
    ///
    /// Windows start at multiples of this from the start of the range, so records of equal length are not cut if it is
    /// a multiple of theirs. Multiples of 64 KiB waste no memory.
    pub fn window(&mut self, bytes: usize) -> &mut SlidingOptions {
        self.window = Some(bytes as u64);
        self
    }

    /// How many bytes of the next window each window also shows, for records that lie across the boundary; less than a
    /// window. 0 unless set.
    pub fn overlap(&mut self, bytes: usize) -> &mut SlidingOptions {
        self.overlap = bytes as u64;
        self
    }

    /// The part of the mapping, in bytes; all of it unless set.
    pub fn range(&mut self, range: impl RangeBounds<u64>) -> &mut SlidingOptions {
        // Behind the largest number there is nothing: such a range is empty, and refused as such.
        self.start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        self.end = match range.end_bound() {
            Bound::Included(&last) => Some(last.saturating_add(1)),
            Bound::Excluded(&end) => Some(end),
            Bound::Unbounded => None,
        };
        self
    }

    /// The order in which the windows come; from front to back unless set.
    pub fn order(&mut self, order: Order) -> &mut SlidingOptions {
        self.order = order;
        self
    }

    /// What the windows are for; reading unless set. What is written in a copy-on-write window is gone when the next comes.
    pub fn access(&mut self, access: ViewAccess) -> &mut SlidingOptions {
        self.access = access;
        self
    }

    /// Whether to drop from the system's cache what the windows have left, so that a scan of a huge file does not push out
    /// everything else; not unless set. What is not written back yet, or mapped by others, stays.
    ///
    /// # Platform notes
    /// Linux: `posix_fadvise`, for files. Windows: nothing, as it gives away first what was unmapped last.
    #[doc(alias = "POSIX_FADV_DONTNEED")]
    pub fn drop_behind(&mut self, drop_behind: bool) -> &mut SlidingOptions {
        self.drop_behind = drop_behind;
        self
    }

    /// Whether bytes of a window that go away are an error instead of the end of the program, as for
    /// [`ViewOptions::guarded`](crate::ViewOptions::guarded); not unless set.
    pub fn guarded(&mut self, guarded: bool) -> &mut SlidingOptions {
        self.guarded = guarded;
        self
    }

    /// Starts; the first window is mapped by [`SlidingWindows::next`].
    ///
    /// # Errors
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): a window of 0 bytes; an overlap that is not smaller than the
    ///   window; too little memory for a window and its overlap; a range that is empty or reaches past the end.
    /// * [`AccessDenied`](ErrorKind::AccessDenied): the handle lacks the right for such windows.
    pub fn open<'m>(&self, mapping: &'m Mapping) -> Result<SlidingWindows<'m>> {
        if !mapping.access().contains(self.access.needs()) {
            let why =
                format!("{:?} windows need a handle with {:?}", self.access, self.access.needs());
            let error = Error::new(ErrorKind::AccessDenied, why);
            return Err(match mapping.name() {
                Some(name) => error.about(name),
                None => error,
            });
        }
        SlidingWindows::new(mapping, self.clone())
    }
}
