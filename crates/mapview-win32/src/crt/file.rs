//! The functions of the C library that take names, for names in UTF-16.

use std::ffi::{c_char, c_int, CString};
use std::ptr::null_mut;

use libc::FILE;

use crate::crt::wide::put;
use crate::crt::{secure, set_errno};
use crate::text;

/// # Safety
/// NULL or NUL-terminated.
unsafe fn utf8(name: *const u16) -> Option<CString> {
    // SAFETY: the caller says so.
    let units = unsafe { text::wide(name) };
    let name = units.and_then(|units| CString::new(String::from_utf16_lossy(units)).ok());
    if name.is_none() {
        set_errno(libc::EINVAL);
    }
    name
}

/// A path: what separates its parts may be `\` too.
///
/// # Safety
/// NULL or NUL-terminated.
unsafe fn path(name: *const u16) -> Option<CString> {
    // SAFETY: the caller says so.
    let path = unsafe { utf8(name) }?;
    CString::new(path.to_string_lossy().replace('\\', "/")).ok()
}

/// "rt, ccs=UTF-8" and so on: what the C library does not know says how Windows would translate text.
fn mode(mode: &CString) -> Option<CString> {
    let mode = mode.to_str().ok()?;
    let kept = mode.split(',').next().unwrap_or_default();
    CString::new(kept.replace(['t', ' ', 'S', 'R', 'T', 'D', 'N'], "")).ok()
}

