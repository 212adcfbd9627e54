//! The environment of a child.

use std::ffi::{c_void, CStr, CString, OsString};
use std::os::unix::ffi::OsStringExt;

/// Variables that are no wish of the program: where objects are found and where this library is. On Windows neither
/// depends on the environment, so a child that is given one of its own gets these as well.
const KEPT: [&str; 2] = ["MAPVIEW_DIR", "LD_LIBRARY_PATH"];

fn entry(name: OsString, value: OsString) -> Option<CString> {
    CString::new([name.into_vec(), b"=".to_vec(), value.into_vec()].concat()).ok()
}

/// The variables of a block; those of this process for NULL.
///
/// # Safety
/// `block` is NULL, or strings one after the other up to an empty one, in UTF-16 if `wide`, else in UTF-8.
pub(super) unsafe fn of_block(block: *const c_void, wide: bool) -> Vec<CString> {
    if block.is_null() {
        return std::env::vars_os().filter_map(|(name, value)| entry(name, value)).collect();
    }
    // SAFETY: the caller says so.
    let mut entries = unsafe {
        match wide {
            true => wide_entries(block.cast()),
            false => narrow_entries(block.cast()),
        }
    };
    for name in KEPT {
        let given = |entry: &CString| {
            entry
                .as_bytes()
                .strip_prefix(name.as_bytes())
                .is_some_and(|rest| rest.starts_with(b"="))
        };
        if !entries.iter().any(given) {
            entries.extend(std::env::var_os(name).and_then(|value| entry(name.into(), value)));
        }
    }
    entries
}

/// # Safety
/// Strings one after the other up to an empty one.
unsafe fn narrow_entries(mut block: *const libc::c_char) -> Vec<CString> {
    let mut entries = Vec::new();
    loop {
        // SAFETY: a string starts here, and the empty one ends the block.
        let entry = unsafe { CStr::from_ptr(block) };
        if entry.is_empty() {
            return entries;
        }
        entries.push(entry.to_owned());
        // SAFETY: behind its NUL the next one starts.
        block = unsafe { block.add(entry.count_bytes() + 1) };
    }
}

/// # Safety
/// Strings one after the other up to an empty one.
unsafe fn wide_entries(mut block: *const u16) -> Vec<CString> {
    let mut entries = Vec::new();
    // SAFETY: a string starts here, and the empty one ends the block.
    while let Some(units) = unsafe { crate::text::wide(block) }.filter(|units| !units.is_empty()) {
        entries.extend(CString::new(String::from_utf16_lossy(units)));
        // SAFETY: behind its NUL the next one starts.
        block = unsafe { block.add(units.len() + 1) };
    }
    entries
}
