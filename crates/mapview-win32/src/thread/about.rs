//! What can be found out about a thread.

use std::sync::atomic::Ordering;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use super::{handle, lock, os, Thread};
use crate::abi::{BOOL, HANDLE, LPCWSTR};
use crate::code::{Code, Result};
use crate::{last_error, text};

const THREAD_SET_LIMITED_INFORMATION: u32 = 0x400;
const THREAD_QUERY_LIMITED_INFORMATION: u32 = 0x800;

/// 1601 to 1970, in units of 100 ns.
const TO_1970: u64 = 116_444_736_000_000_000;

/// Times of the clock, and of processors, in units of 100 ns.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    pub(super) created: u64,
    pub(super) ended: u64,
    pub(super) kernel: u64,
    pub(super) user: u64,
}

pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    units(since) + TO_1970
}

pub(super) fn units(duration: Duration) -> u64 {
    (duration.as_nanos() / 100) as u64
}

impl Thread {
    fn times(&self) -> Result<Times> {
        let end = lock(&self.end);
        if end.code.is_some() {
            return Ok(end.times);
        }
        let (kernel, user) = os::processor_times(self.id());
        Ok(Times { created: self.born.load(Ordering::Relaxed), ended: 0, kernel, user })
    }

    /// What there is to tell of it, at its end.
    pub(super) fn last_times(&self) -> Times {
        let (kernel, user) = match self.id.load(Ordering::Acquire) {
            0 => (0, 0), // it never ran
            id => os::processor_times(id),
        };
        Times { created: self.born.load(Ordering::Relaxed), ended: now(), kernel, user }
    }
}

/// A thread that has not ended says 0 for when it did.
#[no_mangle]
unsafe extern "C" fn GetThreadTimes(
    handle: HANDLE,
    created: *mut u64,
    ended: *mut u64,
    kernel: *mut u64,
    user: *mut u64,
) -> BOOL {
    let get = || {
        let times = handle::get(handle, THREAD_QUERY_LIMITED_INFORMATION)?.times()?;
        let places = [
            (created, times.created),
            (ended, times.ended),
            (kernel, times.kernel),
            (user, times.user),
        ];
        if places.iter().any(|(place, _)| place.is_null()) {
            return Err(Code::NOACCESS);
        }
        for (place, time) in places {
            // SAFETY: the caller gives places for them, which are aligned as `FILETIME` is.
            unsafe { place.write_unaligned(time) };
        }
        Ok(())
    };
    last_error::report(get())
}

/// What a thread is called, for people who look.
#[derive(Debug, Default)]
pub(super) struct Description(Mutex<Vec<u16>>);

fn hresult(result: Result<()>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(Code(code)) => (0x8007_0000 | code) as i32,
    }
}

/// The kernel shows the first 15 bytes of it, in UTF-8.
#[no_mangle]
unsafe extern "C" fn SetThreadDescription(handle: HANDLE, description: LPCWSTR) -> i32 {
    let set = || {
        let thread = handle::get(handle, THREAD_SET_LIMITED_INFORMATION)?;
        // SAFETY: NULL or NUL-terminated, as Win32 documents.
        let description = unsafe { text::wide(description) }.unwrap_or_default();
        if !thread.has_ended() {
            os::set_name(thread.id(), &String::from_utf16_lossy(description));
        }
        *lock(&thread.description.0) = description.to_vec();
        Ok(())
    };
    hresult(set())
}

/// The caller frees the text with `LocalFree`.
#[no_mangle]
unsafe extern "C" fn GetThreadDescription(handle: HANDLE, description: *mut *mut u16) -> i32 {
    let get = || {
        let thread = handle::get(handle, THREAD_QUERY_LIMITED_INFORMATION)?;
        if description.is_null() {
            return Err(Code::NOACCESS);
        }
        let units = lock(&thread.description.0);
        let copy: *mut u16 = crate::local::allocate(0, (units.len() + 1) * 2)?.cast();
        // SAFETY: there is room for the units and a NUL, and the caller gives a place for the address.
        unsafe {
            copy.copy_from_nonoverlapping(units.as_ptr(), units.len());
            copy.add(units.len()).write(0);
            *description = copy;
        }
        Ok(())
    };
    hresult(get())
}
