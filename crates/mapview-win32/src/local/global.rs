//! `LocalAlloc` and `GlobalAlloc`, which are the same: blocks of the process's heap, or handles to such.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Mutex;

use crate::abi::{BOOL, DWORD, FALSE, TRUE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::local::heap::{Heap, HEAP_ZERO_MEMORY};
use crate::thread::{self, Held};

const MOVEABLE: DWORD = 2;
const ZEROINIT: DWORD = 0x40;
const MODIFY: DWORD = 0x80;
const DISCARDABLE: DWORD = 0xF00;
const DISCARDED: DWORD = 0x4000;
const INVALID_HANDLE: DWORD = 0x8000;

const DISCARDED_ERROR: Code = Code(157);
const NOT_LOCKED: Code = Code(158);

type HGLOBAL = *mut c_void;

/// What a handle to moveable memory stands for. Nothing is ever moved.
struct Moveable {
    /// 0 if it has no memory.
    block: usize,
    locks: u8,
    discardable: bool,
}

static MOVEABLE_BLOCKS: Mutex<BTreeMap<usize, Moveable>> = Mutex::new(BTreeMap::new());

fn moveable() -> Held<'static, BTreeMap<usize, Moveable>> {
    thread::lock(&MOVEABLE_BLOCKS)
}

/// A block that the caller of a function frees with `LocalFree`.
pub(crate) fn allocate(flags: DWORD, size: usize) -> Result<HGLOBAL> {
    let heap = Heap::process();
    let zero = flags & ZEROINIT != 0;
    if flags & MOVEABLE == 0 {
        return Ok(heap.allocate(size, zero)?.cast());
    }
    let block = if size == 0 { 0 } else { heap.allocate(size, zero)? as usize };
    // A block of its own makes the handle a number that is nothing else; it is no pointer, so that using it as one shows.
    let handle = match heap.allocate(1, false) {
        Ok(own) => own as usize + 8,
        Err(code) => {
            heap.free(block as *mut u8);
            return Err(code);
        }
    };
    let discardable = flags & DISCARDABLE != 0;
    moveable().insert(handle, Moveable { block, locks: 0, discardable });
    Ok(handle as HGLOBAL)
}

fn is_fixed(memory: HGLOBAL) -> bool {
    Heap::process().size(memory.cast()).is_ok()
}

fn lock(memory: HGLOBAL) -> Result<*mut c_void> {
    if let Some(moveable) = moveable().get_mut(&(memory as usize)) {
        if moveable.block == 0 {
            return Err(DISCARDED_ERROR);
        }
        moveable.locks = moveable.locks.saturating_add(1);
        return Ok(moveable.block as *mut c_void);
    }
    match is_fixed(memory) {
        true => Ok(memory),
        false => Err(Code::INVALID_HANDLE),
    }
}

/// Whether it is still locked. Fixed memory always is.
fn unlock(memory: HGLOBAL) -> Result<BOOL> {
    let mut all = moveable();
    let Some(moveable) = all.get_mut(&(memory as usize)) else { return Ok(TRUE) };
    moveable.locks = moveable.locks.checked_sub(1).ok_or(NOT_LOCKED)?;
    if moveable.locks > 0 {
        return Ok(TRUE);
    }
    last_error::set(0);
    Ok(FALSE)
}

fn free(memory: HGLOBAL) -> Result<()> {
    let heap = Heap::process();
    if memory.is_null() {
        return Ok(());
    }
    if let Some(moveable) = moveable().remove(&(memory as usize)) {
        if moveable.block != 0 {
            heap.free(moveable.block as *mut u8);
        }
        heap.free((memory as usize - 8) as *mut u8);
        return Ok(());
    }
    match is_fixed(memory) && heap.free(memory.cast()) {
        true => Ok(()),
        false => Err(Code::INVALID_HANDLE),
    }
}

fn size(memory: HGLOBAL) -> Result<usize> {
    let block = moveable().get(&(memory as usize)).map(|moveable| moveable.block);
    match block {
        Some(0) => Err(DISCARDED_ERROR),
        Some(block) => Heap::process().size(block as *mut u8),
        None if is_fixed(memory) => Heap::process().size(memory.cast()),
        None => Err(Code::INVALID_HANDLE),
    }
}

