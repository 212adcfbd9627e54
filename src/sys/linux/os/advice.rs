//! What the kernel is told about pages: advice, locks, and the node whose memory is preferred.
#![allow(unsafe_code)]

use rustix::io::Errno;

pub(in super::super) use rustix::mm::Advice;

/// The highest node that a mask of this module can name.
const NODES: u32 = 1024;
/// `MPOL_PREFERRED`, which the libc crate has not for every system.
const PREFERRED: libc::c_ulong = 1;
/// `CAP_IPC_LOCK`, which stands above the limit of locked memory.
const IPC_LOCK: u64 = 1 << 14;

/// Advises about whole pages of a view.
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

/// Prefers the memory of a node for pages that are allocated from now on.
pub(in super::super) fn prefer_node(address: *mut u8, len: usize, node: u32) -> Result<(), Errno> {
    let mut mask = [0_u64; NODES as usize / 64];
    *mask.get_mut(node as usize / 64).ok_or(Errno::INVAL)? = 1 << (node % 64);
    let bits = libc::c_ulong::from(NODES) + 1; // the kernel takes one bit less than it is told
    let flags: libc::c_ulong = 0;
    // SAFETY: reads the mask, which has as many bits as is said; changes no memory.
    let result = unsafe {
        libc::syscall(libc::SYS_mbind, address, len, PREFERRED, mask.as_ptr(), bits, flags)
    };
    match result {
        0 => Ok(()),
        _ => Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL)),
    }
}

/// The nodes of this machine that are on, as the kernel writes them: `0-1,4`. Without NUMA there is node 0.
pub(in super::super) fn nodes() -> String {
    let path = "/sys/devices/system/node/online";
    std::fs::read_to_string(path).map_or("0".into(), |text| text.trim().to_string())
}
