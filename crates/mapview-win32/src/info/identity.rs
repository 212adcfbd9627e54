//! Names of the computer and the user.

use std::ffi::{c_char, CStr};

use crate::abi::{BOOL, DWORD};
use crate::code::{Code, Result};
use crate::last_error;

const BUFFER_OVERFLOW: Code = Code(111);
const INSUFFICIENT_BUFFER: Code = Code(122);
const MORE_DATA: Code = Code(234);

fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// At most 15 characters, in capitals.
fn short_host() -> String {
    let host = host();
    let first = host.split('.').next().unwrap_or_default();
    first.chars().take(15).collect::<String>().to_uppercase()
}

fn user() -> Result<String> {
    let mut entry = std::mem::MaybeUninit::<libc::passwd>::uninit();
    let mut buffer = vec![0; 16384];
    let mut found = std::ptr::null_mut();
    // SAFETY: places for the entry, its texts and whether there is one.
    let name = unsafe {
        let (texts, length) = (buffer.as_mut_ptr(), buffer.len());
        libc::getpwuid_r(libc::geteuid(), entry.as_mut_ptr(), texts, length, &mut found);
        match found.is_null() {
            true => None,
            false => Some(CStr::from_ptr((*found).pw_name).to_string_lossy().into_owned()),
        }
    };
    name.or_else(|| std::env::var("USER").ok()).ok_or(Code(1317))
}

/// Writes text and a NUL; `size` gets the length, or the places that it takes.
///
/// # Safety
/// `size` is NULL or says how many places there are.
unsafe fn deliver<T: Copy + Default>(
    units: &[T],
    to: *mut T,
    size: *mut DWORD,
    counts_nul: bool,
    too_small: Code,
) -> Result<()> {
    // SAFETY: the caller says so.
    let size = unsafe { size.as_mut() }.ok_or(Code::INVALID_PARAMETER)?;
    let needed = units.len() as DWORD + 1;
    if to.is_null() || *size < needed {
        *size = needed;
        return Err(too_small);
    }
    // SAFETY: the caller says so.
    unsafe {
        std::ptr::copy_nonoverlapping(units.as_ptr(), to, units.len());
        to.add(units.len()).write(T::default());
    }
    *size = if counts_nul { needed } else { needed - 1 };
    Ok(())
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

#[no_mangle]
unsafe extern "C" fn GetComputerNameW(to: *mut u16, size: *mut DWORD) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { deliver(&wide(&short_host()), to, size, false, BUFFER_OVERFLOW) })
}

#[no_mangle]
unsafe extern "C" fn GetComputerNameA(to: *mut c_char, size: *mut DWORD) -> BOOL {
    let name = short_host();
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { deliver(name.as_bytes(), to.cast(), size, false, BUFFER_OVERFLOW) })
}

/// The name in one of the formats of `COMPUTER_NAME_FORMAT`, whose upper four are the same for a computer of its own.
fn named(format: DWORD) -> Result<String> {
    let host = host();
    let (name, domain) = host.split_once('.').unwrap_or((&host, ""));
    match format {
        0 | 4 => Ok(short_host()),
        1 | 5 => Ok(name.to_string()),
        2 | 6 => Ok(domain.to_string()),
        3 | 7 => Ok(host),
        _ => Err(Code::INVALID_PARAMETER),
    }
}

#[no_mangle]
unsafe extern "C" fn GetComputerNameExW(format: DWORD, to: *mut u16, size: *mut DWORD) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    let get = || unsafe { deliver(&wide(&named(format)?), to, size, false, MORE_DATA) };
    last_error::report(get())
}

#[no_mangle]
unsafe extern "C" fn GetComputerNameExA(format: DWORD, to: *mut c_char, size: *mut DWORD) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    let get = || unsafe { deliver(named(format)?.as_bytes(), to.cast(), size, false, MORE_DATA) };
    last_error::report(get())
}

#[no_mangle]
unsafe extern "C" fn GetUserNameW(to: *mut u16, size: *mut DWORD) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    let get = || unsafe { deliver(&wide(&user()?), to, size, true, INSUFFICIENT_BUFFER) };
    last_error::report(get())
}

#[no_mangle]
unsafe extern "C" fn GetUserNameA(to: *mut c_char, size: *mut DWORD) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    let get = || unsafe { deliver(user()?.as_bytes(), to.cast(), size, true, INSUFFICIENT_BUFFER) };
    last_error::report(get())
}
