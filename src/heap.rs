//! `Heap`: an allocator with a limit.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use allocator_api2::alloc::{AllocError, Allocator};
use talc::{source::Manual, DefaultBinning};

use crate::{Error, ErrorKind, Protect, Region, RegionOptions, Result};

/// Memory is committed in multiples of so many bytes.
const STEP: usize = 64 << 10;
/// So much free memory at the end is kept for the next allocations, and half of what is in use if that is more.
const KEPT: usize = 256 << 10;

/// An allocator of its own: it reserves its limit in addresses, commits memory as it is needed, and gives it back when
/// much at the end is free. A part of a program that allocates here cannot use more than its limit.
///
/// It serves all threads. Collections that take an
/// [`Allocator`](https://docs.rs/allocator-api2) use it without `unsafe`; dropping the heap frees everything at once.
///
/// ```
/// use allocator_api2::vec::Vec;
/// let heap = mapview::Heap::new(1 << 20)?;
/// let mut squares = Vec::new_in(&heap);
/// squares.extend((0..1000_u64).map(|n| n * n));
/// assert!(heap.allocated() >= 8000 && heap.committed() <= heap.limit());
/// assert!(squares.try_reserve(1 << 20).is_err()); // more than its limit
/// assert_eq!(squares[999], 998_001); // and nothing has happened
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// It cannot be the `#[global_allocator]`: keeping its own books takes memory from there. It is a [`GlobalAlloc`] for those
/// who hand one on.
#[derive(Debug)]
#[doc(alias = "HeapCreate")]
#[doc(alias = "HeapAlloc")]
pub struct Heap {
    region: Region,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Which bytes are free. Its books lie between them.
    free: talc::base::Talc<Manual, DefaultBinning>,
    /// Where the memory ends that it has; 0 if it has none.
    end: usize,
    committed: usize,
    allocated: usize,
}

impl Heap {
    /// A heap that never uses more than `limit` bytes, rounded up to whole pages. A part of them, 0.1 % and a few thousand,
    /// is its own.
    ///
    /// # Errors
    /// [`InvalidParameter`](ErrorKind::InvalidParameter): a limit of 0;
    /// [`NotEnoughMemory`](ErrorKind::NotEnoughMemory): so many addresses are not free.
    pub fn new(limit: usize) -> Result<Heap> {
        let region = RegionOptions::new().size(limit).reserve()?;
        let free = talc::base::Talc::new(Manual);
        Ok(Heap { region, inner: Mutex::new(Inner { free, end: 0, committed: 0, allocated: 0 }) })
    }

    /// The bytes that it never uses more of.
    pub fn limit(&self) -> usize {
        self.region.len()
    }

    /// The bytes that are allocated now, as they were asked for.
    pub fn allocated(&self) -> usize {
        self.lock().allocated
    }

    /// The bytes of memory that it has now, at most [`Heap::limit`].
    pub fn committed(&self) -> usize {
        self.lock().committed
    }

    /// Memory for this layout, whose content may be anything; valid until it is deallocated or the heap is dropped.
    ///
    /// # Errors
    /// [`CommitmentLimit`](ErrorKind::CommitmentLimit): the limit does not allow it, or the system has not so much memory.
    /// Freeing other memory helps.
    pub fn allocate(&self, layout: Layout) -> Result<NonNull<u8>> {
        if layout.size().max(layout.align()) > self.limit() {
            let why = format!("{layout:?} is more than the heap's limit of {}", self.limit());
            return Err(Error::new(ErrorKind::CommitmentLimit, why));
        }
        let layout = not_empty(layout);
        let mut inner = self.lock();
        loop {
            // SAFETY: the layout is not empty.
            if let Some(found) = unsafe { inner.free.try_allocate(layout) } {
                inner.allocated += layout.size();
                return Ok(found);
            }
            self.grow(&mut inner, layout)?;
        }
    }

    /// Frees what [`Heap::allocate`] or [`Heap::reallocate`] gave.
    ///
    /// # Safety
    /// `memory` was allocated by this heap with this layout, and nobody uses it any more.
    pub unsafe fn deallocate(&self, memory: NonNull<u8>, layout: Layout) {
        let layout = not_empty(layout);
        let mut inner = self.lock();
        // SAFETY: the caller's promise.
        unsafe { inner.free.deallocate(memory.as_ptr(), layout) };
        inner.allocated -= layout.size();
        self.shrink(&mut inner);
    }

