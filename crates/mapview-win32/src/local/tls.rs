//! Thread-local storage: a fixed number of slots that are 0 in every thread at first.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::Mutex;

use crate::abi::{BOOL, DWORD};
use crate::code::{Code, Result};
use crate::last_error;
use crate::local::fls;
use crate::thread::lock;

const SLOTS: usize = 1088;
const TLS_OUT_OF_INDEXES: DWORD = u32::MAX;
const NO_MORE_ITEMS: Code = Code(259);

/// How often each slot was given out; a value counts only for the turn that it was set in.
static TURNS: [AtomicU32; SLOTS] = [const { AtomicU32::new(0) }; SLOTS];
static USED: Mutex<[bool; SLOTS]> = Mutex::new([false; SLOTS]);

#[derive(Clone, Copy)]
struct Value {
    pointer: *mut c_void,
    turn: u32,
}

/// What no thread has set.
const NONE: Value = Value { pointer: null_mut(), turn: 0 };

/// The values of one thread.
pub(super) struct Values([Cell<Value>; SLOTS]);

thread_local! {
    // Without a destructor, so that what runs at the end of the thread still finds the values.
    static VALUES: Cell<*mut Values> = const { Cell::new(null_mut()) };
}

fn slot(index: DWORD) -> Result<usize> {
    match index as usize {
        slot if slot < SLOTS => Ok(slot),
        _ => Err(Code::INVALID_PARAMETER),
    }
}

fn set(index: DWORD, pointer: *mut c_void) -> Result<()> {
    let slot = slot(index)?;
    let mut values = VALUES.get();
    if values.is_null() {
        if !fls::clean_up_at_exit() {
            return Err(Code::NOT_ENOUGH_MEMORY);
        }
        values = Box::into_raw(Box::new(Values([const { Cell::new(NONE) }; SLOTS])));
        VALUES.set(values);
    }
    // SAFETY: the box lives until the thread ends, and only this thread knows it.
    let values = unsafe { &*values };
    values.0[slot].set(Value { pointer, turn: TURNS[slot].load(SeqCst) });
    Ok(())
}

fn get(index: DWORD) -> Result<*mut c_void> {
    let slot = slot(index)?;
    // SAFETY: NULL, or the box that lives until the thread ends.
    let Some(values) = (unsafe { VALUES.get().as_ref() }) else { return Ok(null_mut()) };
    let value = values.0[slot].get();
    Ok(if value.turn == TURNS[slot].load(SeqCst) { value.pointer } else { null_mut() })
}

/// Gives the memory of this thread's values back.
pub(super) fn forget_values() {
    let values = VALUES.replace(null_mut());
    if !values.is_null() {
        // SAFETY: made by Box::into_raw, and no longer known to anybody.
        drop(unsafe { Box::from_raw(values) });
    }
}

#[no_mangle]
extern "C" fn TlsAlloc() -> DWORD {
    let mut used = lock(&USED);
    let free = used.iter().position(|used| !used).ok_or(NO_MORE_ITEMS);
    let index = free.map(|slot| {
        used[slot] = true;
        TURNS[slot].fetch_add(1, SeqCst);
        slot as DWORD
    });
    last_error::or(index, TLS_OUT_OF_INDEXES)
}

#[no_mangle]
extern "C" fn TlsFree(index: DWORD) -> BOOL {
    let mut used = lock(&USED);
    let freed = slot(index).and_then(|slot| match std::mem::replace(&mut used[slot], false) {
        true => {
            TURNS[slot].fetch_add(1, SeqCst);
            Ok(())
        }
        false => Err(Code::INVALID_PARAMETER),
    });
    last_error::report(freed)
}

#[no_mangle]
extern "C" fn TlsSetValue(index: DWORD, value: *mut c_void) -> BOOL {
    last_error::report(set(index, value))
}

/// Sets the last error to 0 if it succeeds, because NULL is a good value.
#[no_mangle]
extern "C" fn TlsGetValue(index: DWORD) -> *mut c_void {
    let value = get(index);
    if value.is_ok() {
        last_error::set(0);
    }
    last_error::or(value, null_mut())
}
