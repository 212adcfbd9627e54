//! Waiting for any or for all of several objects.

use mapview::{Deadline, Wait};

use super::alertable::Alert;
use super::{deadline, Ended, WAIT_FAILED};
use crate::abi::{right, BOOL, DWORD, FALSE, HANDLE};
use crate::code::{Code, Result};
use crate::object::Object;
use crate::table::Entry;
use crate::thread::Busy;
use crate::{file, last_error, table};

/// `MAXIMUM_WAIT_OBJECTS`.
pub(super) const MOST: usize = 64;

/// The objects behind the handles, all of which must be good.
///
/// # Safety
/// `handles` is NULL or points to so many.
unsafe fn waitable(count: DWORD, handles: *const HANDLE) -> Result<Vec<Entry>> {
    let count = count as usize;
    if count == 0 || count > MOST {
        return Err(Code::INVALID_PARAMETER);
    }
    if handles.is_null() {
        return Err(Code::NOACCESS);
    }
    // SAFETY: the caller says so.
    let handles = unsafe { std::slice::from_raw_parts(handles, count) };
    let _busy = Busy::enter();
    let mut entries = Vec::with_capacity(count + 1);
    for handle in handles {
        let entry = table::get_real(file::meant(*handle))?;
        entry.need(right::SYNCHRONIZE)?;
        entries.push(entry);
    }
    Ok(entries)
}

/// What the library waits for in the place of the objects.
pub(super) fn targets(entries: &[Entry]) -> Result<Vec<&dyn Wait>> {
    let mut targets = Vec::with_capacity(entries.len() + 1);
    for entry in entries {
        targets.push(entry.object.wait_target()?);
    }
    Ok(targets)
}

/// After a wait ended with these objects: threads among them are over when the kernel is done with them.
pub(super) fn settle(entries: &[Entry], ended: Ended, deadline: Deadline) -> Ended {
    for entry in entries {
        if let Object::Thread(thread) = &*entry.object {
            if !thread.is_over(deadline) {
                return Ended::TimedOut;
            }
        }
    }
    ended
}

pub(super) fn any(entries: &[Entry], deadline: Deadline) -> Result<Ended> {
    let ended = Ended::from(mapview::wait_any(&targets(entries)?, deadline)?);
    Ok(match ended {
        Ended::Object(index, _) => {
            let index = index as usize;
            settle(&entries[index..=index], ended, deadline)
        }
        ended => ended,
    })
}

pub(super) fn all(entries: &[Entry], deadline: Deadline) -> Result<Ended> {
    refuse_twins(entries)?;
    Ok(match Ended::from(mapview::wait_all(&targets(entries)?, deadline)?) {
        // All is taken, so there is no way back; and the kernel does not take long.
        ended @ Ended::Object(..) => settle(entries, ended, Deadline::never()),
        ended => ended,
    })
}

/// One object may be there only once, through whatever handles.
pub(super) fn refuse_twins(entries: &[Entry]) -> Result<()> {
    let twins = entries.iter().enumerate().any(|(index, entry)| {
        entries[..index].iter().any(|other| entry.object.is_same(&other.object))
    });
    if twins {
        return Err(Code::INVALID_PARAMETER);
    }
    Ok(())
}

#[no_mangle]
unsafe extern "C" fn WaitForMultipleObjects(
    count: DWORD,
    handles: *const HANDLE,
    wait_all: BOOL,
    milliseconds: DWORD,
) -> DWORD {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { WaitForMultipleObjectsEx(count, handles, wait_all, milliseconds, FALSE) }
}

#[no_mangle]
unsafe extern "C" fn WaitForMultipleObjectsEx(
    count: DWORD,
    handles: *const HANDLE,
    wait_all: BOOL,
    milliseconds: DWORD,
    alertable: BOOL,
) -> DWORD {
    let wait = || {
        // SAFETY: the caller's, as Win32 documents.
        let entries = unsafe { waitable(count, handles) }?;
        let deadline = deadline(milliseconds);
        match (wait_all != FALSE, alertable != FALSE) {
            (false, false) => any(&entries, deadline),
            (true, false) => all(&entries, deadline),
            (false, true) => Alert::new().wait_any(&entries, deadline),
            (true, true) => Alert::new().wait_all(&entries, deadline),
        }
    };
    last_error::or(wait().map(Ended::value), WAIT_FAILED)
}
