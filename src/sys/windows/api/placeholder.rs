//! Ranges of addresses that are taken first and filled with views piece by piece: placeholders, where Windows has them
//! (from version 10 1803 on; Wine 8 does not), and what was done before.

use std::ffi::c_void;
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use windows_sys::core::w;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::Memory::{
    VirtualAlloc, VirtualFree, MEM_PRESERVE_PLACEHOLDER, MEM_RELEASE, MEM_REPLACE_PLACEHOLDER,
    MEM_RESERVE, MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use super::{check, last_error, Code, Mapped, Outcome};

/// What a look-up by name yields.
type Found = unsafe extern "system" fn() -> isize;
/// Process, address, size, type, protection, extended parameters and their number.
type VirtualAlloc2 = unsafe extern "system" fn(
    HANDLE,
    *const c_void,
    usize,
    u32,
    u32,
    *mut c_void,
    u32,
) -> *mut c_void;
/// Section, process, address, offset, size, type, protection, extended parameters and their number.
type MapViewOfFile3 = unsafe extern "system" fn(
    HANDLE,
    HANDLE,
    *const c_void,
    u64,
    usize,
    u32,
    u32,
    *mut c_void,
    u32,
) -> *mut c_void;

/// Process, address, flags.
type UnmapViewOfFile2 = unsafe extern "system" fn(HANDLE, *const c_void, u32) -> i32;

/// The calls, where the system has them.
#[derive(Clone, Copy)]
struct Calls {
    alloc: VirtualAlloc2,
    map: MapViewOfFile3,
    unmap: UnmapViewOfFile2,
}

fn calls() -> Option<Calls> {
    static CALLS: OnceLock<Option<Calls>> = OnceLock::new();
    *CALLS.get_or_init(|| {
        // SAFETY: the texts are closed by a NUL; the library is part of every process, so it stays.
        let (alloc, map, unmap) = unsafe {
            let library = GetModuleHandleW(w!("kernelbase.dll"));
            (
                GetProcAddress(library, c"VirtualAlloc2".as_ptr().cast())?,
                GetProcAddress(library, c"MapViewOfFile3".as_ptr().cast())?,
                GetProcAddress(library, c"UnmapViewOfFile2".as_ptr().cast())?,
            )
        };
        // SAFETY: the functions of these names have these parameters.
        unsafe {
            let alloc = std::mem::transmute::<Found, VirtualAlloc2>(alloc);
            let map = std::mem::transmute::<Found, MapViewOfFile3>(map);
            Some(Calls { alloc, map, unmap: std::mem::transmute::<Found, UnmapViewOfFile2>(unmap) })
        }
    })
}

/// Whether the system has placeholders, and limits for addresses: Wine 8 has the calls, but not what they are for.
pub(crate) fn has_placeholders() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| Placeholder::new(0x1000).is_some())
}

/// Where a new reservation may lie; zeros for anywhere.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub lowest: usize,
    pub highest: usize,
    pub alignment: usize,
}

/// `MEM_EXTENDED_PARAMETER`.
#[repr(C)]
struct Parameter {
    kind: u64,
    value: u64,
}

/// What the system is told besides; it points to the limits.
fn parameters(limits: &Limits, node: Option<u32>) -> Vec<Parameter> {
    const ADDRESS_REQUIREMENTS: u64 = 1;
    const NUMA_NODE: u64 = 2;
    let mut parameters = Vec::with_capacity(2);
    if *limits != Limits::default() {
        let value = std::ptr::from_ref(limits).expose_provenance() as u64;
        parameters.push(Parameter { kind: ADDRESS_REQUIREMENTS, value });
    }
    parameters.extend(node.map(|node| Parameter { kind: NUMA_NODE, value: node.into() }));
    parameters
}

/// `VirtualAlloc2`, which [`has_placeholders`] says is there.
///
/// # Safety
/// The duties of `VirtualAlloc`; nobody else uses the placeholder that is replaced.
pub(crate) unsafe fn virtual_alloc_2(
    address: usize,
    size: usize,
    kind: u32,
    protect: u32,
    node: Option<u32>,
    limits: Limits,
) -> Outcome<*mut u8> {
    let Some(calls) = calls() else { return Err(Code(50)) }; // ERROR_NOT_SUPPORTED
    let mut parameters = parameters(&limits, node);
    let (first, count) = (parameters.as_mut_ptr().cast(), parameters.len() as u32);
    let address = std::ptr::with_exposed_provenance(address);
    // SAFETY: the caller's promise; as many parameters as is said, which live on.
    let base =
        unsafe { (calls.alloc)(GetCurrentProcess(), address, size, kind, protect, first, count) };
    if base.is_null() {
        return Err(last_error());
    }
    Ok(base.cast())
}

