//! The standard handles: those of descriptors 0, 1 and 2 until the program sets others.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicUsize, Ordering};
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
            // A process without the descriptor has no such handle.
            let made = of_descriptor(number as i32).unwrap_or(NULL);
            handle.store(made as usize, Ordering::Release);
        }
    });
}

fn slot(which: DWORD) -> Result<&'static AtomicUsize> {
    let index = STD_INPUT_HANDLE.wrapping_sub(which);
    HANDLES.get(index as usize).ok_or(Code::INVALID_HANDLE)
}

#[no_mangle]
extern "C" fn GetStdHandle(which: DWORD) -> HANDLE {
    let get = || {
        let slot = slot(which)?;
        make();
        Ok(slot.load(Ordering::Acquire) as HANDLE)
    };
    last_error::or(get(), INVALID_HANDLE_VALUE)
}

#[no_mangle]
extern "C" fn SetStdHandle(which: DWORD, handle: HANDLE) -> BOOL {
    let set = || {
        let slot = slot(which)?;
        make();
        slot.store(handle as usize, Ordering::Release);
        Ok(())
    };
    last_error::report(set())
}
