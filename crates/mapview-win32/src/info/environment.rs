//! Environment variables. Names are found as they are written, or else in another case, as Windows finds them.

use std::ffi::{c_char, OsString};
use std::os::unix::ffi::OsStringExt;

use crate::abi::{BOOL, DWORD, LPCSTR, LPCWSTR, TRUE};
use crate::code::{Code, Result};
use crate::file::path::{from_wide, to_wide};
use crate::last_error;
use crate::local::heap::Heap;
use crate::text;

const ENVVAR_NOT_FOUND: Code = Code(203);

/// All variables, as the bytes that they are.
fn variables() -> Vec<(Vec<u8>, Vec<u8>)> {
    std::env::vars_os().map(|(name, value)| (name.into_vec(), value.into_vec())).collect()
}

/// The name under which a variable exists.
fn existing(name: &[u8]) -> Option<Vec<u8>> {
    let all = variables();
    let same = all.iter().find(|(other, _)| other == name);
    let found = same.or_else(|| all.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)));
    found.map(|(name, _)| name.clone())
}

fn get(name: &[u8]) -> Option<Vec<u8>> {
    Some(std::env::var_os(OsString::from_vec(existing(name)?))?.into_vec())
}

fn set(name: Option<Vec<u8>>, value: Option<Vec<u8>>) -> Result<()> {
    let name = name.filter(|name| !name.is_empty() && !name.contains(&b'='));
    let name = name.ok_or(Code::INVALID_PARAMETER)?;
    let found = existing(&name);
    match value {
        Some(value) => {
            let name = OsString::from_vec(found.unwrap_or(name));
            std::env::set_var(name, OsString::from_vec(value));
        }
        None => found.into_iter().for_each(|name| std::env::remove_var(OsString::from_vec(name))),
    }
    Ok(())
}

/// Writes text and a NUL if there is place; returns the length, or the places that it takes.
///
/// # Safety
/// There are `size` places.
pub(super) unsafe fn deliver<T: Copy + Default>(units: &[T], to: *mut T, size: DWORD) -> DWORD {
    if to.is_null() || units.len() >= size as usize {
        return units.len() as DWORD + 1;
    }
    // SAFETY: the caller says so.
    unsafe {
        std::ptr::copy_nonoverlapping(units.as_ptr(), to, units.len());
        to.add(units.len()).write(T::default());
    }
    units.len() as DWORD
}

/// # Safety
/// NULL or NUL-terminated.
pub(super) unsafe fn wide(text: LPCWSTR) -> Option<Vec<u8>> {
    // SAFETY: the caller says so.
    unsafe { text::wide(text) }.map(from_wide)
}

/// # Safety
/// NULL or NUL-terminated.
pub(super) unsafe fn narrow(text: LPCSTR) -> Option<Vec<u8>> {
    // SAFETY: the caller says so.
    (!text.is_null()).then(|| unsafe { text::bytes_up_to(text.cast(), usize::MAX) }.to_vec())
}

fn find(name: Option<Vec<u8>>) -> Result<Vec<u8>> {
    let value = get(&name.ok_or(ENVVAR_NOT_FOUND)?).ok_or(ENVVAR_NOT_FOUND)?;
    if value.is_empty() {
        last_error::set(0); // or 0 would look like a failure
    }
    Ok(value)
}

#[no_mangle]
unsafe extern "C" fn GetEnvironmentVariableW(name: LPCWSTR, to: *mut u16, size: DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    let value = find(unsafe { wide(name) });
    // SAFETY: the same.
    last_error::or(value.map(|value| unsafe { deliver(&to_wide(&value), to, size) }), 0)
}

#[no_mangle]
unsafe extern "C" fn GetEnvironmentVariableA(name: LPCSTR, to: *mut c_char, size: DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    let value = find(unsafe { narrow(name) });
    // SAFETY: the same.
    last_error::or(value.map(|value| unsafe { deliver(&value, to.cast(), size) }), 0)
}

#[no_mangle]
unsafe extern "C" fn SetEnvironmentVariableW(name: LPCWSTR, value: LPCWSTR) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { set(wide(name), wide(value)) })
}

#[no_mangle]
unsafe extern "C" fn SetEnvironmentVariableA(name: LPCSTR, value: LPCSTR) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { set(narrow(name), narrow(value)) })
}

/// All variables as `NAME=value` and a NUL each, with one more at the end, in order of their names.
fn block() -> Vec<u8> {
    let mut all = variables();
    all.sort();
    let mut block = Vec::new();
    for (name, value) in all {
        block.extend([name, b"=".to_vec(), value, vec![0]].concat());
    }
    if block.is_empty() {
        block.push(0);
    }
    block.push(0);
    block
}

fn copy_of<T: Copy>(units: &[T]) -> Result<*mut T> {
    let memory = Heap::process().allocate(size_of_val(units), false)?.cast::<T>();
    // SAFETY: the memory was just allocated for them.
    unsafe { std::ptr::copy_nonoverlapping(units.as_ptr(), memory, units.len()) };
    Ok(memory)
}

#[no_mangle]
extern "C" fn GetEnvironmentStringsW() -> *mut u16 {
    last_error::or(copy_of(&to_wide(&block())), std::ptr::null_mut())
}

#[no_mangle]
extern "C" fn GetEnvironmentStringsA() -> *mut c_char {
    last_error::or(copy_of(&block()), std::ptr::null_mut()).cast()
}

/// The name that is the function's on Windows.
#[no_mangle]
extern "C" fn GetEnvironmentStrings() -> *mut c_char {
    GetEnvironmentStringsA()
}

fn free(block: *mut u8) -> BOOL {
    match block.is_null() || Heap::process().free(block) {
        true => TRUE,
        false => last_error::report(Err(Code::INVALID_PARAMETER)),
    }
}

#[no_mangle]
extern "C" fn FreeEnvironmentStringsW(block: *mut u16) -> BOOL {
    free(block.cast())
}

#[no_mangle]
extern "C" fn FreeEnvironmentStringsA(block: *mut c_char) -> BOOL {
    free(block.cast())
}

/// Puts the values of variables in place of `%NAME%`; what is no variable stays.
fn expand(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.iter().position(|&byte| byte == b'%') {
        out.extend_from_slice(&rest[..start]);
        let after = &rest[start + 1..];
        let end = after.iter().position(|&byte| byte == b'%');
        match end.and_then(|end| Some((end, get(&after[..end])?))) {
            Some((end, value)) => {
                out.extend(value);
                rest = &after[end + 1..];
            }
            None => {
                out.push(b'%');
                rest = after;
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

/// Returns the length with the NUL, as Windows does here.
#[no_mangle]
unsafe extern "C" fn ExpandEnvironmentStringsW(text: LPCWSTR, to: *mut u16, size: DWORD) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    let expanded = unsafe { wide(text) }.map(|text| to_wide(&expand(&text)));
    let expanded = expanded.ok_or(Code::INVALID_PARAMETER).map(|expanded| {
        // SAFETY: the same.
        unsafe { deliver(&expanded, to, size) };
        expanded.len() as DWORD + 1
    });
    last_error::or(expanded, 0)
}

#[no_mangle]
unsafe extern "C" fn ExpandEnvironmentStringsA(
    text: LPCSTR,
    to: *mut c_char,
    size: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    let expanded = unsafe { narrow(text) }.map(|text| expand(&text));
    let expanded = expanded.ok_or(Code::INVALID_PARAMETER).map(|expanded| {
        // SAFETY: the same.
        unsafe { deliver(&expanded, to.cast(), size) };
        expanded.len() as DWORD + 1
    });
    last_error::or(expanded, 0)
}
