//! Message boxes. There are no windows, so what a program has to say goes to the terminal.

use std::io::Write;

use crate::abi::{BOOL, DWORD, HANDLE, LPCSTR, LPCWSTR, TRUE};
use crate::code::{Code, Result};
use crate::{last_error, text};

/// The bits of a type that say which buttons there are; 0 is the one that says OK.
const MB_TYPEMASK: DWORD = 0xF;
const IDOK: i32 = 1;

/// Says it. Nobody can press one of several buttons here.
fn say(message: Option<&[u16]>, caption: Option<&[u16]>, kind: DWORD) -> Result<i32> {
    if kind & MB_TYPEMASK != 0 {
        return Err(Code::NOT_SUPPORTED);
    }
    let caption = caption.map_or("Error".to_owned(), String::from_utf16_lossy);
    let message = String::from_utf16_lossy(message.unwrap_or_default());
    let line = format!("{caption}: {message}\n");
    std::io::stderr().write_all(line.as_bytes()).map_err(|_| Code::INVALID_HANDLE)?;
    Ok(IDOK)
}

#[no_mangle]
unsafe extern "C" fn MessageBoxW(
    _window: HANDLE,
    message: LPCWSTR,
    caption: LPCWSTR,
    kind: DWORD,
) -> i32 {
    // SAFETY: the caller's, as Win32 documents.
    let (message, caption) = unsafe { (text::wide(message), text::wide(caption)) };
    last_error::or(say(message, caption, kind), 0)
}

#[no_mangle]
unsafe extern "C" fn MessageBoxA(
    _window: HANDLE,
    message: LPCSTR,
    caption: LPCSTR,
    kind: DWORD,
) -> i32 {
    // SAFETY: the caller's, as Win32 documents.
    let (message, caption) = unsafe { (text::narrow(message), text::narrow(caption)) };
    last_error::or(say(message.as_deref(), caption.as_deref(), kind), 0)
}

/// Rings the bell of the terminal, whatever the sound.
#[no_mangle]
extern "C" fn MessageBeep(_kind: DWORD) -> BOOL {
    // A bell that cannot be heard is no failure.
    let _ = std::io::stderr().write_all(b"\x07");
    TRUE
}
