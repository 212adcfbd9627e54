//! Copies that a fault handler can end: machine code at addresses that the handler knows.
//!
//! As in the kernel's own copies from user memory, nothing is set up beforehand and nothing taken down after; all of the
//! cost is in the fault. What the compiler never sees, it cannot exploit: see `copy.rs`.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicBool, Ordering};

use super::fault_code as code;
use crate::{Error, ErrorKind, Result};

/// Set in the result of a copy when the page was there, but its protection forbade the access. No address has this bit.
pub(crate) const FORBIDDEN: usize = 1 << (usize::BITS - 1);

/// Whether the processor has wide moves. Until `prepare` was called the slower way is taken.
static WIDE: AtomicBool = AtomicBool::new(false);

/// Finds out what the processor has.
pub(crate) fn prepare() -> Result<()> {
    WIDE.store(code::has_wide_moves(), Ordering::Relaxed);
    if code::SUPPORTED {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Unsupported, "the guard is made for x86-64 processors"))
}

/// Copies `len` bytes that may be written meanwhile. Returns the address of the byte at which it was given up, else 0.
///
/// # Safety
/// * `from` can be read and `to` written for `len` bytes, but for faults that the installed handler ends.
/// * The two ranges do not overlap.
#[inline]
pub(crate) unsafe fn copy(to: *mut u8, from: *const u8, len: usize) -> usize {
    // SAFETY: the caller's promise; the code moves these bytes and does nothing else.
    unsafe { code::copy(to, from, len, WIDE.load(Ordering::Relaxed).into()) }
}

/// Sets `len` bytes that may be read or written meanwhile. Returns as `copy`.
///
/// # Safety
/// `to` can be written for `len` bytes, but for faults that the installed handler ends.
#[inline]
pub(crate) unsafe fn fill(to: *mut u8, byte: u8, len: usize) -> usize {
    // SAFETY: as above.
    unsafe { code::fill(to, byte.into(), len, WIDE.load(Ordering::Relaxed).into()) }
}

/// Where to go on when the instruction at this address cannot: `None` if it is not one of the copies'.
pub(crate) fn landing(instruction: usize) -> Option<usize> {
    code::landing(instruction)
}

/// Of the code of copies, for tests of handlers.
#[cfg(all(test, windows))]
pub(crate) fn first_instruction() -> usize {
    code::copy as *const () as usize
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    fn both_ways(test: impl Fn()) {
        test();
        prepare().unwrap();
        test();
    }

    #[test]
    fn every_length_and_alignment_is_copied_exactly() {
        let source: Vec<u8> =
            (0..2000_usize).map(|index| (index * 7 + index / 251) as u8).collect();
        both_ways(|| {
            for len in (0..700).chain([1023, 1024, 1025, 1900]) {
                for (from, to) in [(0, 0), (1, 0), (0, 1), (3, 33), (31, 17), (64, 63)] {
                    let mut target = vec![0xAA; 2000];
                    let (start, end) = (target.as_mut_ptr().wrapping_add(to), to + len);
                    // SAFETY: both ranges lie inside their vectors.
                    let missing = unsafe { copy(start, source.as_ptr().add(from), len) };
                    assert_eq!(missing, 0);
                    assert_eq!(target[to..end], source[from..from + len], "{len} {from} {to}");
                    let around = target[..to].iter().chain(&target[end..]);
                    assert!(around.clone().all(|&byte| byte == 0xAA), "{len} {from} {to}");
                }
            }
        });
    }

    #[test]
    fn every_length_and_alignment_is_filled_exactly() {
        both_ways(|| {
            for len in (0..700).chain([1023, 1900]) {
                for at in [0, 1, 31, 64] {
                    let mut target = vec![0xAA; 2000];
                    // SAFETY: the range lies inside the vector.
                    let missing = unsafe { fill(target.as_mut_ptr().add(at), 0xC5, len) };
                    assert_eq!(missing, 0);
                    let is_right = |(index, &byte): (usize, &u8)| {
                        byte == if (at..at + len).contains(&index) { 0xC5 } else { 0xAA }
                    };
                    assert!(target.iter().enumerate().all(is_right), "{len} {at}");
                }
            }
        });
    }

    #[test]
    fn only_the_copies_own_instructions_are_given_up() {
        let copies = [code::copy as *const () as usize, code::fill as *const () as usize];
        let [landing_of_copy, landing_of_fill] = copies.map(|start| landing(start).unwrap());
        assert_eq!(landing_of_copy, landing_of_fill);
        assert_eq!(landing(landing_of_copy), None);
        assert_eq!(landing(copies[0] - 1), None);
        assert_eq!(landing(prepare as *const () as usize), None);
    }
}
