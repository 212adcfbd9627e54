//! The constants of memory, and page protections as `flProtect` has them.

use mapview::{Caching, Protect};

use crate::abi::DWORD;
use crate::code::{Code, Result};

pub(crate) const MEM_COMMIT: DWORD = 0x1000;
pub(crate) const MEM_RESERVE: DWORD = 0x2000;
pub(crate) const MEM_REPLACE_PLACEHOLDER: DWORD = 0x4000;
pub(crate) const MEM_DECOMMIT: DWORD = 0x4000;
pub(crate) const MEM_RELEASE: DWORD = 0x8000;
pub(crate) const MEM_FREE: DWORD = 0x1_0000;
pub(crate) const MEM_PRIVATE: DWORD = 0x2_0000;
pub(crate) const MEM_MAPPED: DWORD = 0x4_0000;
pub(crate) const MEM_RESERVE_PLACEHOLDER: DWORD = 0x4_0000;
pub(crate) const MEM_RESET: DWORD = 0x8_0000;
pub(crate) const MEM_TOP_DOWN: DWORD = 0x10_0000;
pub(crate) const MEM_WRITE_WATCH: DWORD = 0x20_0000;
pub(crate) const MEM_PHYSICAL: DWORD = 0x40_0000;
pub(crate) const MEM_IMAGE: DWORD = 0x100_0000;
pub(crate) const MEM_RESET_UNDO: DWORD = 0x100_0000;
pub(crate) const MEM_LARGE_PAGES: DWORD = 0x2000_0000;
pub(crate) const MEM_COALESCE_PLACEHOLDERS: DWORD = 1;
pub(crate) const MEM_PRESERVE_PLACEHOLDER: DWORD = 2;

pub(crate) const PAGE_NOACCESS: DWORD = 1;
pub(crate) const PAGE_NOCACHE: DWORD = 0x200;
pub(crate) const PAGE_WRITECOMBINE: DWORD = 0x400;
/// `PAGE_TARGETS_INVALID` and `PAGE_TARGETS_NO_UPDATE`: for Control Flow Guard, which no program here has.
const PAGE_TARGETS: DWORD = 0x4000_0000;

/// A page protection, and how its pages may be cached.
///
/// # Errors
/// 87 for what is no single protection, and for what goes with no other.
pub(crate) fn protection(bits: DWORD) -> Result<(Protect, Caching)> {
    let caching = match bits & (PAGE_NOCACHE | PAGE_WRITECOMBINE) {
        0 => Caching::Cached,
        PAGE_NOCACHE => Caching::None,
        PAGE_WRITECOMBINE => Caching::WriteCombined,
        _ => return Err(Code::INVALID_PARAMETER),
    };
    let protect = Protect::from_bits(bits & !caching.bits() & !PAGE_TARGETS);
    let protect = protect.ok_or(Code::INVALID_PARAMETER)?;
    let plain = !protect.is_guarded() && protect != Protect::NO_ACCESS;
    if (caching != Caching::Cached && !plain) || (bits & PAGE_TARGETS != 0 && !protect.executable())
    {
        return Err(Code::INVALID_PARAMETER);
    }
    Ok((protect, caching))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protection_is_one_and_caching_goes_with_what_permits_something() {
        assert_eq!(protection(0x04), Ok((Protect::READ_WRITE, Caching::Cached)));
        assert_eq!(protection(0x204), Ok((Protect::READ_WRITE, Caching::None)));
        assert_eq!(protection(0x104), Ok((Protect::READ_WRITE.guarded(), Caching::Cached)));
        assert_eq!(protection(0x4000_0040), Ok((Protect::EXECUTE_READ_WRITE, Caching::Cached)));
        for wrong in [0, 3, 6, 0x100, 0x101, 0x200, 0x201, 0x304, 0x604, 0x804, 0x4000_0004, !0] {
            assert_eq!(protection(wrong), Err(Code::INVALID_PARAMETER), "{wrong:#x}");
        }
    }
}
