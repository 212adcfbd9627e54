//! Space on disks.

use rustix::fs::StatVfs;

use super::open::failed;
use super::path;
use crate::abi::{BOOL, DWORD, LPCSTR, LPCWSTR};
use crate::code::Result;
use crate::last_error;

/// Of the file system that a folder lies on; NULL is the current folder.
fn of(text: Option<Vec<u8>>) -> Result<StatVfs> {
    let path = match text {
        None => ".".into(),
        text => path::to_linux(text.as_deref())?,
    };
    rustix::fs::statvfs(&path).map_err(|errno| failed(errno, &path))
}

/// # Safety
/// Each place is NULL or one for its number.
unsafe fn put<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: the caller says so.
        unsafe { *place = value };
    }
}

const SECTOR: u64 = 512;

unsafe fn clusters(
    text: Option<Vec<u8>>,
    [per_cluster, sector, free, total]: [*mut DWORD; 4],
) -> BOOL {
    let get = || {
        let disk = of(text)?;
        let number = |number: u64| DWORD::try_from(number).unwrap_or(DWORD::MAX);
        // SAFETY: the caller gives NULL or places.
        unsafe {
            put(per_cluster, number(disk.f_frsize / SECTOR));
            put(sector, SECTOR as DWORD);
            put(free, number(disk.f_bavail));
            put(total, number(disk.f_blocks));
        }
        Ok(())
    };
    last_error::report(get())
}

unsafe fn bytes(text: Option<Vec<u8>>, [available, total, free]: [*mut u64; 3]) -> BOOL {
    let get = || {
        let disk = of(text)?;
        // SAFETY: the caller gives NULL or places.
        unsafe {
            put(available, disk.f_bavail * disk.f_frsize);
            put(total, disk.f_blocks * disk.f_frsize);
            put(free, disk.f_bfree * disk.f_frsize);
        }
        Ok(())
    };
    last_error::report(get())
}

#[no_mangle]
unsafe extern "C" fn GetDiskFreeSpaceW(
    path: LPCWSTR,
    per_cluster: *mut DWORD,
    sector: *mut DWORD,
    free: *mut DWORD,
    total: *mut DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { clusters(path::wide(path), [per_cluster, sector, free, total]) }
}

#[no_mangle]
unsafe extern "C" fn GetDiskFreeSpaceA(
    path: LPCSTR,
    per_cluster: *mut DWORD,
    sector: *mut DWORD,
    free: *mut DWORD,
    total: *mut DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { clusters(path::narrow(path), [per_cluster, sector, free, total]) }
}

#[no_mangle]
unsafe extern "C" fn GetDiskFreeSpaceExW(
    path: LPCWSTR,
    available: *mut u64,
    total: *mut u64,
    free: *mut u64,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { bytes(path::wide(path), [available, total, free]) }
}

#[no_mangle]
unsafe extern "C" fn GetDiskFreeSpaceExA(
    path: LPCSTR,
    available: *mut u64,
    total: *mut u64,
    free: *mut u64,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { bytes(path::narrow(path), [available, total, free]) }
}
