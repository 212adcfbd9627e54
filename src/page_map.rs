//! Where the pages of views, files and addresses are.

use std::fs::File;
use std::ops::{Bound, RangeBounds};

use crate::{sys, Error, ErrorKind, Residency, Result, View};

impl View {
    /// Where the pages of the view are. Only looks: what is not there is not brought in.
    ///
    /// Cheap for large views: what was never touched is passed over as a whole.
    ///
    /// ```
    /// use mapview::{MappingOptions, Place};
    /// let view = MappingOptions::new().size(1 << 30).reserve(true).create()?.view()?;
    /// view.write(1 << 20, &7_u8)?;
    /// let residency = view.residency()?;
    /// assert_eq!(residency.runs[0].place, Place::NotAllocated);
    /// assert_eq!(residency.run_at(1 << 20).unwrap().place, Place::Present);
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Other`](ErrorKind::Other): the system failed. What it merely refuses to tell stands in
    /// [`hidden`](Residency::hidden).
    ///
    /// # Platform notes
    /// Linux: the page table of this process and the page cache of the file. From whoever neither owns the file nor may write
    /// it, Linux hides the cache; how many processes share a page only `CAP_SYS_ADMIN` may know.
    ///
    /// Windows tells what is in this process's working set and nothing of what is outside: pages of a file are then
    /// [`OnDisk`](crate::Place::OnDisk), others [`NotAllocated`](crate::Place::NotAllocated), though they may be cached or in
    /// the paging file.
    #[doc(alias = "QueryWorkingSetEx")]
    #[doc(alias = "mincore")]
    pub fn residency(&self) -> Result<Residency> {
        self.residency_range(0, self.len())
    }

    /// Where the pages are in which `len` bytes from `offset` on lie. The runs count their offsets as for the whole view.
    ///
    /// # Errors
    /// The kinds of [`View::residency`], and [`InvalidParameter`](ErrorKind::InvalidParameter): out of range.
    pub fn residency_range(&self, offset: usize, len: usize) -> Result<Residency> {
        if offset > self.len() || len > self.len() - offset {
            let why =
                format!("{len} bytes at offset {offset} are not inside a view of {}", self.len());
            return Err(Error::new(ErrorKind::InvalidParameter, why));
        }
        self.inner().residency(offset, len)
    }
}

/// Where the pages of a file are that hold these bytes: in the page cache, on the disk, or nowhere, in a hole.
///
/// Nothing is read, and nobody needs to map the file. What lies behind the file's end has no pages.
///
/// ```
/// use std::io::Write;
/// let mut file = tempfile::tempfile()?;
/// file.write_all(&[7; 10_000])?;
/// file.set_len(1 << 40)?; // the rest is a hole
/// let residency = mapview::file_residency(&file, ..)?;
/// assert_eq!(residency.bytes(|_| true), 1 << 40);
/// # if cfg!(target_os = "linux") {
/// assert_eq!(residency.runs.last().unwrap().place, mapview::Place::NotAllocated);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`InvalidParameter`](ErrorKind::InvalidParameter): the range ends before it starts.
/// [`WrongKind`](ErrorKind::WrongKind): not a plain file. [`Other`](ErrorKind::Other): the system failed.
///
/// # Platform notes
/// No page is ever [`Present`](crate::Place::Present) here, because no page table is looked at.
///
/// Linux: from whoever neither owns the file nor may write it, Linux hides the cache; then pages that are cached count as on the
/// disk, and [`hidden`](Residency::hidden) says so. Disk space that was taken in advance and not written yet is a hole.
///
/// Windows tells the holes of a sparse file and nothing of its cache.
#[doc(alias = "cachestat")]
#[doc(alias = "FSCTL_QUERY_ALLOCATED_RANGES")]
pub fn file_residency(file: &File, range: impl RangeBounds<u64>) -> Result<Residency> {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&before) => before.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&last) => last.saturating_add(1),
        Bound::Excluded(&end) => end,
        Bound::Unbounded => u64::MAX,
    };
    if start > end {
        let why = format!("the range starts at {start} and ends at {end}");
        return Err(Error::new(ErrorKind::InvalidParameter, why));
    }
    sys::file_residency(file, start, end)
}

/// Where the pages are in which `len` bytes of this process from `address` on lie: of private memory, views, programs, or of
/// nothing at all. For a view, [`View::residency`] is cheaper and knows more.
///
/// ```
/// use mapview::{memory_residency, Place};
/// let bytes = vec![7_u8; 1 << 20];
/// let residency = memory_residency(bytes.as_ptr().addr(), bytes.len())?;
/// assert!(residency.runs.iter().all(|run| run.place == Place::Present && run.private));
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Errors
/// [`InvalidParameter`](ErrorKind::InvalidParameter): the range reaches past the last address that a program can have.
/// [`Other`](ErrorKind::Other): the system failed.
///
/// # Platform notes
/// As for [`View::residency`]; also, Linux does not tell by address which pages are dirty and which parts of a file are holes.
#[doc(alias = "QueryWorkingSetEx")]
#[doc(alias = "mincore")]
pub fn memory_residency(address: usize, len: usize) -> Result<Residency> {
    sys::memory_residency(None, address, len)
}

/// Where the pages are in which `len` bytes of another process from `address` on lie.
///
/// "This process" in [`Place`](crate::Place) and [`Sharing`](crate::Sharing) is that process here.
///
/// ```
/// let here = 7_u8;
/// let residency = mapview::process_residency(std::process::id(), (&raw const here).addr(), 1)?;
/// assert_eq!(residency.runs[0].place, mapview::Place::Present);
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Errors
/// [`NotFound`](ErrorKind::NotFound): no such process. [`AccessDenied`](ErrorKind::AccessDenied): it is another user's, or
/// protected. [`InvalidParameter`](ErrorKind::InvalidParameter): the range reaches past the last address.
///
/// # Platform notes
/// Linux: the files that the process has mapped are opened to ask about their caches. When such a descriptor ends, *this*
/// process loses the `fcntl` locks that it has on the same file, as after any `close`.
#[doc(alias = "QueryWorkingSetEx")]
pub fn process_residency(pid: u32, address: usize, len: usize) -> Result<Residency> {
    sys::memory_residency(Some(pid), address, len)
}

/// Where in the machine's memory the byte at an address of this process is; `None` if its page is in no memory now.
///
/// The page may move or go at any moment, also between this call and its return.
///
/// ```
/// use mapview::{physical_address, ErrorKind};
/// let here = 7_u8;
/// match physical_address((&raw const here).addr()) {
///     Ok(physical) => println!("{physical:#x?}"),
///     Err(error) => assert!([ErrorKind::PrivilegeNotHeld, ErrorKind::Unsupported].contains(&error.kind())),
/// }
/// ```
///
/// # Errors
/// [`PrivilegeNotHeld`](ErrorKind::PrivilegeNotHeld): only `CAP_SYS_ADMIN` may know.
///
/// # Platform notes
/// Linux only; Windows tells no program: [`Unsupported`](ErrorKind::Unsupported).
pub fn physical_address(address: usize) -> Result<Option<u64>> {
    sys::physical_address(address)
}
