//! Times of files: `FILETIME` counts 100 nanoseconds from the year 1601.

use rustix::fs::{Statx, StatxFlags, StatxTimestamp, Timespec, Timestamps};

use super::file_right;
use crate::abi::{BOOL, HANDLE};
use crate::code::{Code, Result};
use crate::{last_error, table};

/// `FILETIME`: two halves, which need not be aligned for a whole.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FILETIME {
    dwLowDateTime: u32,
    dwHighDateTime: u32,
}

/// Seconds from 1601 to 1970.
const TO_1970: i64 = 11_644_473_600;

/// What leaves a time as it is, from now on also when the file changes: the second half of that is Windows's own.
const KEEP: u64 = u64::MAX;

impl FILETIME {
    pub(super) fn new(seconds: i64, nanoseconds: i64) -> FILETIME {
        FILETIME::from_number(((seconds + TO_1970) * 10_000_000 + nanoseconds / 100) as u64)
    }

    pub(super) fn from_number(number: u64) -> FILETIME {
        FILETIME { dwLowDateTime: number as u32, dwHighDateTime: (number >> 32) as u32 }
    }

    pub(super) fn number(self) -> u64 {
        u64::from(self.dwHighDateTime) << 32 | u64::from(self.dwLowDateTime)
    }

    fn of(time: &StatxTimestamp) -> FILETIME {
        FILETIME::new(time.tv_sec, i64::from(time.tv_nsec))
    }
}

/// When a file was made, read, written and changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub creation: FILETIME,
    pub access: FILETIME,
    pub write: FILETIME,
    pub change: FILETIME,
}

pub(super) const WANTED: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::BTIME);

impl Times {
    pub(super) fn of(stat: &Statx) -> Times {
        let write = FILETIME::of(&stat.stx_mtime);
        let knows_creation =
            StatxFlags::from_bits_truncate(stat.stx_mask).contains(StatxFlags::BTIME);
        // A file system that does not know: not later than the oldest time there is.
        let creation = match knows_creation {
            true => FILETIME::of(&stat.stx_btime),
            false if write.number() < FILETIME::of(&stat.stx_ctime).number() => write,
            false => FILETIME::of(&stat.stx_ctime),
        };
        let (access, change) = (FILETIME::of(&stat.stx_atime), FILETIME::of(&stat.stx_ctime));
        Times { creation, access, write, change }
    }
}

/// Times to set; 0 and `KEEP` leave one as it is.
///
/// # Errors
/// 50 for another time of creation, which Linux lets nobody set.
pub(super) fn set(file: &std::fs::File, creation: u64, access: u64, write: u64) -> Result<()> {
    if creation != 0 && creation != KEEP && creation != times(file)?.creation.number() {
        return Err(Code::NOT_SUPPORTED);
    }
    let time = |number: u64| match number {
        0 | KEEP => Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_OMIT as _ },
        number => Timespec {
            tv_sec: (number / 10_000_000) as i64 - TO_1970,
            tv_nsec: ((number % 10_000_000) * 100) as _,
        },
    };
    let times = Timestamps { last_access: time(access), last_modification: time(write) };
    Ok(rustix::fs::futimens(file, &times)?)
}

pub(super) fn times(file: &std::fs::File) -> Result<Times> {
    let stat = rustix::fs::statx(file, "", rustix::fs::AtFlags::EMPTY_PATH, WANTED)?;
    Ok(Times::of(&stat))
}

#[no_mangle]
unsafe extern "C" fn GetFileTime(
    handle: HANDLE,
    creation: *mut FILETIME,
    access: *mut FILETIME,
    write: *mut FILETIME,
) -> BOOL {
    let get = || {
        let times = times(&table::get(handle)?.file()?.file)?;
        let wanted = [(creation, times.creation), (access, times.access), (write, times.write)];
        for (place, time) in wanted {
            if !place.is_null() {
                // SAFETY: the caller gives NULL or a place.
                unsafe { *place = time };
            }
        }
        Ok(())
    };
    last_error::report(get())
}

#[no_mangle]
unsafe extern "C" fn SetFileTime(
    handle: HANDLE,
    creation: *const FILETIME,
    access: *const FILETIME,
    write: *const FILETIME,
) -> BOOL {
    let set = || {
        let entry = table::get(handle)?;
        let file = entry.file()?;
        entry.need(file_right::WRITE_ATTRIBUTES)?;
        // SAFETY: the caller gives NULL or a time.
        let [creation, access, write] = [creation, access, write]
            .map(|time| unsafe { time.as_ref() }.map_or(0, |time| time.number()));
        set(&file.file, creation, access, write)
    };
    last_error::report(set())
}
