//! The types of the C interface, as `windows.h` names them, and the constants that several files need.

use std::ffi::c_void;

use mapview::{Name, Namespace, Security};

use crate::code::Result;
use crate::process::security;

pub(crate) type HANDLE = *mut c_void;
pub(crate) type BOOL = i32;
pub(crate) type DWORD = u32;
pub(crate) type LONG = i32;
/// NUL-terminated UTF-16, or NULL.
pub(crate) type LPCWSTR = *const u16;
/// NUL-terminated UTF-8, or NULL.
pub(crate) type LPCSTR = *const libc::c_char;

pub(crate) const FALSE: BOOL = 0;
pub(crate) const TRUE: BOOL = 1;

pub(crate) const NULL: HANDLE = std::ptr::null_mut();
pub(crate) const INVALID_HANDLE_VALUE: HANDLE = -1isize as HANDLE;

/// `SECURITY_ATTRIBUTES`. Windows does not check its length either.
#[repr(C)]
pub(crate) struct SECURITY_ATTRIBUTES {
    pub nLength: DWORD,
    pub lpSecurityDescriptor: *mut c_void,
    pub bInheritHandle: BOOL,
}

/// Whether the handle to be made shall be inheritable.
///
/// # Safety
/// `attributes` is NULL or points to a `SECURITY_ATTRIBUTES`.
pub(crate) unsafe fn inheritable(attributes: *const SECURITY_ATTRIBUTES) -> bool {
    // SAFETY: the caller says so.
    unsafe { attributes.as_ref() }.is_some_and(|attributes| attributes.bInheritHandle != FALSE)
}

/// What a `SECURITY_ATTRIBUTES` says.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub inherit: bool,
    /// Or why the descriptor is none.
    security: Result<Security>,
}

impl Given {
    /// # Safety
    /// `attributes` is NULL or points to a `SECURITY_ATTRIBUTES`, and its descriptor is NULL or one.
    pub(crate) unsafe fn of(attributes: *const SECURITY_ATTRIBUTES) -> Given {
        // SAFETY: the caller says so.
        let (inherit, security) = unsafe {
            let descriptor = attributes.as_ref().map(|given| given.lpSecurityDescriptor.cast());
            let security = security::of(descriptor.unwrap_or(NULL.cast()));
            (inheritable(attributes), security)
        };
        Given { inherit, security }
    }

    /// Who may open a new object of this name. In `Local\` nobody else can: it is this user's own.
    ///
    /// # Errors
    /// 1305 or 1338 if the descriptor is none.
    pub(crate) fn security_of(&self, name: &Name) -> Result<Security> {
        let security = self.security.clone()?;
        Ok(match name.namespace() {
            Namespace::Global => security,
            Namespace::Local => Security::OnlyMe,
        })
    }
}

/// Rights that every kind of object has, and those that stand for several.
pub(crate) mod right {
    pub(crate) const DELETE: u32 = 0x1_0000;
    pub(crate) const SYNCHRONIZE: u32 = 0x10_0000;
    pub(crate) const STANDARD_RIGHTS_REQUIRED: u32 = 0xF_0000;
    pub(crate) const ACCESS_SYSTEM_SECURITY: u32 = 0x100_0000;
    pub(crate) const MAXIMUM_ALLOWED: u32 = 0x200_0000;
    pub(crate) const GENERIC_ALL: u32 = 0x1000_0000;
    pub(crate) const GENERIC_EXECUTE: u32 = 0x2000_0000;
    pub(crate) const GENERIC_WRITE: u32 = 0x4000_0000;
    pub(crate) const GENERIC_READ: u32 = 0x8000_0000;

    /// `EVENT_MODIFY_STATE`, `SEMAPHORE_MODIFY_STATE` and `TIMER_MODIFY_STATE`.
    pub(crate) const MODIFY_STATE: u32 = 2;
}
