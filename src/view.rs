//! `View`: a mapped range of a mapping, and the ways to touch memory that others write at the same time.
//!
//! Safe Rust must stay sound although another process, or another thread through another view, writes the same bytes at
//! any moment. So a view hands out no `&[u8]`: it copies (through `copy.rs`, which the compiler cannot look into), and it
//! lends atomics, which are made for this.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::atomic::{fence, AtomicU64, Ordering};

use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::sys::fault_copy;
use crate::{copy, sys, Atomic, Error, ErrorKind, Result, ViewAccess, ViewOptions};

/// A mapped range of a [`Mapping`](crate::Mapping). Keeps the memory alive, also after the last handle is closed.
///
/// Many views of one mapping, in any process, show the same bytes at once. All offsets are in bytes from the start of the
/// view. Unmapped on drop.
///
/// ```
/// let view = mapview::MappingOptions::new().size(4096).create()?.view()?;
/// view.write(8, &0x1234_5678_u32)?;
/// assert_eq!(view.read::<u32>(8)?, 0x1234_5678);
/// assert!(view.write(4094, &0_u32).is_err()); // out of range is an error, not a panic
/// # Ok::<(), mapview::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "MapViewOfFile")]
pub struct View {
    inner: sys::View,
    access: ViewAccess,
}

impl View {
    pub(crate) fn inner(&self) -> &sys::View {
        &self.inner
    }

    pub(crate) fn new(inner: sys::View, access: ViewAccess) -> View {
        View { inner, access }
    }

    /// The choices for mapping a view, the same as [`ViewOptions::new`].
    pub fn options() -> ViewOptions {
        ViewOptions::new()
    }

    /// The length in bytes; never zero.
    #[allow(clippy::len_without_is_empty)] // an empty view cannot exist
    #[inline]
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// What the view was mapped for.
    pub fn access(&self) -> ViewAccess {
        self.access
    }

    /// The address of the first byte, for `len()` bytes, valid until the view is dropped.
    ///
    /// Storing through it is only possible when [`ViewAccess::writable`] says so.
    #[inline]
    pub fn as_ptr(&self) -> *mut u8 {
        self.inner.as_ptr()
    }

    /// Copies `buffer.len()` bytes from `offset` on into `buffer`, at the speed of `memcpy`.
    ///
    /// What is written meanwhile may be seen in part: the copy is not atomic.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range; nothing is copied.
    #[inline]
    pub fn copy_out(&self, offset: usize, buffer: &mut [u8]) -> Result<()> {
        let from = self.range(offset, buffer.len())?;
        // SAFETY: `range` checked that the source lies inside the view; the buffer is exclusively ours.
        unsafe { self.copy(buffer.as_mut_ptr(), from, buffer.len()) }
    }

    /// Copies `bytes` to `offset`, at the speed of `memcpy`. Not atomic.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range;
    /// [`AccessDenied`](ErrorKind::AccessDenied): a read-only view. Nothing is copied.
    #[inline]
    pub fn copy_in(&self, offset: usize, bytes: &[u8]) -> Result<()> {
        let to = self.writable_range(offset, bytes.len())?;
        // SAFETY: `writable_range` checked that the target lies inside the view and can be stored to.
        unsafe { self.copy(to, bytes.as_ptr(), bytes.len()) }
    }

    /// Sets `len` bytes from `offset` on to `byte`. Not atomic.
    ///
    /// # Errors
    /// The kinds of [`View::copy_in`].
    pub fn fill(&self, offset: usize, len: usize, byte: u8) -> Result<()> {
        let to = self.writable_range(offset, len)?;
        if !self.inner.is_guarded() {
            // SAFETY: as in `copy_in`.
            unsafe { copy::opaque_fill(to, byte, len) };
            return Ok(());
        }
        let losses = self.check_whole()?;
        // SAFETY: as in `copy_in`; a guarded view is there only with the handler installed.
        self.finish(losses, unsafe { fault_copy::fill(to, byte, len) })
    }

