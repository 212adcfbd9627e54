//! `VirtualAlloc` and its variants.

use std::ffi::c_void;
use std::ptr::null_mut;

use mapview::memory::{self, Allocate};
use mapview::{Caching, Protect};

use super::extended::{self, Extended, MEM_EXTENDED_PARAMETER, NO_NODE};
use super::flags::*;
use super::target::{Target, PROCESS_VM_OPERATION};
use crate::abi::{DWORD, HANDLE, INVALID_HANDLE_VALUE, NULL};
use crate::code::{Code, Result};
use crate::last_error;
use crate::thread::Busy;

/// What `VirtualAlloc` knows.
const KINDS: DWORD = MEM_COMMIT
    | MEM_RESERVE
    | MEM_RESET
    | MEM_RESET_UNDO
    | MEM_TOP_DOWN
    | MEM_WRITE_WATCH
    | MEM_PHYSICAL
    | MEM_LARGE_PAGES;
/// What `VirtualAlloc2` knows besides.
const PLACEHOLDERS: DWORD = MEM_RESERVE_PLACEHOLDER | MEM_REPLACE_PLACEHOLDER;

/// The arguments that all variants share.
#[derive(Clone, Copy)]
struct Wish {
    address: usize,
    size: usize,
    kind: DWORD,
    protect: DWORD,
}

fn allocate(handle: HANDLE, wish: Wish, known: DWORD, told: Extended) -> Result<*mut c_void> {
    let _busy = Busy::enter();
    let Wish { address, size, kind, protect } = wish;
    let has = |flag: DWORD| kind & flag != 0;
    let (protect, caching) = protection(protect)?;
    let wrong = kind & !known != 0
        || size == 0
        || (has(MEM_RESERVE_PLACEHOLDER)
            && (protect, caching) != (Protect::NO_ACCESS, Caching::Cached));
    if wrong {
        return Err(Code::INVALID_PARAMETER);
    }
    if has(MEM_PHYSICAL) {
        let right = kind == MEM_PHYSICAL | MEM_RESERVE && protect == Protect::READ_WRITE;
        return Err(if right { Code::NOT_SUPPORTED } else { Code::INVALID_PARAMETER });
    }
    let wanted = Allocate {
        address,
        size,
        reserve: has(MEM_RESERVE),
        commit: has(MEM_COMMIT),
        protect,
        top_down: has(MEM_TOP_DOWN),
        large_pages: has(MEM_LARGE_PAGES),
        write_watch: has(MEM_WRITE_WATCH),
        reset: has(MEM_RESET),
        reset_undo: has(MEM_RESET_UNDO),
        numa_node: told.numa_node,
        caching,
        placeholder: has(MEM_RESERVE_PLACEHOLDER),
        replace: has(MEM_REPLACE_PLACEHOLDER),
        lowest: told.lowest,
        highest: told.highest,
        alignment: told.alignment,
    };
    let target = Target::of(handle, PROCESS_VM_OPERATION)?;
    if let Some(process) = target.other()? {
        return in_another(process, &wanted).map(|base| base as *mut c_void);
    }
    // SAFETY: what Win32 demands of the caller, too.
    let base = unsafe { memory::allocate(&wanted)? };
    Ok(base.cast())
}

/// What can be had of another process: reserving, committing, both.
fn in_another(process: &mapview::Process, wanted: &Allocate) -> Result<usize> {
    let &Allocate { address, size, reserve, commit, protect, .. } = wanted;
    if !(reserve || commit) {
        let resets = wanted.reset || wanted.reset_undo;
        return Err(if resets { Code::NOT_SUPPORTED } else { Code::INVALID_PARAMETER });
    }
    if matches!(protect.unguarded(), Protect::WRITE_COPY | Protect::EXECUTE_WRITE_COPY) {
        return Err(Code::INVALID_PARAMETER); // also where it is only reserved for later
    }
    if *wanted != (Allocate { address, size, reserve, commit, protect, ..Allocate::default() }) {
        return Err(Code::NOT_SUPPORTED);
    }
    let place = Some(address).filter(|address| *address != 0);
    match (reserve, commit) {
        (true, false) => Ok(process.reserve(place, size)?),
        (false, true) if place.is_some() => {
            process.commit(address, size, protect)?;
            Ok(address & !0xFFF)
        }
        _ => Ok(process.allocate(place, size, protect)?),
    }
}

/// A node of a call that names one; `NUMA_NO_PREFERRED_NODE` names none.
fn on_node(node: DWORD) -> Extended {
    Extended { numa_node: Some(node).filter(|node| *node != NO_NODE), ..Extended::default() }
}

fn pointer(result: Result<*mut c_void>) -> *mut c_void {
    last_error::or(result, null_mut())
}

fn wish(address: *const c_void, size: usize, kind: DWORD, protect: DWORD) -> Wish {
    Wish { address: address.addr(), size, kind, protect }
}

#[no_mangle]
extern "C" fn VirtualAlloc(
    address: *const c_void,
    size: usize,
    kind: DWORD,
    protect: DWORD,
) -> *mut c_void {
    VirtualAllocEx(INVALID_HANDLE_VALUE, address, size, kind, protect)
}

#[no_mangle]
extern "C" fn VirtualAllocEx(
    process: HANDLE,
    address: *const c_void,
    size: usize,
    kind: DWORD,
    protect: DWORD,
) -> *mut c_void {
    let wish = wish(address, size, kind, protect);
    pointer(allocate(process, wish, KINDS, Extended::default()))
}

#[no_mangle]
extern "C" fn VirtualAllocExNuma(
    process: HANDLE,
    address: *const c_void,
    size: usize,
    kind: DWORD,
    protect: DWORD,
    node: DWORD,
) -> *mut c_void {
    pointer(allocate(process, wish(address, size, kind, protect), KINDS, on_node(node)))
}

/// Memory of an app may not be executable from the start.
#[no_mangle]
extern "C" fn VirtualAllocFromApp(
    address: *const c_void,
    size: usize,
    kind: DWORD,
    protect: DWORD,
) -> *mut c_void {
    if protect & 0xF0 != 0 {
        return pointer(Err(Code::INVALID_PARAMETER));
    }
    VirtualAlloc(address, size, kind, protect)
}

#[no_mangle]
unsafe extern "C" fn VirtualAlloc2(
    process: HANDLE,
    address: *const c_void,
    size: usize,
    kind: DWORD,
    protect: DWORD,
    parameters: *const MEM_EXTENDED_PARAMETER,
    count: DWORD,
) -> *mut c_void {
    let process = if process == NULL { INVALID_HANDLE_VALUE } else { process };
    let wish = wish(address, size, kind, protect);
    // SAFETY: what Win32 documents.
    let told = unsafe { extended::read(parameters, count) };
    pointer(told.and_then(|told| allocate(process, wish, KINDS | PLACEHOLDERS, told)))
}

#[no_mangle]
unsafe extern "C" fn VirtualAlloc2FromApp(
    process: HANDLE,
    address: *const c_void,
    size: usize,
    kind: DWORD,
    protect: DWORD,
    parameters: *const MEM_EXTENDED_PARAMETER,
    count: DWORD,
) -> *mut c_void {
    if protect & 0xF0 != 0 {
        return pointer(Err(Code::INVALID_PARAMETER));
    }
    // SAFETY: the caller's, as Win32 documents.
    unsafe { VirtualAlloc2(process, address, size, kind, protect, parameters, count) }
}