fn reallocate(memory: HGLOBAL, size: usize, flags: DWORD) -> Result<HGLOBAL> {
    let heap = Heap::process();
    let heap_flags = if flags & ZEROINIT != 0 { HEAP_ZERO_MEMORY } else { 0 };
    let mut all = moveable();
    if let Some(moveable) = all.get_mut(&(memory as usize)) {
        if flags & MODIFY != 0 {
            moveable.discardable = flags & DISCARDABLE != 0;
        } else if size == 0 {
            if moveable.locks > 0 {
                return Err(Code::INVALID_HANDLE);
            }
            heap.free(std::mem::take(&mut moveable.block) as *mut u8);
        } else if moveable.block == 0 {
            moveable.block = heap.allocate(size, heap_flags != 0)? as usize;
        } else {
            let block = heap.reallocate(moveable.block as *mut u8, size, heap_flags)?;
            moveable.block = block as usize;
        }
        return Ok(memory);
    }
    drop(all);
    if !is_fixed(memory) {
        return Err(Code::INVALID_HANDLE);
    }
    if flags & MODIFY != 0 {
        return Err(Code::NOT_SUPPORTED); // fixed memory does not become moveable
    }
    let may_move = flags & MOVEABLE != 0;
    let heap_flags =
        heap_flags | if may_move { 0 } else { super::heap::HEAP_REALLOC_IN_PLACE_ONLY };
    Ok(heap.reallocate(memory.cast(), size, heap_flags)?.cast())
}

fn flags(memory: HGLOBAL) -> DWORD {
    if let Some(moveable) = moveable().get(&(memory as usize)) {
        let discardable = if moveable.discardable { 0x100 } else { 0 };
        let discarded = if moveable.block == 0 { DISCARDED } else { 0 };
        return u32::from(moveable.locks) | discardable | discarded;
    }
    match is_fixed(memory) {
        true => 0,
        false => {
            last_error::set(Code::INVALID_HANDLE.0);
            INVALID_HANDLE
        }
    }
}

fn handle(pointer: *const c_void) -> Result<HGLOBAL> {
    let all = moveable();
    let found = all.iter().find(|(_, moveable)| moveable.block == pointer as usize);
    match found {
        _ if pointer.is_null() => Err(Code::INVALID_HANDLE),
        Some((handle, _)) => Ok(*handle as HGLOBAL),
        None if is_fixed(pointer as HGLOBAL) => Ok(pointer as HGLOBAL),
        None => Err(Code::INVALID_HANDLE),
    }
}

#[no_mangle]
extern "C" fn GlobalAlloc(flags: DWORD, size: usize) -> HGLOBAL {
    last_error::or(allocate(flags, size), null_mut())
}

#[no_mangle]
extern "C" fn GlobalReAlloc(memory: HGLOBAL, size: usize, flags: DWORD) -> HGLOBAL {
    last_error::or(reallocate(memory, size, flags), null_mut())
}

#[no_mangle]
extern "C" fn GlobalFree(memory: HGLOBAL) -> HGLOBAL {
    last_error::or(free(memory).map(|()| null_mut()), memory)
}

#[no_mangle]
extern "C" fn GlobalLock(memory: HGLOBAL) -> *mut c_void {
    last_error::or(lock(memory), null_mut())
}

#[no_mangle]
extern "C" fn GlobalUnlock(memory: HGLOBAL) -> BOOL {
    last_error::or(unlock(memory), FALSE)
}

#[no_mangle]
extern "C" fn GlobalSize(memory: HGLOBAL) -> usize {
    last_error::or(size(memory), 0)
}

#[no_mangle]
extern "C" fn GlobalFlags(memory: HGLOBAL) -> DWORD {
    flags(memory)
}

#[no_mangle]
extern "C" fn GlobalHandle(pointer: *const c_void) -> HGLOBAL {
    last_error::or(handle(pointer), null_mut())
}

#[no_mangle]
extern "C" fn LocalAlloc(flags: DWORD, size: usize) -> HGLOBAL {
    last_error::or(allocate(flags, size), null_mut())
}

#[no_mangle]
extern "C" fn LocalReAlloc(memory: HGLOBAL, size: usize, flags: DWORD) -> HGLOBAL {
    last_error::or(reallocate(memory, size, flags), null_mut())
}

#[no_mangle]
extern "C" fn LocalFree(memory: HGLOBAL) -> HGLOBAL {
    last_error::or(free(memory).map(|()| null_mut()), memory)
}

#[no_mangle]
extern "C" fn LocalLock(memory: HGLOBAL) -> *mut c_void {
    last_error::or(lock(memory), null_mut())
}

#[no_mangle]
extern "C" fn LocalUnlock(memory: HGLOBAL) -> BOOL {
    last_error::or(unlock(memory), FALSE)
}

#[no_mangle]
extern "C" fn LocalSize(memory: HGLOBAL) -> usize {
    last_error::or(size(memory), 0)
}

#[no_mangle]
extern "C" fn LocalFlags(memory: HGLOBAL) -> DWORD {
    flags(memory)
}

#[no_mangle]
extern "C" fn LocalHandle(pointer: *const c_void) -> HGLOBAL {
    last_error::or(handle(pointer), null_mut())
}
