//! The addresses that an image holds, when it lies elsewhere than it was linked for.
#![allow(unsafe_code)]

use crate::{Relocation, RelocationKind};

/// Adds `delta` to every address in the image.
///
/// # Safety
/// `base` is the start of the image, the places are inside of it, readable and writable, and used by this thread alone.
pub(super) unsafe fn adjust(base: *mut u8, relocations: &[Relocation], delta: usize) {
    for &Relocation { address, kind, .. } in relocations {
        let place = base.wrapping_add(address as usize);
        // SAFETY: the caller's promise.
        unsafe {
            match kind {
                RelocationKind::Address64 => {
                    change(place.cast::<u64>(), |old| old.wrapping_add(delta as u64));
                }
                RelocationKind::Address32 => {
                    change(place.cast::<u32>(), |old| old.wrapping_add(delta as u32));
                }
                // Bases are multiples of 64 KiB, so the lower half stays, and no carry comes from it.
                RelocationKind::High16 => {
                    change(place.cast::<u16>(), |old| old.wrapping_add((delta >> 16) as u16));
                }
                RelocationKind::Low16 => {}
            }
        }
    }
}

/// # Safety
/// `place` is valid for reading and writing, at any alignment, by this thread alone.
unsafe fn change<T>(place: *mut T, change: impl FnOnce(T) -> T) {
    // SAFETY: the caller's promise.
    unsafe { place.write_unaligned(change(place.read_unaligned())) }
}
