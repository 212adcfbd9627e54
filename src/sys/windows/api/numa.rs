//! NUMA nodes, and the privilege for large pages.

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Security::{
    AdjustTokenPrivileges, LookupPrivilegeValueW, SE_LOCK_MEMORY_NAME, SE_PRIVILEGE_ENABLED,
    TOKEN_ADJUST_PRIVILEGES, TOKEN_PRIVILEGES,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetNumaHighestNodeNumber, OpenProcessToken,
};

use super::{check, Outcome};

pub(crate) fn numa_highest_node_number() -> Outcome<u32> {
    let mut highest = 0;
    // SAFETY: the number outlives the call.
    check(unsafe { GetNumaHighestNodeNumber(&mut highest) })?;
    Ok(highest)
}

/// Enables `SeLockMemoryPrivilege` for this process, if its user holds it; succeeds also if not.
pub(crate) fn enable_lock_memory_privilege() -> Outcome<()> {
    let mut token: HANDLE = std::ptr::null_mut();
    // SAFETY: the handle goes into a variable that outlives the call, and is ours alone.
    let token = unsafe {
        check(OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &mut token))?;
        OwnedHandle::from_raw_handle(token)
    };
    let mut wanted = TOKEN_PRIVILEGES { PrivilegeCount: 1, ..Default::default() };
    wanted.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    let luid = &mut wanted.Privileges[0].Luid;
    // SAFETY: a constant name, and a buffer that outlives the call.
    check(unsafe { LookupPrivilegeValueW(std::ptr::null(), SE_LOCK_MEMORY_NAME, luid) })?;
    let (nothing_back, no_len) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: the token is open for this, and `wanted` holds as many entries as it says.
    check(unsafe {
        AdjustTokenPrivileges(token.as_raw_handle(), 0, &wanted, 0, nothing_back, no_len)
    })
}
