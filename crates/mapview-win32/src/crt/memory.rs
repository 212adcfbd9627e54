//! Aligned memory and random numbers.

use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use crate::crt::secure;

/// Memory of another size with the same contents; size 0 frees it.
#[no_mangle]
unsafe extern "C" fn mapview_aligned_realloc(
    block: *mut c_void,
    size: usize,
    alignment: usize,
) -> *mut c_void {
    let mut new = null_mut();
    // SAFETY: the caller's, as for _aligned_realloc: NULL or a block of these functions.
    unsafe {
        if size == 0 {
            libc::free(block);
            return null_mut();
        }
        let alignment = alignment.max(size_of::<*mut c_void>());
        if libc::posix_memalign(&mut new, alignment, size) != 0 {
            return null_mut();
        }
        if !block.is_null() {
            let kept = libc::malloc_usable_size(block).min(size);
            std::ptr::copy_nonoverlapping(block.cast::<u8>(), new.cast(), kept);
            libc::free(block);
        }
    }
    new
}

#[no_mangle]
unsafe extern "C" fn mapview_rand_s(number: *mut u32) -> c_int {
    // SAFETY: the caller gives a place or NULL; getrandom fills it.
    let failed = number.is_null() || unsafe { libc::getrandom(number.cast(), 4, 0) } != 4;
    if failed {
        return secure::fail(libc::EINVAL);
    }
    0
}
