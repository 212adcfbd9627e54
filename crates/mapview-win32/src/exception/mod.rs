//! Exceptions: what the processor cannot do, and what programs raise, told to vectored handlers and to the filter of the
//! process. `__try` and `__except` belong to Microsoft's compiler; this is what there is without it.
//!
//! Nothing is installed until somebody asks. A handler runs in the thread that has the trouble, in the midst of what it was
//! doing, as on Windows; it may commit or protect the page and go on.

mod context;
mod os;
mod record;

use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

use crate::abi::DWORD;
use crate::code::Code;
use crate::last_error;
use crate::thread::{lock, Held};
use context::CONTEXT;
use record::{EXCEPTION_POINTERS, EXCEPTION_RECORD};

const EXCEPTION_CONTINUE_EXECUTION: i32 = -1;
const EXCEPTION_EXECUTE_HANDLER: i32 = 1;

/// A vectored handler or the filter of the process.
type Handler = unsafe extern "C" fn(*mut EXCEPTION_POINTERS) -> i32;

/// The handlers in the order in which they are asked, each with what its adder knows it by.
static HANDLERS: Mutex<Vec<(usize, Handler)>> = Mutex::new(Vec::new());
/// The filter of the process, or 0.
static FILTER: AtomicUsize = AtomicUsize::new(0);

fn handlers() -> Held<'static, Vec<(usize, Handler)>> {
    lock(&HANDLERS)
}

/// What becomes of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The program goes on, with the registers as the handler left them.
    Continue,
    /// The filter wants the process to end, without further ado.
    End,
    Unhandled,
}

/// Asks the handlers, and then the filter. None of them is asked with a lock held: a handler may add and remove some.
fn dispatch(record: &mut EXCEPTION_RECORD, context: &mut CONTEXT) -> Outcome {
    let mut pointers = EXCEPTION_POINTERS { ExceptionRecord: record, ContextRecord: context };
    let mut index = 0;
    loop {
        let next = handlers().get(index).copied();
        let Some((_, handler)) = next else { break };
        // SAFETY: whoever added it said that it is such a function; both structures live on.
        if unsafe { handler(&mut pointers) } == EXCEPTION_CONTINUE_EXECUTION {
            return Outcome::Continue;
        }
        index += 1;
    }
    let filter = FILTER.load(Ordering::Acquire);
    if filter == 0 {
        return Outcome::Unhandled;
    }
    // SAFETY: not 0, so a function that was given as one.
    let filter = unsafe { std::mem::transmute::<usize, Handler>(filter) };
    // SAFETY: as above.
    match unsafe { filter(&mut pointers) } {
        EXCEPTION_CONTINUE_EXECUTION => Outcome::Continue,
        EXCEPTION_EXECUTE_HANDLER => Outcome::End,
        _ => Outcome::Unhandled,
    }
}

#[no_mangle]
extern "C" fn AddVectoredExceptionHandler(first: DWORD, handler: Option<Handler>) -> *mut c_void {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let Some(handler) = handler else {
        return last_error::or(Err(Code::INVALID_PARAMETER), std::ptr::null_mut());
    };
    if let Err(code) = os::install() {
        return last_error::or(Err(code), std::ptr::null_mut());
    }
    let known_by = NEXT.fetch_add(1, Ordering::Relaxed) << 4;
    let mut handlers = handlers();
    let at = if first != 0 { 0 } else { handlers.len() };
    handlers.insert(at, (known_by, handler));
    known_by as *mut c_void
}

#[no_mangle]
extern "C" fn RemoveVectoredExceptionHandler(known_by: *mut c_void) -> DWORD {
    let mut handlers = handlers();
    let before = handlers.len();
    handlers.retain(|(known, _)| *known != known_by.addr());
    DWORD::from(handlers.len() != before)
}

/// Handlers that are told that another went on are not called here.
#[no_mangle]
extern "C" fn AddVectoredContinueHandler(_: DWORD, _: Option<Handler>) -> *mut c_void {
    last_error::or(Err(Code::NOT_SUPPORTED), std::ptr::null_mut())
}

#[no_mangle]
extern "C" fn RemoveVectoredContinueHandler(_: *mut c_void) -> DWORD {
    last_error::or(Err(Code::NOT_SUPPORTED), 0)
}

/// Returns the filter that there was; NULL takes it away.
#[no_mangle]
extern "C" fn SetUnhandledExceptionFilter(filter: Option<Handler>) -> Option<Handler> {
    if filter.is_some() {
        if let Err(code) = os::install() {
            return last_error::or(Err(code), None);
        }
    }
    let new = filter.map_or(0, |filter| filter as usize);
    let old = FILTER.swap(new, Ordering::AcqRel);
    // SAFETY: a function that was given as one; 0 is none.
    unsafe { std::mem::transmute::<usize, Option<Handler>>(old) }
}

#[no_mangle]
unsafe extern "C" fn RaiseException(
    code: DWORD,
    flags: DWORD,
    count: DWORD,
    arguments: *const usize,
) {
    let address = RaiseException as *const () as usize;
    let mut record = EXCEPTION_RECORD::new(code & !(1 << 28), address);
    record.ExceptionFlags = flags & record::NONCONTINUABLE;
    let count = if arguments.is_null() { 0 } else { count as usize };
    for index in 0..count.min(record::MOST_PARAMETERS) {
        // SAFETY: the caller gives so many.
        record.tell(unsafe { *arguments.add(index) });
    }
    let mut context = os::here();
    let outcome = dispatch(&mut record, &mut context);
    if outcome == Outcome::Continue && record.ExceptionFlags & record::NONCONTINUABLE == 0 {
        return;
    }
    os::end(record.ExceptionCode, outcome)
}
