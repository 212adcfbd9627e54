//! `CreateFile`.

use super::open::{self, Wish};
use super::path;
use crate::abi::{
    inheritable, DWORD, HANDLE, INVALID_HANDLE_VALUE, LPCSTR, LPCWSTR, NULL, SECURITY_ATTRIBUTES,
};
use crate::code::{Code, Result};
use crate::last_error;
use crate::object::Object;
use crate::table::{self, Entry};

/// `CREATEFILE2_EXTENDED_PARAMETERS`
#[repr(C)]
struct CREATEFILE2_EXTENDED_PARAMETERS {
    dwSize: DWORD,
    dwFileAttributes: DWORD,
    dwFileFlags: DWORD,
    dwSecurityQosFlags: DWORD,
    lpSecurityAttributes: *const SECURITY_ATTRIBUTES,
    hTemplateFile: HANDLE,
}

/// Success sets the last error as well: 183 if the file was there, and nobody asked for that.
fn created(text: Option<Vec<u8>>, wish: Wish, inherit: bool, template: HANDLE) -> HANDLE {
    let create = || {
        if template != NULL {
            // A template gives extended attributes, which Linux keeps to itself: it only has to be a file.
            table::get(template)?.file()?;
        }
        let opened = open::open(text.as_deref(), wish)?;
        let entry = Entry::new(Object::File(opened.file), opened.access, inherit);
        let handle = table::insert(entry)?;
        last_error::set(if opened.existed { Code::ALREADY_EXISTS.0 } else { 0 });
        Ok(handle)
    };
    let created: Result<HANDLE> = create();
    last_error::or(created, INVALID_HANDLE_VALUE)
}

#[no_mangle]
unsafe extern "C" fn CreateFileW(
    path: LPCWSTR,
    access: DWORD,
    share: DWORD,
    attributes: *const SECURITY_ATTRIBUTES,
    disposition: DWORD,
    flags: DWORD,
    template: HANDLE,
) -> HANDLE {
    // SAFETY: both are what Win32 documents.
    let (text, inherit) = unsafe { (path::wide(path), inheritable(attributes)) };
    created(text, Wish { access, share, disposition, flags }, inherit, template)
}

#[no_mangle]
unsafe extern "C" fn CreateFileA(
    path: LPCSTR,
    access: DWORD,
    share: DWORD,
    attributes: *const SECURITY_ATTRIBUTES,
    disposition: DWORD,
    flags: DWORD,
    template: HANDLE,
) -> HANDLE {
    // SAFETY: both are what Win32 documents.
    let (text, inherit) = unsafe { (path::narrow(path), inheritable(attributes)) };
    created(text, Wish { access, share, disposition, flags }, inherit, template)
}

#[no_mangle]
unsafe extern "C" fn CreateFile2(
    path: LPCWSTR,
    access: DWORD,
    share: DWORD,
    disposition: DWORD,
    parameters: *const CREATEFILE2_EXTENDED_PARAMETERS,
) -> HANDLE {
    // SAFETY: the caller gives NULL or the structure, whose pointer is NULL or what Win32 documents.
    let (flags, inherit, template) = match unsafe { parameters.as_ref() } {
        None => (0, false, NULL),
        Some(given) if (given.dwSize as usize) < size_of::<CREATEFILE2_EXTENDED_PARAMETERS>() => {
            return last_error::or(Err(Code::INVALID_PARAMETER), INVALID_HANDLE_VALUE);
        }
        Some(given) => {
            // SAFETY: as above.
            let inherit = unsafe { inheritable(given.lpSecurityAttributes) };
            (given.dwFileAttributes | given.dwFileFlags, inherit, given.hTemplateFile)
        }
    };
    // SAFETY: what Win32 documents.
    let text = unsafe { path::wide(path) };
    created(text, Wish { access, share, disposition, flags }, inherit, template)
}
