//! `Region`: private memory whose pages come, go and change what they permit, and that is safe to use all the same.
#![allow(unsafe_code)]

use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::Range;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::memory::{self, Allocate, Free};
use crate::{copy, sys, Error, ErrorKind, MemoryInfo, Protect, RegionOptions, Result};

/// Bytes that are copied at a time: whoever wants to change pages meanwhile waits for so many.
const AT_A_TIME: usize = 16 << 20;

/// A range of reserved addresses, of which pages are committed as needed.
///
/// All ranges are in bytes from the start of the region and touch whole pages. Copies in and out check first: a page that is not committed, forbidden
/// or a guard page is an error, never a signal, also while another thread takes pages away. Released on drop.
///
/// ```
/// use mapview::{ErrorKind, Protect, RegionOptions};
/// let region = RegionOptions::new().size(1 << 30).reserve()?; // addresses, no memory
/// region.commit(0..4096, Protect::READ_WRITE)?;
/// region.write(8, &42_u64)?;
/// assert_eq!(region.read::<u64>(8)?, 42);
/// assert_eq!(region.read::<u8>(4096).unwrap_err().kind(), ErrorKind::InvalidAddress);
/// region.protect(0..4096, Protect::READ_ONLY)?;
/// assert_eq!(region.write(8, &0_u64).unwrap_err().kind(), ErrorKind::NoAccess);
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "VirtualAlloc")]
pub struct Region {
    base: *mut u8,
    len: usize,
}

// SAFETY: an allocation is valid in every thread, and all access to it goes through opaque copies that check and hold it.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

impl Region {
    /// The choices for making a region, the same as [`RegionOptions::new`].
    pub fn options() -> RegionOptions {
        RegionOptions::new()
    }

    pub(crate) fn allocate(wanted: &Allocate) -> Result<Region> {
        // SAFETY: a new reservation takes nothing that anybody has.
        let base = unsafe { memory::allocate(wanted)? };
        let mut region = Region { base, len: 0 };
        let end = memory::query(base.addr()).map(|info| info.base + info.len);
        region.len = end? - base.addr(); // alike throughout, as it is new
        Ok(region)
    }

    /// The length in bytes, in whole pages; never zero.
    #[allow(clippy::len_without_is_empty)] // an empty region cannot exist
    pub fn len(&self) -> usize {
        self.len
    }

    /// The address of the first byte, a multiple of 64 KiB, for `len()` bytes, of which only committed ones can be used.
    pub fn as_ptr(&self) -> *mut u8 {
        self.base
    }

