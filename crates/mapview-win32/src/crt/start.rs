//! What `main` of `libmapview-main.a` needs to start a program that has `wmain` or `WinMain`.

use std::ffi::{c_char, c_int};

use crate::text;

/// The arguments in UTF-16, with NULL at the end. They live as long as the process.
#[no_mangle]
unsafe extern "C" fn mapview_wide_arguments(
    count: c_int,
    arguments: *const *const c_char,
) -> *mut *mut u16 {
    let mut wide: Vec<*mut u16> = Vec::new();
    for index in 0..usize::try_from(count).unwrap_or(0) {
        // SAFETY: the caller's: so many NUL-terminated texts.
        let Some(mut argument) = (unsafe { text::narrow(*arguments.add(index)) }) else { break };
        argument.push(0);
        wide.push(argument.leak().as_mut_ptr());
    }
    wide.push(std::ptr::null_mut());
    wide.leak().as_mut_ptr()
}
