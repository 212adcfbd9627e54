//! Mutexes, which the kernel calls mutants, events and semaphores.

use std::ffi::c_void;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};

use windows_sys::Win32::Foundation::{HANDLE, NTSTATUS};
use windows_sys::Win32::System::Threading::{
    CancelWaitableTimer, CreateEventExW, CreateMutexExW, CreateSemaphoreExW,
    CreateWaitableTimerExW, GetCurrentThreadId, OpenEventW, OpenMutexW, OpenSemaphoreW,
    OpenWaitableTimerW, PulseEvent, ReleaseMutex, ReleaseSemaphore, ResetEvent, SetEvent,
    SetWaitableTimer, CREATE_EVENT_INITIAL_SET, CREATE_EVENT_MANUAL_RESET,
    CREATE_MUTEX_INITIAL_OWNER, CREATE_WAITABLE_TIMER_MANUAL_RESET,
};

use super::{check, check_status, name_or_null, own, own_created};
use super::{Outcome, SecurityAttributes, Wide};

pub(crate) use windows_sys::Win32::System::Threading::{
    EVENT_ALL_ACCESS, EVENT_MODIFY_STATE, MUTEX_ALL_ACCESS, MUTEX_MODIFY_STATE,
    SEMAPHORE_ALL_ACCESS, SEMAPHORE_MODIFY_STATE, SYNCHRONIZATION_SYNCHRONIZE, TIMER_ALL_ACCESS,
    TIMER_MODIFY_STATE, TIMER_QUERY_STATE,
};

// windows-sys has neither these rights nor the calls that need them. For a mutant it is the bit of MUTEX_MODIFY_STATE.
pub(crate) const EVENT_QUERY_STATE: u32 = 1;
pub(crate) const SEMAPHORE_QUERY_STATE: u32 = 1;

/// `MUTANT_BASIC_INFORMATION`.
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

/// `EVENT_BASIC_INFORMATION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EventInformation {
    /// 0 for manual reset, 1 for automatic reset.
    pub(crate) kind: i32,
    /// 0 when not set.
    pub(crate) state: i32,
}

/// `SEMAPHORE_BASIC_INFORMATION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SemaphoreInformation {
    pub(crate) count: u32,
    pub(crate) maximum: u32,
}

/// `TIMER_BASIC_INFORMATION`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TimerInformation {
    /// In 100 ns; below 0 once it was due.
    pub(crate) remaining: i64,
    /// Whether it is signaled (a `BOOLEAN`).
    pub(crate) signaled: u8,
}

/// Of all four: the handle, the class of information, the buffer, its size, and how much was written.
type Query = unsafe extern "system" fn(HANDLE, i32, *mut c_void, u32, *mut u32) -> NTSTATUS;

#[link(name = "ntdll", kind = "raw-dylib")]
extern "system" {
    fn NtQueryMutant(_: HANDLE, _: i32, _: *mut c_void, _: u32, _: *mut u32) -> NTSTATUS;
    fn NtQueryEvent(_: HANDLE, _: i32, _: *mut c_void, _: u32, _: *mut u32) -> NTSTATUS;
    fn NtQuerySemaphore(_: HANDLE, _: i32, _: *mut c_void, _: u32, _: *mut u32) -> NTSTATUS;
    fn NtQueryTimer(_: HANDLE, _: i32, _: *mut c_void, _: u32, _: *mut u32) -> NTSTATUS;
}

/// # Safety
/// The call's basic class writes a `T`, which is valid with any bytes.
unsafe fn query<T: Default>(call: Query, object: BorrowedHandle<'_>) -> Outcome<T> {
    let mut information = T::default();
    let buffer = (&raw mut information).cast::<c_void>();
    let (basic, len) = (0, size_of::<T>() as u32);
    // SAFETY: the buffer is of the class's type by the caller's promise, and `len` is its size.
    let status = unsafe { call(object.as_raw_handle(), basic, buffer, len, std::ptr::null_mut()) };
    check_status(status).map(|()| information)
}

pub(crate) fn nt_query_mutant(mutex: BorrowedHandle<'_>) -> Outcome<MutantInformation> {
    // SAFETY: the call's own structure, made of integers.
    unsafe { query(NtQueryMutant, mutex) }
}

pub(crate) fn nt_query_event(event: BorrowedHandle<'_>) -> Outcome<EventInformation> {
    // SAFETY: the call's own structure, made of integers.
    unsafe { query(NtQueryEvent, event) }
}

pub(crate) fn nt_query_semaphore(semaphore: BorrowedHandle<'_>) -> Outcome<SemaphoreInformation> {
    // SAFETY: the call's own structure, made of integers.
    unsafe { query(NtQuerySemaphore, semaphore) }
}

