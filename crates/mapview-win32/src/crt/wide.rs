//! `wcslen` and its kin for UTF-16. glibc's are for `wchar_t` of 32 bits.

use std::cmp::Ordering;
use std::ffi::c_int;
use std::ptr::null_mut;

use crate::text;

/// The text before the NUL.
///
/// # Safety
/// `text` is NUL-terminated.
pub(super) unsafe fn units<'a>(text: *const u16) -> &'a [u16] {
    // SAFETY: the caller says so.
    unsafe { text::wide_up_to(text, usize::MAX) }
}

/// Writes text and a NUL.
///
/// # Safety
/// There is place for both.
pub(super) unsafe fn put(units: &[u16], to: *mut u16) {
    // SAFETY: the caller says so; the two may overlap.
    unsafe {
        std::ptr::copy(units.as_ptr(), to, units.len());
        to.add(units.len()).write(0);
    }
}

fn sign(ordering: Ordering) -> c_int {
    ordering as c_int
}

/// A to Z as a to z, as the C locale has it.
pub(super) fn small(unit: u16) -> u16 {
    match unit {
        0x41..=0x5A => unit + 0x20,
        _ => unit,
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcslen(text: *const u16) -> usize {
    // SAFETY: the caller's, as for wcslen.
    unsafe { units(text).len() }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsnlen(text: *const u16, most: usize) -> usize {
    // SAFETY: the caller's, as for wcsnlen.
    unsafe { text::wide_up_to(text, most).len() }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcscpy(to: *mut u16, from: *const u16) -> *mut u16 {
    // SAFETY: the caller's, as for wcscpy.
    unsafe { put(units(from), to) };
    to
}

/// The rest of the `count` units becomes 0; there is no NUL if the text is longer.
#[no_mangle]
unsafe extern "C" fn mapview_wcsncpy(to: *mut u16, from: *const u16, count: usize) -> *mut u16 {
    // SAFETY: the caller's, as for wcsncpy.
    unsafe {
        let from = text::wide_up_to(from, count);
        std::ptr::copy_nonoverlapping(from.as_ptr(), to, from.len());
        to.add(from.len()).write_bytes(0, count - from.len());
    }
    to
}

#[no_mangle]
unsafe extern "C" fn mapview_wcscat(to: *mut u16, from: *const u16) -> *mut u16 {
    // SAFETY: the caller's, as for wcscat.
    unsafe { put(units(from), to.add(units(to).len())) };
    to
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsncat(to: *mut u16, from: *const u16, most: usize) -> *mut u16 {
    // SAFETY: the caller's, as for wcsncat.
    unsafe { put(text::wide_up_to(from, most), to.add(units(to).len())) };
    to
}

#[no_mangle]
unsafe extern "C" fn mapview_wcscmp(a: *const u16, b: *const u16) -> c_int {
    // SAFETY: the caller's, as for wcscmp.
    unsafe { sign(units(a).cmp(units(b))) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsncmp(a: *const u16, b: *const u16, most: usize) -> c_int {
    // SAFETY: the caller's, as for wcsncmp.
    unsafe { sign(text::wide_up_to(a, most).cmp(text::wide_up_to(b, most))) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsicmp(a: *const u16, b: *const u16) -> c_int {
    // SAFETY: the caller's, as for wcscmp.
    unsafe { mapview_wcsnicmp(a, b, usize::MAX) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsnicmp(a: *const u16, b: *const u16, most: usize) -> c_int {
    // SAFETY: the caller's, as for wcsncmp.
    let (a, b) = unsafe { (text::wide_up_to(a, most), text::wide_up_to(b, most)) };
    sign(a.iter().map(|&unit| small(unit)).cmp(b.iter().map(|&unit| small(unit))))
}

#[no_mangle]
unsafe extern "C" fn mapview_wcschr(text: *const u16, unit: u16) -> *mut u16 {
    // SAFETY: the caller's, as for wcschr; the NUL can be found too.
    let all = unsafe { std::slice::from_raw_parts(text, units(text).len() + 1) };
    let found = all.iter().position(|&each| each == unit);
    found.map_or(null_mut(), |index| text.wrapping_add(index).cast_mut())
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsrchr(text: *const u16, unit: u16) -> *mut u16 {
    // SAFETY: the caller's, as for wcsrchr; the NUL can be found too.
    let all = unsafe { std::slice::from_raw_parts(text, units(text).len() + 1) };
    let found = all.iter().rposition(|&each| each == unit);
    found.map_or(null_mut(), |index| text.wrapping_add(index).cast_mut())
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsstr(text: *const u16, what: *const u16) -> *mut u16 {
    // SAFETY: the caller's, as for wcsstr.
    let (all, what) = unsafe { (units(text), units(what)) };
    if what.is_empty() {
        return text.cast_mut();
    }
    let found = all.windows(what.len()).position(|window| window == what);
    found.map_or(null_mut(), |index| text.wrapping_add(index).cast_mut())
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsspn(text: *const u16, set: *const u16) -> usize {
    // SAFETY: the caller's, as for wcsspn.
    let (text, set) = unsafe { (units(text), units(set)) };
    text.iter().take_while(|unit| set.contains(unit)).count()
}

#[no_mangle]
unsafe extern "C" fn mapview_wcscspn(text: *const u16, set: *const u16) -> usize {
    // SAFETY: the caller's, as for wcscspn.
    let (text, set) = unsafe { (units(text), units(set)) };
    text.iter().take_while(|unit| !set.contains(unit)).count()
}

#[no_mangle]
unsafe extern "C" fn mapview_wcspbrk(text: *const u16, set: *const u16) -> *mut u16 {
    // SAFETY: the caller's, as for wcspbrk.
    unsafe {
        let before = mapview_wcscspn(text, set);
        if *text.add(before) == 0 {
            return null_mut();
        }
        text.add(before).cast_mut()
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcstok(
    text: *mut u16,
    set: *const u16,
    state: *mut *mut u16,
) -> *mut u16 {
    // SAFETY: the caller's, as for wcstok.
    unsafe {
        let mut token = if text.is_null() { *state } else { text };
        if token.is_null() {
            return null_mut();
        }
        token = token.add(mapview_wcsspn(token, set));
        if *token == 0 {
            *state = null_mut();
            return null_mut();
        }
        let end = token.add(mapview_wcscspn(token, set));
        *state = if *end == 0 { null_mut() } else { end.add(1) };
        end.write(0);
        token
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsdup(text: *const u16) -> *mut u16 {
    // SAFETY: the caller's, as for wcsdup; the memory is as long as the text and its NUL.
    unsafe {
        let text = units(text);
        let copy = libc::malloc(2 * (text.len() + 1)).cast::<u16>();
        if !copy.is_null() {
            put(text, copy);
        }
        copy
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_wmemcmp(a: *const u16, b: *const u16, count: usize) -> c_int {
    if count == 0 {
        return 0;
    }
    // SAFETY: the caller's, as for wmemcmp.
    unsafe { sign(std::slice::from_raw_parts(a, count).cmp(std::slice::from_raw_parts(b, count))) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wmemchr(from: *const u16, unit: u16, count: usize) -> *mut u16 {
    if count == 0 {
        return null_mut();
    }
    // SAFETY: the caller's, as for wmemchr.
    let found =
        unsafe { std::slice::from_raw_parts(from, count) }.iter().position(|&each| each == unit);
    found.map_or(null_mut(), |index| from.wrapping_add(index).cast_mut())
}

#[no_mangle]
unsafe extern "C" fn mapview_wmemcpy(to: *mut u16, from: *const u16, count: usize) -> *mut u16 {
    // SAFETY: the caller's, as for wmemmove; wmemcpy asks for more.
    unsafe { std::ptr::copy(from, to, count) };
    to
}

#[no_mangle]
unsafe extern "C" fn mapview_wmemset(to: *mut u16, unit: u16, count: usize) -> *mut u16 {
    for index in 0..count {
        // SAFETY: the caller's, as for wmemset.
        unsafe { to.add(index).write(unit) };
    }
    to
}

/// Changes each unit of the text in place.
///
/// # Safety
/// `text` is NUL-terminated and nobody else uses it.
unsafe fn each(text: *mut u16, change: impl Fn(u16) -> u16) -> *mut u16 {
    // SAFETY: the caller says so.
    let all = unsafe { std::slice::from_raw_parts_mut(text, units(text).len()) };
    all.iter_mut().for_each(|unit| *unit = change(*unit));
    text
}

#[no_mangle]
unsafe extern "C" fn mapview_wcslwr(text: *mut u16) -> *mut u16 {
    // SAFETY: the caller's, as for _wcslwr.
    unsafe { each(text, small) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsupr(text: *mut u16) -> *mut u16 {
    // SAFETY: the caller's, as for _wcsupr.
    unsafe { each(text, |unit| if (0x61..=0x7A).contains(&unit) { unit - 0x20 } else { unit }) }
}

#[no_mangle]
unsafe extern "C" fn mapview_wcsrev(text: *mut u16) -> *mut u16 {
    // SAFETY: the caller's, as for _wcsrev.
    unsafe { std::slice::from_raw_parts_mut(text, units(text).len()) }.reverse();
    text
}

/// Text is ordered by its units, so it is its own sort key.
#[no_mangle]
unsafe extern "C" fn mapview_wcsxfrm(to: *mut u16, from: *const u16, size: usize) -> usize {
    // SAFETY: the caller's, as for wcsxfrm.
    unsafe {
        let from = units(from);
        if from.len() < size {
            put(from, to);
        }
        from.len()
    }
}
