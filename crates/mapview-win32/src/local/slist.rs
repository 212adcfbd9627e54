//! Singly linked lists that several threads push to and pop from.

use std::cell::UnsafeCell;
use std::ptr::null_mut;

use parking_lot::lock_api::RawMutex as _;
use parking_lot::RawMutex;

/// `SLIST_ENTRY`, the beginning of what the program links.
#[repr(C)]
struct Entry {
    next: *mut Entry,
}

/// `SLIST_HEADER`, which programs use through these functions only. All zeros is an empty list.
#[repr(C, align(16))]
struct Header {
    lock: RawMutex,
    depth: UnsafeCell<u16>,
    first: UnsafeCell<*mut Entry>,
}

const _: () = assert!(size_of::<Header>() == 16);

struct List {
    depth: u16,
    first: *mut Entry,
}

impl Header {
    fn change<T>(&self, act: impl FnOnce(&mut List) -> T) -> T {
        self.lock.lock();
        // SAFETY: who holds the lock is alone with the list.
        let mut list = unsafe { List { depth: *self.depth.get(), first: *self.first.get() } };
        let result = act(&mut list);
        // SAFETY: the same.
        unsafe { (*self.depth.get(), *self.first.get()) = (list.depth, list.first) };
        // SAFETY: locked above.
        unsafe { self.lock.unlock() };
        result
    }
}

#[no_mangle]
unsafe extern "C" fn InitializeSListHead(header: *mut Header) {
    let (depth, first) = (UnsafeCell::new(0), UnsafeCell::new(null_mut()));
    // SAFETY: the caller gives the place.
    unsafe { header.write(Header { lock: RawMutex::INIT, depth, first }) };
}

#[no_mangle]
unsafe extern "C" fn InterlockedPushEntrySList(header: &Header, entry: *mut Entry) -> *mut Entry {
    // SAFETY: the caller gives one entry that is in no list.
    unsafe { InterlockedPushListSListEx(header, entry, entry, 1) }
}

#[no_mangle]
unsafe extern "C" fn InterlockedPushListSListEx(
    header: &Header,
    first: *mut Entry,
    last: *mut Entry,
    count: u32,
) -> *mut Entry {
    header.change(|list| {
        let before = list.first;
        // SAFETY: the caller gives entries that are in no list.
        unsafe { (*last).next = before };
        *list = List { depth: list.depth.wrapping_add(count as u16), first };
        before
    })
}

#[no_mangle]
unsafe extern "C" fn InterlockedPopEntrySList(header: &Header) -> *mut Entry {
    header.change(|list| {
        // SAFETY: what is in the list is there until it is popped.
        if let Some(first) = unsafe { list.first.as_mut() } {
            *list = List { depth: list.depth.wrapping_sub(1), first: first.next };
            return first as *mut Entry;
        }
        null_mut()
    })
}

#[no_mangle]
extern "C" fn InterlockedFlushSList(header: &Header) -> *mut Entry {
    header.change(|list| std::mem::replace(list, List { depth: 0, first: null_mut() }).first)
}

#[no_mangle]
extern "C" fn QueryDepthSList(header: &Header) -> u16 {
    header.change(|list| list.depth)
}
