//! Security descriptors: made here as Windows has them, and understood as far as the system here can grant what they say.

use mapview::{Grant, Security};

use super::sddl;
use crate::abi::{BOOL, DWORD, FALSE, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::local::heap::Heap;
use crate::{last_error, text};

pub(super) const UNKNOWN_REVISION: Code = Code(1305);
const INVALID_SECURITY_DESCR: Code = Code(1338);
const REVISION: u8 = 1;

const SE_DACL_PRESENT: u16 = 4;
const SE_DACL_DEFAULTED: u16 = 8;
const SE_SELF_RELATIVE: u16 = 0x8000;

const ACCESS_ALLOWED: u8 = 0;
const ACCESS_DENIED: u8 = 1;
/// Everyone, and authenticated users.
const ALL_USERS: [&[u8]; 2] =
    [&[1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], &[1, 1, 0, 0, 0, 0, 0, 5, 11, 0, 0, 0]];
/// Rights that change an object: generic ones, and the specific ones that all kinds have in common.
const CHANGES: u32 = 0x5000_0002;

/// `SECURITY_DESCRIPTOR`.
#[repr(C)]
struct SECURITY_DESCRIPTOR {
    revision: u8,
    zero: u8,
    control: u16,
    owner: *const u8,
    group: *const u8,
    sacl: *const u8,
    dacl: *const u8,
}

/// Offsets in the form that is one block of memory.
const RELATIVE_DACL: usize = 16;
const RELATIVE_SIZE: usize = 20;
const ACL_HEADER: usize = 8;

/// What a descriptor means here: everybody, if it has no list or one that allows all users something; otherwise only this
/// user, which is less than a list of other users or groups would grant, never more.
///
/// # Errors
/// 1305 or 1338 if it is no descriptor.
///
/// # Safety
/// `descriptor` is NULL or points to one, in either form.
pub(crate) unsafe fn of(descriptor: *const u8) -> Result<Security> {
    if descriptor.is_null() {
        return Ok(Security::OnlyMe);
    }
    // SAFETY: the caller says so; the relative form may lie anywhere and has at least 20 bytes.
    let (revision, control, dacl) = unsafe {
        let control = descriptor.add(2).cast::<u16>().read_unaligned();
        let dacl = match control & SE_SELF_RELATIVE != 0 {
            true => match descriptor.add(RELATIVE_DACL).cast::<u32>().read_unaligned() {
                0 => std::ptr::null(),
                offset => descriptor.add(offset as usize),
            },
            false => descriptor.cast::<SECURITY_DESCRIPTOR>().read_unaligned().dacl,
        };
        (*descriptor, control, dacl)
    };
    if revision != REVISION {
        return Err(UNKNOWN_REVISION);
    }
    if control & SE_DACL_PRESENT == 0 {
        return Ok(Security::OnlyMe);
    }
    if dacl.is_null() {
        return Ok(Security::Everybody(Grant::ReadWrite));
    }
    // SAFETY: a list says how long it is.
    let list = unsafe {
        let len = dacl.add(2).cast::<u16>().read_unaligned();
        std::slice::from_raw_parts(dacl, usize::from(len).max(ACL_HEADER))
    };
    granted(list)
}

/// What a list allows to all users.
fn granted(list: &[u8]) -> Result<Security> {
    let short = |bytes: &[u8]| Some(u16::from_le_bytes([*bytes.first()?, *bytes.get(1)?]));
    let count = short(&list[4..]).unwrap_or_default();
    let (mut rest, mut allowed, mut denied) = (&list[ACL_HEADER..], 0, 0);
    for _ in 0..count {
        let len = rest.get(2..).and_then(short).ok_or(INVALID_SECURITY_DESCR)?;
        let (entry, behind) = rest.split_at_checked(len.into()).ok_or(INVALID_SECURITY_DESCR)?;
        let (head, sid) = entry.split_first_chunk::<8>().ok_or(INVALID_SECURITY_DESCR)?;
        rest = behind;
        let mask = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        match head[0] {
            ACCESS_ALLOWED if ALL_USERS.contains(&sid) => allowed |= mask & !denied,
            ACCESS_DENIED => denied |= mask, // for whomever: not to grant is always safe
            _ => {}
        }
    }
    Ok(match allowed {
        0 => Security::OnlyMe,
        mask if mask & CHANGES != 0 => Security::Everybody(Grant::ReadWrite),
        _ => Security::Everybody(Grant::Read),
    })
}

#[no_mangle]
unsafe extern "C" fn InitializeSecurityDescriptor(
    descriptor: *mut SECURITY_DESCRIPTOR,
    revision: DWORD,
) -> BOOL {
    let initialize = || {
        if revision != REVISION.into() {
            return Err(UNKNOWN_REVISION);
        }
        if descriptor.is_null() {
            return Err(Code::NOACCESS);
        }
        // SAFETY: the caller gives a place for one, of which zeros are valid but for the revision.
        unsafe {
            descriptor.write(std::mem::zeroed());
            (*descriptor).revision = REVISION;
        }
        Ok(())
    };
    last_error::report(initialize())
}

#[no_mangle]
unsafe extern "C" fn SetSecurityDescriptorDacl(
    descriptor: *mut SECURITY_DESCRIPTOR,
    present: BOOL,
    list: *const u8,
    defaulted: BOOL,
) -> BOOL {
    let set = || {
        // SAFETY: the caller gives one that is not in one block, or NULL.
        let descriptor = unsafe { descriptor.as_mut() }.ok_or(Code::NOACCESS)?;
        if descriptor.revision != REVISION {
            return Err(UNKNOWN_REVISION);
        }
        if descriptor.control & SE_SELF_RELATIVE != 0 {
            return Err(INVALID_SECURITY_DESCR);
        }
        descriptor.control &= !(SE_DACL_PRESENT | SE_DACL_DEFAULTED);
        if present != FALSE {
            descriptor.control |= SE_DACL_PRESENT;
            descriptor.dacl = list;
            if defaulted != FALSE {
                descriptor.control |= SE_DACL_DEFAULTED;
            }
        }
        Ok(())
    };
    last_error::report(set())
}

#[no_mangle]
unsafe extern "C" fn IsValidSecurityDescriptor(descriptor: *const u8) -> BOOL {
    // SAFETY: NULL, or a descriptor in either form, as Win32 documents.
    let valid = !descriptor.is_null() && unsafe { of(descriptor) }.is_ok();
    valid.into()
}

/// The descriptor that a text describes, in one block.
fn convert(text: Option<String>, revision: DWORD) -> Result<Vec<u8>> {
    let text = text.ok_or(Code::INVALID_PARAMETER)?;
    if revision != REVISION.into() {
        return Err(UNKNOWN_REVISION);
    }
    let parsed = sddl::parse(&text)?;
    let mut block = vec![0; RELATIVE_SIZE];
    block[0] = REVISION;
    let mut control = SE_SELF_RELATIVE;
    for (offset, part) in [(4, &parsed.owner), (8, &parsed.group), (RELATIVE_DACL, &parsed.dacl)] {
        if let Some(bytes) = part {
            let at = (block.len() as u32).to_le_bytes();
            block[offset..offset + 4].copy_from_slice(&at);
            block.extend(bytes);
        }
    }
    if parsed.dacl.is_some() {
        control |= SE_DACL_PRESENT;
    }
    block[2..4].copy_from_slice(&control.to_le_bytes());
    Ok(block)
}

/// # Safety
/// Places for what they are named, or `size` is NULL.
unsafe fn give(block: Result<Vec<u8>>, descriptor: *mut *mut u8, size: *mut DWORD) -> Result<()> {
    let block = block?;
    if descriptor.is_null() {
        return Err(Code::INVALID_PARAMETER);
    }
    let memory = Heap::process().allocate(block.len(), false)?;
    // SAFETY: so many bytes were just allocated; the places are the caller's.
    unsafe {
        memory.copy_from_nonoverlapping(block.as_ptr(), block.len());
        *descriptor = memory;
        if !size.is_null() {
            *size = block.len() as DWORD;
        }
    }
    Ok(())
}

#[no_mangle]
unsafe extern "C" fn ConvertStringSecurityDescriptorToSecurityDescriptorW(
    string: LPCWSTR,
    revision: DWORD,
    descriptor: *mut *mut u8,
    size: *mut DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe {
        let text = text::wide(string).map(String::from_utf16_lossy);
        give(convert(text, revision), descriptor, size)
    })
}

