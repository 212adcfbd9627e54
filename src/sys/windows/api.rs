//! Safe wrappers around the calls into Windows, named as Windows names them: the only code here that is `unsafe`.
//!
//! What the kernel lends is owned by a type that gives it back (`OwnedHandle`, `Mapped`, `SecurityAttributes`), a failure
//! is the code of `GetLastError`, and pointers stay inside. Win32 comes first; ntdll is asked only for what Win32 cannot
//! tell: the exact size of a section, the states of mutexes, events, semaphores and timers, type, name and identity of an object,
//! the entries of a directory.
#![allow(unsafe_code)]

mod directory;
mod extend;
mod fault;
mod memory;
mod numa;
mod object;
mod placeholder;
mod process;
mod section;
mod security;
mod sync;
mod wait;
mod working_set;

use std::os::windows::io::{FromRawHandle, OwnedHandle};

use windows_sys::core::BOOL;
use windows_sys::Win32::Foundation::{
    GetLastError, RtlNtStatusToDosError, ERROR_ALREADY_EXISTS, HANDLE, NTSTATUS, UNICODE_STRING,
};

pub(crate) use directory::*;
pub(crate) use extend::*;
pub(crate) use fault::*;
pub(crate) use memory::*;
pub(crate) use numa::*;
pub(crate) use object::*;
pub(crate) use placeholder::*;
pub(crate) use process::*;
pub(crate) use section::*;
pub(crate) use security::*;
pub(crate) use sync::*;
pub(crate) use wait::*;
pub(crate) use working_set::*;

/// A Win32 error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code(pub u32);

pub(crate) type Outcome<T> = Result<T, Code>;

/// Text as Windows takes it, closed by a NUL.
#[derive(Debug)]
pub(crate) struct Wide(Vec<u16>);

impl Wide {
    pub(crate) fn new(text: &str) -> Wide {
        Wide::from_units(text.encode_utf16())
    }

    pub(crate) fn from_units(units: impl IntoIterator<Item = u16>) -> Wide {
        Wide(units.into_iter().chain([0]).collect())
    }

    fn as_ptr(&self) -> *const u16 {
        self.0.as_ptr()
    }
}

fn name_or_null(name: Option<&Wide>) -> *const u16 {
    name.map_or(std::ptr::null(), Wide::as_ptr)
}

fn last_error() -> Code {
    // SAFETY: reads a variable of this thread.
    Code(unsafe { GetLastError() })
}

fn check(ok: BOOL) -> Outcome<()> {
    if ok == 0 {
        return Err(last_error());
    }
    Ok(())
}

fn check_status(status: NTSTATUS) -> Outcome<()> {
    if status < 0 {
        // SAFETY: a pure function of a number.
        return Err(Code(unsafe { RtlNtStatusToDosError(status) }));
    }
    Ok(())
}

/// Takes over what a call returned; NULL is its failure.
///
/// # Safety
/// `raw` is NULL, or a handle that belongs to nobody else.
unsafe fn own(raw: HANDLE) -> Outcome<OwnedHandle> {
    if raw.is_null() {
        return Err(last_error());
    }
    // SAFETY: not NULL, and ours by the caller's promise.
    Ok(unsafe { OwnedHandle::from_raw_handle(raw) })
}

/// As `own`, and whether the object is new: a `Create` call tells by the last error.
///
/// # Safety
/// As `own`, and no call came between the creating one and this.
unsafe fn own_created(raw: HANDLE) -> Outcome<(OwnedHandle, bool)> {
    let created = last_error() != Code(ERROR_ALREADY_EXISTS);
    // SAFETY: the caller's promise.
    unsafe { own(raw) }.map(|handle| (handle, created))
}

/// The text that a string of the kernel describes.
///
/// # Safety
/// The kernel wrote `string`, and the buffer it points into is alive.
unsafe fn units_of(string: &UNICODE_STRING) -> Vec<u16> {
    if string.Buffer.is_null() {
        return Vec::new();
    }
    // SAFETY: the kernel filled `Length` bytes of UTF-16 units at `Buffer`.
    unsafe { std::slice::from_raw_parts(string.Buffer, usize::from(string.Length) / 2) }.to_vec()
}

/// Room, aligned for every structure, for the largest answer there is: two names of the object manager's longest kind.
fn answer_buffer() -> Vec<u64> {
    vec![0; 0x2_4000 / 8]
}
