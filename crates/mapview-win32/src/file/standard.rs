//! The standard handles: those of descriptors 0, 1 and 2 until the program sets others.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Once;

use super::{os, File, Kind, ALWAYS_GRANTED};
use crate::abi::{BOOL, DWORD, HANDLE, INVALID_HANDLE_VALUE, NULL};
use crate::code::{Code, Result};
use crate::last_error;
use crate::object::{Object, Rights};
use crate::table::{self, Entry};

const STD_INPUT_HANDLE: DWORD = -10i32 as DWORD;

static HANDLES: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];
/// Made when first asked for, so programs that have no use for them find their own handles first in the table.
static MADE: Once = Once::new();
/// Which ones somebody chose: the parent or this program.
static CHOSEN: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

/// A handle for a descriptor, which stays open when the handle is closed: the C library writes to it as well.
fn of_descriptor(number: i32) -> Result<HANDLE> {
    let own: OwnedFd = os::duplicate(number)?;
    let access = (Rights::FILE.read | Rights::FILE.write) | ALWAYS_GRANTED;
    let mode = rustix::fs::fcntl_getfl(&own)? & rustix::fs::OFlags::RWMODE;
    let access = match mode {
        rustix::fs::OFlags::RDONLY => access & !(Rights::FILE.write & !Rights::FILE.read),
        rustix::fs::OFlags::WRONLY => access & !super::file_right::READ_DATA,
        _ => access,
    };
    let file = File::adopt(own, access, 0)?;
    let inherit = file.kind != Kind::Folder;
    table::insert(Entry::new(Object::File(file), access, inherit))
}

fn make() {
    MADE.call_once(|| {
        for (number, handle) in HANDLES.iter().enumerate() {
            if CHOSEN[number].load(Ordering::Relaxed) {
                continue;
            }
            // A process without the descriptor has no such handle.
            let made = of_descriptor(number as i32).unwrap_or(NULL);
            handle.store(made as usize, Ordering::Release);
        }
    });
}

/// What the parent chose for this process.
pub(crate) fn preset(chosen: [Option<HANDLE>; 3]) {
    for (which, handle) in chosen.into_iter().enumerate() {
        if let Some(handle) = handle {
            choose(which, handle);
        }
    }
}

fn choose(index: usize, handle: HANDLE) {
    HANDLES[index].store(handle as usize, Ordering::Release);
    CHOSEN[index].store(true, Ordering::Relaxed);
}

/// Those that are not simply the descriptors 0, 1 and 2, which children have anyway.
pub(crate) fn chosen() -> [Option<HANDLE>; 3] {
    std::array::from_fn(|index| {
        let handle = HANDLES[index].load(Ordering::Acquire) as HANDLE;
        CHOSEN[index].load(Ordering::Relaxed).then_some(handle)
    })
}

fn index_of(which: DWORD) -> Result<usize> {
    let index = STD_INPUT_HANDLE.wrapping_sub(which) as usize;
    HANDLES.get(index).map(|_| index).ok_or(Code::INVALID_HANDLE)
}

#[no_mangle]
extern "C" fn GetStdHandle(which: DWORD) -> HANDLE {
    let get = || {
        let index = index_of(which)?;
        make();
        Ok(HANDLES[index].load(Ordering::Acquire) as HANDLE)
    };
    last_error::or(get(), INVALID_HANDLE_VALUE)
}

#[no_mangle]
extern "C" fn SetStdHandle(which: DWORD, handle: HANDLE) -> BOOL {
    let set = || {
        let index = index_of(which)?;
        make();
        choose(index, handle);
        Ok(())
    };
    last_error::report(set())
}

/// The handle that a constant of `GetStdHandle` stands for, which waits take as well; any other stays as it is.
pub(crate) fn meant(handle: HANDLE) -> HANDLE {
    match index_of(handle as usize as DWORD) {
        Ok(_) => GetStdHandle(handle as usize as DWORD),
        Err(_) => handle,
    }
}
