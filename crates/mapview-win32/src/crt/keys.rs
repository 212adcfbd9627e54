//! `_getch` and `_kbhit`: single keys, without waiting for a line.

use std::ffi::c_int;
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};

const NONE: c_int = libc::EOF;

/// What `_ungetch` gave back.
static PUSHED: AtomicI32 = AtomicI32::new(NONE);

/// The terminal without lines and echo, until it is dropped.
struct Raw(Option<libc::termios>);

impl Raw {
    fn new() -> Raw {
        // SAFETY: all zeros is a good one to be filled in.
        let mut before: libc::termios = unsafe { std::mem::zeroed() };
        // SAFETY: stdin may be anything; the call says whether it is a terminal.
        if unsafe { libc::tcgetattr(libc::STDIN_FILENO, &mut before) } != 0 {
            return Raw(None);
        }
        let mut raw = before;
        raw.c_lflag &= !(libc::ICANON | libc::ECHO);
        raw.c_cc[libc::VMIN] = 1;
        raw.c_cc[libc::VTIME] = 0;
        // SAFETY: settings of this terminal.
        unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, &raw) };
        Raw(Some(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // SAFETY: settings that this terminal had.
            unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, before) };
        }
    }
}

/// The next byte that a key sends; the Enter key is `\r`, as on Windows.
#[no_mangle]
extern "C" fn mapview_getch() -> c_int {
    let pushed = PUSHED.swap(NONE, SeqCst);
    if pushed != NONE {
        return pushed;
    }
    let raw = Raw::new();
    let mut byte = 0u8;
    // SAFETY: one byte.
    match unsafe { libc::read(libc::STDIN_FILENO, (&raw mut byte).cast(), 1) } {
        1 if byte == b'\n' && raw.0.is_some() => c_int::from(b'\r'),
        1 => c_int::from(byte),
        _ => libc::EOF,
    }
}

#[no_mangle]
extern "C" fn mapview_kbhit() -> c_int {
    if PUSHED.load(SeqCst) != NONE {
        return 1;
    }
    let _raw = Raw::new();
    let mut stdin = libc::pollfd { fd: libc::STDIN_FILENO, events: libc::POLLIN, revents: 0 };
    // SAFETY: one descriptor.
    c_int::from(unsafe { libc::poll(&mut stdin, 1, 0) } > 0)
}

#[no_mangle]
extern "C" fn mapview_ungetch(key: c_int) -> c_int {
    match PUSHED.compare_exchange(NONE, key, SeqCst, SeqCst) {
        Ok(_) => key,
        Err(_) => libc::EOF,
    }
}
