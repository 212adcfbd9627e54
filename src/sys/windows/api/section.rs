//! Sections, which Win32 calls file mappings, and their views.

use std::ffi::c_void;
use std::fs::File;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};

use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE, NTSTATUS};
use windows_sys::Win32::Storage::FileSystem::{
    GetFileInformationByHandle, ReOpenFile, BY_HANDLE_FILE_INFORMATION, FILE_GENERIC_READ,
    FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
};
use windows_sys::Win32::System::Ioctl::FSCTL_SET_SPARSE;
use windows_sys::Win32::System::Memory::{
    CreateFileMappingNumaW, CreateFileMappingW, FlushViewOfFile, MapViewOfFileEx,
    MapViewOfFileExNuma, OpenFileMappingW, UnmapViewOfFile, VirtualAlloc, VirtualProtect,
    VirtualQuery, MEMORY_BASIC_INFORMATION, MEMORY_MAPPED_VIEW_ADDRESS, MEM_COMMIT,
};
use windows_sys::Win32::System::IO::DeviceIoControl;

use super::{check, check_status, last_error, name_or_null, own, own_created};
use super::{Outcome, SecurityAttributes, Wide};

pub(crate) use windows_sys::Win32::System::Memory::{
    FILE_MAP_COPY, FILE_MAP_EXECUTE, FILE_MAP_LARGE_PAGES, FILE_MAP_READ, FILE_MAP_WRITE,
    PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY, PAGE_READONLY,
    PAGE_READWRITE, PAGE_WRITECOPY, SECTION_QUERY, SEC_COMMIT, SEC_FILE, SEC_IMAGE,
    SEC_LARGE_PAGES, SEC_NOCACHE, SEC_RESERVE, SEC_WRITECOMBINE,
};

/// `SECTION_BASIC_INFORMATION`, which windows-sys does not have.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SectionInformation {
    base_address: usize,
    /// `SEC_*` flags.
    pub(crate) attributes: u32,
    /// The exact size in bytes.
    pub(crate) size: i64,
}

#[link(name = "ntdll", kind = "raw-dylib")]
extern "system" {
    fn NtQuerySection(
        section: HANDLE,
        class: i32,
        information: *mut c_void,
        len: usize,
        returned: *mut usize,
    ) -> NTSTATUS;
}

/// Volume, file number (two halves), size (two halves) and time of the last change (two halves) of an open file.
pub(crate) fn file_information(file: &File) -> Outcome<[u32; 7]> {
    // SAFETY: numbers, for which zeros will do.
    let mut told: BY_HANDLE_FILE_INFORMATION = unsafe { std::mem::zeroed() };
    // SAFETY: the handle is open and the buffer is of the right type.
    check(unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut told) })?;
    let written = told.ftLastWriteTime;
    Ok([
        told.dwVolumeSerialNumber,
        told.nFileIndexHigh,
        told.nFileIndexLow,
        told.nFileSizeHigh,
        told.nFileSizeLow,
        written.dwHighDateTime,
        written.dwLowDateTime,
    ])
}

/// Without a file, a section of the paging file. The flag says that it is new.
pub(crate) fn create_file_mapping(
    file: Option<&File>,
    security: &SecurityAttributes,
    protect: u32,
    size: u64,
    name: Option<&Wide>,
    node: Option<u32>,
) -> Outcome<(OwnedHandle, bool)> {
    let file = file.map_or(INVALID_HANDLE_VALUE, AsRawHandle::as_raw_handle);
    let (high, low) = ((size >> 32) as u32, size as u32);
    // SAFETY: file, attributes and name outlive the call; the handle it returns is ours.
    unsafe {
        let name = name_or_null(name);
        let attributes = security.as_ptr();
        own_created(match node {
            None => CreateFileMappingW(file, attributes, protect, high, low, name),
            Some(node) => CreateFileMappingNumaW(file, attributes, protect, high, low, name, node),
        })
    }
}

pub(crate) fn open_file_mapping(access: u32, inherit: bool, name: &Wide) -> Outcome<OwnedHandle> {
    // SAFETY: the name outlives the call; the handle it returns is ours.
    unsafe { own(OpenFileMappingW(access, inherit.into(), name.as_ptr())) }
}

pub(crate) fn nt_query_section(section: BorrowedHandle<'_>) -> Outcome<SectionInformation> {
    let mut information = SectionInformation::default();
    let (buffer, len) = (&raw mut information, size_of::<SectionInformation>());
    let class = 0; // SectionBasicInformation
                   // SAFETY: the buffer is of the class's type, and `len` is its size.
    check_status(unsafe {
        NtQuerySection(section.as_raw_handle(), class, buffer.cast(), len, std::ptr::null_mut())
    })?;
    Ok(information)
}

/// A mapped range, unmapped on drop.
#[derive(Debug)]
pub(crate) struct Mapped(*mut c_void);

// SAFETY: an address that is valid in every thread, and that no method here reads or writes through.
unsafe impl Send for Mapped {}
// SAFETY: as above.
unsafe impl Sync for Mapped {}

impl Mapped {
    /// A view that was mapped by another call, and belongs to nobody.
    pub(crate) fn adopt(view: *mut c_void) -> Mapped {
        Mapped(view)
    }

