//! Access tokens, as far as programs ask them for privileges: those are answered by what this user may really do here.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use super::open::{with, PROCESS_QUERY_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION};
use crate::abi::{BOOL, DWORD, FALSE, HANDLE, LPCSTR, LPCWSTR};
use crate::code::{Code, Result};
use crate::object::{Object, Rights};
use crate::table::{self, Entry};
use crate::{handles, last_error, text};

const NOT_ALL_ASSIGNED: u32 = 1300;
const NO_SUCH_PRIVILEGE: Code = Code(1313);

const TOKEN_QUERY: u32 = 8;
const TOKEN_ADJUST_PRIVILEGES: u32 = 0x20;
const SE_PRIVILEGE_ENABLED: DWORD = 2;
const SE_PRIVILEGE_REMOVED: DWORD = 4;

impl Rights {
    pub(crate) const TOKEN: Rights =
        Rights { read: 0x2_0008, write: 0x2_00E0, execute: 0x2_0000, all: 0xF_01FF };
}

/// What has to be true here for a privilege to be held.
#[derive(Clone, Copy)]
enum Needs {
    Nothing,
    Capability(u32),
    /// Large pages that are set aside.
    LargePages,
    /// There is no such thing.
    Never,
}

use Needs::{Capability, LargePages, Never, Nothing};

/// By their numbers, from 2; `Se` and `Privilege` are left out. Numbers of capabilities are those of the kernel.
const PRIVILEGES: [(&str, Needs); 35] = [
    ("CreateToken", Never),
    ("AssignPrimaryToken", Capability(7)),
    ("LockMemory", LargePages),
    ("IncreaseQuota", Capability(24)),
    ("MachineAccount", Never),
    ("Tcb", Never),
    ("Security", Capability(30)),
    ("TakeOwnership", Capability(0)),
    ("LoadDriver", Capability(16)),
    ("SystemProfile", Capability(38)),
    ("Systemtime", Capability(25)),
    ("ProfileSingleProcess", Nothing),
    ("IncreaseBasePriority", Capability(23)),
    ("CreatePagefile", Capability(21)),
    ("CreatePermanent", Never),
    ("Backup", Capability(2)),
    ("Restore", Capability(1)),
    ("Shutdown", Capability(22)),
    ("Debug", Capability(19)),
    ("Audit", Capability(29)),
    ("SystemEnvironment", Capability(21)),
    ("ChangeNotify", Nothing),
    ("RemoteShutdown", Never),
    ("Undock", Never),
    ("SyncAgent", Never),
    ("EnableDelegation", Never),
    ("ManageVolume", Never),
    ("Impersonate", Capability(7)),
    ("CreateGlobal", Nothing),
    ("TrustedCredManAccess", Never),
    ("Relabel", Never),
    ("IncreaseWorkingSet", Nothing),
    ("TimeZone", Capability(25)),
    ("CreateSymbolicLink", Nothing),
    ("DelegateSessionUserImpersonate", Never),
];
const FIRST: u32 = 2;

/// Those that are enabled, a bit each. Nothing here depends on it but what is told.
static ENABLED: AtomicU64 = AtomicU64::new(1 << 23 | 1 << 30);

fn is_held(number: u32) -> bool {
    let place = number.checked_sub(FIRST).map(|place| place as usize);
    let Some((_, needs)) = place.and_then(|place| PRIVILEGES.get(place)) else { return false };
    match needs {
        Nothing => true,
        Never => false,
        Capability(bit) => has_capability(*bit),
        LargePages => has_large_pages(),
    }
}

fn has_capability(bit: u32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let bits = effective.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    bits.is_some_and(|bits| bits & 1 << bit != 0)
}

fn has_large_pages() -> bool {
    let folder = "/sys/kernel/mm/hugepages/hugepages-2048kB";
    ["nr_hugepages", "nr_overcommit_hugepages"].iter().any(|file| {
        let count = fs::read_to_string(format!("{folder}/{file}")).unwrap_or_default();
        count.trim().parse::<u64>().is_ok_and(|count| count > 0)
    })
}

/// What the pseudo-handles of tokens stand for: that of the process, which threads share, to be asked only.
pub(crate) fn token() -> Entry {
    const TOKEN_QUERY_SOURCE: u32 = 0x10;
    Entry::new(Object::Token, TOKEN_QUERY | TOKEN_QUERY_SOURCE, false)
}

#[no_mangle]
unsafe extern "C" fn OpenProcessToken(process: HANDLE, access: DWORD, token: *mut HANDLE) -> BOOL {
    let open = |process: &super::Process| {
        if token.is_null() {
            return Err(Code::NOACCESS);
        }
        if !process.is_current() {
            return Err(Code::NOT_SUPPORTED); // what others hold is not known
        }
        let access = handles::open_rights(access, Rights::TOKEN)?;
        let handle = table::insert(Entry::new(Object::Token, access, false))?;
        // SAFETY: the caller gives a place for it.
        unsafe { *token = handle };
        Ok(())
    };
    let rights = [PROCESS_QUERY_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION];
    last_error::report(with(process, &rights, open))
}