pub(crate) fn nt_query_timer(timer: BorrowedHandle<'_>) -> Outcome<TimerInformation> {
    // SAFETY: the call's own structure, made of integers.
    unsafe { query(NtQueryTimer, timer) }
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

/// The flag says that the event is new.
pub(crate) fn create_event_ex(
    security: &SecurityAttributes,
    name: Option<&Wide>,
    (manual_reset, set): (bool, bool),
    access: u32,
) -> Outcome<(OwnedHandle, bool)> {
    let flags = if manual_reset { CREATE_EVENT_MANUAL_RESET } else { 0 }
        | if set { CREATE_EVENT_INITIAL_SET } else { 0 };
    // SAFETY: attributes and name outlive the call; the handle it returns is ours.
    unsafe { own_created(CreateEventExW(security.as_ptr(), name_or_null(name), flags, access)) }
}

pub(crate) fn open_event(access: u32, inherit: bool, name: &Wide) -> Outcome<OwnedHandle> {
    // SAFETY: the name outlives the call; the handle it returns is ours.
    unsafe { own(OpenEventW(access, inherit.into(), name.as_ptr())) }
}

pub(crate) fn set_event(event: BorrowedHandle<'_>) -> Outcome<()> {
    // SAFETY: a live handle; no pointers.
    check(unsafe { SetEvent(event.as_raw_handle()) })
}

pub(crate) fn reset_event(event: BorrowedHandle<'_>) -> Outcome<()> {
    // SAFETY: a live handle; no pointers.
    check(unsafe { ResetEvent(event.as_raw_handle()) })
}

pub(crate) fn pulse_event(event: BorrowedHandle<'_>) -> Outcome<()> {
    // SAFETY: a live handle; no pointers.
    check(unsafe { PulseEvent(event.as_raw_handle()) })
}

/// The flag says that the semaphore is new. Both counts are at most 2^31 - 1.
pub(crate) fn create_semaphore_ex(
    security: &SecurityAttributes,
    name: Option<&Wide>,
    (initial, maximum): (u32, u32),
    access: u32,
) -> Outcome<(OwnedHandle, bool)> {
    let (initial, maximum, flags) = (initial as i32, maximum as i32, 0);
    let (security, name) = (security.as_ptr(), name_or_null(name));
    // SAFETY: attributes and name outlive the call; the handle it returns is ours.
    unsafe { own_created(CreateSemaphoreExW(security, initial, maximum, name, flags, access)) }
}

pub(crate) fn open_semaphore(access: u32, inherit: bool, name: &Wide) -> Outcome<OwnedHandle> {
    // SAFETY: the name outlives the call; the handle it returns is ours.
    unsafe { own(OpenSemaphoreW(access, inherit.into(), name.as_ptr())) }
}

/// Adds `count` (at most 2^31 - 1), and returns the count before.
pub(crate) fn release_semaphore(semaphore: BorrowedHandle<'_>, count: u32) -> Outcome<u32> {
    let mut before = 0;
    // SAFETY: a live handle; `before` can be written.
    check(unsafe { ReleaseSemaphore(semaphore.as_raw_handle(), count as i32, &mut before) })?;
    Ok(before as u32)
}

/// The flag says that the timer is new.
pub(crate) fn create_waitable_timer_ex(
    security: &SecurityAttributes,
    name: Option<&Wide>,
    manual_reset: bool,
    access: u32,
) -> Outcome<(OwnedHandle, bool)> {
    let flags = if manual_reset { CREATE_WAITABLE_TIMER_MANUAL_RESET } else { 0 };
    let (security, name) = (security.as_ptr(), name_or_null(name));
    // SAFETY: attributes and name outlive the call; the handle it returns is ours.
    unsafe { own_created(CreateWaitableTimerExW(security, name, flags, access)) }
}

pub(crate) fn open_waitable_timer(access: u32, inherit: bool, name: &Wide) -> Outcome<OwnedHandle> {
    // SAFETY: the name outlives the call; the handle it returns is ours.
    unsafe { own(OpenWaitableTimerW(access, inherit.into(), name.as_ptr())) }
}

/// `due` in 100 ns: a time to pass if it is negative, else a `FILETIME`. The period in milliseconds, at most 2^31 - 1.
pub(crate) fn set_waitable_timer(timer: BorrowedHandle<'_>, due: i64, period: u32) -> Outcome<()> {
    let (routine, argument, resume) = (None, std::ptr::null(), 0);
    let (timer, period) = (timer.as_raw_handle(), period as i32);
    // SAFETY: a live handle; `due` can be read; no routine, so nothing is called with the argument.
    check(unsafe { SetWaitableTimer(timer, &due, period, routine, argument, resume) })
}

pub(crate) fn cancel_waitable_timer(timer: BorrowedHandle<'_>) -> Outcome<()> {
    // SAFETY: a live handle; no pointers.
    check(unsafe { CancelWaitableTimer(timer.as_raw_handle()) })
}

pub(crate) fn current_thread_id() -> u32 {
    // SAFETY: no arguments, cannot fail.
    unsafe { GetCurrentThreadId() }
}