#[no_mangle]
unsafe extern "C" fn ConvertStringSecurityDescriptorToSecurityDescriptorA(
    string: LPCSTR,
    revision: DWORD,
    descriptor: *mut *mut u8,
    size: *mut DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe {
        let text = text::narrow(string).map(|text| String::from_utf16_lossy(&text));
        give(convert(text, revision), descriptor, size)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(text: &str) -> Result<Security> {
        let block = convert(Some(text.to_string()), 1)?;
        // SAFETY: it was just made.
        unsafe { of(block.as_ptr()) }
    }

    #[test]
    fn texts_mean_who_may_open() {
        assert_eq!(meaning("D:(A;;GA;;;WD)"), Ok(Security::Everybody(Grant::ReadWrite)));
        assert_eq!(meaning("D:P(A;OICI;GR;;;WD)"), Ok(Security::Everybody(Grant::Read)));
        assert_eq!(meaning("D:(A;;0x1F0003;;;S-1-1-0)"), Ok(Security::Everybody(Grant::ReadWrite)));
        assert_eq!(meaning("O:BAG:SYD:(A;;GA;;;SY)(A;;GA;;;BA)"), Ok(Security::OnlyMe));
        assert_eq!(meaning("D:(D;;GA;;;BG)(A;;GA;;;WD)"), Ok(Security::OnlyMe));
        assert_eq!(
            meaning("D:(A;;GRGX;;;AU)S:(ML;;NW;;;LW)"),
            Ok(Security::Everybody(Grant::Read))
        );
        assert_eq!(meaning(""), Ok(Security::OnlyMe));
        assert_eq!(meaning("D:NO_ACCESS_CONTROL"), Ok(Security::Everybody(Grant::ReadWrite)));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["D:(A;;GA;;;??)", "D:(A;;GA;;)", "D:(A;;XX;;;WD)", "nonsense", "D:(A;;GA;;;WD"]
        {
            assert!(meaning(text).is_err(), "{text}");
        }
    }
}
