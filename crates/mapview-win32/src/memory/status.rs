//! How much memory the machine has: `GlobalMemoryStatusEx`, `GetPerformanceInfo`.

use super::os;
use super::query::{HIGHEST, LOWEST};
use crate::abi::{BOOL, DWORD};
use crate::code::{Code, Result};
use crate::last_error;

#[repr(C)]
struct MEMORYSTATUSEX {
    dwLength: DWORD,
    dwMemoryLoad: DWORD,
    ullTotalPhys: u64,
    ullAvailPhys: u64,
    ullTotalPageFile: u64,
    ullAvailPageFile: u64,
    ullTotalVirtual: u64,
    ullAvailVirtual: u64,
    ullAvailExtendedVirtual: u64,
}

#[repr(C)]
struct MEMORYSTATUS {
    dwLength: DWORD,
    dwMemoryLoad: DWORD,
    dwTotalPhys: usize,
    dwAvailPhys: usize,
    dwTotalPageFile: usize,
    dwAvailPageFile: usize,
    dwTotalVirtual: usize,
    dwAvailVirtual: usize,
}

/// Sizes are in pages.
#[repr(C)]
struct PERFORMANCE_INFORMATION {
    cb: DWORD,
    CommitTotal: usize,
    CommitLimit: usize,
    CommitPeak: usize,
    PhysicalTotal: usize,
    PhysicalAvailable: usize,
    SystemCache: usize,
    KernelTotal: usize,
    KernelPaged: usize,
    KernelNonpaged: usize,
    PageSize: usize,
    HandleCount: DWORD,
    ProcessCount: DWORD,
    ThreadCount: DWORD,
}

fn status() -> MEMORYSTATUSEX {
    let machine = os::text("/proc/meminfo");
    let used = os::bytes(&os::text("/proc/self/status"), "VmSize");
    let total = os::bytes(&machine, "MemTotal");
    let available = os::bytes(&machine, "MemAvailable").min(total);
    let all = (HIGHEST - LOWEST) as u64;
    MEMORYSTATUSEX {
        dwLength: size_of::<MEMORYSTATUSEX>() as DWORD,
        dwMemoryLoad: ((total - available) * 100 / total.max(1)) as DWORD,
        ullTotalPhys: total,
        ullAvailPhys: available,
        // On Windows memory counts, too.
        ullTotalPageFile: total + os::bytes(&machine, "SwapTotal"),
        ullAvailPageFile: available + os::bytes(&machine, "SwapFree"),
        ullTotalVirtual: all,
        ullAvailVirtual: all.saturating_sub(used),
        ullAvailExtendedVirtual: 0,
    }
}

#[no_mangle]
unsafe extern "C" fn GlobalMemoryStatusEx(told: *mut MEMORYSTATUSEX) -> BOOL {
    let fill = || -> Result<()> {
        // SAFETY: the caller gives a place for it, which says its length; NULL is looked at first.
        unsafe {
            if told.is_null() || (*told).dwLength as usize != size_of::<MEMORYSTATUSEX>() {
                return Err(Code::INVALID_PARAMETER);
            }
            *told = status();
        }
        Ok(())
    };
    last_error::report(fill())
}

#[no_mangle]
unsafe extern "C" fn GlobalMemoryStatus(told: *mut MEMORYSTATUS) {
    let status = status();
    if told.is_null() {
        return;
    }
    // SAFETY: the caller gives a place for it.
    unsafe {
        *told = MEMORYSTATUS {
            dwLength: size_of::<MEMORYSTATUS>() as DWORD,
            dwMemoryLoad: status.dwMemoryLoad,
            dwTotalPhys: status.ullTotalPhys as usize,
            dwAvailPhys: status.ullAvailPhys as usize,
            dwTotalPageFile: status.ullTotalPageFile as usize,
            dwAvailPageFile: status.ullAvailPageFile as usize,
            dwTotalVirtual: status.ullTotalVirtual as usize,
            dwAvailVirtual: status.ullAvailVirtual as usize,
        };
    }
}

/// The first number of a file of `/proc`, and the one behind a `/` in it.
fn numbers(path: &str, separator: char) -> (DWORD, DWORD) {
    let text = os::text(path);
    let number = |text: &str| text.split_whitespace().next().and_then(|word| word.parse().ok());
    let behind = text.split(separator).nth(1).and_then(number);
    (number(&text).unwrap_or(0), behind.unwrap_or(0))
}

fn performance() -> PERFORMANCE_INFORMATION {
    let machine = os::text("/proc/meminfo");
    let pages = |keys: &[&str]| {
        let bytes: u64 = keys.iter().map(|key| os::bytes(&machine, key)).sum();
        bytes as usize / os::PAGE
    };
    let is_process = |name: std::ffi::OsString| name.as_encoded_bytes()[0].is_ascii_digit();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let paged = pages(&["SReclaimable"]);
    let nonpaged = pages(&["SUnreclaim", "KernelStack", "PageTables"]);
    PERFORMANCE_INFORMATION {
        cb: size_of::<PERFORMANCE_INFORMATION>() as DWORD,
        CommitTotal: pages(&["Committed_AS"]),
        CommitLimit: pages(&["MemTotal", "SwapTotal"]),
        CommitPeak: pages(&["Committed_AS"]), // the kernel keeps no highest value
        PhysicalTotal: pages(&["MemTotal"]),
        PhysicalAvailable: pages(&["MemAvailable"]),
        SystemCache: pages(&["Cached", "Buffers"]),
        KernelTotal: paged + nonpaged,
        KernelPaged: paged,
        KernelNonpaged: nonpaged,
        PageSize: os::PAGE,
        HandleCount: numbers("/proc/sys/fs/file-nr", '/').0, // open descriptions: the nearest to handles there is
        ProcessCount: processes.filter(|entry| is_process(entry.file_name())).count() as DWORD,
        ThreadCount: numbers("/proc/loadavg", '/').1,
    }
}

#[no_mangle]
unsafe extern "C" fn K32GetPerformanceInfo(told: *mut PERFORMANCE_INFORMATION, len: DWORD) -> BOOL {
    let fill = || -> Result<()> {
        if (len as usize) < size_of::<PERFORMANCE_INFORMATION>() {
            return Err(Code::BAD_LENGTH);
        }
        if told.is_null() {
            return Err(Code::NOACCESS);
        }
        // SAFETY: the caller gives a place of that length.
        unsafe { *told = performance() };
        Ok(())
    };
    last_error::report(fill())
}

#[no_mangle]
unsafe extern "C" fn GetPerformanceInfo(told: *mut PERFORMANCE_INFORMATION, len: DWORD) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { K32GetPerformanceInfo(told, len) }
}

#[no_mangle]
extern "C" fn GetLargePageMinimum() -> usize {
    2 << 20
}
