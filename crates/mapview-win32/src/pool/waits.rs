//! Registered waits: a thread of the library waits for each, and has a worker make the call.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mapview::{Event, EventOptions, Reset, Wait};

use super::calls::{Calls, Wish};
use super::{workers, Function, Known, ONLY_ONCE};
use crate::abi::{right, BOOL, DWORD, HANDLE, NULL};
use crate::code::{Code, Result};
use crate::object::Object;
use crate::table::Entry;
use crate::{file, last_error, table, wait};

/// `WT_EXECUTEINWAITTHREAD`.
const IN_WAIT_THREAD: u32 = 4;

struct Registered {
    calls: Arc<Calls>,
    stop: Event,
}

static KNOWN: Mutex<Known<Registered>> = Mutex::new(Known::new());

fn known() -> MutexGuard<'static, Known<Registered>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(registered: &Registered, entry: &Entry, milliseconds: DWORD, flags: DWORD) -> Result<()> {
    let targets: [&dyn Wait; 2] = [&registered.stop, entry.object.wait_target()?];
    loop {
        let deadline = wait::deadline(milliseconds);
        let signaled = mapview::wait_any(&targets, deadline)?;
        if signaled.is_some_and(|signaled| signaled.index() == 0) {
            return Ok(());
        }
        if let (Some(_), Object::Thread(thread)) = (&signaled, &*entry.object) {
            thread.wait(mapview::Deadline::never())?;
        }
        registered.calls.make(signaled.is_none(), flags & IN_WAIT_THREAD != 0);
        if flags & ONLY_ONCE != 0 {
            return Ok(());
        }
    }
}

#[no_mangle]
unsafe extern "C" fn RegisterWaitForSingleObject(
    handle: *mut HANDLE,
    object: HANDLE,
    function: Option<Function>,
    argument: usize,
    milliseconds: DWORD,
    flags: DWORD,
) -> BOOL {
    let register = || {
        if handle.is_null() {
            return Err(Code::NOACCESS);
        }
        let function = function.ok_or(Code::INVALID_PARAMETER)?;
        let entry = table::get(file::meant(object))?;
        entry.need(right::SYNCHRONIZE)?;
        entry.object.wait_target()?;
        let stop = EventOptions::new(Reset::Manual).create()?;
        let calls = Arc::new(Calls::new(function, argument));
        let registered = Arc::new(Registered { calls, stop });
        let new = known().add(registered.clone());
        // SAFETY: the caller gives a place for it. Before the first call, which may want it.
        unsafe { *handle = new };
        let run = move || {
            // What cannot be waited for any more makes no calls.
            let _ = run(&registered, &entry, milliseconds, flags);
        };
        workers::start("mapview-wait", run).inspect_err(|_| drop(known().remove(new)))
    };
    last_error::report(register())
}

/// Fails with 997 if calls are still to come or run; the wait is over all the same.
#[no_mangle]
extern "C" fn UnregisterWaitEx(handle: HANDLE, event: HANDLE) -> BOOL {
    let unregister = || {
        let wish = Wish::new(event)?;
        let registered = known().remove(handle)?;
        registered.stop.set()?;
        registered.calls.end(wish)
    };
    last_error::report(unregister())
}

#[no_mangle]
extern "C" fn UnregisterWait(handle: HANDLE) -> BOOL {
    UnregisterWaitEx(handle, NULL)
}
