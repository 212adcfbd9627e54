//! Exceptions of the processor, seen before anybody else sees them.

use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{EXCEPTION_ACCESS_VIOLATION, EXCEPTION_IN_PAGE_ERROR};
use windows_sys::Win32::System::Diagnostics::Debug::{
    AddVectoredExceptionHandler, CONTEXT, EXCEPTION_CONTINUE_EXECUTION, EXCEPTION_CONTINUE_SEARCH,
    EXCEPTION_POINTERS, EXCEPTION_RECORD,
};

use super::{last_error, Outcome};

/// An access that the processor could not do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// What it wanted to read or write.
    pub(crate) address: usize,
    /// Of the instruction that did it.
    pub(crate) instruction: usize,
    /// The page is there, but its protection forbids the access.
    pub(crate) forbidden: bool,
}

/// Where to go on, and with what result of the function that faulted; `None` leaves the fault to others.
pub(crate) type Decide = fn(&Fault) -> Option<(usize, usize)>;

static DECIDE: OnceLock<Decide> = OnceLock::new();

/// Has faults decided on from now on, in all threads, before other handlers see them.
pub(crate) fn add_fault_handler(decide: Decide) -> Outcome<()> {
    DECIDE.get_or_init(|| decide);
    // SAFETY: the handler is there as long as this program.
    if unsafe { AddVectoredExceptionHandler(1, Some(on_exception)) }.is_null() {
        return Err(last_error());
    }
    Ok(())
}

unsafe extern "system" fn on_exception(pointers: *mut EXCEPTION_POINTERS) -> i32 {
    // SAFETY: the system passes the exception and the registers, which belong to this handler while it runs.
    let (record, context) =
        unsafe { (&*(*pointers).ExceptionRecord, &mut *(*pointers).ContextRecord) };
    let decision = fault(record, context).and_then(|fault| DECIDE.get()?(&fault));
    match decision {
        Some((at, result)) => {
            land(context, at, result);
            EXCEPTION_CONTINUE_EXECUTION
        }
        None => EXCEPTION_CONTINUE_SEARCH,
    }
}

fn fault(record: &EXCEPTION_RECORD, context: &CONTEXT) -> Option<Fault> {
    let forbidden = match record.ExceptionCode {
        EXCEPTION_IN_PAGE_ERROR => false,
        EXCEPTION_ACCESS_VIOLATION => true,
        _ => return None,
    };
    let address = record.ExceptionInformation[1];
    Some(Fault { address, instruction: instruction(context), forbidden })
}

#[cfg(target_arch = "x86_64")]
fn instruction(context: &CONTEXT) -> usize {
    context.Rip as usize
}

#[cfg(target_arch = "x86_64")]
fn land(context: &mut CONTEXT, at: usize, result: usize) {
    (context.Rip, context.Rax) = (at as u64, result as u64);
}

#[cfg(not(target_arch = "x86_64"))]
fn instruction(_: &CONTEXT) -> usize {
    0
}

#[cfg(not(target_arch = "x86_64"))]
fn land(_: &mut CONTEXT, _: usize, _: usize) {}
