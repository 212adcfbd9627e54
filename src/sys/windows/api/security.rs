//! Accounts and security descriptors.

use std::ffi::c_void;
use std::os::windows::io::{AsRawHandle, OwnedHandle};

use windows_sys::Win32::Foundation::{LocalFree, HANDLE};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{
    GetTokenInformation, LookupAccountNameW, TokenUser, SECURITY_ATTRIBUTES, TOKEN_QUERY,
    TOKEN_USER,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::{check, own, Outcome, Wide};

/// A security descriptor and whether the handle is inheritable: what the `Create` calls take.
pub(crate) struct SecurityAttributes(SECURITY_ATTRIBUTES);

impl SecurityAttributes {
    pub(crate) fn as_ptr(&self) -> *const SECURITY_ATTRIBUTES {
        &self.0
    }
}

impl Drop for SecurityAttributes {
    fn drop(&mut self) {
        // SAFETY: the descriptor came from the call that says to free it like this, and is freed once.
        unsafe { LocalFree(self.0.lpSecurityDescriptor) };
    }
}

/// The attributes that a text in the security descriptor definition language describes.
pub(crate) fn convert_string_security_descriptor(
    sddl: &Wide,
    inheritable: bool,
) -> Outcome<SecurityAttributes> {
    let mut descriptor: *mut c_void = std::ptr::null_mut();
    let len = std::ptr::null_mut();
    // SAFETY: the text is NUL-terminated, and `descriptor` can be written.
    check(unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            sddl.as_ptr(),
            SDDL_REVISION_1,
            &mut descriptor,
            len,
        )
    })?;
    Ok(SecurityAttributes(SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor,
        bInheritHandle: inheritable.into(),
    }))
}

/// The identifier, as text, of the user this process runs as.
pub(crate) fn current_user_sid() -> Outcome<String> {
    let token = open_process_token()?;
    let mut buffer = [0u64; 32]; // an identifier has at most 68 bytes
    let start = buffer.as_mut_ptr();
    let mut returned = 0;
    // SAFETY: `buffer` can be written for its size. The answer starts with a TOKEN_USER that points into the buffer.
    unsafe {
        let len = size_of_val(&buffer) as u32;
        let raw = token.as_raw_handle();
        check(GetTokenInformation(raw, TokenUser, start.cast(), len, &mut returned))?;
        sid_to_string((*start.cast::<TOKEN_USER>()).User.Sid)
    }
}

fn open_process_token() -> Outcome<OwnedHandle> {
    let mut token: HANDLE = std::ptr::null_mut();
    // SAFETY: `token` can be written, and is ours afterwards.
    unsafe {
        check(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token))?;
        own(token)
    }
}

/// The identifier, as text, of the account with this name.
pub(crate) fn lookup_account_name(name: &Wide) -> Outcome<String> {
    let mut sid = [0u64; 32];
    let mut domain = [0u16; 512];
    let mut sid_len = size_of_val(&sid) as u32;
    let mut domain_len = domain.len() as u32;
    let mut what = 0;
    // SAFETY: the name is NUL-terminated; both buffers can be written for the lengths that are said.
    unsafe {
        check(LookupAccountNameW(
            std::ptr::null(),
            name.as_ptr(),
            sid.as_mut_ptr().cast(),
            &mut sid_len,
            domain.as_mut_ptr(),
            &mut domain_len,
            &mut what,
        ))?;
        sid_to_string(sid.as_mut_ptr().cast())
    }
}

/// # Safety
/// `sid` is a valid security identifier.
unsafe fn sid_to_string(sid: *mut c_void) -> Outcome<String> {
    let mut text: *mut u16 = std::ptr::null_mut();
    // SAFETY: the identifier is valid, and `text` can be written.
    check(unsafe { ConvertSidToStringSidW(sid, &mut text) })?;
    // SAFETY: the call gave NUL-terminated text, which is ours to free, once.
    unsafe {
        let len = (0..).take_while(|&i| *text.add(i) != 0).count();
        let string = String::from_utf16_lossy(std::slice::from_raw_parts(text, len));
        LocalFree(text.cast());
        Ok(string)
    }
}
