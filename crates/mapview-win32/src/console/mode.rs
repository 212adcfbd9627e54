//! Modes of the console, and its code page.

use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::console::os::{has_console, Terminal};
use crate::last_error;

const PROCESSED_INPUT: DWORD = 1;
const LINE_INPUT: DWORD = 2;
const ECHO_INPUT: DWORD = 4;
/// Window, mouse, insert, quick edit, extended flags, auto position, sequences for keys.
const OTHER_INPUT: DWORD = 0x3F8;

const PROCESSED_OUTPUT: DWORD = 1;
const WRAP_AT_EOL_OUTPUT: DWORD = 2;
const VIRTUAL_TERMINAL_PROCESSING: DWORD = 4;
const ALL_OUTPUT: DWORD = 0x1F;

const CP_UTF8: DWORD = 65001;

/// The flags of a terminal that are modes of input.
const INPUT_FLAGS: [(DWORD, libc::tcflag_t); 3] =
    [(PROCESSED_INPUT, libc::ISIG), (LINE_INPUT, libc::ICANON), (ECHO_INPUT, libc::ECHO)];

fn mode(handle: HANDLE) -> Result<DWORD> {
    let terminal = Terminal::of(handle)?;
    if !terminal.is_input {
        // Terminals do all that, always.
        return Ok(PROCESSED_OUTPUT | WRAP_AT_EOL_OUTPUT | VIRTUAL_TERMINAL_PROCESSING);
    }
    let flags = terminal.settings()?.c_lflag;
    let set = INPUT_FLAGS.iter().filter(|(_, flag)| flags & flag != 0);
    Ok(set.fold(0, |mode, (bit, _)| mode | bit))
}

/// Of input, what terminals have; of output, nothing can be turned off.
fn set_mode(handle: HANDLE, mode: DWORD) -> Result<()> {
    let terminal = Terminal::of(handle)?;
    if !terminal.is_input {
        return match mode & !ALL_OUTPUT {
            0 => Ok(()),
            _ => Err(Code::INVALID_PARAMETER),
        };
    }
    let known = PROCESSED_INPUT | LINE_INPUT | ECHO_INPUT | OTHER_INPUT;
    if mode & !known != 0 || mode & ECHO_INPUT != 0 && mode & LINE_INPUT == 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let mut settings = terminal.settings()?;
    for (bit, flag) in INPUT_FLAGS {
        match mode & bit != 0 {
            true => settings.c_lflag |= flag,
            false => settings.c_lflag &= !flag,
        }
    }
    terminal.set(&settings)
}

#[no_mangle]
unsafe extern "C" fn GetConsoleMode(handle: HANDLE, to: *mut DWORD) -> BOOL {
    let get = || {
        let mode = mode(handle)?;
        // SAFETY: the caller gives a place or NULL.
        *unsafe { to.as_mut() }.ok_or(Code::NOACCESS)? = mode;
        Ok(())
    };
    last_error::report(get())
}

#[no_mangle]
extern "C" fn SetConsoleMode(handle: HANDLE, mode: DWORD) -> BOOL {
    last_error::report(set_mode(handle, mode))
}

#[no_mangle]
extern "C" fn GetConsoleCP() -> DWORD {
    CP_UTF8
}

#[no_mangle]
extern "C" fn GetConsoleOutputCP() -> DWORD {
    CP_UTF8
}

fn set_code_page(code_page: DWORD) -> Result<()> {
    match code_page {
        CP_UTF8 => Ok(()),
        _ => Err(Code::NOT_SUPPORTED), // terminals of Linux take UTF-8
    }
}

#[no_mangle]
extern "C" fn SetConsoleCP(code_page: DWORD) -> BOOL {
    last_error::report(set_code_page(code_page))
}

#[no_mangle]
extern "C" fn SetConsoleOutputCP(code_page: DWORD) -> BOOL {
    last_error::report(set_code_page(code_page))
}

/// A process has one console at most, and here nobody can make one.
#[no_mangle]
extern "C" fn AllocConsole() -> BOOL {
    let code = if has_console() { Code::ACCESS_DENIED } else { Code::NOT_SUPPORTED };
    last_error::report(Err(code))
}

#[no_mangle]
extern "C" fn FreeConsole() -> BOOL {
    last_error::report(Err(Code::NOT_SUPPORTED))
}
