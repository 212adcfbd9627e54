//! `Protect`: what may be done with a page of memory.

use std::fmt;

use crate::Access;

/// What may be done with a page: one of the eight `PAGE_*` constants of Windows, and perhaps `PAGE_GUARD`.
///
/// ```
/// use mapview::Protect;
/// assert_eq!(Protect::READ_WRITE.guarded().bits(), 0x104);
/// assert_eq!(Protect::from_bits(0x104).unwrap().to_string(), "read-write, guard");
/// assert!(Protect::from_bits(0x06).is_none()); // two protections at once
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[doc(alias = "flProtect")]
pub struct Protect(u32);

const GUARD: u32 = 0x100;

const NAMES: [&str; 8] = [
    "no access",
    "read-only",
    "read-write",
    "copy-on-write",
    "execute",
    "execute-read",
    "execute-read-write",
    "execute-copy-on-write",
];

impl Protect {
    /// Every access fails (`PAGE_NOACCESS`).
    pub const NO_ACCESS: Protect = Protect(0x01);
    /// Reading (`PAGE_READONLY`).
    pub const READ_ONLY: Protect = Protect(0x02);
    /// Reading and writing (`PAGE_READWRITE`).
    pub const READ_WRITE: Protect = Protect(0x04);
    /// Reading, and writing to a private copy; for views (`PAGE_WRITECOPY`).
    pub const WRITE_COPY: Protect = Protect(0x08);
    /// Executing (`PAGE_EXECUTE`).
    pub const EXECUTE: Protect = Protect(0x10);
    /// Executing and reading (`PAGE_EXECUTE_READ`).
    pub const EXECUTE_READ: Protect = Protect(0x20);
    /// Executing, reading and writing (`PAGE_EXECUTE_READWRITE`).
    pub const EXECUTE_READ_WRITE: Protect = Protect(0x40);
    /// Executing, reading, and writing to a private copy; for views (`PAGE_EXECUTE_WRITECOPY`).
    pub const EXECUTE_WRITE_COPY: Protect = Protect(0x80);

    /// The same, and the first touch of each page is reported once as [`ErrorKind::GuardPage`](crate::ErrorKind::GuardPage)
    /// (`PAGE_GUARD`).
    #[must_use]
    pub const fn guarded(self) -> Protect {
        Protect(self.0 | GUARD)
    }

    /// The same without the guard.
    #[must_use]
    pub const fn unguarded(self) -> Protect {
        Protect(self.0 & !GUARD)
    }

    /// Whether the first touch is reported.
    pub const fn is_guarded(self) -> bool {
        self.0 & GUARD != 0
    }

    /// Whether the page can be read, guard apart.
    pub const fn readable(self) -> bool {
        self.0 & (0x02 | 0x04 | 0x08 | 0x20 | 0x40 | 0x80) != 0
    }

    /// Whether the page can be written, perhaps to a private copy, guard apart.
    pub const fn writable(self) -> bool {
        self.0 & (0x04 | 0x08 | 0x40 | 0x80) != 0
    }

    /// Whether code in the page can run.
    pub const fn executable(self) -> bool {
        self.0 & 0xF0 != 0
    }

    /// The rights that a handle needs for a view with this protection; none gives a guarded one.
    pub(crate) const fn needs(self) -> Option<Access> {
        match self.0 {
            0x01 | 0x02 | 0x08 => Some(Access::READ),
            0x04 => Some(Access::WRITE),
            0x10 => Some(Access::EXECUTE),
            0x20 | 0x80 => Some(Access::READ.union(Access::EXECUTE)),
            0x40 => Some(Access::WRITE.union(Access::EXECUTE)),
            _ => None,
        }
    }

    /// The Windows value.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The protection with this Windows value: exactly one of the eight, perhaps with `PAGE_GUARD` (not with
    /// `PAGE_NOACCESS`); `None` for everything else.
    pub const fn from_bits(bits: u32) -> Option<Protect> {
        let access = bits & !GUARD;
        let one = access != 0 && access <= 0x80 && access.is_power_of_two();
        if one && bits != (GUARD | 0x01) {
            Some(Protect(bits))
        } else {
            None
        }
    }
}

impl fmt::Display for Protect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES[self.unguarded().0.trailing_zeros() as usize])?;
        f.write_str(if self.is_guarded() { ", guard" } else { "" })
    }
}
