//! The time zone, as the C library knows it.

use std::ffi::CStr;

use crate::abi::{BOOL, DWORD};
use crate::code::Code;
use crate::info::calendar::{
    to_system, to_ticks, FILETIME, SYSTEMTIME, TICKS_OF_SECOND, UNIX_EPOCH,
};
use crate::info::clock;
use crate::last_error;

const TIME_ZONE_ID_UNKNOWN: DWORD = 0;
const TIME_ZONE_ID_STANDARD: DWORD = 1;
const TIME_ZONE_ID_DAYLIGHT: DWORD = 2;

/// `TIME_ZONE_INFORMATION`.
#[repr(C)]
pub(super) struct TIME_ZONE_INFORMATION {
    bias: i32,
    standard_name: [u16; 32],
    standard_date: SYSTEMTIME,
    standard_bias: i32,
    daylight_name: [u16; 32],
    daylight_date: SYSTEMTIME,
    daylight_bias: i32,
}

/// What holds at a moment.
struct Zone {
    /// Seconds east of Greenwich.
    offset: i64,
    daylight: bool,
    name: Vec<u16>,
}

/// The zone at seconds since 1970.
fn zone(seconds: i64) -> Zone {
    // SAFETY: all zeros is a good one to be filled in.
    let mut local: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: a time and a place; tzset makes localtime_r look at TZ again.
    let found = unsafe {
        tzset();
        !libc::localtime_r(&seconds, &mut local).is_null() && !local.tm_zone.is_null()
    };
    // SAFETY: a NUL-terminated name of the C library.
    let name = found.then(|| unsafe { CStr::from_ptr(local.tm_zone) }.to_string_lossy());
    let name = name.unwrap_or_default().encode_utf16().take(31).collect();
    Zone { offset: local.tm_gmtoff, daylight: local.tm_isdst > 0, name }
}

extern "C" {
    fn tzset();
}

fn seconds(ticks: u64) -> i64 {
    (ticks / TICKS_OF_SECOND) as i64 - UNIX_EPOCH as i64
}

/// The same moment on the clock of the zone.
pub(super) fn to_local(ticks: u64) -> u64 {
    ticks.wrapping_add_signed(zone(seconds(ticks)).offset * TICKS_OF_SECOND as i64)
}

/// Where in a range of seconds the offset changes, if it differs at its ends.
fn change(mut from: i64, mut to: i64) -> Option<i64> {
    let offset = zone(from).offset;
    if zone(to).offset == offset {
        return None;
    }
    while to - from > 1 {
        let middle = from + (to - from) / 2;
        match zone(middle).offset == offset {
            true => from = middle,
            false => to = middle,
        }
    }
    Some(to)
}

/// The moment of a change on the clock before it, as a date of this one year.
fn date(at: i64) -> SYSTEMTIME {
    let before = at + zone(at - 1).offset + UNIX_EPOCH as i64;
    to_system(before as u64 * TICKS_OF_SECOND).unwrap_or_default()
}

fn padded(name: &[u16]) -> [u16; 32] {
    std::array::from_fn(|index| name.get(index).copied().unwrap_or(0))
}

/// The zone in this year, and what holds now.
fn information() -> (TIME_ZONE_INFORMATION, DWORD) {
    let now = seconds(clock::now());
    let year = to_system(clock::now()).map_or(1970, |now| now.year);
    let start = SYSTEMTIME { year, month: 1, day: 1, ..SYSTEMTIME::default() };
    let start = seconds(to_ticks(&start).unwrap_or_default());
    let (middle, end) = (start + 182 * 86_400, start + 365 * 86_400);
    let changes = [change(start, middle), change(middle, end)];
    let (winter, summer) = (zone(start), zone(middle));
    let (standard, daylight) = if winter.daylight { (summer, winter) } else { (winter, summer) };
    let mut to_standard = SYSTEMTIME::default();
    let mut to_daylight = SYSTEMTIME::default();
    let changes_twice = changes.iter().all(Option::is_some);
    if changes_twice {
        for at in changes.into_iter().flatten() {
            match zone(at).daylight {
                true => to_daylight = date(at),
                false => to_standard = date(at),
            }
        }
    }
    let id = match (changes_twice, zone(now).daylight) {
        (false, _) => TIME_ZONE_ID_UNKNOWN,
        (true, false) => TIME_ZONE_ID_STANDARD,
        (true, true) => TIME_ZONE_ID_DAYLIGHT,
    };
    let information = TIME_ZONE_INFORMATION {
        bias: (-standard.offset / 60) as i32,
        standard_name: padded(&standard.name),
        standard_date: to_standard,
        standard_bias: 0,
        daylight_name: padded(&daylight.name),
        daylight_date: to_daylight,
        daylight_bias: (-(daylight.offset - standard.offset) / 60) as i32,
    };
    (information, id)
}

/// The dates of change are those of this year, and say so with their year.
#[no_mangle]
unsafe extern "C" fn GetTimeZoneInformation(to: *mut TIME_ZONE_INFORMATION) -> DWORD {
    let (zone, id) = information();
    // SAFETY: the caller's, as Win32 documents.
    unsafe { to.write(zone) };
    id
}

/// By what holds now, as on Windows, and not by what held then.
#[no_mangle]
unsafe extern "C" fn FileTimeToLocalFileTime(time: &FILETIME, to: *mut FILETIME) -> BOOL {
    let offset = zone(seconds(clock::now())).offset * TICKS_OF_SECOND as i64;
    let local = time.ticks().checked_add_signed(offset).ok_or(Code::INVALID_PARAMETER);
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(local.map(|local| unsafe { to.write(local.into()) }))
}

#[no_mangle]
unsafe extern "C" fn LocalFileTimeToFileTime(time: &FILETIME, to: *mut FILETIME) -> BOOL {
    let offset = zone(seconds(clock::now())).offset * TICKS_OF_SECOND as i64;
    let utc = time.ticks().checked_add_signed(-offset).ok_or(Code::INVALID_PARAMETER);
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(utc.map(|utc| unsafe { to.write(utc.into()) }))
}

/// Zones other than the system's have rules that only they know.
fn only_own(zone: *const TIME_ZONE_INFORMATION) -> crate::code::Result<()> {
    match zone.is_null() {
        true => Ok(()),
        false => Err(Code::NOT_SUPPORTED),
    }
}

#[no_mangle]
unsafe extern "C" fn SystemTimeToTzSpecificLocalTime(
    zone: *const TIME_ZONE_INFORMATION,
    utc: &SYSTEMTIME,
    to: *mut SYSTEMTIME,
) -> BOOL {
    let convert = || to_system(to_local(only_own(zone).and_then(|()| to_ticks(utc))?));
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(convert().map(|local| unsafe { to.write(local) }))
}

#[no_mangle]
unsafe extern "C" fn TzSpecificLocalTimeToSystemTime(
    zone: *const TIME_ZONE_INFORMATION,
    local: &SYSTEMTIME,
    to: *mut SYSTEMTIME,
) -> BOOL {
    let convert = || {
        let wanted = only_own(zone).and_then(|()| to_ticks(local))?;
        // The offset at the moment itself, found from one that is at most a day away.
        let near = wanted.wrapping_sub(to_local(wanted).wrapping_sub(wanted));
        to_system(wanted.wrapping_sub(to_local(near).wrapping_sub(near)))
    };
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(convert().map(|utc| unsafe { to.write(utc) }))
}
