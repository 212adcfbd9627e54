//! What is done about exceptions in this library's copies, once the program has asked for the guard.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::api::{self, Fault};
use crate::sys::fault_copy::{self, FORBIDDEN};
use crate::sys::fault_table;
use crate::Result;

static INSTALLED: AtomicBool = AtomicBool::new(false);

/// Installs the handler of the guard for the whole process, for good; does nothing the second time.
pub(crate) fn install_guard() -> Result<()> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if is_guard_installed() {
        return Ok(());
    }
    fault_copy::prepare()?;
    api::add_fault_handler(decide).map_err(|code| code.error("cannot install the guard"))?;
    INSTALLED.store(true, Ordering::Release);
    Ok(())
}

pub(crate) fn is_guard_installed() -> bool {
    INSTALLED.load(Ordering::Acquire)
}

/// Where to go on, and with what result; `None` if the fault is somebody else's. In an exception handler.
fn decide(fault: &Fault) -> Option<(usize, usize)> {
    let landing = fault_copy::landing(fault.instruction)?;
    fault_table::find(fault.address)?;
    let why = if fault.forbidden { FORBIDDEN } else { 0 };
    Some((landing, fault.address | why))
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::sys::fault_table::Listed;

    #[test]
    fn only_faults_of_copies_in_guarded_views_land() {
        let _view = Listed::new(1 << 60..(1 << 60) + 0x1000, true);
        let copy = fault_copy::first_instruction();
        let at = fault_copy::landing(copy).unwrap();
        let fault =
            |address, instruction, forbidden| decide(&Fault { address, instruction, forbidden });
        let inside = (1 << 60) + 8;
        assert_eq!(fault(inside, copy, false), Some((at, inside)));
        assert_eq!(fault(inside, copy, true), Some((at, inside | FORBIDDEN)));
        assert_eq!(fault(inside, decide as *const () as usize, false), None);
        assert_eq!(fault(inside + 0x1000, copy, false), None);
    }
}
