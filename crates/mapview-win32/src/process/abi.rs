//! The structures that starting a program takes.

use std::ffi::c_void;

use crate::abi::{DWORD, HANDLE};

/// `STARTUPINFOA` and `STARTUPINFOW`, which differ in their strings only.
#[repr(C)]
pub(super) struct STARTUPINFO<C> {
    pub cb: DWORD,
    pub lpReserved: *mut C,
    pub lpDesktop: *mut C,
    pub lpTitle: *mut C,
    pub dwX: DWORD,
    pub dwY: DWORD,
    pub dwXSize: DWORD,
    pub dwYSize: DWORD,
    pub dwXCountChars: DWORD,
    pub dwYCountChars: DWORD,
    pub dwFillAttribute: DWORD,
    pub dwFlags: DWORD,
    pub wShowWindow: u16,
    pub cbReserved2: u16,
    pub lpReserved2: *mut u8,
    pub hStdInput: HANDLE,
    pub hStdOutput: HANDLE,
    pub hStdError: HANDLE,
}

/// `STARTUPINFOEXA` and `STARTUPINFOEXW`.
#[repr(C)]
pub(super) struct STARTUPINFOEX<C> {
    pub StartupInfo: STARTUPINFO<C>,
    pub lpAttributeList: *mut c_void,
}

#[repr(C)]
pub(super) struct PROCESS_INFORMATION {
    pub hProcess: HANDLE,
    pub hThread: HANDLE,
    pub dwProcessId: DWORD,
    pub dwThreadId: DWORD,
}

pub(super) const STARTF_USESTDHANDLES: DWORD = 0x100;

pub(super) const CREATE_SUSPENDED: DWORD = 4;
pub(super) const DETACHED_PROCESS: DWORD = 8;
pub(super) const CREATE_NEW_CONSOLE: DWORD = 0x10;
pub(super) const CREATE_NEW_PROCESS_GROUP: DWORD = 0x200;
pub(super) const CREATE_UNICODE_ENVIRONMENT: DWORD = 0x400;
pub(super) const EXTENDED_STARTUPINFO_PRESENT: DWORD = 0x8_0000;
pub(super) const CREATE_NO_WINDOW: DWORD = 0x800_0000;
