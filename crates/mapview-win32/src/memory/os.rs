//! What the kernel is asked about memory beside the library: bytes at addresses that may be wrong, limits, counters.

use std::ffi::c_void;
use std::os::fd::{AsRawFd, BorrowedFd};

use mapview::{memory, Protect};

use crate::code::{Code, Result};

pub(super) const PAGE: usize = 4096;
/// The most the kernel takes in one call.
const MOST_PARTS: usize = 1024;

fn part(address: usize, len: usize) -> libc::iovec {
    libc::iovec { iov_base: address as *mut c_void, iov_len: len }
}

/// Copies within this process; the kernel stops at the first byte that is not there or forbids it. How many were copied.
///
/// # Safety
/// Nobody relies on what lies at `to`.
pub(super) unsafe fn copy(to: usize, from: usize, len: usize) -> usize {
    const AT_ONCE: usize = 1 << 30; // more than 2 GiB the kernel does not do
    let mut done = 0;
    while done < len {
        let more = (len - done).min(AT_ONCE);
        let (local, remote) = (part(from + done, more), part(to + done, more));
        // SAFETY: the kernel checks both ranges; the caller's promise for what is overwritten.
        let written = unsafe { transfer(libc::SYS_process_vm_writev, &local, &[remote]) };
        match usize::try_from(written) {
            Ok(0) => break,
            Ok(written) => done += written,
            Err(_) if has_no_calls() => {
                // SAFETY: the caller's promise.
                return done + unsafe { copy_by_protections(to + done, from + done, len - done) };
            }
            Err(_) => break,
        }
    }
    done
}

/// Copies between this process and itself.
///
/// # Safety
/// Nobody relies on what is overwritten.
unsafe fn transfer(
    call: libc::c_long,
    local: &libc::iovec,
    remote: &[libc::iovec],
) -> libc::c_long {
    // Not by the C library's names: sanitizers take it that who uses those knows that the addresses are good.
    // SAFETY: as many ranges as are said; the kernel checks them; the caller's promise.
    unsafe {
        libc::syscall(call, libc::getpid(), local, 1_usize, remote.as_ptr(), remote.len(), 0_usize)
    }
}

/// Whether a sandbox forbids the calls that copy.
fn has_no_calls() -> bool {
    matches!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EPERM | libc::ENOSYS))
}

/// The same by what the pages permit: without those calls, nobody else may change them meanwhile.
///
/// # Safety
/// As [`copy`].
unsafe fn copy_by_protections(to: usize, from: usize, len: usize) -> usize {
    let reads = permitted(from, len, Protect::readable);
    let len = reads.min(permitted(to, len, Protect::writable));
    // SAFETY: so much can be read and written; the caller's promise.
    unsafe { std::ptr::copy(from as *const u8, to as *mut u8, len) };
    len
}

/// How many bytes from an address on lie in pages that permit something.
pub(super) fn permitted(address: usize, len: usize, permits: fn(Protect) -> bool) -> usize {
    let mut done = 0;
    while done < len {
        let Ok(info) = memory::query(address.wrapping_add(done)) else { break };
        if !info.protect.is_some_and(|protect| !protect.is_guarded() && permits(protect)) {
            break;
        }
        done = info.base + info.len - address;
    }
    done.min(len)
}

/// How many bytes from an address on can be read: looks at one byte of each page.
pub(super) fn readable(address: usize, len: usize) -> usize {
    let Some(end) = address.checked_add(len) else { return 0 };
    let mut bytes = [0_u8; MOST_PARTS];
    let mut at = address;
    while at < end {
        let first = std::iter::once(at).filter(|at| !at.is_multiple_of(PAGE));
        let pages = first.chain((at.next_multiple_of(PAGE)..end).step_by(PAGE));
        let parts: Vec<libc::iovec> = pages.take(MOST_PARTS).map(|at| part(at, 1)).collect();
        let local = part(bytes.as_mut_ptr().addr(), bytes.len());
        let count = parts.len();
        // SAFETY: the buffer has a byte for each part; the kernel checks the addresses that are read.
        let read = unsafe { transfer(libc::SYS_process_vm_readv, &local, &parts) };
        let read = match usize::try_from(read) {
            Ok(read) => read,
            Err(_) if has_no_calls() => {
                return at - address + permitted(at, end - at, Protect::readable);
            }
            Err(_) => 0,
        };
        if read < count {
            return (parts[read].iov_base as usize).max(address) - address;
        }
        at = (parts[count - 1].iov_base as usize / PAGE + 1) * PAGE;
    }
    len
}

