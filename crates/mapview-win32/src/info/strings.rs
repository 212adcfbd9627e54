//! `lstrcpy` and its kin.

use std::ffi::{c_char, c_int};
use std::ptr::null_mut;

use crate::abi::{LPCSTR, LPCWSTR};
use crate::info::compare;
use crate::text;

/// Copies as much as fits into `size` places, with a NUL; NULL if one of the pointers is.
///
/// # Safety
/// There are so many places, behind `before`.
unsafe fn copy<T: Copy + Default>(
    to: *mut T,
    before: usize,
    from: Option<&[T]>,
    size: usize,
) -> *mut T {
    let Some(from) = from.filter(|_| !to.is_null()) else { return null_mut() };
    if size > 0 {
        let kept = from.len().min(size - 1);
        // SAFETY: the caller says so; the two may overlap.
        unsafe {
            std::ptr::copy(from.as_ptr(), to.add(before), kept);
            to.add(before + kept).write(T::default());
        }
    }
    to
}

/// # Safety
/// NULL or NUL-terminated.
unsafe fn bytes<'a>(text: LPCSTR) -> Option<&'a [u8]> {
    // SAFETY: the caller says so.
    (!text.is_null()).then(|| unsafe { text::bytes_up_to(text.cast(), usize::MAX) })
}

#[no_mangle]
unsafe extern "C" fn lstrlenA(text: LPCSTR) -> c_int {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { bytes(text) }.map_or(0, |text| text.len() as c_int)
}

#[no_mangle]
unsafe extern "C" fn lstrlenW(text: LPCWSTR) -> c_int {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { text::wide(text) }.map_or(0, |text| text.len() as c_int)
}

#[no_mangle]
unsafe extern "C" fn lstrcpyA(to: *mut c_char, from: LPCSTR) -> *mut c_char {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { copy(to.cast(), 0, bytes(from), usize::MAX) }.cast()
}

#[no_mangle]
unsafe extern "C" fn lstrcpyW(to: *mut u16, from: LPCWSTR) -> *mut u16 {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { copy(to, 0, text::wide(from), usize::MAX) }
}

#[no_mangle]
unsafe extern "C" fn lstrcpynA(to: *mut c_char, from: LPCSTR, size: c_int) -> *mut c_char {
    // SAFETY: the caller's, as Win32 documents; a size below 0 has always been none.
    unsafe { copy(to.cast(), 0, bytes(from), usize::try_from(size).unwrap_or(0)) }.cast()
}

#[no_mangle]
unsafe extern "C" fn lstrcpynW(to: *mut u16, from: LPCWSTR, size: c_int) -> *mut u16 {
    // SAFETY: the caller's, as Win32 documents; a size below 0 has always been none.
    unsafe { copy(to, 0, text::wide(from), usize::try_from(size).unwrap_or(0)) }
}

#[no_mangle]
unsafe extern "C" fn lstrcatA(to: *mut c_char, from: LPCSTR) -> *mut c_char {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { copy(to.cast(), lstrlenA(to) as usize, bytes(from), usize::MAX) }.cast()
}

#[no_mangle]
unsafe extern "C" fn lstrcatW(to: *mut u16, from: LPCWSTR) -> *mut u16 {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { copy(to, lstrlenW(to) as usize, text::wide(from), usize::MAX) }
}

/// NULL comes before all text.
#[no_mangle]
unsafe extern "C" fn lstrcmpW(a: LPCWSTR, b: LPCWSTR) -> c_int {
    // SAFETY: the caller's, as Win32 documents.
    let (a, b) = unsafe { (text::wide(a), text::wide(b)) };
    compare::order(a, b, false)
}

#[no_mangle]
unsafe extern "C" fn lstrcmpiW(a: LPCWSTR, b: LPCWSTR) -> c_int {
    // SAFETY: the caller's, as Win32 documents.
    let (a, b) = unsafe { (text::wide(a), text::wide(b)) };
    compare::order(a, b, true)
}

#[no_mangle]
unsafe extern "C" fn lstrcmpA(a: LPCSTR, b: LPCSTR) -> c_int {
    // SAFETY: the caller's, as Win32 documents.
    let (a, b) = unsafe { (text::narrow(a), text::narrow(b)) };
    compare::order(a.as_deref(), b.as_deref(), false)
}

#[no_mangle]
unsafe extern "C" fn lstrcmpiA(a: LPCSTR, b: LPCSTR) -> c_int {
    // SAFETY: the caller's, as Win32 documents.
    let (a, b) = unsafe { (text::narrow(a), text::narrow(b)) };
    compare::order(a.as_deref(), b.as_deref(), true)
}
