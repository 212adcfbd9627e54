//! `IsBadReadPtr` and its relatives: whether memory can be used, found out without touching it from here.

use std::ffi::{c_char, c_void};

use mapview::{memory, Protect};

use super::os;
use crate::abi::{BOOL, FALSE, TRUE};
use crate::thread::Busy;

/// Whether a range cannot be used. As a touch would, a guard page says so once.
fn bad(address: usize, len: usize, permits: fn(Protect) -> bool) -> BOOL {
    let _busy = Busy::enter();
    let can = os::readable(address, len);
    let can = if can == len { os::permitted(address, len, permits) } else { can };
    if can >= len {
        return FALSE;
    }
    if let Ok(info) = memory::query(address + can) {
        if let Some(guarded) = info.protect.filter(|protect| protect.is_guarded()) {
            // SAFETY: the page permitted nothing, and nobody can rely on that for longer than until the first touch.
            let _ = unsafe { memory::protect(info.base, 1, guarded.unguarded()) };
        }
    }
    TRUE
}

fn bad_to_read(address: usize, len: usize) -> BOOL {
    let _busy = Busy::enter();
    if os::readable(address, len) == len {
        return FALSE; // without a look at what is permitted, which takes longer
    }
    bad(address, len, Protect::readable)
}

/// Whether text of at most so many units cannot be read up to its NUL.
fn bad_text(address: usize, most: usize, unit: usize) -> BOOL {
    let _busy = Busy::enter();
    let end = most.saturating_mul(unit).saturating_add(address);
    let mut part = [0_u8; os::PAGE + 1];
    let mut at = address;
    while at < end {
        let rest = os::PAGE - at % os::PAGE;
        let len = rest.next_multiple_of(unit).min(end - at);
        // SAFETY: the buffer is ours and has room for a page and half a unit.
        let copied = unsafe { os::copy(part.as_mut_ptr().addr(), at, len) };
        let mut units = part[..copied].chunks_exact(unit);
        if units.any(|unit| unit.iter().all(|byte| *byte == 0)) {
            return FALSE;
        }
        if copied < len {
            bad(at + copied, 1, Protect::readable); // a guard page has been touched
            return TRUE;
        }
        at += len;
    }
    FALSE
}

#[no_mangle]
extern "C" fn IsBadReadPtr(address: *const c_void, len: usize) -> BOOL {
    bad_to_read(address.addr(), len)
}

#[no_mangle]
extern "C" fn IsBadHugeReadPtr(address: *const c_void, len: usize) -> BOOL {
    bad_to_read(address.addr(), len)
}

#[no_mangle]
extern "C" fn IsBadWritePtr(address: *mut c_void, len: usize) -> BOOL {
    bad(address.addr(), len, Protect::writable)
}

#[no_mangle]
extern "C" fn IsBadHugeWritePtr(address: *mut c_void, len: usize) -> BOOL {
    bad(address.addr(), len, Protect::writable)
}

#[no_mangle]
extern "C" fn IsBadCodePtr(address: *const c_void) -> BOOL {
    bad_to_read(address.addr(), 1)
}

#[no_mangle]
extern "C" fn IsBadStringPtrA(address: *const c_char, most: usize) -> BOOL {
    bad_text(address.addr(), most, 1)
}

#[no_mangle]
extern "C" fn IsBadStringPtrW(address: *const u16, most: usize) -> BOOL {
    bad_text(address.addr(), most, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapview::memory::{allocate, free, Allocate, Free};

    #[test]
    fn a_guard_page_says_so_once_and_text_ends_at_its_nul_before_it() {
        let wanted = Allocate { size: 2 * os::PAGE, commit: true, ..Allocate::default() };
        // SAFETY: fresh memory, used only here.
        unsafe {
            let base = allocate(&wanted).unwrap();
            let second = base.add(os::PAGE);
            let guard =
                || memory::protect(second.addr(), 1, Protect::READ_WRITE.guarded()).unwrap();
            guard();
            assert_eq!(IsBadReadPtr(base.cast(), 2 * os::PAGE), TRUE);
            assert_eq!(IsBadReadPtr(base.cast(), 2 * os::PAGE), FALSE);
            guard();
            assert_eq!(IsBadWritePtr(second.cast(), 1), TRUE);
            assert_eq!(IsBadWritePtr(second.cast(), 1), FALSE);
            guard();
            base.write_bytes(b'x', os::PAGE);
            assert_eq!(IsBadStringPtrW(base.add(1).cast(), os::PAGE), TRUE); // half a unit lies there
            assert_eq!(IsBadStringPtrW(base.add(1).cast(), os::PAGE / 2), FALSE);
            guard();
            base.add(os::PAGE - 1).write(0);
            assert_eq!(IsBadStringPtrA(base.cast(), 2 * os::PAGE), FALSE);
            assert!(memory::query(second.addr()).unwrap().protect.unwrap().is_guarded());
            free(base.addr(), 0, Free::Release).unwrap();
        }
    }
}
