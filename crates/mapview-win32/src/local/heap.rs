//! Heaps: blocks of `malloc`, each with a header that says how long it is and links it into the list of its heap.

use std::cell::{Cell, UnsafeCell};
use std::collections::BTreeSet;
use std::ptr::{null_mut, NonNull};
use std::sync::{PoisonError, RwLock};

use crate::abi::{DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::local::critical_section::CRITICAL_SECTION;

pub(crate) const HEAP_NO_SERIALIZE: DWORD = 1;
pub(crate) const HEAP_GENERATE_EXCEPTIONS: DWORD = 4;
pub(crate) const HEAP_ZERO_MEMORY: DWORD = 8;
pub(crate) const HEAP_REALLOC_IN_PLACE_ONLY: DWORD = 16;

/// Before each block.
#[repr(C, align(16))]
struct Header {
    previous: *mut Header,
    next: *mut Header,
    size: usize,
    /// The heap that it belongs to; 0 when it was freed.
    heap: usize,
}

/// Below it no memory can be, so small numbers are found out before they are used as pointers.
const LOWEST_ADDRESS: usize = 0x1_0000;

const HEADER: usize = size_of::<Header>();

pub(crate) struct Heap {
    lock: CRITICAL_SECTION,
    first: UnsafeCell<*mut Header>,
    used: Cell<usize>,
    limit: usize,
}

// SAFETY: the list is changed only by who is inside the critical section, or as HEAP_NO_SERIALIZE allows.
unsafe impl Sync for Heap {}
// SAFETY: nothing in it belongs to a thread but the lock while it is held.
unsafe impl Send for Heap {}

/// The largest block of a heap that cannot grow, on 64-bit Windows.
const LARGEST_IN_LIMITED: usize = 0xFF000;

static PROCESS: Heap = Heap::new(usize::MAX);
static CREATED: RwLock<BTreeSet<usize>> = RwLock::new(BTreeSet::new());

impl Heap {
    const fn new(limit: usize) -> Heap {
        let lock = CRITICAL_SECTION::new(0);
        Heap { lock, first: UnsafeCell::new(null_mut()), used: Cell::new(0), limit }
    }

    pub(crate) fn process() -> &'static Heap {
        &PROCESS
    }

    pub(crate) fn handle(&self) -> HANDLE {
        self as *const Heap as HANDLE
    }

    /// # Errors
    /// 6 if it is no heap, or one that was destroyed.
    pub(crate) fn of<'a>(handle: HANDLE) -> Result<&'a Heap> {
        if handle == PROCESS.handle() {
            return Ok(&PROCESS);
        }
        let created = CREATED.read().unwrap_or_else(PoisonError::into_inner);
        match created.contains(&(handle as usize)) {
            // SAFETY: a heap lives until it is destroyed, which nobody does who still uses it.
            true => Ok(unsafe { &*(handle as *const Heap) }),
            false => Err(Code::INVALID_HANDLE),
        }
    }

    /// `limit` 0 is none.
    pub(crate) fn create(limit: usize) -> HANDLE {
        let limit = if limit == 0 { usize::MAX } else { limit };
        let handle = Box::into_raw(Box::new(Heap::new(limit))) as HANDLE;
        CREATED.write().unwrap_or_else(PoisonError::into_inner).insert(handle as usize);
        handle
    }

    /// Frees the heap and all its blocks.
    pub(crate) fn destroy(handle: HANDLE) -> Result<()> {
        let heap = Heap::of(handle)?;
        let mut created = CREATED.write().unwrap_or_else(PoisonError::into_inner);
        if !created.remove(&(handle as usize)) {
            return Err(Code::INVALID_HANDLE); // the heap of the process stays
        }
        while let Some(block) = heap.next_after(null_mut()) {
            heap.free(block.as_ptr());
        }
        // SAFETY: made by `create`, and out of the set just now, so nobody else destroys it.
        drop(unsafe { Box::from_raw(handle.cast::<Heap>()) });
        Ok(())
    }

    pub(crate) fn all() -> Vec<HANDLE> {
        let created = CREATED.read().unwrap_or_else(PoisonError::into_inner);
        let created = created.iter().map(|&heap| heap as HANDLE);
        std::iter::once(PROCESS.handle()).chain(created).collect()
    }

    pub(crate) fn enter(&self) {
        self.lock.enter();
    }

    pub(crate) fn leave(&self) {
        self.lock.leave();
    }

    /// # Errors
    /// 8 if there is no memory, or the heap must not grow so far.
    pub(crate) fn allocate(&self, size: usize, zero: bool) -> Result<*mut u8> {
        let whole = size.checked_add(HEADER).ok_or(Code::NOT_ENOUGH_MEMORY)?;
        self.enter();
        let used = self.used.get().saturating_add(whole);
        if used > self.limit || self.limit != usize::MAX && size > LARGEST_IN_LIMITED {
            self.leave();
            return Err(Code::NOT_ENOUGH_MEMORY);
        }
        // SAFETY: both return new memory or NULL. What malloc returns is aligned to 16 bytes.
        let memory = unsafe {
            if zero {
                libc::calloc(1, whole)
            } else {
                libc::malloc(whole)
            }
        };
        let header = memory.cast::<Header>();
        if !header.is_null() {
            let heap = self.handle() as usize;
            // SAFETY: inside the critical section, over blocks that are in the list or new.
            unsafe {
                let next = *self.first.get();
                header.write(Header { previous: null_mut(), next, size, heap });
                if let Some(next) = next.as_mut() {
                    next.previous = header;
                }
                *self.first.get() = header;
            }
            self.used.set(used);
        }
        self.leave();
        if header.is_null() {
            return Err(Code::NOT_ENOUGH_MEMORY);
        }
        // SAFETY: the block lies behind its header.
        Ok(unsafe { header.add(1) }.cast())
    }

    /// The header of a block of this heap.
    ///
    /// # Errors
    /// 87 if it is none.
    fn header(&self, block: *mut u8) -> Result<*mut Header> {
        if block.addr() < LOWEST_ADDRESS || !block.addr().is_multiple_of(16) {
            return Err(Code::INVALID_PARAMETER);
        }
        let header = block.wrapping_sub(HEADER).cast::<Header>();
        // SAFETY: as on Windows, the caller gives a block of some heap; what was freed is found out if it is still there.
        match unsafe { (*header).heap } == self.handle() as usize {
            true => Ok(header),
            false => Err(Code::INVALID_PARAMETER),
        }
    }

    pub(crate) fn size(&self, block: *mut u8) -> Result<usize> {
        // SAFETY: `header` returns one of this heap.
        Ok(unsafe { (*self.header(block)?).size })
    }

    pub(crate) fn free(&self, block: *mut u8) -> bool {
        self.enter();
        let header = self.header(block);
        if let Ok(header) = header {
            // SAFETY: inside the critical section, over blocks of the list.
            unsafe {
                let Header { previous, next, size, .. } = header.read();
                match previous.as_mut() {
                    Some(previous) => previous.next = next,
                    None => *self.first.get() = next,
                }
                if let Some(next) = next.as_mut() {
                    next.previous = previous;
                }
                self.used.set(self.used.get() - (size + HEADER));
                (*header).heap = 0;
                libc::free(header.cast());
            }
        }
        self.leave();
        header.is_ok()
    }

    /// A block of the new size with the old contents.
    ///
    /// # Errors
    /// 8 if there is no memory, or none behind the block although it must stay in its place.
    pub(crate) fn reallocate(&self, block: *mut u8, size: usize, flags: DWORD) -> Result<*mut u8> {
        let zero = flags & HEAP_ZERO_MEMORY != 0;
        let old = self.size(block)?;
        if size == old {
            return Ok(block);
        }
        if flags & HEAP_REALLOC_IN_PLACE_ONLY != 0 {
            return self.shrink(block, size);
        }
        let new = self.allocate(size, zero)?;
        // SAFETY: two blocks of at least that length.
        unsafe { std::ptr::copy_nonoverlapping(block, new, old.min(size)) };
        self.free(block);
        Ok(new)
    }

    /// Makes a block smaller where it is. Its end comes back to the system with the rest.
    fn shrink(&self, block: *mut u8, size: usize) -> Result<*mut u8> {
        let header = self.header(block)?;
        // SAFETY: a header of this heap.
        let old = unsafe { (*header).size };
        if size > old {
            return Err(Code::NOT_ENOUGH_MEMORY);
        }
        self.enter();
        // SAFETY: the block is this heap's, and only what its header says of its length changes.
        unsafe { (*header).size = size };
        self.used.set(self.used.get() - (old - size));
        self.leave();
        Ok(block)
    }

    /// The block after this one in the list, or the first.
    pub(crate) fn next_after(&self, block: *mut u8) -> Option<NonNull<u8>> {
        self.enter();
        let next = match block.is_null() {
            // SAFETY: inside the critical section.
            true => unsafe { *self.first.get() },
            // SAFETY: `header` returns one of this heap.
            false => self.header(block).map_or(null_mut(), |header| unsafe { (*header).next }),
        };
        self.leave();
        // SAFETY: a block lies behind its header.
        NonNull::new(next).map(|header| unsafe { header.add(1) }.cast())
    }

    /// Whether the list holds together and, unless it is NULL, has this block. Touches nothing but the list.
    pub(crate) fn is_sound(&self, block: *const u8) -> bool {
        self.enter();
        let mut found = block.is_null();
        let mut sound = true;
        let mut before = null_mut();
        // SAFETY: inside the critical section.
        let mut header = unsafe { *self.first.get() };
        while !header.is_null() && sound {
            // SAFETY: as for the first: headers of the list.
            let Header { previous, next, heap, .. } = unsafe { header.read() };
            sound = heap == self.handle() as usize && previous == before;
            found |= std::ptr::eq(header.wrapping_add(1).cast(), block);
            before = header;
            header = next;
        }
        self.leave();
        sound && found
    }
}
