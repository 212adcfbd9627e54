//! Signaling one object and waiting for another.

use mapview::{Deadline, Wait};

use super::alertable::Alert;
use super::{deadline, multiple, single, Ended, WAIT_FAILED};
use crate::abi::{right, BOOL, DWORD, FALSE, HANDLE};
use crate::code::{Code, Result};
use crate::object::Object;
use crate::table::Entry;
use crate::{last_error, table};

/// The object behind a handle that may be signaled with.
fn signalable(handle: HANDLE) -> Result<Entry> {
    let entry = table::get(handle)?;
    match &*entry.object {
        Object::Mutex(_) => {}
        Object::Event(_) | Object::Semaphore(_) => entry.need(right::MODIFY_STATE)?,
        _ => return Err(Code::INVALID_HANDLE),
    }
    Ok(entry)
}

fn signal(object: &Object) -> Result<()> {
    match object {
        Object::Mutex(mutex) => Ok(mutex.unlock()?),
        Object::Event(event) => Ok(event.set()?),
        Object::Semaphore(semaphore) => Ok(semaphore.release(1).map(drop)?),
        _ => Err(Code::INVALID_HANDLE),
    }
}

fn signal_and_wait(first: &Object, second: &Entry, deadline: Deadline) -> Result<Ended> {
    let (first, second_target): (&dyn Wait, &dyn Wait) =
        (first.wait_target()?, second.object.wait_target()?);
    let ended = mapview::signal_and_wait(first, second_target, deadline)?;
    Ok(match Ended::from(ended) {
        ended @ Ended::Object(..) => {
            multiple::settle(std::slice::from_ref(second), ended, deadline)
        }
        ended => ended,
    })
}

/// The two are one step, but not if the wait is alertable: then a `PulseEvent` right after the signal may be missed.
#[no_mangle]
extern "C" fn SignalObjectAndWait(
    first: HANDLE,
    second: HANDLE,
    milliseconds: DWORD,
    alertable: BOOL,
) -> DWORD {
    let wait = || {
        let (first, second) = (signalable(first)?, single::waitable(second)?);
        let deadline = deadline(milliseconds);
        if alertable == FALSE {
            return signal_and_wait(&first.object, &second, deadline);
        }
        signal(&first.object)?;
        Alert::new().wait_any(std::slice::from_ref(&second), deadline)
    };
    last_error::or(wait().map(Ended::value), WAIT_FAILED)
}