/// Puts a value at an address that may be wrong.
///
/// # Errors
/// 998 if it cannot be written.
///
/// # Safety
/// If something lies there, it is the caller's to overwrite.
pub(super) unsafe fn store<T: Copy>(to: *mut T, value: T) -> Result<()> {
    // Mostly it is a variable of a caller, and what lies above on this thread's stack is there.
    const NEAR: usize = 4 * PAGE;
    let here = 0_u8;
    if to.addr().wrapping_sub((&raw const here).addr()) < NEAR {
        // SAFETY: as above; the caller's promise.
        unsafe { to.write_unaligned(value) };
        return Ok(());
    }
    let len = size_of::<T>();
    // SAFETY: the caller's promise.
    let done = unsafe { copy(to.addr(), (&raw const value).addr(), len) };
    if done == len {
        Ok(())
    } else {
        Err(Code::NOACCESS)
    }
}

/// The kernel's advice numbers that are used here.
pub(super) const WILL_NEED: i32 = libc::MADV_WILLNEED;
pub(super) const PAGE_OUT: i32 = libc::MADV_PAGEOUT;

/// Advises on memory of the process behind a pidfd. Whether the kernel took it.
pub(super) fn advise(pidfd: BorrowedFd<'_>, address: usize, len: usize, advice: i32) -> bool {
    let range = part(address, len);
    let call = libc::SYS_process_madvise;
    // SAFETY: one range, as is said; both kinds of advice leave every byte as it is.
    unsafe {
        libc::syscall(call, pidfd.as_raw_fd(), &raw const range, 1_usize, advice, 0_usize) >= 0
    }
}

/// The same of this process, which needs no right to it.
pub(super) fn advise_own(address: usize, len: usize, advice: i32) -> bool {
    // SAFETY: as above; the kernel checks the addresses.
    unsafe { libc::madvise(address as *mut c_void, len, advice) == 0 }
}

/// Has every processor that runs a thread of this process do a full barrier.
pub(super) fn barrier() {
    static REGISTERED: std::sync::Once = std::sync::Once::new();
    let call = |command: libc::c_int| {
        // SAFETY: orders memory, and changes none.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0_usize, 0_usize) == 0 }
    };
    REGISTERED.call_once(|| {
        call(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
    });
    // Slower, and where the kernel was built without either, no thread runs at the same time.
    let _ = call(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED) || call(libc::MEMBARRIER_CMD_GLOBAL);
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

/// A file of `/proc` as text; empty if it cannot be read.
pub(super) fn text(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The bytes that a line `key: n kB` of such a text tells; 0 if there is none.
pub(super) fn bytes(text: &str, key: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let number = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    number.unwrap_or(0).saturating_mul(1024)
}

/// Bytes that this process may lock in memory: what it may now, and what it may raise that to.
pub(super) fn lock_limit() -> (u64, u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a place for the answer.
    unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &mut limit) };
    (limit.rlim_cur, limit.rlim_max)
}

/// Raises what may be locked, and if need be what that may be raised to.
pub(super) fn raise_lock_limit(bytes: u64) -> bool {
    let (_, most) = lock_limit();
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: most.max(bytes) };
    // SAFETY: reads the limit.
    unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &limit) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapview::memory::{allocate, free, Allocate, Free};

    #[test]
    fn what_can_be_read_ends_at_the_first_page_that_cannot() {
        let wanted = Allocate { size: 3 * PAGE, reserve: true, ..Allocate::default() };
        // SAFETY: fresh memory, used only here.
        unsafe {
            let base = allocate(&wanted).unwrap().addr();
            let commit = Allocate { address: base, size: 2 * PAGE, commit: true, ..wanted };
            allocate(&Allocate { reserve: false, ..commit }).unwrap();
            assert_eq!(readable(base, 2 * PAGE), 2 * PAGE);
            assert_eq!(readable(base + 5, 3 * PAGE), 2 * PAGE - 5);
            assert_eq!(readable(base + 2 * PAGE + 7, 1), 0);
            assert_eq!(permitted(base + 5, 3 * PAGE, Protect::writable), 2 * PAGE - 5);
            assert_eq!(copy(base + 5, base, 3 * PAGE), 2 * PAGE - 5);
            assert_eq!(copy_by_protections(base + 5, base, 3 * PAGE), 2 * PAGE - 5);
            free(base, 0, Free::Release).unwrap();
            assert_eq!(store(base as *mut u32, 1), Err(Code::NOACCESS));
        }
        assert_eq!(readable(0, 1), 0);
        assert_eq!(readable(usize::MAX, 2), 0);
        assert_eq!(readable(0, 0), 0);
        let many = vec![1_u8; 5 << 20];
        assert_eq!(readable(many.as_ptr().addr(), many.len()), many.len());
    }
}
