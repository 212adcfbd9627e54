//! Starting threads, and ending the calling one.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::Ordering;
use std::sync::Arc;

use super::os::{self, Function};
use super::{call, current, lock, Life, Thread, CURRENT};
use crate::abi::{inheritable, DWORD, HANDLE, NULL, SECURITY_ATTRIBUTES};
use crate::code::{Code, Result};
use crate::last_error;
use crate::object::{Object, Rights};
use crate::table::{self, Entry};

const CREATE_SUSPENDED: DWORD = 4;
const STACK_SIZE_PARAM_IS_A_RESERVATION: DWORD = 0x1_0000;

/// What a new thread is told.
struct Start {
    thread: Arc<Thread>,
    function: Function,
    parameter: *mut c_void,
}

thread_local! {
    /// Where [`call::leave`] goes; 0 in threads that `CreateThread` did not make.
    static BACK: Cell<usize> = const { Cell::new(0) };
}

fn create(start: Start, stack: usize, inherit: bool) -> Result<HANDLE> {
    let thread = start.thread.clone();
    let object = Object::Thread(thread.clone());
    let handle = table::insert(Entry::new(object, Rights::THREAD.all, inherit))?;
    // Until it is known how to join the thread, it cannot end.
    let mut end = lock(&thread.end);
    let start = Box::into_raw(Box::new(start));
    match os::start(main, start.cast(), stack) {
        Ok(joinable) => end.life = Life::Joinable(joinable),
        Err(code) => {
            // SAFETY: made above, and no thread has it.
            drop(unsafe { Box::from_raw(start) });
            drop(end);
            drop(table::remove(handle));
            return Err(code);
        }
    }
    Ok(handle)
}

/// The first function of a thread. Nothing in it needs to be dropped, since `ExitThread` does not come back.
extern "C-unwind" fn main(start: *mut c_void) -> *mut c_void {
    let (function, parameter) = begin(start);
    // SAFETY: `BACK` is this thread's, and used only before the call returns.
    let code = unsafe { call::call(function, parameter, BACK.with(Cell::as_ptr)) };
    note_code(code);
    std::ptr::null_mut()
}

fn begin(start: *mut c_void) -> (Function, *mut c_void) {
    // SAFETY: `create` made it for this thread alone.
    let Start { thread, function, parameter } = *unsafe { Box::from_raw(start.cast()) };
    thread.clone().begin();
    thread.gate.pass();
    thread.apcs.run();
    (function, parameter)
}

fn note_code(code: u32) {
    let current = CURRENT.get();
    if !current.is_null() {
        // SAFETY: the thread's own share, which it gives back only where it ends.
        unsafe { &*current }.code.store(code, Ordering::Relaxed);
    }
}

/// What the pseudo-handle `GetCurrentThread()` stands for.
pub(crate) fn current_entry() -> Entry {
    Entry::new(Object::Thread(current()), Rights::THREAD.all, false)
}

/// The stack is never smaller than the system's usual one unless the size is said to be what to reserve.
#[no_mangle]
pub(crate) unsafe extern "C" fn CreateThread(
    attributes: *const SECURITY_ATTRIBUTES,
    stack: usize,
    function: Option<Function>,
    parameter: *mut c_void,
    flags: DWORD,
    id: *mut DWORD,
) -> HANDLE {
    let create = || {
        let function = function.ok_or(Code::INVALID_PARAMETER)?;
        if flags & !(CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION) != 0 {
            return Err(Code::INVALID_PARAMETER);
        }
        let usual = match flags & STACK_SIZE_PARAM_IS_A_RESERVATION {
            0 => os::usual_stack(),
            _ => 0,
        };
        let stack = if stack == 0 { os::usual_stack() } else { stack.max(usual) };
        // SAFETY: the caller's, as Win32 documents.
        let inherit = unsafe { inheritable(attributes) };
        let thread = Arc::new(Thread::new(Life::Over, flags & CREATE_SUSPENDED != 0));
        let start = Start { thread: thread.clone(), function, parameter };
        let handle = create(start, stack, inherit)?;
        if !id.is_null() {
            // SAFETY: the caller gives a place for it or NULL.
            unsafe { *id = thread.id() };
        }
        Ok(handle)
    };
    last_error::or(create(), NULL)
}

/// In a thread that somebody else made it is `pthread_exit`.
#[no_mangle]
pub(crate) extern "C-unwind" fn ExitThread(code: DWORD) -> ! {
    drop(current());
    note_code(code);
    match BACK.get() {
        0 => os::exit(),
        // SAFETY: `main` is still there below, and keeps nothing that another frame of this thread needs.
        back => unsafe { call::leave(back, code) },
    }
}
