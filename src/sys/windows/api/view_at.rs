//! Views in the place of placeholders, which Windows has from version 10 1803 on.

use std::ffi::{c_void, CStr};
use std::os::windows::io::{AsRawHandle, BorrowedHandle};
use std::ptr::{null_mut, with_exposed_provenance, with_exposed_provenance_mut};

use windows_sys::core::{w, BOOL};
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::Memory::{MEM_PRESERVE_PLACEHOLDER, MEM_REPLACE_PLACEHOLDER};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use super::{check, last_error, Code, Outcome};

type Found = unsafe extern "system" fn() -> isize;
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
type UnmapViewOfFile2 = unsafe extern "system" fn(HANDLE, *mut c_void, u32) -> BOOL;

fn find(name: &CStr) -> Outcome<Found> {
    // SAFETY: both texts are closed by a NUL; the library is part of every process, so it stays.
    let found = unsafe {
        let library = GetModuleHandleW(w!("kernelbase.dll"));
        GetProcAddress(library, name.as_ptr().cast())
    };
    found.ok_or(Code::NOT_SUPPORTED)
}

/// Puts a view in the place of the placeholder at an address.
pub(crate) fn map_view_of_file_3(
    section: BorrowedHandle<'_>,
    address: usize,
    offset: u64,
    len: usize,
    protect: u32,
) -> Outcome<*mut u8> {
    let found = find(c"MapViewOfFile3")?;
    // SAFETY: the function of this name has these parameters.
    let map = unsafe { std::mem::transmute::<Found, MapViewOfFile3>(found) };
    let (section, at, kind) =
        (section.as_raw_handle(), with_exposed_provenance(address), MEM_REPLACE_PLACEHOLDER);
    // SAFETY: the system replaces nothing but a placeholder, which nobody can use; no parameters are passed.
    let view =
        unsafe { map(section, GetCurrentProcess(), at, offset, len, kind, protect, null_mut(), 0) };
    if view.is_null() {
        return Err(last_error());
    }
    Ok(view.cast())
}

/// Unmaps the view with this address, and leaves the placeholder whose place it took.
///
/// # Safety
/// Nobody uses the view any more.
pub(crate) unsafe fn unmap_to_placeholder_at(address: usize) -> Outcome<()> {
    let found = find(c"UnmapViewOfFile2")?;
    // SAFETY: the function of this name has these parameters.
    let unmap = unsafe { std::mem::transmute::<Found, UnmapViewOfFile2>(found) };
    let at = with_exposed_provenance_mut(address);
    // SAFETY: the caller's promise.
    check(unsafe { unmap(GetCurrentProcess(), at, MEM_PRESERVE_PLACEHOLDER) })
}
