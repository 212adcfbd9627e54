//! Debuggers, exceptions and error modes.

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use crate::abi::{BOOL, DWORD, LPCSTR, LPCWSTR, TRUE};
use crate::code::Code;
use crate::{last_error, text};

/// Without a debugger the text is lost on Windows too; with `MAPVIEW_DEBUG` set it goes to stderr.
fn output(text: &str) {
    if std::env::var_os("MAPVIEW_DEBUG").is_some() {
        // Nobody is told if it cannot be written.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

#[no_mangle]
unsafe extern "C" fn OutputDebugStringW(text: LPCWSTR) {
    // SAFETY: the caller's, as Win32 documents.
    output(&String::from_utf16_lossy(unsafe { text::wide(text) }.unwrap_or_default()));
}

#[no_mangle]
unsafe extern "C" fn OutputDebugStringA(text: LPCSTR) {
    if !text.is_null() {
        // SAFETY: the caller's, as Win32 documents.
        let bytes = unsafe { text::bytes_up_to(text.cast(), usize::MAX) };
        output(&String::from_utf8_lossy(bytes));
    }
}

/// Whether another process traces this one.
#[no_mangle]
extern "C" fn IsDebuggerPresent() -> BOOL {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
    BOOL::from(tracer.is_some_and(|tracer| tracer.trim() != "0"))
}

/// Stops in the debugger; without one the process ends, as on Windows.
#[no_mangle]
extern "C" fn DebugBreak() {
    // SAFETY: what this does is what the caller wants.
    unsafe { libc::raise(libc::SIGTRAP) };
}

static ERROR_MODE: AtomicU32 = AtomicU32::new(0);

/// There are no message boxes to suppress; the mode is kept to be asked for.
#[no_mangle]
extern "C" fn SetErrorMode(mode: DWORD) -> DWORD {
    ERROR_MODE.swap(mode, SeqCst)
}

#[no_mangle]
extern "C" fn GetErrorMode() -> DWORD {
    ERROR_MODE.load(SeqCst)
}

/// Rings the bell of the terminal, whose pitch and length are its own.
#[no_mangle]
extern "C" fn Beep(frequency: DWORD, _milliseconds: DWORD) -> BOOL {
    if !(37..=32767).contains(&frequency) {
        return last_error::report(Err(Code::INVALID_PARAMETER));
    }
    // A bell that cannot be heard is no failure.
    let _ = std::io::stderr().write_all(b"\x07");
    TRUE
}

/// `number * numerator / denominator`, rounded; -1 if it cannot be.
#[no_mangle]
extern "C" fn MulDiv(number: i32, numerator: i32, denominator: i32) -> i32 {
    if denominator == 0 {
        return -1;
    }
    let product = i64::from(number) * i64::from(numerator);
    let divisor = i64::from(denominator).abs();
    let half = if product >= 0 { divisor / 2 } else { -divisor / 2 };
    let quotient = (product + half) / divisor * i64::from(denominator.signum());
    i32::try_from(quotient).unwrap_or(-1)
}
