//! Text to and from the console, and its title.

use std::ffi::c_void;
use std::io::Write;

use crate::abi::{BOOL, DWORD, HANDLE, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::console::os::{self, Terminal};
use crate::{last_error, text};

/// # Safety
/// `done` is NULL or a place.
unsafe fn tell(done: *mut DWORD, count: DWORD) {
    if !done.is_null() {
        // SAFETY: the caller says so.
        unsafe { *done = count };
    }
}

#[no_mangle]
unsafe extern "C" fn WriteConsoleA(
    handle: HANDLE,
    text: *const u8,
    count: DWORD,
    done: *mut DWORD,
    _reserved: *mut c_void,
) -> BOOL {
    let write = || {
        let terminal = Terminal::of_output(handle)?;
        // SAFETY: the caller's, as Win32 documents.
        unsafe {
            terminal.write(std::slice::from_raw_parts(text, count as usize))?;
            tell(done, count);
        }
        Ok(())
    };
    last_error::report(write())
}

#[no_mangle]
unsafe extern "C" fn WriteConsoleW(
    handle: HANDLE,
    text: *const u16,
    count: DWORD,
    done: *mut DWORD,
    _reserved: *mut c_void,
) -> BOOL {
    let write = || {
        let terminal = Terminal::of_output(handle)?;
        // SAFETY: the caller's, as Win32 documents.
        unsafe {
            let units = std::slice::from_raw_parts(text, count as usize);
            terminal.write(String::from_utf16_lossy(units).as_bytes())?;
            tell(done, count);
        }
        Ok(())
    };
    last_error::report(write())
}

/// What was typed, at most `most` bytes; a line ends with `\r\n`, as on Windows.
fn line(handle: HANDLE, most: DWORD) -> Result<Vec<u8>> {
    let terminal = Terminal::of(handle)?;
    if most < 2 {
        return terminal.read(most as usize);
    }
    let mut bytes = terminal.read(most as usize - 1)?;
    if bytes.last() == Some(&b'\n') {
        bytes.insert(bytes.len() - 1, b'\r');
    }
    // The rest of a character that was cut.
    while std::str::from_utf8(&bytes).is_err_and(|error| error.error_len().is_none()) {
        match terminal.read(1)?.first() {
            Some(&byte) => bytes.push(byte),
            None => break,
        }
    }
    Ok(bytes)
}

#[no_mangle]
unsafe extern "C" fn ReadConsoleA(
    handle: HANDLE,
    to: *mut u8,
    most: DWORD,
    done: *mut DWORD,
    _control: *mut c_void,
) -> BOOL {
    let read = || {
        let mut bytes = line(handle, most)?;
        bytes.truncate(most as usize);
        // SAFETY: the caller's, as Win32 documents.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
            tell(done, bytes.len() as DWORD);
        }
        Ok(())
    };
    last_error::report(read())
}

#[no_mangle]
unsafe extern "C" fn ReadConsoleW(
    handle: HANDLE,
    to: *mut u16,
    most: DWORD,
    done: *mut DWORD,
    _control: *mut c_void,
) -> BOOL {
    let read = || {
        let bytes = line(handle, most)?;
        let mut units: Vec<u16> = String::from_utf8_lossy(&bytes).encode_utf16().collect();
        units.truncate(most as usize);
        // SAFETY: the caller's, as Win32 documents.
        unsafe {
            std::ptr::copy_nonoverlapping(units.as_ptr(), to, units.len());
            tell(done, units.len() as DWORD);
        }
        Ok(())
    };
    last_error::report(read())
}

/// By the sequence that terminals know; control characters in it would end it.
fn set_title(title: Option<String>) -> Result<()> {
    let title = title.ok_or(Code::INVALID_PARAMETER)?;
    let title: String = title.chars().filter(|char| !char.is_control()).collect();
    let mut terminal = os::controlling_terminal().map_err(|_| Code::INVALID_HANDLE)?;
    terminal.write_all(format!("\x1b]0;{title}\x07").as_bytes()).map_err(|_| Code::INVALID_HANDLE)
}

#[no_mangle]
unsafe extern "C" fn SetConsoleTitleW(title: LPCWSTR) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    let title = unsafe { text::wide(title) }.map(String::from_utf16_lossy);
    last_error::report(set_title(title))
}

#[no_mangle]
unsafe extern "C" fn SetConsoleTitleA(title: LPCSTR) -> BOOL {
    let bytes = (!title.is_null())
        // SAFETY: the caller's, as Win32 documents.
        .then(|| unsafe { text::bytes_up_to(title.cast(), usize::MAX) });
    last_error::report(set_title(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned())))
}
