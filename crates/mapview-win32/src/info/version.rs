//! The version of Windows that the functions of this library are those of.

use crate::abi::{BOOL, DWORD};
use crate::code::{Code, Result};
use crate::last_error;

const MAJOR: DWORD = 10;
const MINOR: DWORD = 0;
/// Windows 10 22H2.
const BUILD: DWORD = 19045;
const PLATFORM_NT: DWORD = 2;
const WORKSTATION: u8 = 1;

/// `OSVERSIONINFO` and, after the text, what `OSVERSIONINFOEX` has more.
#[repr(C)]
struct Version<T> {
    size: DWORD,
    major: DWORD,
    minor: DWORD,
    build: DWORD,
    platform: DWORD,
    service_pack: [T; 128],
    more: More,
}

#[repr(C)]
#[derive(Default)]
struct More {
    service_pack_major: u16,
    service_pack_minor: u16,
    suite: u16,
    product: u8,
    reserved: u8,
}

/// # Safety
/// `to` is NULL or has as many bytes as it says.
unsafe fn get<T: Copy + Default>(to: *mut Version<T>) -> Result<()> {
    let whole = size_of::<Version<T>>() as DWORD;
    let short = whole - size_of::<More>() as DWORD;
    // SAFETY: the caller says so; what is behind the short form is written only if it is there.
    unsafe {
        if to.is_null() || (*to).size != whole && (*to).size != short {
            return Err(Code(122));
        }
        (*to).major = MAJOR;
        (*to).minor = MINOR;
        (*to).build = BUILD;
        (*to).platform = PLATFORM_NT;
        (*to).service_pack = [T::default(); 128];
        if (*to).size == whole {
            (*to).more = More { product: WORKSTATION, ..More::default() };
        }
    }
    Ok(())
}

#[no_mangle]
unsafe extern "C" fn GetVersionExW(to: *mut Version<u16>) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { get(to) })
}

#[no_mangle]
unsafe extern "C" fn GetVersionExA(to: *mut Version<u8>) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { get(to) })
}

/// `NTSTATUS`.
#[no_mangle]
unsafe extern "C" fn RtlGetVersion(to: *mut Version<u16>) -> i32 {
    const STATUS_INVALID_PARAMETER: i32 = 0xC000_000D_u32 as i32;
    // SAFETY: the caller's, as Win32 documents.
    match unsafe { get(to) } {
        Ok(()) => 0,
        Err(_) => STATUS_INVALID_PARAMETER,
    }
}

#[no_mangle]
extern "C" fn GetVersion() -> DWORD {
    BUILD << 16 | MINOR << 8 | MAJOR
}

const EQUAL: u64 = 1;
const GREATER: u64 = 2;
const GREATER_EQUAL: u64 = 3;
const LESS: u64 = 4;
const LESS_EQUAL: u64 = 5;

/// The condition of a kind of number (a bit from 0 to 7) in a mask of three bits for each.
fn condition(mask: u64, bit: u32) -> u64 {
    mask >> (3 * bit) & 7
}

#[no_mangle]
extern "C" fn VerSetConditionMask(mask: u64, kind: DWORD, condition: u8) -> u64 {
    match kind {
        0 => mask,
        _ => mask | (u64::from(condition) & 7) << (3 * kind.trailing_zeros().min(7)),
    }
}

const KINDS: DWORD = 0xFF;

/// Version numbers count as one: a condition on the major one reaches to the minor and the service pack, as on Windows.
fn verify(wanted: &Version<u16>, kinds: DWORD, mask: u64) -> Result<()> {
    if kinds == 0 || kinds & !KINDS != 0 {
        return Err(Code::INVALID_PARAMETER);
    }
    let old = Code(1150);
    // Bit, what is, what is wanted.
    let single: [(u32, u64, u64); 3] = [
        (2, u64::from(BUILD), u64::from(wanted.build)),
        (3, u64::from(PLATFORM_NT), u64::from(wanted.platform)),
        (7, u64::from(WORKSTATION), u64::from(wanted.more.product)),
    ];
    for (bit, is, want) in single {
        if kinds & 1 << bit != 0 && !holds(condition(mask, bit), is.cmp(&want))? {
            return Err(old);
        }
    }
    if kinds & 1 << 6 != 0 && wanted.more.suite != 0 {
        return Err(old);
    }
    let parts: [(u32, u64, u64); 4] = [
        (1, u64::from(MAJOR), u64::from(wanted.major)),
        (0, u64::from(MINOR), u64::from(wanted.minor)),
        (5, 0, u64::from(wanted.more.service_pack_major)),
        (4, 0, u64::from(wanted.more.service_pack_minor)),
    ];
    let asked = || parts.iter().filter(|(bit, ..)| kinds & 1 << bit != 0);
    let Some((first, ..)) = asked().next() else { return Ok(()) };
    let ordering = asked()
        .map(|(_, is, want)| is.cmp(want))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(std::cmp::Ordering::Equal);
    match holds(condition(mask, *first), ordering)? {
        true => Ok(()),
        false => Err(old),
    }
}

fn holds(condition: u64, ordering: std::cmp::Ordering) -> Result<bool> {
    match condition {
        EQUAL => Ok(ordering.is_eq()),
        GREATER => Ok(ordering.is_gt()),
        GREATER_EQUAL => Ok(ordering.is_ge()),
        LESS => Ok(ordering.is_lt()),
        LESS_EQUAL => Ok(ordering.is_le()),
        _ => Err(Code(160)),
    }
}

#[no_mangle]
unsafe extern "C" fn VerifyVersionInfoW(wanted: &Version<u16>, kinds: DWORD, mask: u64) -> BOOL {
    last_error::report(verify(wanted, kinds, mask))
}

#[no_mangle]
unsafe extern "C" fn VerifyVersionInfoA(wanted: &Version<u8>, kinds: DWORD, mask: u64) -> BOOL {
    let more = &wanted.more;
    let wide = Version {
        size: 0,
        major: wanted.major,
        minor: wanted.minor,
        build: wanted.build,
        platform: wanted.platform,
        service_pack: [0u16; 128],
        more: More { reserved: 0, ..*more },
    };
    last_error::report(verify(&wide, kinds, mask))
}
