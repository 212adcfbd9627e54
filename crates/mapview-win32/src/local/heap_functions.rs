//! `HeapCreate` and what goes with it.

use std::ffi::c_void;
use std::ptr::null_mut;

use crate::abi::{BOOL, DWORD, HANDLE, NULL, TRUE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::local::heap::{Heap, HEAP_GENERATE_EXCEPTIONS, HEAP_NO_SERIALIZE, HEAP_ZERO_MEMORY};

const HEAP_CREATE_ALIGN_16: DWORD = 0x1_0000;
const HEAP_CREATE_ENABLE_EXECUTE: DWORD = 0x4_0000;
const NO_MORE_ITEMS: Code = Code(259);

/// `PROCESS_HEAP_ENTRY`.
#[repr(C)]
struct WalkEntry {
    data: *mut c_void,
    size: DWORD,
    overhead: u8,
    region: u8,
    flags: u16,
    rest: [usize; 3],
}

const PROCESS_HEAP_ENTRY_BUSY: u16 = 4;

/// Exceptions instead of NULL do not exist here, nor heaps that can be executed.
#[no_mangle]
extern "C" fn HeapCreate(flags: DWORD, initial: usize, most: usize) -> HANDLE {
    let known = HEAP_NO_SERIALIZE | HEAP_CREATE_ALIGN_16;
    let create = || match flags & !known {
        0 if most != 0 && initial > most => Err(Code::INVALID_PARAMETER),
        0 => Ok(Heap::create(most)),
        rest if rest & !(HEAP_GENERATE_EXCEPTIONS | HEAP_CREATE_ENABLE_EXECUTE) == 0 => {
            Err(Code::NOT_SUPPORTED)
        }
        _ => Err(Code::INVALID_PARAMETER),
    };
    last_error::or(create(), NULL)
}

#[no_mangle]
extern "C" fn HeapDestroy(heap: HANDLE) -> BOOL {
    last_error::report(Heap::destroy(heap))
}

#[no_mangle]
extern "C" fn GetProcessHeap() -> HANDLE {
    Heap::process().handle()
}

/// # Safety
/// `heaps` has places for `count` handles.
#[no_mangle]
unsafe extern "C" fn GetProcessHeaps(count: DWORD, heaps: *mut HANDLE) -> DWORD {
    let all = Heap::all();
    if all.len() <= count as usize {
        for (index, heap) in all.iter().enumerate() {
            // SAFETY: there are places for all.
            unsafe { heaps.add(index).write(*heap) };
        }
    }
    all.len() as DWORD
}

#[no_mangle]
extern "C" fn HeapAlloc(heap: HANDLE, flags: DWORD, size: usize) -> *mut u8 {
    let block = Heap::of(heap).and_then(|heap| heap.allocate(size, flags & HEAP_ZERO_MEMORY != 0));
    last_error::or(block, null_mut())
}

#[no_mangle]
extern "C" fn HeapReAlloc(heap: HANDLE, flags: DWORD, block: *mut u8, size: usize) -> *mut u8 {
    let block = Heap::of(heap).and_then(|heap| heap.reallocate(block, size, flags));
    last_error::or(block, null_mut())
}

#[no_mangle]
extern "C" fn HeapFree(heap: HANDLE, _flags: DWORD, block: *mut u8) -> BOOL {
    let free = |heap: &Heap| match block.is_null() || heap.free(block) {
        true => Ok(()),
        false => Err(Code::INVALID_PARAMETER),
    };
    last_error::report(Heap::of(heap).and_then(free))
}

#[no_mangle]
extern "C" fn HeapSize(heap: HANDLE, _flags: DWORD, block: *mut u8) -> usize {
    last_error::or(Heap::of(heap).and_then(|heap| heap.size(block)), usize::MAX)
}

#[no_mangle]
extern "C" fn HeapValidate(heap: HANDLE, _flags: DWORD, block: *const u8) -> BOOL {
    BOOL::from(Heap::of(heap).is_ok_and(|heap| heap.is_sound(block)))
}

#[no_mangle]
extern "C" fn HeapLock(heap: HANDLE) -> BOOL {
    last_error::report(Heap::of(heap).map(Heap::enter))
}

#[no_mangle]
extern "C" fn HeapUnlock(heap: HANDLE) -> BOOL {
    last_error::report(Heap::of(heap).map(Heap::leave))
}

/// Free memory is with the system's allocator, so there is no free block of the heap.
#[no_mangle]
extern "C" fn HeapCompact(heap: HANDLE, _flags: DWORD) -> usize {
    last_error::or(Heap::of(heap).map(|_| last_error::set(0)).map(|()| 0), 0)
}

/// Lists the blocks in use, the newest first.
unsafe fn walk(heap: HANDLE, entry: *mut WalkEntry) -> Result<()> {
    let heap = Heap::of(heap)?;
    // SAFETY: the caller gives an entry.
    let entry = unsafe { entry.as_mut() }.ok_or(Code::INVALID_PARAMETER)?;
    let block = heap.next_after(entry.data.cast()).ok_or(NO_MORE_ITEMS)?.as_ptr();
    *entry = WalkEntry {
        data: block.cast(),
        size: heap.size(block)? as DWORD,
        overhead: 32,
        region: 0,
        flags: PROCESS_HEAP_ENTRY_BUSY,
        rest: [0; 3],
    };
    Ok(())
}

#[no_mangle]
unsafe extern "C" fn HeapWalk(heap: HANDLE, entry: *mut WalkEntry) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { walk(heap, entry) })
}

const COMPATIBILITY: DWORD = 0;
const TERMINATION_ON_CORRUPTION: DWORD = 1;

/// Which allocator a heap uses is the system's matter, and a corrupt heap ends the process anyway, so there is nothing
/// to set.
#[no_mangle]
extern "C" fn HeapSetInformation(
    heap: HANDLE,
    class: DWORD,
    _information: *const c_void,
    _length: usize,
) -> BOOL {
    match class {
        TERMINATION_ON_CORRUPTION => TRUE,
        COMPATIBILITY => last_error::report(Heap::of(heap).map(drop)),
        _ => last_error::report(Err(Code::INVALID_PARAMETER)),
    }
}
