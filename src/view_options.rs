//! `ViewOptions`: which part of a mapping to see, how, and where.

use crate::sys::{self, MapRequest};
use crate::{Error, ErrorKind, Guard, Mapping, Result, View, ViewAccess};

/// How to map a [`View`] of a [`Mapping`]: access, offset, length, address.
///
/// Offsets and lengths are free: the library hides pages and the allocation granularity.
///
/// ```
/// use mapview::{MappingOptions, ViewAccess, ViewOptions};
/// let mapping = MappingOptions::new().size(10_000).create()?;
/// let part = ViewOptions::new().offset(5).len(100).access(ViewAccess::CopyOnWrite).map(&mapping)?;
/// part.copy_in(0, b"mine")?; // nobody else sees this
/// let mut bytes = [1; 4];
/// mapping.view()?.copy_out(5, &mut bytes)?;
/// assert_eq!(bytes, [0; 4]);
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ViewOptions {
    access: Option<ViewAccess>,
    offset: u64,
    len: usize,
    address: Option<usize>,
    guarded: bool,
    numa_node: Option<u32>,
    replace: bool,
}

impl ViewOptions {
    /// A read-only view of the whole mapping, wherever there is room.
    pub fn new() -> ViewOptions {
        ViewOptions::default()
    }

    /// What the view is for; reading unless set.
    #[doc(alias = "dwDesiredAccess")]
    pub fn access(&mut self, access: ViewAccess) -> &mut ViewOptions {
        self.access = Some(access);
        self
    }

    /// Where in the mapping the view starts, in bytes; any value below its size.
    pub fn offset(&mut self, bytes: u64) -> &mut ViewOptions {
        self.offset = bytes;
        self
    }

    /// How many bytes the view shows; 0, or not set, means to the end of the mapping.
    pub fn len(&mut self, bytes: usize) -> &mut ViewOptions {
        self.len = bytes;
        self
    }

    /// The address at which the first byte shall lie.
    ///
    /// It must be a multiple of 64 KiB when the offset is; in general address and offset leave the same rest.
    #[doc(alias = "MapViewOfFileEx")]
    pub fn at(&mut self, address: usize) -> &mut ViewOptions {
        self.address = Some(address);
        self.replace = false;
        self
    }

    /// The view takes the place of the placeholder at this address, which has exactly its pages; address and offset are
    /// multiples of a page then.
    ///
    /// See [`memory::allocate`](crate::memory::allocate), and [`View::unmap_to_placeholder`].
    #[doc(alias = "MEM_REPLACE_PLACEHOLDER")]
    #[doc(alias = "MapViewOfFile3")]
    pub fn replace_placeholder(&mut self, address: usize) -> &mut ViewOptions {
        self.address = Some(address);
        self.replace = true;
        self
    }

    /// Whether bytes of the view that go away are an error instead of the end of the program; see
    /// [`Guard`](crate::Guard), which this installs when it first happens. Not unless set.
    pub fn guarded(&mut self, guarded: bool) -> &mut ViewOptions {
        self.guarded = guarded;
        self
    }

    /// The NUMA node whose memory is preferred for pages that come into being through this view.
    ///
    /// A hint, which the system follows where it can. Without NUMA there is node 0.
    ///
    /// # Platform notes
    /// Linux: `mbind`; without effect on pages of files.
    #[doc(alias = "MapViewOfFileExNuma")]
    #[doc(alias = "nndPreferred")]
    pub fn numa_node(&mut self, node: u32) -> &mut ViewOptions {
        self.numa_node = Some(node);
        self
    }

    /// Maps the view.
    ///
    /// # Errors
    /// * [`AccessDenied`](ErrorKind::AccessDenied): the handle lacks the right, or the range is not inside the mapping.
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): the mapping's protection does not permit such a view; there is
    ///   no such NUMA node.
    /// * [`MappedAlignment`](ErrorKind::MappedAlignment): the address does not fit the offset.
    /// * [`InvalidAddress`](ErrorKind::InvalidAddress): something lies at the address already; no placeholder has exactly the
    ///   addresses of the view.
    /// * [`NotEnoughMemory`](ErrorKind::NotEnoughMemory): no room in the address space.
    /// * [`Unsupported`](ErrorKind::Unsupported): guarded, which this processor or system cannot; a placeholder is to be
    ///   replaced, which Windows can from version 10 1803 on.
    #[doc(alias = "MapViewOfFile")]
    pub fn map(&self, mapping: &Mapping) -> Result<View> {
        let access = self.access.unwrap_or(ViewAccess::Read);
        self.map_checked(mapping, access).map_err(|error| match mapping.name() {
            Some(name) => error.about(name),
            None => error,
        })
    }

    fn map_checked(&self, mapping: &Mapping, access: ViewAccess) -> Result<View> {
        let len = check_range(mapping, access, self.offset, self.len)?;
        if self.guarded {
            Guard::install()?;
        }
        if let Some(node) = self.numa_node {
            sys::check_numa_node(node)?;
        }
        let &ViewOptions { offset, address, guarded, numa_node, replace, .. } = self;
        let request = MapRequest { access, offset, len, address, guarded, numa_node, replace };
        Ok(View::new(mapping.inner.map(&request)?, access))
    }
}

/// What every view needs: the handle's right, and a range inside the mapping. Returns the length, which 0 leaves open.
pub(crate) fn check_range(
    mapping: &Mapping,
    access: ViewAccess,
    offset: u64,
    len: usize,
) -> Result<usize> {
    if !mapping.access().contains(access.needs()) {
        return Err(Error::new(
            ErrorKind::AccessDenied,
            format!("a {access:?} view needs a handle with {:?}", access.needs()),
        ));
    }
    // Asking anew costs a call, and is needed only for what may have been added.
    let known = mapping.inner.known_size();
    let is_known = len != 0 && offset < known && len as u64 <= known - offset;
    let size = if is_known { known } else { mapping.size() };
    let inside = offset < size && len as u64 <= size - offset;
    if !inside {
        return Err(Error::new(
            ErrorKind::AccessDenied,
            format!("{len} bytes from offset {offset} reach past the end, the mapping has {size}"),
        ));
    }
    if len != 0 {
        return Ok(len);
    }
    usize::try_from(size - offset)
        .map_err(|_| Error::new(ErrorKind::NotEnoughMemory, "longer than the address space"))
}