    /// Gives an allocation another size, perhaps at another place; as many bytes as both sizes have are kept.
    ///
    /// # Errors
    /// Those of [`Heap::allocate`]; `memory` then stays as it is.
    ///
    /// # Safety
    /// `memory` was allocated by this heap with this layout, and nobody uses it any more, unless this fails.
    pub unsafe fn reallocate(
        &self,
        memory: NonNull<u8>,
        layout: Layout,
        new_size: usize,
    ) -> Result<NonNull<u8>> {
        let wanted = Layout::from_size_align(new_size, layout.align()).map_err(|_| {
            Error::new(ErrorKind::CommitmentLimit, "the size is beyond all addresses")
        })?;
        let (old, new) = (not_empty(layout), not_empty(wanted));
        let mut inner = self.lock();
        // SAFETY: the caller's promise; the size is not 0.
        if unsafe { inner.free.try_realloc_in_place(memory.as_ptr(), old, new.size()) } {
            inner.allocated = inner.allocated - old.size() + new.size();
            self.shrink(&mut inner);
            return Ok(memory);
        }
        drop(inner);
        let moved = self.allocate(wanted)?;
        // SAFETY: two allocations, so they do not overlap, of at least so many bytes; the old one is not used any more.
        unsafe {
            let len = layout.size().min(new_size);
            std::ptr::copy_nonoverlapping(memory.as_ptr(), moved.as_ptr(), len);
            self.deallocate(memory, layout);
        }
        Ok(moved)
    }

    /// Commits memory for an allocation that did not fit.
    fn grow(&self, inner: &mut Inner, layout: Layout) -> Result<()> {
        // Its books, the worst gap before an aligned address, and two words of its own.
        const BOOKS: usize = 4096;
        let books = if inner.end == 0 { BOOKS } else { 64 };
        let wanted = layout.size().saturating_add(layout.align()).saturating_add(books);
        let limit = self.region.len();
        let wanted = inner.committed.saturating_add(wanted).saturating_add(STEP - 1) / STEP * STEP;
        if inner.committed == limit {
            let (size, used) = (layout.size(), inner.allocated);
            let why = format!(
                "no {size} bytes are free in a heap of {limit}, of which {used} are allocated; free some, or make it larger"
            );
            return Err(Error::new(ErrorKind::CommitmentLimit, why));
        }
        // If less than wanted is left, an end that is free already may make it enough.
        let wanted = wanted.min(limit);
        self.region.commit(inner.committed..wanted, Protect::READ_WRITE)?;
        inner.committed = wanted;
        let base = self.region.as_ptr();
        // SAFETY: memory of this heap alone, committed until `shrink` takes it back from the allocator first; `end` is
        // where the allocator's memory ends.
        inner.end = unsafe {
            let end = match inner.end {
                0 => inner.free.claim(base, wanted),
                end => {
                    let end = NonNull::new_unchecked(base.add(end));
                    Some(inner.free.extend(end, base.add(wanted)))
                }
            };
            end.map_or(0, |end| end.as_ptr().addr() - base.addr())
        };
        Ok(())
    }

    /// Gives memory back if much at the end is free.
    fn shrink(&self, inner: &mut Inner) {
        if inner.end == 0 {
            return;
        }
        let base = self.region.as_ptr();
        // SAFETY: `end` is where the allocator's memory ends, inside the region.
        let (end, used) = unsafe {
            let end = NonNull::new_unchecked(base.add(inner.end));
            (end, inner.free.reserved(end).up_to.as_ptr().addr() - base.addr())
        };
        let kept = KEPT.max(used / 2);
        if inner.committed - used <= kept + KEPT {
            return;
        }
        let rest = (used + kept).next_multiple_of(STEP);
        // SAFETY: as above; what is behind the new end is not the allocator's any more.
        let Some(end) = (unsafe { inner.free.truncate(end, base.add(rest)) }) else { return };
        inner.end = end.as_ptr().addr() - base.addr();
        if self.region.decommit(rest..inner.committed).is_ok() {
            inner.committed = rest;
        } else {
            // SAFETY: the memory is there still; the allocator gets it back.
            let end = unsafe { inner.free.extend(end, base.add(inner.committed)) };
            inner.end = end.as_ptr().addr() - base.addr();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The layout of at least one byte, so that each allocation has a place of its own. No alignment here is near the end of
/// all addresses.
fn not_empty(layout: Layout) -> Layout {
    if layout.size() > 0 {
        return layout;
    }
    Layout::from_size_align(1, layout.align()).expect("one byte fits any alignment")
}

// SAFETY: it gives out each byte once, at the alignment asked for, until it is given back; never unwinds.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.allocate(layout).map_or(std::ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, by which it is not null either.
        unsafe { self.deallocate(NonNull::new_unchecked(memory), layout) };
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as in `dealloc`.
        let moved = unsafe { self.reallocate(NonNull::new_unchecked(memory), layout, new_size) };
        moved.map_or(std::ptr::null_mut(), NonNull::as_ptr)
    }
}

// SAFETY: memory stays valid while the heap lives, which every copy of the reference proves; a heap is the same through
// each of them.
unsafe impl Allocator for &Heap {
    fn allocate(&self, layout: Layout) -> std::result::Result<NonNull<[u8]>, AllocError> {
        let memory = Heap::allocate(self, layout).map_err(|_| AllocError)?;
        Ok(NonNull::slice_from_raw_parts(memory, layout.size()))
    }

    unsafe fn deallocate(&self, memory: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { Heap::deallocate(self, memory, layout) };
    }
}
