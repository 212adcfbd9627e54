//! The functions of the `scanf` family. Those that take `...` are in the headers.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::null_mut;

use libc::FILE;

use crate::crt::scan_format::{translate, Copied};
use crate::crt::set_errno;
use crate::crt::va_list::VaList;
use crate::text;

extern "C" {
    // The names of C99's functions in glibc; the plain ones take "%a" for something else.
    fn __isoc99_vsscanf(
        text: *const c_char,
        format: *const c_char,
        arguments: *mut VaList,
    ) -> c_int;
    fn __isoc99_vfscanf(file: *mut FILE, format: *const c_char, arguments: *mut VaList) -> c_int;
}

/// Brings text that was read to its place; false if it does not fit.
///
/// # Safety
/// The place has as many units as the program said, or enough.
unsafe fn store(bytes: &[u8], to: &Copied) -> bool {
    let end = usize::from(to.characters.is_none());
    let units: Vec<u16> = match to.wide {
        true => String::from_utf8_lossy(bytes).encode_utf16().collect(),
        false => bytes.iter().map(|&byte| u16::from(byte)).collect(),
    };
    let fits = to.size.is_none_or(|size| units.len() + end <= size);
    let mut kept = if fits { units } else { Vec::new() };
    if end == 1 || !fits && to.size != Some(0) {
        kept.push(0);
    }
    for (index, unit) in kept.into_iter().enumerate() {
        // SAFETY: the caller says so.
        unsafe {
            match to.wide {
                true => (to.place as *mut u16).add(index).write(unit),
                false => (to.place as *mut u8).add(index).write(unit as u8),
            }
        }
    }
    fits
}

/// # Safety
/// As for `scanf`: a format and its arguments; `call` is a function of the C library.
unsafe fn scan(
    format: Option<&[u8]>,
    arguments: *mut VaList,
    (wide, secure): (bool, bool),
    call: impl FnOnce(*const c_char, *mut VaList) -> c_int,
) -> c_int {
    // SAFETY: the caller says so.
    let scan = match (format, unsafe { arguments.as_mut() }) {
        // SAFETY: the same.
        (Some(format), Some(arguments)) => unsafe { translate(format, arguments, wide, secure) },
        _ => None,
    };
    let Some(mut scan) = scan else {
        set_errno(libc::EINVAL);
        return libc::EOF;
    };
    let mut memory: Vec<*mut c_void> = vec![null_mut(); scan.copied.len()];
    for (copied, place) in scan.copied.iter().zip(&mut memory) {
        scan.words[copied.word] = place as *mut _ as u64;
    }
    let mut result = call(scan.format.as_ptr().cast(), &mut VaList::of_words(&scan.words));
    for (copied, &memory) in scan.copied.iter().zip(&memory) {
        if memory.is_null() {
            continue;
        }
        // SAFETY: the C library put so many characters there, or a NUL at the end, and leaves the memory to us.
        unsafe {
            let bytes = match copied.characters {
                Some(characters) => std::slice::from_raw_parts(memory.cast(), characters),
                None => text::bytes_up_to(memory.cast(), usize::MAX),
            };
            if !store(bytes, copied) {
                result = result.min(copied.before as c_int);
            }
            libc::free(memory);
        }
    }
    result
}

/// # Safety
/// NULL or NUL-terminated.
unsafe fn utf8(units: *const u16) -> Option<Vec<u8>> {
    // SAFETY: the caller says so.
    let units = unsafe { text::wide(units) }?;
    Some(String::from_utf16_lossy(units).into_bytes())
}

/// # Safety
/// NULL or NUL-terminated.
unsafe fn bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: the caller says so.
    (!text.is_null()).then(|| unsafe { text::bytes_up_to(text.cast(), usize::MAX) })
}

#[no_mangle]
unsafe extern "C" fn mapview_vsscanf(
    secure: c_int,
    text: *const c_char,
    format: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the caller's, as for vsscanf.
    unsafe {
        scan(bytes(format), arguments, (false, secure != 0), |format, arguments| {
            __isoc99_vsscanf(text, format, arguments)
        })
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_vfscanf(
    secure: c_int,
    file: *mut FILE,
    format: *const c_char,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the caller's, as for vfscanf.
    unsafe {
        scan(bytes(format), arguments, (false, secure != 0), |format, arguments| {
            __isoc99_vfscanf(file, format, arguments)
        })
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_vswscanf(
    secure: c_int,
    text: *const u16,
    format: *const u16,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the caller's, as for vswscanf.
    unsafe {
        let mut text = utf8(text).unwrap_or_default();
        text.push(0);
        scan(utf8(format).as_deref(), arguments, (true, secure != 0), |format, arguments| {
            __isoc99_vsscanf(text.as_ptr().cast(), format, arguments)
        })
    }
}

/// The file holds UTF-8.
#[no_mangle]
unsafe extern "C" fn mapview_vfwscanf(
    secure: c_int,
    file: *mut FILE,
    format: *const u16,
    arguments: *mut VaList,
) -> c_int {
    // SAFETY: the caller's, as for vfwscanf.
    unsafe {
        scan(utf8(format).as_deref(), arguments, (true, secure != 0), |format, arguments| {
            __isoc99_vfscanf(file, format, arguments)
        })
    }
}
