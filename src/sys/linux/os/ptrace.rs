//! [`ptrace(2)`](https://man7.org/linux/man-pages/man2/ptrace.2.html) of threads that were seized: no signal is sent, nobody
//! else sees a stop, and when the calling thread ends, however it ends, the kernel lets go of all that it traces.
//!
//! How a thread stopped is asked from the thread itself, not from `wait`, whose answer another thread could take away.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::without_provenance_mut;

use rustix::io::Errno;

/// The registers of a thread.
pub(in super::super) type Registers = libc::user_regs_struct;

/// Why a thread stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Stop {
    /// As we asked, or as everybody in its process. It is about to go back to its program.
    Asked,
    /// At the begin or the end of a system call.
    Call,
    /// Before this signal, with this code, is delivered.
    Signal(i32, i32),
}

/// # Safety
/// `data` leads to what this request reads or fills, of the size that the request, or `address`, says.
unsafe fn ptrace(request: u32, tid: u32, address: usize, data: *mut c_void) -> Result<(), Errno> {
    // SAFETY: the caller's promise; the kernel checks the rest.
    let got = unsafe { libc::ptrace(request as _, tid as libc::pid_t, address, data) };
    if got == -1 {
        let error = std::io::Error::last_os_error();
        return Err(Errno::from_io_error(&error).unwrap_or(Errno::IO));
    }
    Ok(())
}

/// A request that takes a number instead of a pointer.
fn request(request: u32, tid: u32, number: usize) -> Result<(), Errno> {
    // SAFETY: these requests neither read nor fill anything.
    unsafe { ptrace(request, tid, 0, without_provenance_mut(number)) }
}

/// Begins to trace a thread, which runs on. System calls are told apart from other stops.
pub(in super::super) fn seize(tid: u32) -> Result<(), Errno> {
    request(libc::PTRACE_SEIZE, tid, libc::PTRACE_O_TRACESYSGOOD as usize)
}

/// Has a traced thread stop when it next could go back to its program.
pub(in super::super) fn interrupt(tid: u32) -> Result<(), Errno> {
    request(libc::PTRACE_INTERRUPT, tid, 0)
}

/// Why a traced thread stands still; `None` while it runs, and when it has ended.
pub(in super::super) fn stop(tid: u32) -> Result<Option<Stop>, Errno> {
    const EVENT_STOP: i32 = 128 << 8;
    const CALL: i32 = libc::SIGTRAP | 0x80;
    // SAFETY: a plain C structure, for which zeros are valid.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the request fills one such structure.
    match unsafe { ptrace(libc::PTRACE_GETSIGINFO, tid, 0, (&raw mut info).cast()) } {
        Err(Errno::SRCH) => return Ok(None),
        other => other?,
    }
    Ok(Some(match (info.si_signo, info.si_code) {
        (signal, code) if code == EVENT_STOP | signal => Stop::Asked,
        (libc::SIGTRAP, CALL) => Stop::Call,
        (signal, code) => Stop::Signal(signal, code),
    }))
}

/// Lets a stopped thread go on to its next system call, or to the end of the one it is in, with a signal or 0.
pub(in super::super) fn run_to_call(tid: u32, signal: i32) -> Result<(), Errno> {
    request(libc::PTRACE_SYSCALL, tid, signal as usize)
}

/// Lets a stopped thread go on, with a signal or 0.
pub(in super::super) fn run(tid: u32, signal: i32) -> Result<(), Errno> {
    request(libc::PTRACE_CONT, tid, signal as usize)
}

/// Stops tracing a stopped thread, which goes on, or stops with its process.
pub(in super::super) fn detach(tid: u32) -> Result<(), Errno> {
    request(libc::PTRACE_DETACH, tid, 0)
}

pub(in super::super) fn registers(tid: u32) -> Result<Registers, Errno> {
    // SAFETY: a plain C structure, for which zeros are valid.
    let mut registers: Registers = unsafe { std::mem::zeroed() };
    // SAFETY: the request fills one such structure.
    unsafe { ptrace(libc::PTRACE_GETREGS, tid, 0, (&raw mut registers).cast())? };
    Ok(registers)
}

/// Gives a stopped thread all its registers at once.
pub(in super::super) fn set_registers(tid: u32, registers: &Registers) -> Result<(), Errno> {
    let data = std::ptr::from_ref(registers).cast_mut().cast();
    // SAFETY: the request reads one such structure.
    unsafe { ptrace(libc::PTRACE_SETREGS, tid, 0, data) }
}

/// The floating-point and vector registers, laid out as by `XSAVE`.
pub(in super::super) fn vector_registers(tid: u32) -> Result<Vec<u8>, Errno> {
    const NT_X86_XSTATE: usize = 0x202;
    let mut bytes = vec![0_u8; 1 << 16];
    let mut buffer = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
    // SAFETY: the request fills at most what the description says that there is, and `bytes` has that many.
    unsafe { ptrace(libc::PTRACE_GETREGSET, tid, NT_X86_XSTATE, (&raw mut buffer).cast())? };
    bytes.truncate(buffer.iov_len);
    Ok(bytes)
}

/// The signals that a stopped thread blocks.
pub(in super::super) fn signal_mask(tid: u32) -> Result<u64, Errno> {
    let mut mask = 0_u64;
    let data = (&raw mut mask).cast();
    // SAFETY: the request fills as many bytes as are said, those of a `u64`.
    unsafe { ptrace(libc::PTRACE_GETSIGMASK, tid, size_of::<u64>(), data)? };
    Ok(mask)
}

pub(in super::super) fn set_signal_mask(tid: u32, mask: u64) -> Result<(), Errno> {
    let data = (&raw const mask).cast_mut().cast();
    // SAFETY: the request reads as many bytes as are said, those of a `u64`.
    unsafe { ptrace(libc::PTRACE_SETSIGMASK, tid, size_of::<u64>(), data) }
}

/// Where a stopped thread has its `struct rseq`, if anywhere, or if the kernel can tell.
pub(in super::super) fn rseq_address(tid: u32) -> Option<u64> {
    const PTRACE_GET_RSEQ_CONFIGURATION: u32 = 0x420f;
    /// `struct ptrace_rseq_configuration`.
    #[repr(C)]
    struct Configuration {
        address: u64,
        size: u32,
        signature: u32,
        flags: u32,
        pad: u32,
    }
    let mut told = Configuration { address: 0, size: 0, signature: 0, flags: 0, pad: 0 };
    let (size, data) = (size_of::<Configuration>(), (&raw mut told).cast());
    // SAFETY: the request fills at most as many bytes as are said, those of the structure.
    unsafe { ptrace(PTRACE_GET_RSEQ_CONFIGURATION, tid, size, data).ok()? };
    (told.address != 0).then_some(told.address)
}

/// Where a part of the vector registers lies in their `XSAVE` layout: offset and length.
pub(in super::super) fn vector_part(number: u32) -> (usize, usize) {
    #[allow(unused_unsafe)] // safe in later versions of Rust
    // SAFETY: every x86-64 processor has the instruction.
    let part = unsafe { std::arch::x86_64::__cpuid_count(0xD, number) };
    (part.ebx as usize, part.eax as usize)
}
