//! Waiting for one object.

use mapview::Deadline;

use super::alertable::Alert;
use super::{deadline, Ended, WAIT_FAILED};
use crate::abi::{right, BOOL, DWORD, FALSE, HANDLE};
use crate::code::{Code, Result};
use crate::object::Object;
use crate::table::Entry;
use crate::{file, last_error, table};

/// The object behind a handle that may be waited with.
pub(super) fn waitable(handle: HANDLE) -> Result<Entry> {
    let entry = table::get(file::meant(handle))?;
    entry.need(right::SYNCHRONIZE)?;
    Ok(entry)
}

/// Waits for one object. This needs no memory, unlike a wait for several.
pub(super) fn wait(object: &Object, deadline: Deadline) -> Result<Ended> {
    match object {
        Object::Event(event) => Ok(Ended::one(event.wait_until(deadline)?)),
        Object::File(file) => Ok(Ended::one(file.idle()?.wait_until(deadline)?)),
        Object::Mutex(mutex) => Ok(mutex.lock_until(deadline)?.map_or(Ended::TimedOut, |guard| {
            let abandoned = guard.abandoned();
            std::mem::forget(guard); // until ReleaseMutex
            Ended::Object(0, abandoned)
        })),
        Object::Section(_) | Object::Snapshot(_) | Object::Token => Err(Code::INVALID_HANDLE),
        Object::Semaphore(semaphore) => Ok(Ended::one(semaphore.wait_until(deadline)?)),
        Object::Thread(thread) => Ok(Ended::one(thread.wait(deadline)?)),
        Object::Timer(timer) => Ok(Ended::one(timer.inner().wait_until(deadline)?)),
        Object::MainThread(process) | Object::Process(process) => {
            let ended = mapview::wait_any(&[process.pidfd()], deadline)?;
            Ok(Ended::one(ended.is_some()))
        }
    }
}

#[no_mangle]
extern "C" fn WaitForSingleObject(handle: HANDLE, milliseconds: DWORD) -> DWORD {
    let wait = || wait(&waitable(handle)?.object, deadline(milliseconds));
    last_error::or(wait().map(Ended::value), WAIT_FAILED)
}

#[no_mangle]
extern "C" fn WaitForSingleObjectEx(handle: HANDLE, milliseconds: DWORD, alertable: BOOL) -> DWORD {
    if alertable == FALSE {
        return WaitForSingleObject(handle, milliseconds);
    }
    let wait = || {
        let entry = waitable(handle)?;
        Alert::new().wait_any(std::slice::from_ref(&entry), deadline(milliseconds))
    };
    last_error::or(wait().map(Ended::value), WAIT_FAILED)
}
