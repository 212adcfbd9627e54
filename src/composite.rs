//! `Composite`: parts of mappings side by side, seen as one view.

use crate::sys::{self, Part};
use crate::view_options::check_range;
use crate::{Access, Error, ErrorKind, Mapping, Result, View, ViewAccess};

/// Parts of mappings side by side in one range of addresses, seen as one [`View`].
///
/// The parts may be of different mappings, of memory and of files; the same part may appear several times. All methods
/// of the view work across the seams.
///
/// ```
/// use mapview::{Composite, MappingOptions, ViewAccess};
/// let (a, b) = (MappingOptions::new().size(65536).create()?, MappingOptions::new().size(4096).create()?);
/// let view = Composite::new().part(&a, 0, 65536).part(&b, 0, 100).map(ViewAccess::ReadWrite)?;
/// view.copy_in(65534, b"over")?;
/// assert_eq!(a.view()?.to_vec(65534, 2)?, b"ov");
/// assert_eq!(b.view()?.to_vec(0, 2)?, b"er");
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// Windows: placeholders (`VirtualAlloc2`, `MapViewOfFile3`); before Windows 10 version 1803, views at addresses that
/// were found free a moment before. Parts of large pages are shown in small ones there, on Linux in large ones.
#[derive(Clone, Debug, Default)]
#[doc(alias = "VirtualAlloc2")]
#[doc(alias = "MapViewOfFile3")]
#[doc(alias = "MEM_REPLACE_PLACEHOLDER")]
pub struct Composite<'a> {
    parts: Vec<(&'a Mapping, u64, usize)>,
}

impl<'a> Composite<'a> {
    /// No parts as yet.
    pub fn new() -> Composite<'a> {
        Composite::default()
    }

    /// Adds `len` bytes of a mapping from `offset` on, behind what is there; 0 means to the end of the mapping.
    ///
    /// Offset and length are multiples of 64 KiB; the length of the last part may be anything. Linux: of large pages they are
    /// multiples of 2 MiB, and so is where the part begins in the view.
    pub fn part(&mut self, mapping: &'a Mapping, offset: u64, len: usize) -> &mut Composite<'a> {
        self.parts.push((mapping, offset, len));
        self
    }

    /// Maps the parts, wherever there is room. When it fails, nothing is mapped.
    ///
    /// # Errors
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): there are no parts; or a mapping's protection does not permit
    ///   such a view.
    /// * [`AccessDenied`](ErrorKind::AccessDenied): a handle lacks the right, or a part is not inside its mapping.
    /// * [`MappedAlignment`](ErrorKind::MappedAlignment): an offset, or a length before the last, is no multiple of 64 KiB; of
    ///   large pages on Linux, of 2 MiB.
    /// * [`NotEnoughMemory`](ErrorKind::NotEnoughMemory): no room in the address space.
    pub fn map(&self, access: ViewAccess) -> Result<View> {
        if self.parts.is_empty() {
            return Err(Error::new(ErrorKind::InvalidParameter, "a view needs at least one part"));
        }
        let last = self.parts.len() - 1;
        let mut start = Some(0_usize);
        let mut parts = Vec::with_capacity(self.parts.len());
        for (index, &(mapping, offset, len)) in self.parts.iter().enumerate() {
            let at = start.unwrap_or(0); // too long a view is refused below
            let part = check_part(mapping, access, offset, len, at, index == last);
            let part = part.map_err(|error| match mapping.name() {
                Some(name) => error.about(name),
                None => error,
            })?;
            start = start.and_then(|start| start.checked_add(part.len));
            parts.push(part);
        }
        if start.is_none_or(|len| len > isize::MAX as usize) {
            let why = "the parts together are longer than the address space";
            return Err(Error::new(ErrorKind::NotEnoughMemory, why));
        }
        Ok(View::new(sys::View::compose(&parts, access)?, access))
    }
}

/// `start`: where it begins in the view.
fn check_part(
    mapping: &Mapping,
    access: ViewAccess,
    offset: u64,
    len: usize,
    start: usize,
    last: bool,
) -> Result<Part<'_>> {
    let unit = mapping.inner.part_unit();
    let fits = |len: usize| last || (len as u64).is_multiple_of(unit);
    if !offset.is_multiple_of(unit) || !fits(len) {
        return Err(not_aligned(offset, len, unit));
    }
    if !(start as u64).is_multiple_of(unit) {
        let why = format!("it begins {start} bytes from the start of the view, which must be a multiple of {unit} for its pages");
        return Err(Error::new(ErrorKind::MappedAlignment, why));
    }
    let len = check_range(mapping, access, offset, len)?;
    if !fits(len) {
        return Err(not_aligned(offset, len, unit)); // the rest of the mapping
    }
    Ok(Part { mapping: &mapping.inner, offset, len })
}

fn not_aligned(offset: u64, len: usize, unit: u64) -> Error {
    let why = format!(
        "{len} bytes from offset {offset}: offsets, and lengths but the last, must be multiples of {unit}"
    );
    Error::new(ErrorKind::MappedAlignment, why)
}

impl Mapping {
    /// Maps all of it twice in a row, so that what is written behind the end appears at the start: a ring buffer whose
    /// wrap is invisible.
    ///
    /// Read-write if the handle permits it, else read-only. The view is twice as long as the mapping, whose size must be
    /// a multiple of 64 KiB.
    ///
    /// ```
    /// let ring = mapview::MappingOptions::new().size(65536).create()?.mirrored()?;
    /// ring.copy_in(65530, b"across the end")?;
    /// assert_eq!(ring.to_vec(0, 8)?, b" the end");
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// The kinds of [`Composite::map`].
    pub fn mirrored(&self) -> Result<View> {
        let write = self.access().contains(Access::WRITE);
        let access = if write { ViewAccess::ReadWrite } else { ViewAccess::Read };
        let size = self.size();
        let len = usize::try_from(size).unwrap_or(usize::MAX);
        Composite::new().part(self, 0, len).part(self, 0, len).map(access)
    }
}
