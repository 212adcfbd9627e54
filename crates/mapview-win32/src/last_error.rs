//! The last error of each thread, and the return values that go with it.

use std::cell::Cell;

use crate::abi::{BOOL, DWORD, FALSE, HANDLE, NULL, TRUE};
use crate::code::{Code, Result};

thread_local! {
    // Without a destructor, so that it is there as long as the thread runs.
    static LAST: Cell<u32> = const { Cell::new(0) };
}

pub(crate) fn set(code: u32) {
    LAST.with(|last| last.set(code));
}

/// TRUE, and the last error stays as it was; or FALSE, and the last error says why.
pub(crate) fn report(result: Result<()>) -> BOOL {
    or(result.map(|()| TRUE), FALSE)
}

/// The value, and the last error stays as it was; or `failed`, and the last error says why.
pub(crate) fn or<T>(result: Result<T>, failed: T) -> T {
    result.unwrap_or_else(|Code(code)| {
        set(code);
        failed
    })
}

/// What `Create…` returns: a handle, and last error 0 if the object is new, 183 if it was there; or NULL.
pub(crate) fn created(result: Result<(HANDLE, bool)>) -> HANDLE {
    or(
        result.map(|(handle, new)| {
            set(if new { 0 } else { Code::ALREADY_EXISTS.0 });
            handle
        }),
        NULL,
    )
}

#[no_mangle]
extern "C" fn GetLastError() -> DWORD {
    LAST.with(Cell::get)
}

#[no_mangle]
extern "C" fn SetLastError(code: DWORD) {
    set(code);
}
