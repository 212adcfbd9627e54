//! Other processes and their memory.

use std::ffi::c_void;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};

use windows_sys::Win32::Foundation::WAIT_OBJECT_0;
use windows_sys::Win32::System::Diagnostics::Debug::{ReadProcessMemory, WriteProcessMemory};
use windows_sys::Win32::System::Memory::{
    VirtualAllocEx, VirtualFreeEx, VirtualProtectEx, VirtualQueryEx, MEMORY_BASIC_INFORMATION,
};
use windows_sys::Win32::System::ProcessStatus::K32GetMappedFileNameW;
use windows_sys::Win32::System::Threading::{
    OpenProcess, QueryFullProcessImageNameW, WaitForSingleObject,
};

use super::{check, last_error, own, Outcome};

pub(crate) use windows_sys::Win32::System::Threading::{
    PROCESS_QUERY_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    PROCESS_VM_OPERATION, PROCESS_VM_READ, PROCESS_VM_WRITE,
};

/// An address there, which means nothing here.
fn there(address: usize) -> *mut c_void {
    std::ptr::without_provenance_mut(address)
}

pub(crate) fn open_process_with(access: u32, pid: u32) -> Outcome<OwnedHandle> {
    // SAFETY: no pointers; the handle it returns is ours.
    unsafe { own(OpenProcess(access, 0, pid)) }
}

pub(crate) fn has_ended(process: BorrowedHandle<'_>) -> bool {
    // SAFETY: a live handle; no pointers.
    unsafe { WaitForSingleObject(process.as_raw_handle(), 0) == WAIT_OBJECT_0 }
}

/// The path of the program.
pub(crate) fn query_full_process_image_name(process: BorrowedHandle<'_>) -> Outcome<Vec<u16>> {
    let mut name = vec![0_u16; 0x8000];
    let mut len = name.len() as u32;
    // SAFETY: the buffer has the length that is said.
    check(unsafe {
        QueryFullProcessImageNameW(process.as_raw_handle(), 0, name.as_mut_ptr(), &mut len)
    })?;
    name.truncate(len as usize);
    Ok(name)
}

pub(crate) fn read_process_memory(
    process: BorrowedHandle<'_>,
    address: usize,
    buffer: &mut [u8],
) -> Outcome<()> {
    let (process, to) = (process.as_raw_handle(), buffer.as_mut_ptr().cast());
    let mut read = 0;
    // SAFETY: the buffer can be written for its length; the system checks the other address.
    check(unsafe { ReadProcessMemory(process, there(address), to, buffer.len(), &mut read) })
}

pub(crate) fn write_process_memory(
    process: BorrowedHandle<'_>,
    address: usize,
    bytes: &[u8],
) -> Outcome<()> {
    let (process, from) = (process.as_raw_handle(), bytes.as_ptr().cast());
    let mut written = 0;
    // SAFETY: the bytes can be read; the system checks the other address, which is another process's.
    check(unsafe { WriteProcessMemory(process, there(address), from, bytes.len(), &mut written) })
}

/// `address` 0 means anywhere. The process is not this one.
pub(crate) fn virtual_alloc_ex(
    process: BorrowedHandle<'_>,
    address: usize,
    size: usize,
    kind: u32,
    protect: u32,
) -> Outcome<usize> {
    let process = process.as_raw_handle();
    // SAFETY: changes no memory of this process.
    let base = unsafe { VirtualAllocEx(process, there(address), size, kind, protect) };
    if base.is_null() {
        Err(last_error())
    } else {
        Ok(base.addr())
    }
}

/// The process is not this one.
pub(crate) fn virtual_free_ex(
    process: BorrowedHandle<'_>,
    address: usize,
    size: usize,
    kind: u32,
) -> Outcome<()> {
    // SAFETY: changes no memory of this process.
    check(unsafe { VirtualFreeEx(process.as_raw_handle(), there(address), size, kind) })
}

/// The protection that the first page had. The process is not this one.
pub(crate) fn virtual_protect_ex(
    process: BorrowedHandle<'_>,
    address: usize,
    size: usize,
    protect: u32,
) -> Outcome<u32> {
    let mut old = 0;
    let process = process.as_raw_handle();
    // SAFETY: changes no memory of this process but `old`.
    check(unsafe { VirtualProtectEx(process, there(address), size, protect, &mut old) })?;
    Ok(old)
}

pub(crate) fn virtual_query_ex(
    process: BorrowedHandle<'_>,
    address: usize,
) -> Outcome<MEMORY_BASIC_INFORMATION> {
    let mut information = MEMORY_BASIC_INFORMATION::default();
    let (process, len) = (process.as_raw_handle(), size_of::<MEMORY_BASIC_INFORMATION>());
    // SAFETY: the buffer has the size that is said.
    if unsafe { VirtualQueryEx(process, there(address), &mut information, len) } == 0 {
        return Err(last_error());
    }
    Ok(information)
}

/// The file of a view or program of another process, in the words of the kernel.
pub(crate) fn get_mapped_file_name_of(
    process: BorrowedHandle<'_>,
    address: usize,
) -> Option<Vec<u16>> {
    let mut name = vec![0_u16; 0x8000];
    let (process, len) = (process.as_raw_handle(), name.len() as u32);
    // SAFETY: the buffer has the length that is said.
    let len = unsafe { K32GetMappedFileNameW(process, there(address), name.as_mut_ptr(), len) };
    name.truncate(len as usize);
    (len > 0).then_some(name)
}
