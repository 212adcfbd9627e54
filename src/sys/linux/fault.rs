//! What is done about faults in this library's memory, once the program has asked for the guard.
//!
//! A checked copy ends with an error. Access in place cannot: there a private page of zeros takes the place of the missing
//! one, so that the program lives, and whoever looks is told that the range has lost pages.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::os::fault::{self, Action, Fault};
use super::os::{fail::fail, memory};
use crate::sys::fault_copy::{self, FORBIDDEN};
use crate::sys::fault_table;
use crate::Result;

static INSTALLED: AtomicBool = AtomicBool::new(false);

/// Installs the handlers of the guard for the whole process, for good; does nothing the second time.
pub(crate) fn install_guard() -> Result<()> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    if is_guard_installed() {
        return Ok(()); // without the lock, which a fork in the middle would leave locked in the child
    }
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if is_guard_installed() {
        return Ok(());
    }
    fault_copy::prepare()?;
    fault::install(decide).map_err(|errno| fail(errno, "installing the guard"))?;
    INSTALLED.store(true, Ordering::Release);
    Ok(())
}

pub(crate) fn is_guard_installed() -> bool {
    INSTALLED.load(Ordering::Acquire)
}

/// In a signal handler, on any thread.
fn decide(fault: &Fault) -> Action {
    let Some((entry, writable)) = fault_table::find(fault.address) else { return Action::Pass };
    if let Some(at) = fault_copy::landing(fault.instruction) {
        let why = if fault.forbidden { FORBIDDEN } else { 0 };
        return Action::Land { at, result: fault.address | why };
    }
    if fault.forbidden {
        return Action::Pass; // a mistake of the program, such as a store to a read-only view
    }
    let page = memory::page_size();
    let start = fault.address / page * page;
    entry.with_pages(|| {
        // Another thread was faster, or the file has grown again.
        if memory::can_be_brought_in(start, page, fault.write) {
            return Action::Retry;
        }
        entry.lose(start..start + page);
        // SAFETY: a page of a listed range, which is mapped and whose bytes nobody relies on: they are gone.
        match unsafe { memory::map_zeros_over(start, page, writable) } {
            Ok(()) => Action::Retry,
            Err(_) => Action::Pass,
        }
    })
}