/// `LUID`.
#[repr(C)]
#[derive(Clone, Copy)]
struct LUID {
    low: DWORD,
    high: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct LUID_AND_ATTRIBUTES {
    luid: LUID,
    attributes: DWORD,
}

/// The number of a privilege; names are compared as Windows does, without regard to case.
fn look_up(name: Option<String>, luid: *mut LUID) -> Result<()> {
    let name = name.ok_or(Code::INVALID_PARAMETER)?.to_ascii_lowercase();
    let inner = name.strip_prefix("se").and_then(|name| name.strip_suffix("privilege"));
    let place = inner
        .and_then(|name| PRIVILEGES.iter().position(|(known, _)| known.eq_ignore_ascii_case(name)))
        .ok_or(NO_SUCH_PRIVILEGE)?;
    if luid.is_null() {
        return Err(Code::NOACCESS);
    }
    // SAFETY: the caller gives a place for it.
    unsafe { *luid = LUID { low: place as u32 + FIRST, high: 0 } };
    Ok(())
}

/// The system is always this one.
#[no_mangle]
unsafe extern "C" fn LookupPrivilegeValueW(
    _system: LPCWSTR,
    name: LPCWSTR,
    luid: *mut LUID,
) -> BOOL {
    // SAFETY: NULL or NUL-terminated, as Win32 documents.
    let name = unsafe { text::wide(name) }.map(String::from_utf16_lossy);
    last_error::report(look_up(name, luid))
}

#[no_mangle]
unsafe extern "C" fn LookupPrivilegeValueA(_system: LPCSTR, name: LPCSTR, luid: *mut LUID) -> BOOL {
    // SAFETY: NULL or NUL-terminated, as Win32 documents.
    let name = unsafe { text::narrow(name) }.map(|name| String::from_utf16_lossy(&name));
    last_error::report(look_up(name, luid))
}

/// What is asked for: numbers and attributes.
///
/// # Safety
/// `state` points to a `TOKEN_PRIVILEGES`.
unsafe fn wishes(state: *const DWORD) -> Vec<LUID_AND_ATTRIBUTES> {
    // SAFETY: a count, and behind it so many; all of it is aligned to 4 bytes.
    unsafe {
        let list = state.add(1).cast::<LUID_AND_ATTRIBUTES>();
        (0..*state as usize).map(|index| list.add(index).read_unaligned()).collect()
    }
}

/// Succeeds also if not all that was asked for is held; the last error then is 1300, and 0 otherwise.
#[no_mangle]
unsafe extern "C" fn AdjustTokenPrivileges(
    token: HANDLE,
    disable_all: BOOL,
    new: *const DWORD,
    room: DWORD,
    previous: *mut DWORD,
    needed: *mut DWORD,
) -> BOOL {
    let adjust = || {
        let entry = table::get(token)?;
        let Object::Token = &*entry.object else { return Err(Code::INVALID_HANDLE) };
        entry.need(TOKEN_ADJUST_PRIVILEGES)?;
        if !previous.is_null() {
            entry.need(TOKEN_QUERY)?;
        }
        let before = ENABLED.load(Ordering::Relaxed);
        let wished = match disable_all != FALSE {
            true => (FIRST..FIRST + PRIVILEGES.len() as u32)
                .filter(|number| before & 1 << number != 0)
                .map(|low| LUID_AND_ATTRIBUTES { luid: LUID { low, high: 0 }, attributes: 0 })
                .collect(),
            false if new.is_null() => return Err(Code::INVALID_PARAMETER),
            // SAFETY: the caller's, as Win32 documents.
            false => unsafe { wishes(new) },
        };
        if wished.iter().any(|wish| wish.attributes & SE_PRIVILEGE_REMOVED != 0) {
            return Err(Code::NOT_SUPPORTED);
        }
        let held: Vec<_> = wished.iter().filter(|wish| is_held(wish.luid.low)).collect();
        let enables = |wish: &LUID_AND_ATTRIBUTES| wish.attributes & SE_PRIVILEGE_ENABLED != 0;
        let is_enabled = |wish: &LUID_AND_ATTRIBUTES| before & 1 << wish.luid.low != 0;
        let changed: Vec<_> =
            held.iter().filter(|wish| enables(wish) != is_enabled(wish)).collect();
        if !previous.is_null() {
            let size = size_of::<DWORD>() + changed.len().max(1) * size_of::<LUID_AND_ATTRIBUTES>();
            if !needed.is_null() {
                // SAFETY: the caller gives a place for it.
                unsafe { *needed = size as DWORD };
            }
            if (room as usize) < size {
                return Err(Code::INSUFFICIENT_BUFFER);
            }
            // SAFETY: so many bytes are there.
            unsafe {
                *previous = changed.len() as DWORD;
                let list = previous.add(1).cast::<LUID_AND_ATTRIBUTES>();
                for (index, wish) in changed.iter().enumerate() {
                    let attributes = if is_enabled(wish) { SE_PRIVILEGE_ENABLED } else { 0 };
                    let was = LUID_AND_ATTRIBUTES { luid: wish.luid, attributes };
                    list.add(index).write_unaligned(was);
                }
            }
        }
        for wish in changed {
            ENABLED.fetch_xor(1 << wish.luid.low, Ordering::Relaxed);
        }
        let all = disable_all != FALSE || held.len() == wished.len();
        last_error::set(if all { 0 } else { NOT_ALL_ASSIGNED });
        Ok(())
    };
    last_error::report(adjust())
}