    /// A copy of `len` bytes from `offset` on.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range;
    /// [`NotEnoughMemory`](ErrorKind::NotEnoughMemory): no room for the copy.
    pub fn to_vec(&self, offset: usize, len: usize) -> Result<Vec<u8>> {
        let from = self.range(offset, len)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).map_err(|_| {
            let why = format!("there are no {len} bytes for the copy; copy parts");
            Error::new(ErrorKind::NotEnoughMemory, why)
        })?;
        // SAFETY: the source is inside the view; there is room for `len` bytes, and all of them are written.
        unsafe {
            self.copy(bytes.as_mut_ptr(), from, len)?;
            bytes.set_len(len);
        }
        Ok(bytes)
    }

    /// A copy of the value at `offset`, of any type that every bit pattern is valid for; need not be aligned. Not atomic.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range.
    #[inline]
    pub fn read<T: FromBytes>(&self, offset: usize) -> Result<T> {
        let from = self.range(offset, size_of::<T>())?;
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: the source is inside the view; the target has the size of T; all bytes of T are written, and any
        // bytes are a T.
        unsafe {
            self.copy(value.as_mut_ptr().cast(), from, size_of::<T>())?;
            Ok(value.assume_init())
        }
    }

    /// Stores a copy of `value` at `offset`; need not be aligned. Not atomic.
    ///
    /// # Errors
    /// The kinds of [`View::copy_in`].
    pub fn write<T: IntoBytes + Immutable>(&self, offset: usize, value: &T) -> Result<()> {
        self.copy_in(offset, value.as_bytes())
    }

    /// The atomic integer in place at `offset`, which must be a multiple of its size in the mapped memory.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// let view = mapview::MappingOptions::new().size(64).create()?.view()?;
    /// view.atomic::<AtomicU32>(4)?.fetch_add(7, Ordering::SeqCst);
    /// assert_eq!(view.load::<AtomicU32>(4, Ordering::SeqCst)?, 7);
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range or misaligned;
    /// [`AccessDenied`](ErrorKind::AccessDenied): a read-only view, use [`View::load`].
    #[doc(alias = "InterlockedIncrement")]
    pub fn atomic<A: Atomic>(&self, offset: usize) -> Result<&A> {
        let pointer = self.writable_range(offset, size_of::<A>())?;
        self.check_whole()?;
        self.atomic_at(pointer)
    }

    /// Loads the atomic integer at `offset`, also from a read-only view. `Release` orderings are not for loads.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): out of range, misaligned, or a store ordering.
    pub fn load<A: Atomic>(&self, offset: usize, ordering: Ordering) -> Result<A::Value> {
        if matches!(ordering, Ordering::Release | Ordering::AcqRel) {
            return Err(Error::new(ErrorKind::InvalidParameter, "a load cannot release"));
        }
        let pointer = self.range(offset, size_of::<A>())?;
        let atomic = self.atomic_at::<A>(pointer)?;
        if !self.inner.is_guarded() {
            return Ok(atomic.load_value(ordering));
        }
        if ordering == Ordering::SeqCst {
            fence(Ordering::SeqCst);
        }
        let mut value = MaybeUninit::<A::Value>::uninit();
        // SAFETY: the source is inside the view and aligned, so the guarded copy moves it in one piece, as a relaxed load
        // would; all bytes of the value are written, and any bytes are an integer.
        let value = unsafe {
            self.copy(value.as_mut_ptr().cast(), pointer, size_of::<A>())?;
            value.assume_init()
        };
        if ordering != Ordering::Relaxed {
            fence(Ordering::Acquire);
        }
        Ok(value)
    }

    /// `count` words in place from `offset` on. Of a read-only view they can only be loaded, relaxed.
    pub(crate) fn words(&self, offset: usize, count: usize) -> Result<&[AtomicU64]> {
        let first = self.range(offset, count.saturating_mul(size_of::<AtomicU64>()))?;
        self.atomic_at::<AtomicU64>(first)?; // checks the alignment
                                             // SAFETY: `count` words inside the view, aligned, valid for any bits, and alive as long as `&self`.
        Ok(unsafe { std::slice::from_raw_parts(first.cast(), count) })
    }

    /// The bytes as a slice.
    ///
    /// # Safety
    /// * Nobody, in no process and through no view, writes any byte of the view while the slice lives.
    /// * The backing file does not shrink meanwhile: touching a page past its end raises SIGBUS or an exception.
    pub unsafe fn as_slice(&self) -> &[u8] {
        // SAFETY: the view covers `len` mapped bytes; that nobody writes them is the caller's promise.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), self.len()) }
    }

    /// The bytes as a mutable slice.
    ///
    /// # Safety
    /// * The view is [writable](ViewAccess::writable).
    /// * Nobody else, in no process and through no view or slice, reads or writes any byte while the slice lives.
    /// * The backing file does not shrink meanwhile.
    pub unsafe fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: the view covers `len` mapped bytes; exclusiveness is the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.as_ptr(), self.len()) }
    }

    /// Writes changed bytes of the whole view to its file.
    ///
    /// # Errors
    /// The kinds of [`View::flush_range`].
    #[doc(alias = "FlushViewOfFile")]
    pub fn flush(&self) -> Result<()> {
        self.flush_range(0, self.len())
    }

    /// Writes changed bytes of a range to its file: the data, not the file's metadata.
    ///
    /// Succeeds without effect for read-only and copy-on-write views and for the paging file.
    ///
    /// # Errors
    /// [`InvalidAddress`](ErrorKind::InvalidAddress): the range reaches past the view;
    /// [`Other`](ErrorKind::Other), [`DiskFull`](ErrorKind::DiskFull): the disk failed.
    ///
    /// # Platform notes
    /// Linux (`msync`) returns when the data is written, Windows when writing has begun.
    pub fn flush_range(&self, offset: usize, len: usize) -> Result<()> {
        self.flush_check(offset, len)?;
        self.inner.flush(offset, len)
    }

    /// Writes changed bytes of the whole view and the file's metadata through to the disk.
    ///
    /// # Errors
    /// The kinds of [`View::flush_range`], and [`Unsupported`](ErrorKind::Unsupported).
    ///
    /// # Platform notes
    /// Windows: `FlushFileBuffers`, which needs a handle to the file; a view of a mapping that was opened by name has none
    /// and reports `Unsupported`.
    #[doc(alias = "FlushFileBuffers")]
    pub fn sync(&self) -> Result<()> {
        self.sync_range(0, self.len())
    }

    /// Writes changed bytes of a range, and the file's metadata, through to the disk.
    ///
    /// # Errors
    /// The kinds of [`View::sync`].
    pub fn sync_range(&self, offset: usize, len: usize) -> Result<()> {
        self.flush_check(offset, len)?;
        self.inner.sync(offset, len)
    }

    /// Unmaps the view and reports what [`Drop`] would hide.
    ///
    /// # Errors
    /// [`Other`](ErrorKind::Other): the system refused.
    #[doc(alias = "UnmapViewOfFile")]
    pub fn unmap(self) -> Result<()> {
        self.inner.unmap()
    }

    /// Unmaps a view that took the place of a placeholder ([`ViewOptions::replace_placeholder`](crate::ViewOptions::replace_placeholder))
    /// and leaves the placeholder there.
    ///
    /// # Errors
    /// The view stays mapped and is given back. [`InvalidAddress`](ErrorKind::InvalidAddress): it took no placeholder's place;
    /// [`Other`](ErrorKind::Other): the system refused.
    #[doc(alias = "UnmapViewOfFile2")]
    #[doc(alias = "MEM_PRESERVE_PLACEHOLDER")]
    pub fn unmap_to_placeholder(self) -> std::result::Result<(), (View, Error)> {
        let access = self.access;
        let inner = self.inner.unmap_to_placeholder();
        inner.map_err(|(inner, error)| (View { inner, access }, error))
    }

    /// Copies between a range of the view and other memory.
    ///
    /// # Safety
    /// As [`copy::opaque_copy`].
    #[inline]
    unsafe fn copy(&self, to: *mut u8, from: *const u8, len: usize) -> Result<()> {
        if !self.inner.is_guarded() {
            // SAFETY: the caller's promise.
            unsafe { copy::opaque_copy(to, from, len) };
            return Ok(());
        }
        // SAFETY: the caller's promise.
        unsafe { self.copy_guarded(to, from, len) }
    }

    /// The same of a guarded view; apart, so that other copies stay short enough to be a part of the caller.
    ///
    /// # Safety
    /// As [`copy::opaque_copy`].
    #[inline(never)]
    unsafe fn copy_guarded(&self, to: *mut u8, from: *const u8, len: usize) -> Result<()> {
        let losses = self.check_whole()?;
        // SAFETY: the caller's promise; a guarded view is there only with the handler installed.
        self.finish(losses, unsafe { fault_copy::copy(to, from, len) })
    }

    /// The result of a guarded copy. Its bytes count only if no page was replaced by zeros meanwhile.
    #[inline]
    fn finish(&self, losses: usize, given_up_at: usize) -> Result<()> {
        if given_up_at != 0 {
            return Err(self.inner.why_given_up(given_up_at));
        }
        if self.inner.losses() != losses {
            return Err(self.inner.why_damaged());
        }
        Ok(())
    }

    /// How often pages were replaced by zeros until now; all are mended.
    #[inline]
    fn check_whole(&self) -> Result<usize> {
        let losses = self.inner.losses();
        if losses != 0 && self.inner.has_lost_pages() {
            return Err(self.inner.why_damaged());
        }
        Ok(losses)
    }

    #[inline]
    pub(crate) fn range(&self, offset: usize, len: usize) -> Result<*mut u8> {
        if offset > self.len() || len > self.len() - offset {
            return Err(self.out_of_range(ErrorKind::InvalidParameter, offset, len));
        }
        Ok(self.as_ptr().wrapping_add(offset))
    }

    #[inline]
    pub(crate) fn writable_range(&self, offset: usize, len: usize) -> Result<*mut u8> {
        if !self.access.writable() {
            return Err(read_only());
        }
        self.range(offset, len)
    }

    fn flush_check(&self, offset: usize, len: usize) -> Result<()> {
        match self.range(offset, len) {
            Ok(_) => Ok(()),
            Err(_) => Err(self.out_of_range(ErrorKind::InvalidAddress, offset, len)),
        }
    }

    #[cold]
    fn out_of_range(&self, kind: ErrorKind, offset: usize, len: usize) -> Error {
        let size = self.len();
        Error::new(kind, format!("{len} bytes at offset {offset} are not inside a view of {size}"))
    }

    fn atomic_at<A: Atomic>(&self, pointer: *mut u8) -> Result<&A> {
        if !pointer.addr().is_multiple_of(size_of::<A>()) {
            return Err(Error::new(
                ErrorKind::InvalidParameter,
                format!("an atomic of {} bytes must be aligned to its size", size_of::<A>()),
            ));
        }
        // SAFETY: inside the view (the callers checked), aligned, valid for any bits, and alive as long as `&self`.
        Ok(unsafe { &*pointer.cast::<A>() })
    }
}

#[cold]
fn read_only() -> Error {
    Error::new(ErrorKind::AccessDenied, "the view is read-only")
}
