//! Making what is mapped larger: sections of files, and the committed part of reserved ones.

use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};
use std::sync::atomic::AtomicU64;
use std::sync::OnceLock;

use windows_sys::core::w;
use windows_sys::Win32::Foundation::{DuplicateHandle, HANDLE, NTSTATUS};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::Win32::System::Memory::{VirtualAlloc, MEM_COMMIT, PAGE_READWRITE};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use super::{check, check_status, last_error, own, virtual_query, Mapped, Outcome};

/// Section and the new size, which becomes the size that it then has.
type NtExtendSection = unsafe extern "system" fn(HANDLE, *mut i64) -> NTSTATUS;

fn nt_extend_section() -> Option<NtExtendSection> {
    static CALL: OnceLock<Option<NtExtendSection>> = OnceLock::new();
    *CALL.get_or_init(|| {
        // SAFETY: all texts are closed by a NUL; the library is part of every process, so it stays.
        let found = unsafe {
            let library = GetModuleHandleW(w!("ntdll.dll"));
            // Wine has the function, but calling it ends the process.
            if GetProcAddress(library, c"wine_get_version".as_ptr().cast()).is_some() {
                return None;
            }
            GetProcAddress(library, c"NtExtendSection".as_ptr().cast())?
        };
        // SAFETY: the function of this name has these parameters.
        Some(unsafe {
            std::mem::transmute::<unsafe extern "system" fn() -> isize, NtExtendSection>(found)
        })
    })
}

/// Makes a section of a file, and the file if it is shorter, so large. `None` where the system cannot do that.
pub(crate) fn extend_section(section: BorrowedHandle<'_>, size: u64) -> Option<Outcome<()>> {
    let extend = nt_extend_section()?;
    let mut size = size as i64;
    // SAFETY: `size` can be written; whatever the handle is, the system checks it.
    Some(check_status(unsafe { extend(section.as_raw_handle(), &mut size) }))
}

/// A copy of a handle of this process with other rights, which the object's creator has to grant.
pub(crate) fn duplicate_with(handle: BorrowedHandle<'_>, access: u32) -> Outcome<OwnedHandle> {
    let mut copy: HANDLE = std::ptr::null_mut();
    // SAFETY: `copy` can be written, and is ours afterwards.
    unsafe {
        let me = GetCurrentProcess();
        check(DuplicateHandle(me, handle.as_raw_handle(), me, &mut copy, access, 0, 0))?;
        own(copy)
    }
}

/// How many bytes from the start of a view are committed, without a gap.
pub(crate) fn committed(mapped: &Mapped) -> Outcome<u64> {
    let (len, state) = virtual_query(mapped)?;
    Ok(if state == MEM_COMMIT { len as u64 } else { 0 })
}

/// Commits `len` bytes of a writable view from `offset` on.
pub(crate) fn commit_from(mapped: &Mapped, offset: usize, len: usize) -> Outcome<()> {
    let start = mapped.as_ptr().wrapping_add(offset).cast();
    // SAFETY: the system checks that the range is inside a view; committing keeps what already was committed.
    if unsafe { VirtualAlloc(start, len, MEM_COMMIT, PAGE_READWRITE) }.is_null() {
        return Err(last_error());
    }
    Ok(())
}

/// The first two words of a view, if they are committed.
pub(crate) fn words_of_view(mapped: &Mapped) -> Outcome<Option<&[AtomicU64; 2]>> {
    if committed(mapped)? == 0 {
        return Ok(None);
    }
    // SAFETY: views have whole pages; what is committed stays so; atomics may be shared with other processes.
    Ok(Some(unsafe { &*mapped.as_ptr().cast() }))
}
