//! Fiber-local storage: thread-local storage whose values are handed to a callback when the thread ends.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use crate::abi::{BOOL, DWORD, FALSE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::local::{os, tls};
use crate::thread::{self, Held};

/// `FLS_MAXIMUM_AVAILABLE` of Windows 10 2004.
const SLOTS: usize = 4080;
const FLS_OUT_OF_INDEXES: DWORD = u32::MAX;

type Callback = extern "C" fn(*mut c_void);

/// The values of one thread as numbers, so that another thread can hand them to the callback of a slot that is freed.
#[derive(Default)]
struct Values(Mutex<Vec<usize>>);

struct Slots {
    /// `None` is free.
    used: Vec<Option<Option<Callback>>>,
    threads: Vec<Arc<Values>>,
}

static ALL: Mutex<Slots> = Mutex::new(Slots { used: Vec::new(), threads: Vec::new() });

thread_local! {
    // Without a destructor, so that callbacks at the end of the thread still find the values.
    static MINE: Cell<*const Values> = const { Cell::new(std::ptr::null()) };
}

fn lock<T>(mutex: &Mutex<T>) -> Held<'_, T> {
    thread::lock(mutex)
}

impl Values {
    fn swap(&self, slot: usize, value: usize) -> usize {
        let mut values = lock(&self.0);
        if values.len() <= slot {
            if value == 0 {
                return 0;
            }
            values.resize(slot + 1, 0);
        }
        std::mem::replace(&mut values[slot], value)
    }
}

/// The values of this thread, which live until it ends.
fn mine<'a>() -> Option<&'a Values> {
    // SAFETY: NULL, or what `set` put there and `end_of_thread` takes away.
    unsafe { MINE.get().as_ref() }
}

fn allocate(callback: Option<Callback>) -> Result<DWORD> {
    static AT_EXIT: AtomicBool = AtomicBool::new(false);
    if callback.is_some() && !AT_EXIT.swap(true, SeqCst) {
        os::at_process_exit(end_of_thread);
    }
    let mut all = lock(&ALL);
    // Slot 0 is not given out, as on Windows.
    if all.used.is_empty() {
        all.used.push(Some(None));
    }
    let free = all.used.iter().position(Option::is_none).unwrap_or(all.used.len());
    if free >= SLOTS {
        return Err(Code::NOT_ENOUGH_MEMORY);
    }
    if free == all.used.len() {
        all.used.push(None);
    }
    all.used[free] = Some(callback);
    Ok(free as DWORD)
}

fn checked(index: DWORD) -> Result<usize> {
    match index as usize {
        slot if slot > 0 && slot < SLOTS => Ok(slot),
        _ => Err(Code::INVALID_PARAMETER),
    }
}

fn set(index: DWORD, value: *mut c_void) -> Result<()> {
    let slot = checked(index)?;
    if mine().is_none() {
        if !clean_up_at_exit() {
            return Err(Code::NOT_ENOUGH_MEMORY);
        }
        let values = Arc::new(Values::default());
        lock(&ALL).threads.push(Arc::clone(&values));
        MINE.set(Arc::into_raw(values));
    }
    if let Some(values) = mine() {
        values.swap(slot, value as usize);
    }
    Ok(())
}

fn free(index: DWORD) -> Result<()> {
    let slot = checked(index)?;
    let mut all = lock(&ALL);
    let callback = all.used.get_mut(slot).and_then(Option::take).ok_or(Code::INVALID_PARAMETER)?;
    let values: Vec<usize> = all.threads.iter().map(|thread| thread.swap(slot, 0)).collect();
    drop(all); // the callback may use the functions of this file
    if let Some(callback) = callback {
        values
            .into_iter()
            .filter(|&value| value != 0)
            .for_each(|value| callback(value as *mut c_void));
    }
    Ok(())
}

/// Sees to it that the callbacks run and the memory is given back when this thread ends.
pub(super) fn clean_up_at_exit() -> bool {
    os::at_thread_exit(end_of_thread)
}

/// Hands each value to the callback of its slot, and forgets all storage of this thread.
extern "C" fn end_of_thread() {
    while let Some((callback, value)) = next_value() {
        callback(value as *mut c_void);
    }
    let values = MINE.replace(std::ptr::null());
    if !values.is_null() {
        lock(&ALL).threads.retain(|thread| Arc::as_ptr(thread) != values);
        // SAFETY: made by Arc::into_raw, and no longer known to this thread.
        drop(unsafe { Arc::from_raw(values) });
    }
    tls::forget_values();
}

/// Takes out a value of this thread that a callback waits for.
fn next_value() -> Option<(Callback, usize)> {
    let values = mine()?;
    let all = lock(&ALL);
    for (slot, used) in all.used.iter().enumerate() {
        let Some(Some(callback)) = used else { continue };
        match values.swap(slot, 0) {
            0 => {}
            value => return Some((*callback, value)),
        }
    }
    None
}

#[no_mangle]
extern "C" fn FlsAlloc(callback: Option<Callback>) -> DWORD {
    last_error::or(allocate(callback), FLS_OUT_OF_INDEXES)
}

#[no_mangle]
extern "C" fn FlsFree(index: DWORD) -> BOOL {
    last_error::report(free(index))
}

#[no_mangle]
extern "C" fn FlsSetValue(index: DWORD, value: *mut c_void) -> BOOL {
    last_error::report(set(index, value))
}

/// Sets the last error to 0 if it succeeds, because NULL is a good value.
#[no_mangle]
extern "C" fn FlsGetValue(index: DWORD) -> *mut c_void {
    let value = checked(index).map(|slot| {
        last_error::set(0);
        mine().and_then(|values| lock(&values.0).get(slot).copied()).unwrap_or(0) as *mut c_void
    });
    last_error::or(value, null_mut())
}

/// There are no fibers here.
#[no_mangle]
extern "C" fn IsThreadAFiber() -> BOOL {
    FALSE
}
