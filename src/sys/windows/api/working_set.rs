//! Which pages are in a working set, what lies at an address, and where a file has holes.

use std::ffi::c_void;
use std::fs::File;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};

use windows_sys::Win32::Foundation::ERROR_MORE_DATA;
use windows_sys::Win32::System::Ioctl::{
    FILE_ALLOCATED_RANGE_BUFFER, FSCTL_QUERY_ALLOCATED_RANGES,
};
use windows_sys::Win32::System::Memory::{VirtualQueryEx, MEMORY_BASIC_INFORMATION};
use windows_sys::Win32::System::ProcessStatus::{
    K32GetMappedFileNameW, K32QueryWorkingSetEx, PSAPI_WORKING_SET_EX_INFORMATION,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, OpenProcess, PROCESS_QUERY_INFORMATION, PROCESS_VM_READ,
};
use windows_sys::Win32::System::IO::DeviceIoControl;

use super::{check, last_error, own, Code, Outcome};

pub(crate) use windows_sys::Win32::System::Memory::MEM_PRIVATE;

/// What is known of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageAttributes(usize);

impl PageAttributes {
    pub(crate) fn is_valid(self) -> bool {
        self.0 & 1 != 0
    }

    /// How many have the page, at most 7: whoever counts more stops there.
    pub(crate) fn share_count(self) -> u32 {
        (self.0 >> 1 & 7) as u32
    }

    pub(crate) fn is_shared(self) -> bool {
        self.0 >> 15 & 1 != 0
    }

    pub(crate) fn is_large(self) -> bool {
        self.0 >> 22 & 1 != 0
    }
}

/// This process.
pub(crate) fn current_process() -> BorrowedHandle<'static> {
    // SAFETY: a pseudo-handle, which is valid for ever.
    unsafe { BorrowedHandle::borrow_raw(GetCurrentProcess()) }
}

/// Opens a process to look at its pages.
pub(crate) fn open_process_to_look(pid: u32) -> Outcome<OwnedHandle> {
    // SAFETY: no pointers; the handle it returns is ours.
    unsafe { own(OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, 0, pid)) }
}

/// Asks about `count` pages of a process from an address on.
pub(crate) fn query_working_set_ex(
    process: BorrowedHandle<'_>,
    address: usize,
    page: usize,
    count: usize,
) -> Outcome<Vec<PageAttributes>> {
    let entry = |index: usize| PSAPI_WORKING_SET_EX_INFORMATION {
        VirtualAddress: std::ptr::without_provenance_mut::<c_void>(address + index * page),
        ..Default::default()
    };
    let mut entries: Vec<_> = (0..count).map(entry).collect();
    let bytes = size_of_val(&entries[..]) as u32;
    // SAFETY: the array has the length that is said. No page is touched.
    check(unsafe {
        K32QueryWorkingSetEx(process.as_raw_handle(), entries.as_mut_ptr().cast(), bytes)
    })?;
    // SAFETY: all members of the union are the same word, read as a number.
    let flags = |entry: &PSAPI_WORKING_SET_EX_INFORMATION| unsafe { entry.VirtualAttributes.Flags };
    Ok(entries.iter().map(|entry| PageAttributes(flags(entry))).collect())
}

/// A range of pages with the same attributes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PagesAt {
    pub(crate) end: usize,
    /// `MEM_*` state and type.
    pub(crate) state: u32,
    pub(crate) kind: u32,
}

/// What lies at an address of a process.
pub(crate) fn pages_at(process: BorrowedHandle<'_>, address: usize) -> Outcome<PagesAt> {
    let mut information = MEMORY_BASIC_INFORMATION::default();
    let (len, start) =
        (size_of::<MEMORY_BASIC_INFORMATION>(), std::ptr::without_provenance(address));
    // SAFETY: the buffer has the size that is said.
    if unsafe { VirtualQueryEx(process.as_raw_handle(), start, &mut information, len) } == 0 {
        return Err(last_error());
    }
    let MEMORY_BASIC_INFORMATION { BaseAddress, RegionSize, State, Type, .. } = information;
    Ok(PagesAt { end: BaseAddress.addr() + RegionSize, state: State, kind: Type })
}

/// Whether a file lies at an address where something is mapped; else it is the paging file.
pub(crate) fn is_of_file(process: BorrowedHandle<'_>, address: usize) -> bool {
    let mut name = [0_u16; 1024];
    let start = std::ptr::without_provenance(address);
    // SAFETY: the buffer has room for so many units.
    unsafe {
        K32GetMappedFileNameW(process.as_raw_handle(), start, name.as_mut_ptr(), name.len() as u32)
            != 0
    }
}

/// The parts of `start` to `end` of a file that are not holes, as offset and length, in order.
pub(crate) fn query_allocated_ranges(
    file: &File,
    start: u64,
    end: u64,
) -> Outcome<Vec<(u64, u64)>> {
    let mut all = Vec::new();
    let mut at = start;
    while at < end {
        let asked =
            FILE_ALLOCATED_RANGE_BUFFER { FileOffset: at as i64, Length: (end - at) as i64 };
        let mut ranges = [FILE_ALLOCATED_RANGE_BUFFER { FileOffset: 0, Length: 0 }; 256];
        let mut returned = 0;
        // SAFETY: input and output are of the request's types and have the sizes that are said.
        let done = check(unsafe {
            DeviceIoControl(
                file.as_raw_handle(),
                FSCTL_QUERY_ALLOCATED_RANGES,
                (&raw const asked).cast(),
                size_of_val(&asked) as u32,
                ranges.as_mut_ptr().cast(),
                size_of_val(&ranges) as u32,
                &mut returned,
                std::ptr::null_mut(),
            )
        });
        let found = returned as usize / size_of::<FILE_ALLOCATED_RANGE_BUFFER>();
        let found = &ranges[..found.min(ranges.len())];
        all.extend(found.iter().map(|range| (range.FileOffset as u64, range.Length as u64)));
        match (done, found.last()) {
            (Err(Code(ERROR_MORE_DATA)), Some(last)) => {
                at = at.max((last.FileOffset + last.Length) as u64);
            }
            (Err(code), _) => return Err(code),
            (Ok(()), _) => break,
        }
    }
    Ok(all)
}
