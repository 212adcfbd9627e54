//! `ReadProcessMemory` and `WriteProcessMemory`.

use std::ffi::c_void;

use mapview::{memory, ErrorKind, MemoryState, Protect};

use super::os;
use super::target::{Target, PROCESS_VM_OPERATION, PROCESS_VM_READ, PROCESS_VM_WRITE};
use crate::abi::{BOOL, HANDLE};
use crate::code::{Code, Result};
use crate::last_error;
use crate::thread::Busy;

/// Bytes of another process that are copied here before they go where the caller wants them, which may be wrong.
const BOUNCE: usize = 1 << 16;

/// How many bytes were copied, and whether that is all.
type Copied = (usize, Result<()>);

fn whole(done: usize, len: usize) -> Copied {
    (done, if done == len { Ok(()) } else { Err(Code::PARTIAL_COPY) })
}

/// # Safety
/// Nobody relies on what lies at `to`, which may be wrong.
unsafe fn read(handle: HANDLE, from: usize, to: usize, len: usize) -> Copied {
    let _busy = Busy::enter();
    let target = match Target::of(handle, PROCESS_VM_READ) {
        Ok(target) => target,
        Err(code) => return (0, Err(code)),
    };
    let process = match target.other() {
        Ok(Some(process)) => process,
        // SAFETY: the caller's promise.
        Ok(None) => return whole(unsafe { os::copy(to, from, len) }, len),
        Err(code) => return (0, Err(code)),
    };
    let mut bounce = vec![0; len.min(BOUNCE)];
    let mut done = 0;
    while done < len {
        let wanted = (len - done).min(bounce.len());
        let read = match process.read_prefix(from.wrapping_add(done), &mut bounce[..wanted]) {
            Ok(read) => read,
            Err(error) => return (done, Err(error.into())),
        };
        // SAFETY: the caller's promise.
        let stored = unsafe { os::copy(to + done, bounce.as_ptr().addr(), read) };
        done += stored;
        if stored < wanted {
            break;
        }
    }
    whole(done, len)
}

/// # Safety
/// Nobody relies on what lies at `to`; `from` may be wrong.
unsafe fn write(handle: HANDLE, to: usize, from: usize, len: usize) -> Copied {
    let _busy = Busy::enter();
    let written = || -> Result<()> {
        let target = Target::of(handle, PROCESS_VM_WRITE | PROCESS_VM_OPERATION)?;
        let process = target.other()?;
        if os::readable(from, len) != len {
            return Err(Code::PARTIAL_COPY);
        }
        match process {
            None => {
                // SAFETY: the caller's promise.
                unsafe { write_here(to, from, len) }
            }
            Some(process) => {
                // SAFETY: so many bytes were readable just now; the kernel copies them, so changes do no harm.
                let bytes = unsafe { std::slice::from_raw_parts(from as *const u8, len) };
                Ok(process.write(to, bytes)?)
            }
        }
    };
    match written() {
        Ok(()) => (len, Ok(())),
        Err(code) => (0, Err(code)),
    }
}

/// Writes to this process by the same rules: code is written although it is read-only, data is not.
///
/// # Safety
/// Nobody relies on what lies at `to`.
unsafe fn write_here(to: usize, from: usize, len: usize) -> Result<()> {
    let may = |protect: Protect| protect.writable() || protect.executable();
    let can = os::permitted(to, len, may);
    if can < len {
        let first = memory::query(to).ok().filter(|_| can == 0);
        let readonly = first.is_some_and(|info| info.state == MemoryState::Committed);
        return Err(if readonly { Code::NOACCESS } else { Code::PARTIAL_COPY });
    }
    // SAFETY: the caller's promise.
    if unsafe { os::copy(to, from, len) } == len {
        return Ok(());
    }
    let mut done = 0;
    while done < len {
        let info = memory::query(to + done)?;
        let part = (info.base + info.len - to).min(len) - done;
        let code = info.protect.filter(|protect| !protect.writable());
        let change = |protect| {
            // SAFETY: it permits more for a moment, and then what it did before.
            unsafe { memory::protect(to + done, part, protect) }
        };
        if code.is_some() {
            change(Protect::EXECUTE_READ_WRITE).map_err(|error| match error.kind() {
                ErrorKind::InvalidParameter => Code::NOACCESS, // a view that must not be written
                _ => error.into(),
            })?;
        }
        // SAFETY: the caller's promise.
        let copied = unsafe { os::copy(to + done, from + done, part) };
        if let Some(before) = code {
            change(before)?;
        }
        if copied < part {
            return Err(Code::PARTIAL_COPY);
        }
        done += part;
    }
    Ok(())
}

/// # Safety
/// `told` is NULL or a place for a number.
unsafe fn tell((done, result): Copied, told: *mut usize) -> BOOL {
    if !told.is_null() {
        // SAFETY: the caller says so.
        unsafe { *told = done };
    }
    last_error::report(result)
}

#[no_mangle]
unsafe extern "C" fn ReadProcessMemory(
    process: HANDLE,
    from: *const c_void,
    to: *mut c_void,
    len: usize,
    told: *mut usize,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents; nothing is copied without a length.
    unsafe {
        tell(if len == 0 { (0, Ok(())) } else { read(process, from.addr(), to.addr(), len) }, told)
    }
}

#[no_mangle]
unsafe extern "C" fn WriteProcessMemory(
    process: HANDLE,
    to: *mut c_void,
    from: *const c_void,
    len: usize,
    told: *mut usize,
) -> BOOL {
    // SAFETY: as above.
    unsafe {
        tell(if len == 0 { (0, Ok(())) } else { write(process, to.addr(), from.addr(), len) }, told)
    }
}
