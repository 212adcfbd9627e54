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

use super::{check, last_error, Mapped, Outcome};

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

/// The two calls, where the system has them.
#[derive(Clone, Copy)]
struct Calls {
    alloc: VirtualAlloc2,
    map: MapViewOfFile3,
}

fn calls() -> Option<Calls> {
    static CALLS: OnceLock<Option<Calls>> = OnceLock::new();
    *CALLS.get_or_init(|| {
        // SAFETY: both texts are closed by a NUL; the library is part of every process, so it stays.
        let (alloc, map) = unsafe {
            let library = GetModuleHandleW(w!("kernelbase.dll"));
            (
                GetProcAddress(library, c"VirtualAlloc2".as_ptr().cast())?,
                GetProcAddress(library, c"MapViewOfFile3".as_ptr().cast())?,
            )
        };
        // SAFETY: the functions of these names have these parameters.
        unsafe {
            let alloc = std::mem::transmute::<Found, VirtualAlloc2>(alloc);
            Some(Calls { alloc, map: std::mem::transmute::<Found, MapViewOfFile3>(map) })
        }
    })
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
