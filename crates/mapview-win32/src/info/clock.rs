//! What time it is, and how long the system runs.

use crate::abi::{BOOL, DWORD, TRUE};
use crate::info::calendar::{self, FILETIME, SYSTEMTIME, TICKS_OF_SECOND, UNIX_EPOCH};
use crate::info::time_zone;

fn clock(id: libc::clockid_t) -> libc::timespec {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a clock that exists and a place for its time.
    unsafe { libc::clock_gettime(id, &mut now) };
    now
}

fn ticks(time: libc::timespec) -> u64 {
    time.tv_sec as u64 * TICKS_OF_SECOND + time.tv_nsec as u64 / 100
}

/// 100 ns since 1601, in UTC.
pub(super) fn now() -> u64 {
    ticks(clock(libc::CLOCK_REALTIME)) + UNIX_EPOCH * TICKS_OF_SECOND
}

#[no_mangle]
unsafe extern "C" fn GetSystemTimeAsFileTime(to: *mut FILETIME) {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { to.write(now().into()) };
}

#[no_mangle]
unsafe extern "C" fn GetSystemTimePreciseAsFileTime(to: *mut FILETIME) {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { to.write(now().into()) };
}

#[no_mangle]
unsafe extern "C" fn GetSystemTime(to: *mut SYSTEMTIME) {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { to.write(calendar::to_system(now()).unwrap_or_default()) };
}

#[no_mangle]
unsafe extern "C" fn GetLocalTime(to: *mut SYSTEMTIME) {
    let local = time_zone::to_local(now());
    // SAFETY: the caller's, as Win32 documents.
    unsafe { to.write(calendar::to_system(local).unwrap_or_default()) };
}

/// Milliseconds since the system started, with the time that it slept.
#[no_mangle]
extern "C" fn GetTickCount64() -> u64 {
    ticks(clock(libc::CLOCK_BOOTTIME)) / (TICKS_OF_SECOND / 1000)
}

#[no_mangle]
extern "C" fn GetTickCount() -> DWORD {
    GetTickCount64() as DWORD
}

#[no_mangle]
extern "C" fn timeGetTime() -> DWORD {
    GetTickCount64() as DWORD
}

/// Timers of Linux are always precise: there is no period to set. Returns `TIMERR_NOERROR` as Windows does.
#[no_mangle]
extern "C" fn timeBeginPeriod(period: DWORD) -> DWORD {
    const NOCANDO: DWORD = 97;
    if period == 0 {
        NOCANDO
    } else {
        0
    }
}

#[no_mangle]
extern "C" fn timeEndPeriod(period: DWORD) -> DWORD {
    timeBeginPeriod(period)
}

/// Ten million a second, as on Windows.
#[no_mangle]
unsafe extern "C" fn QueryPerformanceFrequency(to: *mut i64) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { to.write_unaligned(TICKS_OF_SECOND as i64) };
    TRUE
}

#[no_mangle]
unsafe extern "C" fn QueryPerformanceCounter(to: *mut i64) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { to.write_unaligned(ticks(clock(libc::CLOCK_MONOTONIC)) as i64) };
    TRUE
}