    pub(crate) fn as_ptr(&self) -> *mut u8 {
        self.0.cast()
    }

    /// Its first address; whoever has it unmaps the view.
    pub(crate) fn into_raw(self) -> *mut u8 {
        std::mem::ManuallyDrop::new(self).as_ptr()
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: mapped by us, unmapped once; whoever had the address from us had it for our lifetime.
        unsafe { UnmapViewOfFile(MEMORY_MAPPED_VIEW_ADDRESS { Value: self.0 }) };
    }
}

/// `len` 0 means to the end of the section; `address` 0 means anywhere.
pub(crate) fn map_view_of_file_ex(
    section: BorrowedHandle<'_>,
    access: u32,
    offset: u64,
    len: usize,
    address: usize,
    node: Option<u32>,
) -> Outcome<Mapped> {
    let (high, low) = ((offset >> 32) as u32, offset as u32);
    let wanted = std::ptr::without_provenance(address);
    let section = section.as_raw_handle();
    // SAFETY: the system maps only where nothing lies yet.
    let view = unsafe {
        match node {
            None => MapViewOfFileEx(section, access, high, low, len, wanted),
            Some(node) => MapViewOfFileExNuma(section, access, high, low, len, wanted, node),
        }
    };
    if view.Value.is_null() {
        return Err(last_error());
    }
    Ok(Mapped(view.Value))
}

pub(crate) fn unmap_view_of_file(mapped: Mapped) -> Outcome<()> {
    let view = MEMORY_MAPPED_VIEW_ADDRESS { Value: mapped.0 };
    std::mem::forget(mapped);
    // SAFETY: as in `drop`, which will not run.
    check(unsafe { UnmapViewOfFile(view) })
}

/// `len` 0 would mean to the end of the view.
pub(crate) fn flush_view_of_file(mapped: &Mapped, offset: usize, len: usize) -> Outcome<()> {
    let start = mapped.as_ptr().wrapping_add(offset);
    flush_view_of_file_at(start.addr(), len)
}

/// Of whatever view has the address; `len` 0 means to its end.
pub(crate) fn flush_view_of_file_at(address: usize, len: usize) -> Outcome<()> {
    let start = std::ptr::without_provenance(address);
    // SAFETY: changes no memory; the system checks that the range is inside a view.
    check(unsafe { FlushViewOfFile(start, len) })
}

/// Of whatever view has the address.
///
/// # Safety
/// Nobody uses the view any more.
pub(crate) unsafe fn unmap_view_of_file_at(address: usize) -> Outcome<()> {
    let view = MEMORY_MAPPED_VIEW_ADDRESS { Value: std::ptr::with_exposed_provenance_mut(address) };
    // SAFETY: the caller's promise.
    check(unsafe { UnmapViewOfFile(view) })
}

/// Commits the pages of the first `len` bytes, and gives them `protect`.
pub(crate) fn virtual_commit(mapped: &Mapped, len: usize, protect: u32) -> Outcome<()> {
    // SAFETY: a range of a view that is ours; committing keeps what already was committed.
    if unsafe { VirtualAlloc(mapped.0, len, MEM_COMMIT, protect) }.is_null() {
        return Err(last_error());
    }
    Ok(())
}

pub(crate) fn virtual_protect(mapped: &Mapped, len: usize, protect: u32) -> Outcome<()> {
    let mut old = 0;
    // SAFETY: a range of a view that is ours, and that nobody was given an address of for another protection.
    check(unsafe { VirtualProtect(mapped.0, len, protect, &mut old) })
}

/// Bytes and `MEM_*` state of the equal pages that the view starts with.
pub(crate) fn virtual_query(mapped: &Mapped) -> Outcome<(usize, u32)> {
    let mut information = MEMORY_BASIC_INFORMATION::default();
    let len = size_of::<MEMORY_BASIC_INFORMATION>();
    // SAFETY: the buffer has the size that is said.
    if unsafe { VirtualQuery(mapped.0, &mut information, len) } == 0 {
        return Err(last_error());
    }
    Ok((information.RegionSize, information.State))
}

/// Opens the file behind a handle once more, sharing everything.
pub(crate) fn re_open_file(file: &File) -> Outcome<OwnedHandle> {
    let share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    // SAFETY: the file outlives the call.
    let raw = unsafe { ReOpenFile(file.as_raw_handle(), FILE_GENERIC_READ, share, 0) };
    if raw == INVALID_HANDLE_VALUE {
        return Err(last_error());
    }
    // SAFETY: a handle that is ours; this call does not fail with NULL.
    unsafe { own(raw) }
}

/// Lets the file have holes (`FSCTL_SET_SPARSE`).
pub(crate) fn set_sparse(file: &File) -> Outcome<()> {
    let mut returned = 0;
    let (no_input, no_output) = (std::ptr::null(), std::ptr::null_mut());
    let not_overlapped = std::ptr::null_mut();
    // SAFETY: the request takes and gives no data.
    check(unsafe {
        DeviceIoControl(
            file.as_raw_handle(),
            FSCTL_SET_SPARSE,
            no_input,
            0,
            no_output,
            0,
            &mut returned,
            not_overlapped,
        )
    })
}
