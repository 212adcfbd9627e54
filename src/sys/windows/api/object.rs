//! What all kinds of objects have in common: handles, and what the object manager knows about one.

use std::ffi::c_void;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, IntoRawHandle, OwnedHandle};

use windows_sys::Wdk::Foundation::{
    NtQueryObject, ObjectBasicInformation, ObjectTypeInformation, OBJECT_INFORMATION_CLASS,
};
use windows_sys::Win32::Foundation::{
    CloseHandle, DuplicateHandle, GetHandleInformation, DUPLICATE_SAME_ACCESS, HANDLE,
    HANDLE_FLAG_INHERIT, NTSTATUS, STATUS_SUCCESS, UNICODE_STRING,
};
use windows_sys::Win32::System::JobObjects::OpenJobObjectW;
use windows_sys::Win32::System::Memory::OpenFileMappingW;
use windows_sys::Win32::System::RemoteDesktop::ProcessIdToSessionId;
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, OpenEventW, OpenMutexW, OpenProcess, OpenSemaphoreW, OpenWaitableTimerW,
    PROCESS_DUP_HANDLE,
};
use windows_sys::Win32::System::WindowsProgramming::PUBLIC_OBJECT_BASIC_INFORMATION;

use super::{answer_buffer, check, check_status, own, units_of, Outcome, Wide};

/// A call that opens a named object of one kind.
#[derive(Clone, Copy)]
pub(crate) struct Opener(unsafe extern "system" fn(u32, i32, *const u16) -> HANDLE);

/// The kinds that share one namespace, with an article, and the call that opens each.
pub(crate) const OPENERS: [(&str, Opener); 6] = [
    ("a mapping", Opener(OpenFileMappingW)),
    ("a mutex", Opener(OpenMutexW)),
    ("an event", Opener(OpenEventW)),
    ("a semaphore", Opener(OpenSemaphoreW)),
    ("a timer", Opener(OpenWaitableTimerW)),
    ("a job", Opener(OpenJobObjectW)),
];

impl Opener {
    pub(crate) fn open(self, access: u32, name: &Wide) -> Outcome<OwnedHandle> {
        // SAFETY: all of `OPENERS` take a NUL-terminated name and return NULL or a handle that is ours.
        unsafe { own((self.0)(access, 0, name.as_ptr())) }
    }
}

#[link(name = "ntdll", kind = "raw-dylib")]
extern "system" {
    fn NtCompareObjects(one: HANDLE, other: HANDLE) -> NTSTATUS;
}

/// Whether both are handles to the same object. `CompareObjectHandles` is this, in a DLL that Wine 8 lacks.
pub(crate) fn is_same_object(one: BorrowedHandle<'_>, other: BorrowedHandle<'_>) -> bool {
    // SAFETY: live handles; no pointers.
    unsafe { NtCompareObjects(one.as_raw_handle(), other.as_raw_handle()) == STATUS_SUCCESS }
}

/// Closes and tells; dropping does not tell.
pub(crate) fn close_handle(handle: OwnedHandle) -> Outcome<()> {
    // SAFETY: ours, and given up by `into_raw_handle`.
    check(unsafe { CloseHandle(handle.into_raw_handle()) })
}

/// Opens a process to take handles from it.
pub(crate) fn open_process(pid: u32) -> Outcome<OwnedHandle> {
    // SAFETY: no pointers; the handle it returns is ours.
    unsafe { own(OpenProcess(PROCESS_DUP_HANDLE, 0, pid)) }
}

/// A copy, with the same access and not inheritable, of handle `raw` of `process`; `None` means of this process.
pub(crate) fn duplicate_handle(
    process: Option<BorrowedHandle<'_>>,
    raw: u64,
) -> Outcome<OwnedHandle> {
    let mut copy: HANDLE = std::ptr::null_mut();
    let raw = std::ptr::without_provenance_mut(raw as usize);
    // SAFETY: `copy` can be written, and is ours afterwards; whatever `raw` is, the system checks it.
    unsafe {
        let me = GetCurrentProcess();
        let process = process.map_or(me, |process| process.as_raw_handle());
        check(DuplicateHandle(process, raw, me, &mut copy, 0, 0, DUPLICATE_SAME_ACCESS))?;
        own(copy)
    }
}

/// Whether child processes inherit handle `raw` of this process.
pub(crate) fn is_inheritable(raw: u64) -> Outcome<bool> {
    let raw = std::ptr::without_provenance_mut(raw as usize);
    let mut flags = 0;
    // SAFETY: `flags` can be written; whatever `raw` is, the system checks it.
    check(unsafe { GetHandleInformation(raw, &mut flags) })?;
    Ok(flags & HANDLE_FLAG_INHERIT != 0)
}

/// The rights that the handle has.
pub(crate) fn granted_access(handle: BorrowedHandle<'_>) -> Outcome<u32> {
    let mut information = PUBLIC_OBJECT_BASIC_INFORMATION::default();
    let len = size_of::<PUBLIC_OBJECT_BASIC_INFORMATION>() as u32;
    let buffer = (&raw mut information).cast::<c_void>();
    let returned = std::ptr::null_mut();
    // SAFETY: the buffer is of the class's type, and `len` is its size.
    check_status(unsafe {
        NtQueryObject(handle.as_raw_handle(), ObjectBasicInformation, buffer, len, returned)
    })?;
    Ok(information.GrantedAccess)
}

/// The object manager's word for the kind: `Section`, `Mutant`, ...
pub(crate) fn type_name(handle: BorrowedHandle<'_>) -> Outcome<String> {
    let units = query_string(handle, ObjectTypeInformation)?;
    Ok(String::from_utf16_lossy(&units))
}

/// The full path in the object manager's tree; empty for an unnamed object.
pub(crate) fn object_path(handle: BorrowedHandle<'_>) -> Outcome<Vec<u16>> {
    const OBJECT_NAME_INFORMATION: OBJECT_INFORMATION_CLASS = 1; // windows-sys has the structure, not the number
    query_string(handle, OBJECT_NAME_INFORMATION)
}

/// Both structures asked for here start with the string that is wanted.
fn query_string(handle: BorrowedHandle<'_>, class: OBJECT_INFORMATION_CLASS) -> Outcome<Vec<u16>> {
    let mut buffer = answer_buffer();
    let (start, len) = (buffer.as_mut_ptr(), size_of_val(buffer.as_slice()) as u32);
    let mut returned = 0;
    // SAFETY: `buffer` can be written for `len` bytes.
    check_status(unsafe {
        NtQueryObject(handle.as_raw_handle(), class, start.cast(), len, &mut returned)
    })?;
    // SAFETY: the kernel put the string's description at the start, its text behind it, and the buffer is alive.
    Ok(unsafe { units_of(&*start.cast::<UNICODE_STRING>()) })
}

/// The login session of this process.
pub(crate) fn current_session() -> Outcome<u32> {
    let mut session = 0;
    // SAFETY: `session` can be written.
    check(unsafe { ProcessIdToSessionId(std::process::id(), &mut session) })?;
    Ok(session)
}
