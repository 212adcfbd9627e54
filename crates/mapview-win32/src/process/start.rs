//! The start of a process: before `main`, it takes over what its parent passed.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt;
use std::sync::OnceLock;

use super::abi::STARTUPINFO;
use super::handover::{self, Startup};
use super::page::Page;
use super::{command_line, exit, inbox, os};
use crate::abi::HANDLE;
use crate::file::standard;
use crate::table;

/// Names the descriptor of what the parent packed.
pub(super) const VARIABLE: &str = "MAPVIEW_START";

/// Runs before `main`: see `inbox`.
pub(super) extern "C" fn start() {
    exit::install();
    if let Some(number) = std::env::var_os(VARIABLE) {
        std::env::remove_var(VARIABLE);
        take_over(number);
    }
    if Page::own().is_none() {
        // Without memory or descriptors for it, others learn eight bits of the exit code and cannot pass handles.
        if let Ok(page) = Page::new() {
            inbox::open(&page);
            page.set_own();
        }
    }
    os::at_fork(Page::disown);
}

static STARTUP: OnceLock<Startup> = OnceLock::new();

fn take_over(number: OsString) {
    let number = String::from_utf8(number.into_vec()).ok().and_then(|number| number.parse().ok());
    let Some(bytes) = number.and_then(os::read_passed) else { return };
    let Some(handover) = handover::unpack(&bytes) else { return };
    if let Some(file) = number.and_then(os::adopt) {
        drop(file);
    }
    inbox::adopt(handover.inbox);
    handover.page.set_own();
    command_line::set_own(&handover.line);
    for (handle, entry) in handover.entries {
        // Written by the parent's library from a table like this one, so there is room.
        let _ = table::put(handle, entry);
    }
    standard::preset(handover.startup.chosen.map(|handle| handle.map(|handle| handle as HANDLE)));
    STARTUP.get_or_init(|| handover.startup);
}

/// How this process was started.
pub(super) fn startup() -> &'static Startup {
    STARTUP.get_or_init(Startup::default)
}

struct Texts {
    wide: [Vec<u16>; 2],
    narrow: [CString; 2],
}

/// Desktop and title as C has them; they stay for ever.
fn texts() -> &'static Texts {
    static TEXTS: OnceLock<Texts> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let texts = [&startup().desktop, &startup().title];
        let narrow =
            |text: &&Vec<u16>| CString::new(String::from_utf16_lossy(text)).unwrap_or_default();
        let wide = |text: &&Vec<u16>| text.iter().copied().chain([0]).collect();
        Texts { wide: texts.each_ref().map(wide), narrow: texts.each_ref().map(narrow) }
    })
}

fn fill<C>([desktop, title]: [*mut C; 2]) -> STARTUPINFO<C> {
    let Startup { flags, window, show, standard, .. } = startup();
    STARTUPINFO {
        cb: size_of::<STARTUPINFO<C>>() as u32,
        lpReserved: std::ptr::null_mut(),
        lpDesktop: desktop,
        lpTitle: title,
        dwX: window[0],
        dwY: window[1],
        dwXSize: window[2],
        dwYSize: window[3],
        dwXCountChars: window[4],
        dwYCountChars: window[5],
        dwFillAttribute: window[6],
        dwFlags: *flags,
        wShowWindow: *show,
        cbReserved2: 0,
        lpReserved2: std::ptr::null_mut(),
        hStdInput: standard[0] as *mut _,
        hStdOutput: standard[1] as *mut _,
        hStdError: standard[2] as *mut _,
    }
}

#[no_mangle]
unsafe extern "C" fn GetStartupInfoW(startup: *mut STARTUPINFO<u16>) {
    let texts = texts().wide.each_ref().map(|text| text.as_ptr().cast_mut());
    // SAFETY: the caller gives a place for it.
    unsafe { startup.write(fill(texts)) };
}

#[no_mangle]
unsafe extern "C" fn GetStartupInfoA(startup: *mut STARTUPINFO<libc::c_char>) {
    let texts = texts().narrow.each_ref().map(|text| text.as_ptr().cast_mut());
    // SAFETY: the caller gives a place for it.
    unsafe { startup.write(fill(texts)) };
}
