//! What scenarios cannot say, because Wine does not survive it or Windows has no such threads.

use std::ffi::c_void;
use std::ptr::null;
use std::sync::atomic::{AtomicU32, Ordering};

use mapview::{Event, Mutex, Reset};

use super::create::CreateThread;
use crate::abi::{BOOL, DWORD, FALSE, HANDLE, INVALID_HANDLE_VALUE, NULL, TRUE};
use crate::object::{Object, Rights};
use crate::table::{self, Entry};

extern "C" {
    fn CloseHandle(handle: HANDLE) -> BOOL;
    fn CreateMutexA(attributes: *const c_void, owner: BOOL, name: *const u8) -> HANDLE;
    fn DuplicateHandle(
        from: HANDLE,
        source: HANDLE,
        to: HANDLE,
        target: *mut HANDLE,
        access: DWORD,
        inherit: BOOL,
        options: DWORD,
    ) -> BOOL;
    fn GetCurrentThread() -> HANDLE;
    fn ReleaseMutex(handle: HANDLE) -> BOOL;
    fn SetEvent(handle: HANDLE) -> BOOL;
    fn TerminateThread(handle: HANDLE, code: DWORD) -> BOOL;
    fn WaitForMultipleObjects(count: DWORD, all: *const HANDLE, every: BOOL, time: DWORD) -> DWORD;
    fn WaitForSingleObject(handle: HANDLE, time: DWORD) -> DWORD;
}

const ABANDONED: DWORD = 0x80;
const PATIENCE: DWORD = 60_000;

fn new_event() -> HANDLE {
    let event = Event::create("", Reset::Auto).unwrap();
    table::insert(Entry::new(Object::Event(event), Rights::EVENT.all, false)).unwrap()
}

fn new_mutex() -> HANDLE {
    let mutex = Mutex::create("").unwrap();
    table::insert(Entry::new(Object::Mutex(mutex), Rights::MUTEX.all, false)).unwrap()
}

fn close(handle: HANDLE) {
    // SAFETY: a number.
    assert_eq!(unsafe { CloseHandle(handle) }, TRUE);
}

fn wait(handle: HANDLE) -> DWORD {
    // SAFETY: a number.
    unsafe { WaitForSingleObject(handle, PATIENCE) }
}

fn start(function: unsafe extern "C" fn(*mut c_void) -> u32, argument: *mut c_void) -> HANDLE {
    // SAFETY: the functions of these tests take what these tests give them.
    let thread =
        unsafe { CreateThread(null(), 0, Some(function), argument, 0, std::ptr::null_mut()) };
    assert_ne!(thread, NULL);
    thread
}

#[test]
fn a_terminated_thread_keeps_no_lock_of_the_handle_table() {
    static ROUNDS: AtomicU32 = AtomicU32::new(0);
    unsafe extern "C" fn busy(event: *mut c_void) -> u32 {
        loop {
            // SAFETY: numbers.
            unsafe {
                let mutex = CreateMutexA(null(), TRUE, null());
                SetEvent(event);
                ReleaseMutex(mutex);
                CloseHandle(mutex);
            }
            ROUNDS.fetch_add(1, Ordering::Relaxed);
        }
    }
    let event = new_event();
    for _ in 0..100 {
        let before = ROUNDS.load(Ordering::Relaxed);
        let thread = start(busy, event);
        while ROUNDS.load(Ordering::Relaxed) == before {
            std::thread::yield_now();
        }
        // SAFETY: a number.
        assert_eq!(unsafe { TerminateThread(thread, 1) }, TRUE);
        assert_eq!(wait(thread), 0);
        close(thread);
        close(new_event());
    }
    close(event);
}

#[test]
fn the_end_of_a_thread_that_others_made_is_noticed() {
    for _ in 0..50 {
        let (mutex, (tell, told)) = (new_mutex(), std::sync::mpsc::channel());
        let number = mutex as usize;
        let thread = std::thread::spawn(move || {
            let (mut own, here) = (NULL, INVALID_HANDLE_VALUE);
            // SAFETY: a place for the handle.
            unsafe { DuplicateHandle(here, GetCurrentThread(), here, &mut own, 0, FALSE, 2) };
            assert_eq!(wait(number as HANDLE), 0);
            tell.send(own as usize).unwrap();
        });
        let own = told.recv().unwrap() as HANDLE;
        assert_eq!(wait(own), 0);
        assert_eq!(wait(mutex), ABANDONED);
        thread.join().unwrap();
        // SAFETY: a number.
        unsafe { ReleaseMutex(mutex) };
        close(own);
        close(mutex);
    }
}

#[test]
fn all_who_wait_for_a_thread_find_its_mutex_abandoned_or_owned_by_another_of_them() {
    unsafe extern "C" fn takes(mutex: *mut c_void) -> u32 {
        wait(mutex)
    }
    let never = new_event() as usize;
    for _ in 0..30 {
        let mutex = new_mutex();
        let thread = start(takes, mutex);
        let (mutex, thread) = (mutex as usize, thread as usize);
        let abandoned: u32 = std::thread::scope(|scope| {
            let waiters: Vec<_> = (0..8)
                .map(|index| {
                    scope.spawn(move || {
                        let set = [thread as HANDLE, never as HANDLE];
                        let got = match index % 2 {
                            0 => wait(thread as HANDLE),
                            // SAFETY: an array of two.
                            _ => unsafe {
                                WaitForMultipleObjects(2, set.as_ptr(), FALSE, PATIENCE)
                            },
                        };
                        assert_eq!(got, 0);
                        let got = wait(mutex as HANDLE);
                        // SAFETY: a number.
                        assert_eq!(unsafe { ReleaseMutex(mutex as HANDLE) }, TRUE);
                        u32::from(got == ABANDONED)
                    })
                })
                .collect();
            waiters.into_iter().map(|waiter| waiter.join().unwrap()).sum()
        });
        assert_eq!(abandoned, 1);
        close(thread as HANDLE);
        close(mutex as HANDLE);
    }
    close(never as HANDLE);
}

#[test]
fn an_object_lives_while_somebody_waits_for_it() {
    unsafe extern "C" fn waits(event: *mut c_void) -> u32 {
        wait(event)
    }
    for _ in 0..50 {
        let event = new_event();
        let (mut other, here) = (NULL, INVALID_HANDLE_VALUE);
        // SAFETY: a place for the handle.
        unsafe { DuplicateHandle(here, event, here, &mut other, 0, FALSE, 2) };
        let entry = table::get(event).unwrap();
        let thread = start(waits, event);
        // The thread has its share of the object: the table, this test and it.
        while std::sync::Arc::strong_count(&entry.object) < 4 {
            std::thread::yield_now();
        }
        drop(entry);
        close(event);
        // SAFETY: a number.
        assert_eq!(unsafe { SetEvent(other) }, TRUE);
        assert_eq!(wait(thread), 0);
        close(other);
        close(thread);
    }
}
