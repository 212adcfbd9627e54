//! What the system is told about the pages of a view: how they will be used, bring them in, keep them in.

use crate::{Advice, Error, ErrorKind, Result, View};

impl View {
    /// Tells the system how a range is going to be used: `true` if it took the advice, `false` if it has no such.
    ///
    /// The range is extended to whole pages. What the bytes are never changes, also not in copy-on-write views.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range, or no bytes.
    ///
    /// # Platform notes
    /// Linux: `madvise`; for `WontNeed` in a copy-on-write view `MADV_PAGEOUT`, as `MADV_DONTNEED` would forget what was
    /// written. Windows has `WillNeed` (`PrefetchVirtualMemory`) and `WontNeed` (`VirtualUnlock` takes pages that are not
    /// locked out of the working set) and nothing to take back for `Normal`; the others are `false`. `WontNeed` for locked
    /// memory is `false` on both.
    #[doc(alias = "madvise")]
    pub fn advise(&self, offset: usize, len: usize, advice: Advice) -> Result<bool> {
        self.some_range(offset, len)?;
        self.inner().advise(offset, len, advice)
    }

    /// Brings in what is absent of a range: from its file, or from the paging file.
    ///
    /// Takes no memory for pages of reserved memory that were never written, and writes to none.
    ///
    /// ```
    /// let view = mapview::MappingOptions::new().size(1 << 20).create()?.view()?;
    /// view.prefetch(0, view.len())?; // touching it costs no page fault any more
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range, or no bytes;
    /// [`InPageError`](ErrorKind::InPageError): the file ends before the range does, or cannot be read (Linux).
    ///
    /// # Platform notes
    /// Linux waits until the pages are there and in the page table (`MADV_POPULATE_READ`). Windows: a hint to read
    /// them with few and large requests; they enter the working set when they are touched.
    #[doc(alias = "PrefetchVirtualMemory")]
    pub fn prefetch(&self, offset: usize, len: usize) -> Result<()> {
        self.some_range(offset, len)?;
        self.inner().prefetch(offset, len)
    }

    /// Takes now what writing to a range will need, so that running out is an error here and not a signal at the touch: memory of a
    /// mapping with [`reserve`](crate::MappingOptions::reserve), disk space of a sparse file.
    ///
    /// The range is extended to whole pages. What is there already stays as it is. Memory is taken for the mapping: where it
    /// is shown elsewhere, or in a [`Composite`](crate::Composite) view a second time, it is there too, and only the first
    /// touch through those other addresses still costs a soft page fault. Where nothing is missing, this spares that fault.
    ///
    /// ```
    /// let mapping = mapview::MappingOptions::new().size(1 << 30).reserve(true).create()?;
    /// let view = mapview::View::options().access(mapview::ViewAccess::ReadWrite).map(&mapping)?;
    /// view.commit(0, 1 << 20)?; // the first mebibyte can be written, whatever happens to the memory of the machine
    /// view.fill(0, 1 << 20, 7)?;
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): out of range, or no bytes.
    /// * [`AccessDenied`](ErrorKind::AccessDenied): a read-only view.
    /// * [`CommitmentLimit`](ErrorKind::CommitmentLimit): not so much memory is free.
    /// * [`DiskFull`](ErrorKind::DiskFull): a file's disk has no room; [`InPageError`](ErrorKind::InPageError): the file ends before
    ///   the range does, or cannot be read.
    /// * [`Unsupported`](ErrorKind::Unsupported): a copy-on-write view, and Linux before 5.14.
    ///
    /// After an error a part of the range may have been taken; nothing that the bytes are has changed.
    ///
    /// # Platform notes
    /// Linux: `MADV_POPULATE_WRITE`, before 5.14 `fallocate`; of a file `fallocate`. What is free on the machine and in the control
    /// group is looked at first: for 16 MiB and more at each call, for less after some of them, but not for the first mebibyte.
    /// Where others take the rest of the memory at the same time, the kernel may still end a process (the OOM killer)
    /// rather than let this call fail: as it may at any time, over whatever memory. A page of a copy-on-write view
    /// becomes private, as by a write.
    /// Windows: mapping the view has committed all of it, so there is nothing left to do; the disk space of sparse files is taken
    /// when they are written.
    #[doc(alias = "VirtualAlloc")]
    #[doc(alias = "MEM_COMMIT")]
    #[doc(alias = "MADV_POPULATE_WRITE")]
    pub fn commit(&self, offset: usize, len: usize) -> Result<()> {
        self.some_range(offset, len)?;
        self.writable_range(offset, len)?;
        self.inner().commit(offset, len)
    }

    /// Brings in a range and keeps it in memory until it is unlocked or unmapped.
    ///
    /// The range is extended to whole pages. Locks do not count: one unlock undoes two.
    ///
    /// ```
    /// let view = mapview::MappingOptions::new().size(8192).create()?.view()?;
    /// view.lock(0, 4096)?;
    /// view.unlock(0, 4096)?;
    /// # if cfg!(target_os = "linux") { // Wine 8 does not mind
    /// assert_eq!(view.unlock(0, 4096).unwrap_err().kind(), mapview::ErrorKind::NotLocked);
    /// # }
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): out of range, or no bytes.
    /// * [`NotEnoughMemory`](ErrorKind::NotEnoughMemory): more than this process may lock; the message names the limit.
    /// * [`InPageError`](ErrorKind::InPageError): the pages cannot be brought in (Linux).
    ///
    /// Nothing is locked then that was not before.
    ///
    /// # Platform notes
    /// The limit is `RLIMIT_MEMLOCK` on Linux, on Windows a little less than the smallest working set, which
    /// `SetProcessWorkingSetSize` raises.
    #[doc(alias = "VirtualLock")]
    #[doc(alias = "mlock")]
    pub fn lock(&self, offset: usize, len: usize) -> Result<()> {
        self.some_range(offset, len)?;
        self.inner().lock(offset, len)
    }

    /// Lets the system page out a range again that was locked.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range, or no bytes;
    /// [`NotLocked`](ErrorKind::NotLocked): some page of it is not locked; those that are stay so.
    #[doc(alias = "VirtualUnlock")]
    #[doc(alias = "munlock")]
    pub fn unlock(&self, offset: usize, len: usize) -> Result<()> {
        self.some_range(offset, len)?;
        self.inner().unlock(offset, len)
    }

    /// Win32 refuses an empty range in all of these calls.
    fn some_range(&self, offset: usize, len: usize) -> Result<()> {
        if len == 0 {
            return Err(Error::new(ErrorKind::InvalidParameter, "a range of no bytes"));
        }
        self.range(offset, len).map(|_| ())
    }
}