    /// Has memory in the pages of a range, zero where it is new, and gives all of them this protection.
    ///
    /// # Errors
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): not inside the region, empty, or a copy-on-write protection.
    /// * [`CommitmentLimit`](ErrorKind::CommitmentLimit): there is not so much memory.
    #[doc(alias = "MEM_COMMIT")]
    pub fn commit(&self, range: Range<usize>, protect: Protect) -> Result<()> {
        self.allocate_in(range, Allocate { commit: true, protect, ..Allocate::default() })
    }

    /// Gives the memory of a range back; the addresses stay reserved.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): not inside the region, or empty.
    #[doc(alias = "MEM_DECOMMIT")]
    pub fn decommit(&self, range: Range<usize>) -> Result<()> {
        let (address, size) = self.part(range)?;
        // SAFETY: safe code has no reference into the region; what copies holds the pages.
        unsafe { memory::free(address, size, Free::Decommit) }
    }

    /// Says what the committed pages of a range permit, and returns what the first of them did.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): not inside the region, empty, or a copy-on-write protection;
    /// [`InvalidAddress`](ErrorKind::InvalidAddress): a page is not committed.
    #[doc(alias = "VirtualProtect")]
    pub fn protect(&self, range: Range<usize>, protect: Protect) -> Result<Protect> {
        let (address, size) = self.part(range)?;
        // SAFETY: safe code has no reference into the region; what copies holds the pages.
        unsafe { memory::protect(address, size, protect) }
    }

    /// Says that the content of a range is not needed: it is what it was, or zero, until it is written.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): not inside the region, or empty.
    #[doc(alias = "MEM_RESET")]
    pub fn reset(&self, range: Range<usize>) -> Result<()> {
        self.allocate_in(range, Allocate { reset: true, ..Allocate::default() })
    }

    /// Says that the content of a range is needed again.
    ///
    /// # Errors
    /// [`InPageError`](ErrorKind::InPageError): a part of it is lost, and zero now.
    ///
    /// # Platform notes
    /// Wine 8 has no such call.
    #[doc(alias = "MEM_RESET_UNDO")]
    pub fn reset_undo(&self, range: Range<usize>) -> Result<()> {
        self.allocate_in(range, Allocate { reset_undo: true, ..Allocate::default() })
    }

    /// Throws away what the committed pages of a range hold.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): not whole pages inside the region;
    /// [`InvalidAddress`](ErrorKind::InvalidAddress): a page is not committed.
    #[doc(alias = "DiscardVirtualMemory")]
    pub fn discard(&self, range: Range<usize>) -> Result<()> {
        let (address, size) = self.part(range)?;
        // SAFETY: whose content is needed is for the owner of the region to say.
        unsafe { memory::discard(address, size) }
    }

    /// Brings the pages of a range into memory and keeps them there.
    ///
    /// # Errors
    /// The kinds of [`memory::lock`].
    #[doc(alias = "VirtualLock")]
    pub fn lock(&self, range: Range<usize>) -> Result<()> {
        let (address, size) = self.part(range)?;
        memory::lock(address, size)
    }

    /// Lets the pages of a range leave memory again.
    ///
    /// # Errors
    /// [`NotLocked`](ErrorKind::NotLocked): a page is not locked.
    #[doc(alias = "VirtualUnlock")]
    pub fn unlock(&self, range: Range<usize>) -> Result<()> {
        let (address, size) = self.part(range)?;
        memory::unlock(address, size)
    }

    /// What is at an offset, from its page on.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): not inside the region.
    #[doc(alias = "VirtualQuery")]
    pub fn query(&self, offset: usize) -> Result<MemoryInfo> {
        let (address, _) = self.part(offset..offset.saturating_add(1))?;
        memory::query(address)
    }

    /// The offsets of the pages of a range that were written since they were committed or reset, in order.
    ///
    /// ```
    /// let region = mapview::Region::options().size(1 << 16).write_watch(true).commit(mapview::Protect::READ_WRITE)?;
    /// region.write(5000, &1_u8)?;
    /// assert_eq!(region.written(0..region.len())?, [4096]);
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): not inside the region, empty, or writes are not watched.
    #[doc(alias = "GetWriteWatch")]
    pub fn written(&self, range: Range<usize>) -> Result<Vec<usize>> {
        self.written_and(range, false)
    }

    /// The same, and forgets what it returns. No write in between is lost.
    ///
    /// # Errors
    /// As [`Region::written`].
    #[doc(alias = "GetWriteWatch")]
    #[doc(alias = "ResetWriteWatch")]
    pub fn reset_written(&self, range: Range<usize>) -> Result<Vec<usize>> {
        self.written_and(range, true)
    }

    fn written_and(&self, range: Range<usize>, reset: bool) -> Result<Vec<usize>> {
        let (address, size) = self.part(range)?;
        let pages = memory::written(address, size, reset, usize::MAX)?;
        Ok(pages.into_iter().map(|page| page - self.base.addr()).collect())
    }

    /// Copies `buffer.len()` bytes from `offset` on into `buffer`. Not atomic.
    ///
    /// # Errors
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): not inside the region.
    /// * [`InvalidAddress`](ErrorKind::InvalidAddress), [`NoAccess`](ErrorKind::NoAccess): a page is not committed, or does
    ///   not permit reading.
    /// * [`GuardPage`](ErrorKind::GuardPage): a guard page, which is an ordinary page now.
    ///
    /// Nothing is copied then, unless another thread changes pages in the middle of more than 16 MiB.
    pub fn copy_out(&self, offset: usize, buffer: &mut [u8]) -> Result<()> {
        let to = buffer.as_mut_ptr();
        self.in_parts(offset, buffer.len(), false, |at, done, len| {
            // SAFETY: the pages permit reading and are held; the buffer is exclusively ours.
            unsafe { copy::opaque_copy(to.wrapping_add(done), at, len) };
        })
    }

    /// Copies `bytes` to `offset`. Not atomic.
    ///
    /// # Errors
    /// The kinds of [`Region::copy_out`], of pages that do not permit writing.
    pub fn copy_in(&self, offset: usize, bytes: &[u8]) -> Result<()> {
        let from = bytes.as_ptr();
        self.in_parts(offset, bytes.len(), true, |at, done, len| {
            // SAFETY: the pages permit writing and are held; the source is borrowed.
            unsafe { copy::opaque_copy(at, from.wrapping_add(done), len) };
        })
    }

    /// Sets `len` bytes from `offset` on to `byte`. Not atomic.
    ///
    /// # Errors
    /// The kinds of [`Region::copy_in`].
    pub fn fill(&self, offset: usize, len: usize, byte: u8) -> Result<()> {
        self.in_parts(offset, len, true, |at, _, len| {
            // SAFETY: as in `copy_in`.
            unsafe { copy::opaque_fill(at, byte, len) };
        })
    }

    /// A copy of the value at `offset`, of any type that every bit pattern is valid for; need not be aligned.
    ///
    /// # Errors
    /// The kinds of [`Region::copy_out`].
    pub fn read<T: FromBytes>(&self, offset: usize) -> Result<T> {
        let mut value = MaybeUninit::<T>::uninit();
        let to = value.as_mut_ptr().cast::<u8>();
        self.in_parts(offset, size_of::<T>(), false, |at, done, len| {
            // SAFETY: the pages permit reading and are held; the parts lie in the value.
            unsafe { copy::opaque_copy(to.wrapping_add(done), at, len) };
        })?;
        // SAFETY: all its bytes were written, and any bytes are a T.
        Ok(unsafe { value.assume_init() })
    }

    /// Stores a copy of `value` at `offset`; need not be aligned.
    ///
    /// # Errors
    /// The kinds of [`Region::copy_in`].
    pub fn write<T: IntoBytes + Immutable>(&self, offset: usize, value: &T) -> Result<()> {
        self.copy_in(offset, value.as_bytes())
    }

    /// Bytes as a slice.
    ///
    /// # Safety
    /// * The range lies in the region, and its pages are committed and readable as long as the slice lives.
    /// * Nobody writes, resets or discards them meanwhile.
    pub unsafe fn as_slice(&self, range: Range<usize>) -> &[u8] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.base.wrapping_add(range.start), range.len()) }
    }

    /// Bytes as a mutable slice.
    ///
    /// # Safety
    /// * The range lies in the region, and its pages are committed and writable as long as the slice lives.
    /// * Nobody else reads, writes, resets or discards them meanwhile.
    pub unsafe fn as_mut_slice(&mut self, range: Range<usize>) -> &mut [u8] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.base.wrapping_add(range.start), range.len()) }
    }

    /// Releases the region and reports what [`Drop`] would hide.
    ///
    /// # Errors
    /// [`Other`](ErrorKind::Other): the system refused.
    #[doc(alias = "MEM_RELEASE")]
    pub fn release(self) -> Result<()> {
        let region = ManuallyDrop::new(self);
        // SAFETY: the region is gone for everybody.
        unsafe { memory::free(region.base.addr(), 0, Free::Release) }
    }

    fn allocate_in(&self, range: Range<usize>, wanted: Allocate) -> Result<()> {
        let (address, size) = self.part(range)?;
        // SAFETY: safe code has no reference into the region; what copies holds the pages. Whose content is needed is for
        // the owner of the region to say.
        unsafe { memory::allocate(&Allocate { address, size, ..wanted }).map(drop) }
    }

    /// Address and length of a part that is not empty.
    fn part(&self, range: Range<usize>) -> Result<(usize, usize)> {
        if range.is_empty() || range.end > self.len {
            let why = format!("{range:?} is not a part of a region of {} bytes", self.len);
            return Err(Error::new(ErrorKind::InvalidParameter, why));
        }
        Ok((self.base.addr() + range.start, range.len()))
    }

    /// Has `act` use bytes from `offset` on, with where they are, how many came before, and how many it is.
    fn in_parts(
        &self,
        offset: usize,
        len: usize,
        write: bool,
        mut act: impl FnMut(*mut u8, usize, usize),
    ) -> Result<()> {
        if len == 0 && offset <= self.len {
            return Ok(());
        }
        let (address, len) = self.part(offset..offset.saturating_add(len))?;
        if len > AT_A_TIME {
            sys::with_pages(address, len, write, || ())?; // all or nothing, as far as it is known
        }
        for done in (0..len).step_by(AT_A_TIME) {
            let (at, some) = (self.base.wrapping_add(offset + done), AT_A_TIME.min(len - done));
            sys::with_pages(at.addr(), some, write, || act(at, done, some))?;
        }
        Ok(())
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the region is gone for everybody. Fails only where the process has split its memory into too many ranges.
        let _ = unsafe { memory::free(self.base.addr(), 0, Free::Release) };
    }
}