#[no_mangle]
unsafe extern "C" fn mapview_wfopen(name: *const u16, how: *const u16) -> *mut FILE {
    // SAFETY: the caller's, as for _wfopen.
    let (Some(name), Some(how)) = (unsafe { (path(name), utf8(how)) }) else { return null_mut() };
    let Some(how) = mode(&how) else { return null_mut() };
    // SAFETY: both are NUL-terminated.
    unsafe { libc::fopen(name.as_ptr(), how.as_ptr()) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wfreopen(
    name: *const u16,
    how: *const u16,
    file: *mut FILE,
) -> *mut FILE {
    // SAFETY: the caller's, as for _wfreopen.
    let (Some(name), Some(how)) = (unsafe { (path(name), utf8(how)) }) else { return null_mut() };
    let Some(how) = mode(&how) else { return null_mut() };
    // SAFETY: both are NUL-terminated, and the file is open.
    unsafe { libc::freopen(name.as_ptr(), how.as_ptr(), file) }
}

#[no_mangle]
unsafe extern "C" fn mapview_fopen_s(
    file: *mut *mut FILE,
    name: *const c_char,
    how: *const c_char,
) -> c_int {
    if file.is_null() || name.is_null() || how.is_null() {
        return secure::fail(libc::EINVAL);
    }
    // SAFETY: the caller's, as for fopen_s.
    unsafe {
        let how = CString::from(std::ffi::CStr::from_ptr(how));
        *file = mode(&how).map_or(null_mut(), |how| libc::fopen(name, how.as_ptr()));
        if (*file).is_null() {
            *libc::__errno_location()
        } else {
            0
        }
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_wfopen_s(
    file: *mut *mut FILE,
    name: *const u16,
    how: *const u16,
) -> c_int {
    if file.is_null() || name.is_null() || how.is_null() {
        return secure::fail(libc::EINVAL);
    }
    // SAFETY: the caller's, as for _wfopen_s.
    unsafe {
        *file = mapview_wfopen(name, how);
        if (*file).is_null() {
            *libc::__errno_location()
        } else {
            0
        }
    }
}

/// A function of the C library over one path.
///
/// # Safety
/// `name` is NULL or NUL-terminated.
unsafe fn over(name: *const u16, call: impl FnOnce(*const c_char) -> c_int) -> c_int {
    // SAFETY: the caller says so.
    unsafe { path(name) }.map_or(-1, |name| call(name.as_ptr()))
}

#[no_mangle]
unsafe extern "C" fn mapview_wremove(name: *const u16) -> c_int {
    // SAFETY: the caller's, as for _wremove.
    unsafe { over(name, |name| libc::remove(name)) }
}

#[no_mangle]
unsafe extern "C" fn mapview_waccess(name: *const u16, mode: c_int) -> c_int {
    // SAFETY: the caller's, as for _waccess.
    unsafe { over(name, |name| libc::access(name, mode)) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wmkdir(name: *const u16) -> c_int {
    // SAFETY: the caller's, as for _wmkdir.
    unsafe { over(name, |name| libc::mkdir(name, 0o777)) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wrmdir(name: *const u16) -> c_int {
    // SAFETY: the caller's, as for _wrmdir.
    unsafe { over(name, |name| libc::rmdir(name)) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wchdir(name: *const u16) -> c_int {
    // SAFETY: the caller's, as for _wchdir.
    unsafe { over(name, |name| libc::chdir(name)) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wsystem(command: *const u16) -> c_int {
    // SAFETY: the caller's, as for _wsystem.
    unsafe { utf8(command).map_or(-1, |command| libc::system(command.as_ptr())) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wrename(from: *const u16, to: *const u16) -> c_int {
    // SAFETY: the caller's, as for _wrename.
    let (Some(from), Some(to)) = (unsafe { (path(from), path(to)) }) else { return -1 };
    // SAFETY: both are NUL-terminated.
    unsafe { libc::rename(from.as_ptr(), to.as_ptr()) }
}

/// The current directory, into the caller's memory or new one.
#[no_mangle]
unsafe extern "C" fn mapview_wgetcwd(buffer: *mut u16, size: c_int) -> *mut u16 {
    let Ok(directory) = std::env::current_dir() else { return null_mut() };
    let directory: Vec<u16> = directory.to_string_lossy().encode_utf16().collect();
    let size = usize::try_from(size).unwrap_or(0);
    // SAFETY: the caller gives so many places, or NULL for memory that he frees.
    unsafe {
        let buffer = match buffer.is_null() {
            true => libc::malloc(2 * size.max(directory.len() + 1)).cast(),
            false if size > directory.len() => buffer,
            false => {
                set_errno(libc::ERANGE);
                return null_mut();
            }
        };
        if !buffer.is_null() {
            put(&directory, buffer);
        }
        buffer
    }
}

/// The value of a variable; it stays where it is until the same thread asks for another.
#[no_mangle]
unsafe extern "C" fn mapview_wgetenv(name: *const u16) -> *mut u16 {
    thread_local! {
        static VALUE: std::cell::RefCell<Vec<u16>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    // SAFETY: the caller's, as for _wgetenv.
    let value = unsafe { text::wide(name) }.and_then(|name| {
        let name = String::from_utf16(name).ok()?;
        (!name.is_empty() && !name.contains('=')).then(|| std::env::var_os(name))?
    });
    let Some(value) = value else { return null_mut() };
    VALUE.with(|place| {
        let mut place = place.borrow_mut();
        *place = value.to_string_lossy().encode_utf16().chain([0]).collect();
        place.as_mut_ptr()
    })
}

/// `NAME=value`, or `NAME=` to remove it.
#[no_mangle]
unsafe extern "C" fn mapview_wputenv(setting: *const u16) -> c_int {
    // SAFETY: the caller's, as for _wputenv.
    let setting = unsafe { text::wide(setting) }.map(String::from_utf16_lossy);
    put_variable(setting.as_deref())
}

#[no_mangle]
unsafe extern "C" fn mapview_putenv(setting: *const c_char) -> c_int {
    // SAFETY: the caller's, as for _putenv.
    let setting = (!setting.is_null())
        .then(|| unsafe { std::ffi::CStr::from_ptr(setting) }.to_string_lossy());
    put_variable(setting.as_deref())
}

fn put_variable(setting: Option<&str>) -> c_int {
    match setting.and_then(|setting| setting.split_once('=')) {
        Some((name, value)) if !name.is_empty() => {
            match value {
                "" => std::env::remove_var(name),
                value => std::env::set_var(name, value),
            }
            0
        }
        _ => {
            set_errno(libc::EINVAL);
            -1
        }
    }
}
