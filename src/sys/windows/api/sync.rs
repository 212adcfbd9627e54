//! Mutexes, which the kernel calls mutants, and waiting.

use std::ffi::c_void;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};

use windows_sys::Win32::Foundation::{
    HANDLE, NTSTATUS, WAIT_ABANDONED_0, WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::System::Threading::{
    CreateMutexExW, GetCurrentThreadId, OpenMutexW, ReleaseMutex, WaitForSingleObject,
    CREATE_MUTEX_INITIAL_OWNER,
};

use super::{check, check_status, last_error, name_or_null, own, own_created};
use super::{Outcome, SecurityAttributes, Wide};

pub(crate) use windows_sys::Win32::System::Threading::{
    INFINITE, MUTEX_ALL_ACCESS, MUTEX_MODIFY_STATE, SYNCHRONIZATION_SYNCHRONIZE,
};

/// `MUTANT_BASIC_INFORMATION`, which windows-sys does not have.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MutantInformation {
    /// 1 when free, 0 when owned, one less for every further lock.
    pub(crate) count: i32,
    /// Whether the calling thread owns it (a `BOOLEAN`).
    pub(crate) owned_by_caller: u8,
    /// Whether the last owner ended without unlocking (a `BOOLEAN`).
    pub(crate) abandoned: u8,
}

#[link(name = "ntdll", kind = "raw-dylib")]
extern "system" {
    fn NtQueryMutant(
        mutant: HANDLE,
        class: i32,
        information: *mut c_void,
        len: u32,
        returned: *mut u32,
    ) -> NTSTATUS;
}

/// The flag says that the mutex is new. `Ex`, because the plain call asks an existing mutex for all rights.
pub(crate) fn create_mutex_ex(
    security: &SecurityAttributes,
    name: Option<&Wide>,
    initial_owner: bool,
    access: u32,
) -> Outcome<(OwnedHandle, bool)> {
    let flags = if initial_owner { CREATE_MUTEX_INITIAL_OWNER } else { 0 };
    // SAFETY: attributes and name outlive the call; the handle it returns is ours.
    unsafe { own_created(CreateMutexExW(security.as_ptr(), name_or_null(name), flags, access)) }
}

pub(crate) fn open_mutex(access: u32, inherit: bool, name: &Wide) -> Outcome<OwnedHandle> {
    // SAFETY: the name outlives the call; the handle it returns is ours.
    unsafe { own(OpenMutexW(access, inherit.into(), name.as_ptr())) }
}

pub(crate) fn release_mutex(mutex: BorrowedHandle<'_>) -> Outcome<()> {
    // SAFETY: a live handle; no pointers.
    check(unsafe { ReleaseMutex(mutex.as_raw_handle()) })
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Object,
    Abandoned,
    Timeout,
}

pub(crate) fn wait_for_single_object(
    object: BorrowedHandle<'_>,
    milliseconds: u32,
) -> Outcome<Wait> {
    // SAFETY: a live handle, borrowed for the whole wait; no pointers.
    match unsafe { WaitForSingleObject(object.as_raw_handle(), milliseconds) } {
        WAIT_OBJECT_0 => Ok(Wait::Object),
        WAIT_ABANDONED_0 => Ok(Wait::Abandoned),
        WAIT_TIMEOUT => Ok(Wait::Timeout),
        _ => Err(last_error()),
    }
}

pub(crate) fn nt_query_mutant(mutex: BorrowedHandle<'_>) -> Outcome<MutantInformation> {
    let mut information = MutantInformation::default();
    let len = size_of::<MutantInformation>() as u32;
    let buffer = (&raw mut information).cast::<c_void>();
    let class = 0; // MutantBasicInformation
                   // SAFETY: the buffer is of the class's type, and `len` is its size.
    check_status(unsafe {
        NtQueryMutant(mutex.as_raw_handle(), class, buffer, len, std::ptr::null_mut())
    })?;
    Ok(information)
}

pub(crate) fn current_thread_id() -> u32 {
    // SAFETY: no arguments, cannot fail.
    unsafe { GetCurrentThreadId() }
}
