//! `_splitpath` and its kin. Both `/` and `\` separate the parts of a path, and a drive is a letter and a colon.

use std::ffi::{c_char, c_int};

use crate::crt::{secure, wide};
use crate::text;

/// A path in its parts: drive, directory with what ends it, name, and the dot and what comes after.
struct Parts<'a, T>([&'a [T]; 4]);

fn split<T: Copy + PartialEq + From<u8>>(path: &[T]) -> Parts<'_, T> {
    let is = |unit: &T, what: u8| *unit == T::from(what);
    let drive = if path.get(1).is_some_and(|unit| is(unit, b':')) { 2 } else { 0 };
    let (drive, rest) = path.split_at(drive);
    let directory = rest.iter().rposition(|unit| is(unit, b'/') || is(unit, b'\\'));
    let (directory, name) = rest.split_at(directory.map_or(0, |last| last + 1));
    let dot = name.iter().rposition(|unit| is(unit, b'.')).unwrap_or(name.len());
    let (name, extension) = name.split_at(dot);
    Parts([drive, directory, name, extension])
}

/// Puts the parts into the places that are given, each with its number of units.
///
/// # Safety
/// Each place is NULL or has so many units.
unsafe fn store<T: Copy + Default>(parts: Parts<'_, T>, places: [(*mut T, usize); 4]) -> c_int {
    for (part, (place, size)) in parts.0.into_iter().zip(places) {
        if place.is_null() {
            continue;
        }
        // SAFETY: the caller says so.
        let result = unsafe { secure::append(place, size, 0, Some(part), false) };
        if result != 0 {
            return result;
        }
    }
    0
}

/// `_splitpath_s`, with its places and their sizes in arrays.
#[no_mangle]
unsafe extern "C" fn mapview_splitpath(
    path: *const c_char,
    places: &[*mut c_char; 4],
    sizes: &[usize; 4],
) -> c_int {
    if path.is_null() {
        return secure::fail(libc::EINVAL);
    }
    // SAFETY: the caller's, as for _splitpath_s.
    unsafe {
        let path = text::bytes_up_to(path.cast(), usize::MAX);
        store(split(path), std::array::from_fn(|part| (places[part].cast(), sizes[part])))
    }
}

#[no_mangle]
unsafe extern "C" fn mapview_wsplitpath(
    path: *const u16,
    places: &[*mut u16; 4],
    sizes: &[usize; 4],
) -> c_int {
    if path.is_null() {
        return secure::fail(libc::EINVAL);
    }
    // SAFETY: the caller's, as for _wsplitpath_s.
    unsafe {
        store(split(wide::units(path)), std::array::from_fn(|part| (places[part], sizes[part])))
    }
}
