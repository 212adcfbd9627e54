//! How much memory a process uses: `GetProcessMemoryInfo`.

use super::os;
use super::target::Target;
use crate::abi::{BOOL, DWORD, HANDLE};
use crate::code::{Code, Result};
use crate::last_error;

#[repr(C)]
#[derive(Clone, Copy)]
struct PROCESS_MEMORY_COUNTERS {
    cb: DWORD,
    PageFaultCount: DWORD,
    PeakWorkingSetSize: usize,
    WorkingSetSize: usize,
    QuotaPeakPagedPoolUsage: usize,
    QuotaPagedPoolUsage: usize,
    QuotaPeakNonPagedPoolUsage: usize,
    QuotaNonPagedPoolUsage: usize,
    PagefileUsage: usize,
    PeakPagefileUsage: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct PROCESS_MEMORY_COUNTERS_EX {
    Counters: PROCESS_MEMORY_COUNTERS,
    PrivateUsage: usize,
}

/// `PROCESS_QUERY_LIMITED_INFORMATION`, which is part of the full right.
const QUERY: u32 = 0x1000;

/// Faults that the process had so far, with and without the disk.
fn faults(stat: &str) -> u64 {
    let mut words = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let number = |word: Option<&str>| word.and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
    number(words.nth(7)) + number(words.nth(1)) // fields 10 and 12
}

/// What is private is told as it is used: the kernel does not count what a process could use. It keeps no quotas for its
/// own memory either, and no highest values but the working set's.
fn counters(process: &str, len: DWORD) -> PROCESS_MEMORY_COUNTERS_EX {
    let status = os::text(&format!("{process}/status"));
    let bytes = |key| os::bytes(&status, key) as usize;
    let private = bytes("RssAnon") + bytes("VmSwap");
    PROCESS_MEMORY_COUNTERS_EX {
        Counters: PROCESS_MEMORY_COUNTERS {
            cb: len,
            PageFaultCount: faults(&os::text(&format!("{process}/stat"))) as DWORD,
            PeakWorkingSetSize: bytes("VmHWM"),
            WorkingSetSize: bytes("VmRSS"),
            QuotaPeakPagedPoolUsage: 0,
            QuotaPagedPoolUsage: 0,
            QuotaPeakNonPagedPoolUsage: 0,
            QuotaNonPagedPoolUsage: 0,
            PagefileUsage: private,
            PeakPagefileUsage: private,
        },
        PrivateUsage: private,
    }
}

#[no_mangle]
unsafe extern "C" fn K32GetProcessMemoryInfo(
    process: HANDLE,
    told: *mut PROCESS_MEMORY_COUNTERS,
    len: DWORD,
) -> BOOL {
    let fill = || -> Result<()> {
        let target = Target::of(process, QUERY)?;
        let size = len as usize;
        if size < size_of::<PROCESS_MEMORY_COUNTERS>() {
            return Err(Code::INSUFFICIENT_BUFFER);
        }
        if told.is_null() {
            return Err(Code::NOACCESS);
        }
        let directory = match target.other()? {
            Some(process) => format!("/proc/{}", process.pid()),
            None => "/proc/self".to_owned(),
        };
        let all = counters(&directory, len);
        // SAFETY: the caller gives a place of that length.
        unsafe {
            match size < size_of::<PROCESS_MEMORY_COUNTERS_EX>() {
                true => *told = all.Counters,
                false => *told.cast() = all,
            }
        }
        Ok(())
    };
    last_error::report(fill())
}

#[no_mangle]
unsafe extern "C" fn GetProcessMemoryInfo(
    process: HANDLE,
    told: *mut PROCESS_MEMORY_COUNTERS,
    len: DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { K32GetProcessMemoryInfo(process, told, len) }
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn faults_of_both_kinds_are_counted_whatever_the_process_is_called() {
        let stat = "7 (a b) c) S 1 2 3 4 5 6 700 8 90 10 11 12";
        assert_eq!(faults(stat), 790);
        assert_eq!(faults(""), 0);
    }
}
