//! Dates of the calendar and counts of 100 ns since 1601.

use crate::abi::BOOL;
use crate::code::{Code, Result};
use crate::last_error;

/// `FILETIME`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct FILETIME {
    low: u32,
    high: u32,
}

/// `SYSTEMTIME`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct SYSTEMTIME {
    pub year: u16,
    pub month: u16,
    pub day_of_week: u16,
    pub day: u16,
    pub hour: u16,
    pub minute: u16,
    pub second: u16,
    pub milliseconds: u16,
}

pub(super) const TICKS_OF_SECOND: u64 = 10_000_000;
const SECONDS_OF_DAY: u64 = 86_400;
/// From 1601 to 1970.
pub(super) const UNIX_EPOCH: u64 = 11_644_473_600;
/// Later ones than 30827, where `SYSTEMTIME` ends, have the highest bit.
const LAST: u64 = i64::MAX as u64;

impl From<u64> for FILETIME {
    fn from(ticks: u64) -> FILETIME {
        FILETIME { low: ticks as u32, high: (ticks >> 32) as u32 }
    }
}

impl FILETIME {
    pub(super) fn ticks(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1601-01-01 to the first day of a year.
fn days_before_year(year: u64) -> u64 {
    let years = year - 1601;
    years * 365 + years / 4 - years / 100 + years / 400
}

/// # Errors
/// 87 for a time after the calendar's end.
pub(super) fn to_system(ticks: u64) -> Result<SYSTEMTIME> {
    if ticks > LAST {
        return Err(Code::INVALID_PARAMETER);
    }
    let milliseconds = ticks / (TICKS_OF_SECOND / 1000);
    let seconds = milliseconds / 1000;
    let (days, of_day) = (seconds / SECONDS_OF_DAY, seconds % SECONDS_OF_DAY);
    let mut year = 1601 + days / 366;
    while days_before_year(year + 1) <= days {
        year += 1;
    }
    let mut day = days - days_before_year(year);
    let mut month = 1;
    while day >= days_of_month(year, month) {
        day -= days_of_month(year, month);
        month += 1;
    }
    Ok(SYSTEMTIME {
        year: year as u16,
        month: month as u16,
        day_of_week: ((days + 1) % 7) as u16, // 1601 began with a Monday
        day: day as u16 + 1,
        hour: (of_day / 3600) as u16,
        minute: (of_day / 60 % 60) as u16,
        second: (of_day % 60) as u16,
        milliseconds: (milliseconds % 1000) as u16,
    })
}

/// # Errors
/// 87 for a date that does not exist.
pub(super) fn to_ticks(time: &SYSTEMTIME) -> Result<u64> {
    let [year, month, day] = [time.year, time.month, time.day].map(u64::from);
    let [hour, minute, second] = [time.hour, time.minute, time.second].map(u64::from);
    let is_date = (1601..=30827).contains(&year)
        && (1..=12).contains(&month)
        && day >= 1
        && day <= days_of_month(year, month);
    if !is_date || hour > 23 || minute > 59 || second > 59 || time.milliseconds > 999 {
        return Err(Code::INVALID_PARAMETER);
    }
    let months: u64 = (1..month).map(|month| days_of_month(year, month)).sum();
    let days = days_before_year(year) + months + day - 1;
    let seconds = days * SECONDS_OF_DAY + hour * 3600 + minute * 60 + second;
    let milliseconds = seconds * 1000 + u64::from(time.milliseconds);
    Ok(milliseconds * (TICKS_OF_SECOND / 1000))
}

#[no_mangle]
unsafe extern "C" fn FileTimeToSystemTime(time: &FILETIME, to: *mut SYSTEMTIME) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(to_system(time.ticks()).map(|date| unsafe { to.write(date) }))
}

#[no_mangle]
unsafe extern "C" fn SystemTimeToFileTime(time: &SYSTEMTIME, to: *mut FILETIME) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(to_ticks(time).map(|ticks| unsafe { to.write(ticks.into()) }))
}

#[no_mangle]
extern "C" fn CompareFileTime(a: &FILETIME, b: &FILETIME) -> i32 {
    a.ticks().cmp(&b.ticks()) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_eight_centuries_comes_back() {
        let day = SECONDS_OF_DAY * TICKS_OF_SECOND;
        let mut before = SYSTEMTIME::default();
        for days in 0..292_194 {
            let date = to_system(days * day).unwrap();
            assert_eq!(to_ticks(&date), Ok(days * day));
            assert!((date.year, date.month, date.day) > (before.year, before.month, before.day));
            before = date;
        }
        assert_eq!((before.year, before.month, before.day), (2400, 12, 31));
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        let date = SYSTEMTIME { year: 2023, month: 2, day: 29, ..SYSTEMTIME::default() };
        assert_eq!(to_ticks(&date), Err(Code::INVALID_PARAMETER));
        assert!(to_ticks(&SYSTEMTIME { year: 2024, ..date }).is_ok());
        assert_eq!(to_system(1 << 63), Err(Code::INVALID_PARAMETER));
    }
}
