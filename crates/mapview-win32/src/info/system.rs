//! The machine: processors, page size, addresses.

use crate::abi::{BOOL, DWORD, FALSE, TRUE};
use crate::code::{Code, Result};
use crate::last_error;

/// `SYSTEM_INFO`.
#[repr(C)]
struct SYSTEM_INFO {
    architecture: u16,
    reserved: u16,
    page_size: DWORD,
    lowest_address: usize,
    highest_address: usize,
    processors: usize,
    processor_count: DWORD,
    processor_type: DWORD,
    granularity: DWORD,
    processor_level: u16,
    processor_revision: u16,
}

/// Views and reservations begin at multiples of it.
const GRANULARITY: DWORD = 0x1_0000;
const LOWEST_ADDRESS: usize = 0x1_0000;
const HIGHEST_ADDRESS: usize = 0x7FFF_FFFE_FFFF;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: (u16, DWORD) = (9, 8664);
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: (u16, DWORD) = (12, 0);

/// The processors that the process may run on, of the first 64.
fn affinity() -> usize {
    // SAFETY: all zeros is an empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: this process, and a set of that size.
    unsafe { libc::sched_getaffinity(0, size_of_val(&set), &mut set) };
    // SAFETY: numbers inside the set.
    let is_set = |cpu: usize| unsafe { libc::CPU_ISSET(cpu, &set) };
    (0..64).filter(|&cpu| is_set(cpu)).fold(0, |mask, cpu| mask | 1 << cpu)
}

fn processor_count() -> DWORD {
    // SAFETY: sysconf takes any number.
    unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) }.max(1) as DWORD
}

fn page_size() -> DWORD {
    // SAFETY: sysconf takes any number.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) as DWORD }
}

#[no_mangle]
unsafe extern "C" fn GetSystemInfo(to: *mut SYSTEM_INFO) {
    let information = SYSTEM_INFO {
        architecture: ARCHITECTURE.0,
        reserved: 0,
        page_size: page_size(),
        lowest_address: LOWEST_ADDRESS,
        highest_address: HIGHEST_ADDRESS,
        processors: affinity(),
        processor_count: processor_count(),
        processor_type: ARCHITECTURE.1,
        granularity: GRANULARITY,
        processor_level: 6,
        processor_revision: 0,
    };
    // SAFETY: the caller's, as Win32 documents.
    unsafe { to.write(information) };
}

#[no_mangle]
unsafe extern "C" fn GetNativeSystemInfo(to: *mut SYSTEM_INFO) {
    // SAFETY: the caller's, as Win32 documents.
    unsafe { GetSystemInfo(to) };
}

/// All processors are in one group.
#[no_mangle]
extern "C" fn GetActiveProcessorGroupCount() -> u16 {
    1
}

#[no_mangle]
extern "C" fn GetActiveProcessorCount(group: u16) -> DWORD {
    const ALL_PROCESSOR_GROUPS: u16 = 0xFFFF;
    match group {
        0 | ALL_PROCESSOR_GROUPS => processor_count(),
        _ => last_error::or(Err(Code::INVALID_PARAMETER), 0),
    }
}

#[no_mangle]
extern "C" fn GetMaximumProcessorCount(group: u16) -> DWORD {
    GetActiveProcessorCount(group)
}

#[no_mangle]
extern "C" fn GetCurrentProcessorNumber() -> DWORD {
    // SAFETY: it only returns a number.
    unsafe { libc::sched_getcpu() as DWORD }
}

/// `SYSTEM_LOGICAL_PROCESSOR_INFORMATION`, with what a core says about itself.
#[repr(C)]
struct LogicalProcessor {
    processors: usize,
    relationship: DWORD,
    details: [u64; 2],
}

/// One core for each processor: how they share their parts is not told.
unsafe fn logical_processors(to: *mut LogicalProcessor, length: *mut DWORD) -> Result<()> {
    let cores: Vec<usize> =
        (0..64).map(|cpu| 1 << cpu).filter(|mask| affinity() & mask != 0).collect();
    let needed = (cores.len() * size_of::<LogicalProcessor>()) as DWORD;
    // SAFETY: the caller gives a place or NULL.
    let length = unsafe { length.as_mut() }.ok_or(Code::INVALID_PARAMETER)?;
    let given = std::mem::replace(length, needed);
    if given < needed || to.is_null() {
        return Err(Code(122));
    }
    for (index, processors) in cores.into_iter().enumerate() {
        // SAFETY: there is place for all.
        unsafe {
            to.add(index).write(LogicalProcessor { processors, relationship: 0, details: [0; 2] })
        };
    }
    Ok(())
}

#[no_mangle]
unsafe extern "C" fn GetLogicalProcessorInformation(
    to: *mut LogicalProcessor,
    length: *mut DWORD,
) -> BOOL {
    // SAFETY: the caller's, as Win32 documents.
    last_error::report(unsafe { logical_processors(to, length) })
}

#[cfg(target_arch = "x86_64")]
fn has_feature(feature: DWORD) -> bool {
    match feature {
        // What every x64 processor has, from comparing and exchanging 64 bits to pages that cannot be executed.
        3 | 6 | 8 | 9 | 10 | 12 | 2 => true,
        13 => is_x86_feature_detected!("sse3"),
        14 => is_x86_feature_detected!("cmpxchg16b"),
        17 => is_x86_feature_detected!("xsave"),
        36 => is_x86_feature_detected!("ssse3"),
        37 => is_x86_feature_detected!("sse4.1"),
        38 => is_x86_feature_detected!("sse4.2"),
        39 => is_x86_feature_detected!("avx"),
        40 => is_x86_feature_detected!("avx2"),
        41 => is_x86_feature_detected!("avx512f"),
        _ => false,
    }
}

#[cfg(target_arch = "aarch64")]
fn has_feature(feature: DWORD) -> bool {
    matches!(feature, 2 | 12 | 18 | 19 | 29)
}

#[no_mangle]
extern "C" fn IsProcessorFeaturePresent(feature: DWORD) -> BOOL {
    if has_feature(feature) {
        TRUE
    } else {
        FALSE
    }
}
