//! What the kernel is told about the pages of views, what it lets a process lock, and which NUMA nodes it has.
#![allow(unsafe_code)]

use rustix::io::Errno;

pub(in super::super) use rustix::mm::Advice;

/// `CAP_IPC_LOCK`, which stands above the limit of locked memory.
const IPC_LOCK: u64 = 1 << 14;

/// Advises about whole pages.
///
/// # Safety
/// The range is mapped, and if the advice makes the kernel forget pages, their contents are kept elsewhere.
pub(in super::super) unsafe fn advise(
    address: *mut u8,
    len: usize,
    advice: Advice,
) -> Result<(), Errno> {
    // SAFETY: the caller's promise.
    unsafe { rustix::mm::madvise(address.cast(), len, advice) }
}

/// Bytes that this process may lock in all and has locked; `None` if nothing limits it.
pub(in super::super) fn lock_limit() -> Option<(u64, u64)> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Memlock).current?;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_ascii_whitespace().next()
    };
    let capabilities = field("CapEff:").and_then(|mask| u64::from_str_radix(mask, 16).ok());
    if capabilities.is_some_and(|mask| mask & IPC_LOCK != 0) {
        return None;
    }
    let locked = field("VmLck:").and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0);
    Some((limit, locked * 1024))
}

/// The nodes of this machine that are on, as the kernel writes them: `0-1,4`. Without NUMA there is node 0.
pub(in super::super) fn nodes() -> String {
    let path = "/sys/devices/system/node/online";
    std::fs::read_to_string(path).map_or("0".into(), |text| text.trim().to_string())
}