/// Maps a view in the place of a placeholder of its pages.
pub(crate) fn map_over_placeholder(
    section: BorrowedHandle<'_>,
    protect: u32,
    offset: u64,
    len: usize,
    address: usize,
) -> Outcome<Mapped> {
    let Some(calls) = calls() else { return Err(Code(50)) }; // ERROR_NOT_SUPPORTED
    let (section, kind) = (section.as_raw_handle(), MEM_REPLACE_PLACEHOLDER);
    let address = std::ptr::with_exposed_provenance(address);
    // SAFETY: replaces nothing but a placeholder, which permits nothing; no parameters are passed.
    let view = unsafe {
        let me = GetCurrentProcess();
        (calls.map)(section, me, address, offset, len, kind, protect, null_mut(), 0)
    };
    if view.is_null() {
        return Err(last_error());
    }
    Ok(Mapped::adopt(view))
}

/// Maps a view between two addresses.
pub(crate) fn map_within(
    section: BorrowedHandle<'_>,
    protect: u32,
    offset: u64,
    len: usize,
    limits: Limits,
    node: Option<u32>,
) -> Outcome<Mapped> {
    let Some(calls) = calls() else { return Err(Code(50)) }; // ERROR_NOT_SUPPORTED
    let section = section.as_raw_handle();
    let mut parameters = parameters(&limits, node);
    let (first, count) = (parameters.as_mut_ptr().cast(), parameters.len() as u32);
    // SAFETY: the system maps only where nothing lies yet; as many parameters as is said, which live on.
    let view = unsafe {
        let me = GetCurrentProcess();
        (calls.map)(section, me, null(), offset, len, 0, protect, first, count)
    };
    if view.is_null() {
        return Err(last_error());
    }
    Ok(Mapped::adopt(view))
}

/// Unmaps a view that took the place of a placeholder, and leaves that; or gives the view back.
pub(crate) fn unmap_to_placeholder(mapped: Mapped) -> Result<(), (Mapped, Code)> {
    const PRESERVE: u32 = 2; // MEM_PRESERVE_PLACEHOLDER
    let Some(calls) = calls() else { return Err((mapped, Code(50))) }; // ERROR_NOT_SUPPORTED
                                                                       // SAFETY: unmapped once: on success, the destructor will not run.
    let ok = unsafe { (calls.unmap)(GetCurrentProcess(), mapped.as_ptr().cast(), PRESERVE) };
    if let Err(code) = check(ok) {
        return Err((mapped, code));
    }
    std::mem::forget(mapped);
    Ok(())
}

/// A range that only a view can take. Given back on drop.
pub(crate) struct Placeholder {
    base: *mut c_void,
    len: usize,
    calls: Calls,
}

impl Placeholder {
    /// Takes `len` bytes, whole pages. `None` where the system has no placeholders, or has no room.
    pub(crate) fn new(len: usize) -> Option<Placeholder> {
        let calls = calls()?;
        let kind = MEM_RESERVE | MEM_RESERVE_PLACEHOLDER;
        // SAFETY: takes a range of addresses wherever there is room; no parameters are passed.
        let base = unsafe {
            (calls.alloc)(GetCurrentProcess(), null(), len, kind, PAGE_NOACCESS, null_mut(), 0)
        };
        (!base.is_null()).then_some(Placeholder { base, len, calls })
    }

    /// Cuts the first `len` bytes off; all of it is not cut.
    pub(crate) fn split(&mut self, len: usize) -> Outcome<Placeholder> {
        let front = Placeholder { len, ..*self };
        if len == self.len {
            self.len = 0; // nothing is left to give back
            return Ok(front);
        }
        let front = std::mem::ManuallyDrop::new(front); // as long as it is not one of its own
                                                        // SAFETY: the placeholder is ours and has more bytes than these.
        check(unsafe { VirtualFree(self.base, len, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER) })?;
        self.base = self.base.wrapping_byte_add(len);
        self.len -= len;
        Ok(std::mem::ManuallyDrop::into_inner(front))
    }

    /// Puts a view in its place.
    pub(crate) fn replace(
        self,
        section: BorrowedHandle<'_>,
        protect: u32,
        offset: u64,
        len: usize,
    ) -> Outcome<Mapped> {
        let kind = MEM_REPLACE_PLACEHOLDER;
        let section = section.as_raw_handle();
        // SAFETY: replaces nothing but the placeholder, which is ours; no parameters are passed.
        let view = unsafe {
            let me = GetCurrentProcess();
            (self.calls.map)(section, me, self.base, offset, len, kind, protect, null_mut(), 0)
        };
        if view.is_null() {
            return Err(last_error());
        }
        std::mem::forget(self);
        Ok(Mapped::adopt(view))
    }
}

impl Drop for Placeholder {
    fn drop(&mut self) {
        if self.len != 0 {
            // SAFETY: a placeholder that is ours, given back once.
            unsafe { VirtualFree(self.base, 0, MEM_RELEASE) };
        }
    }
}

/// An address from which `len` bytes were free a moment ago.
pub(crate) fn find_room(len: usize) -> Outcome<usize> {
    // SAFETY: takes a range wherever there is room, and gives it back.
    unsafe {
        let base = VirtualAlloc(null(), len, MEM_RESERVE, PAGE_NOACCESS);
        if base.is_null() {
            return Err(last_error());
        }
        check(VirtualFree(base, 0, MEM_RELEASE))?;
        Ok(base.addr())
    }
}
