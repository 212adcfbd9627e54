//! What the kernel would put on a thread's stack if a signal came: all its registers, and where to go on.
//!
//! `rt_sigreturn` with such a frame restores the thread as it was. So a thread that was given other registers gets home by
//! itself, also when the process that gave them is gone.

use super::os::ptrace::{vector_part, Registers};

/// Below the stack pointer, these bytes belong to the function that runs.
const RED_ZONE: u64 = 128;
/// Return address, `struct ucontext`, `struct siginfo`.
const FRAME: u64 = 8 + CONTEXT as u64 + 128;
const CONTEXT: usize = 304;
/// `FXSAVE`, and the header of `XSAVE`.
const LEAST_VECTORS: usize = 512 + 64;

const EINTR: i64 = 4;
const ERESTARTSYS: i64 = 512;
const ERESTARTNOHAND: i64 = 514;
const ERESTART_RESTARTBLOCK: i64 = 516;

/// Bytes to be written at an address, which the stack pointer is to be given then.
pub(super) struct Frame {
    pub address: u64,
    pub bytes: Vec<u8>,
}

/// The frame of a thread with these registers and blocked signals; `restorer` is the address of code that calls
/// `rt_sigreturn`. `None` if the registers are laid out in an unknown way.
pub(super) fn build(
    registers: &Registers,
    mask: u64,
    mut vectors: Vec<u8>,
    restorer: u64,
) -> Option<Frame> {
    finish_vectors(&mut vectors)?;
    let vectors_at = (registers.rsp.checked_sub(RED_ZONE + vectors.len() as u64)?) & !63;
    let address = vectors_at.checked_sub(FRAME)? & !15;
    let mut bytes = restorer.to_le_bytes().to_vec();
    bytes.extend(context(&as_restarted(registers), mask, vectors_at));
    bytes.resize((vectors_at - address) as usize, 0); // also the siginfo, which nobody reads
    bytes.extend(vectors);
    Some(Frame { address, bytes })
}

/// `struct ucontext`.
fn context(r: &Registers, mask: u64, vectors_at: u64) -> Vec<u8> {
    const UC_FP_XSTATE: u64 = 1;
    const UC_SIGCONTEXT_SS: u64 = 2;
    const UC_STRICT_RESTORE_SS: u64 = 4;
    /// No mode of an alternate stack: the kernel leaves the thread's as it is, which nobody else can know.
    const NO_MODE: u64 = 0x7F;
    let segments = r.cs | r.ss << 48;
    let words = [
        UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS,
        0,
        0,
        NO_MODE,
        0,
        r.r8,
        r.r9,
        r.r10,
        r.r11,
        r.r12,
        r.r13,
        r.r14,
        r.r15,
        r.rdi,
        r.rsi,
        r.rbp,
        r.rbx,
        r.rdx,
        r.rax,
        r.rcx,
        r.rsp,
        r.rip,
        r.eflags,
        segments,
        0,
        0,
        0,
        0,
        vectors_at,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        mask,
    ];
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    debug_assert_eq!(bytes.len(), CONTEXT);
    bytes
}

/// Makes what `ptrace` tells the form that the kernel takes from a stack: with its length, and marks at both ends.
fn finish_vectors(vectors: &mut Vec<u8>) -> Option<()> {
    const MAGIC1: u32 = 0x4650_5853;
    const MAGIC2: u32 = 0x4650_5845;
    const PROTECTION_KEYS: u64 = 1 << 9;
    if vectors.len() < LEAST_VECTORS {
        return None;
    }
    let word = |bytes: &[u8], at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let (supported, in_use) = (word(vectors, 464), word(vectors, 512));
    // What is not in use is as after a reset, and will be again. The keys are told, but not as being in use.
    let parts = in_use | (supported & PROTECTION_KEYS) | 3;
    let ends = (2..63).filter(|part| parts & 1 << part != 0).map(|part| {
        let (offset, len) = vector_part(part);
        offset + len
    });
    let len = ends.max().unwrap_or(0).max(LEAST_VECTORS);
    if len > vectors.len() {
        return None;
    }
    vectors.truncate(len);
    vectors[512..520].copy_from_slice(&parts.to_le_bytes());
    vectors[464..512].fill(0);
    vectors[464..468].copy_from_slice(&MAGIC1.to_le_bytes());
    vectors[468..472].copy_from_slice(&(len as u32 + 4).to_le_bytes());
    vectors[472..480].copy_from_slice(&parts.to_le_bytes());
    vectors[480..484].copy_from_slice(&(len as u32).to_le_bytes());
    vectors.extend(MAGIC2.to_le_bytes());
    Some(())
}

/// The registers with which an interrupted system call begins anew, which the kernel cannot see to any more. One with a
/// timeout may then last longer than asked for, never shorter.
fn as_restarted(registers: &Registers) -> Registers {
    let mut registers = as_interrupted(registers);
    let result = -(registers.rax as i64);
    let again = (ERESTARTSYS..=ERESTARTNOHAND).contains(&result) || result == ERESTART_RESTARTBLOCK;
    if (registers.orig_rax as i64) >= 0 && again {
        registers.rax = registers.orig_rax;
        registers.rip -= 2; // the length of `syscall`
    }
    registers
}

/// The registers with which the thread shall go on. Of some system calls the kernel ends the wait for whatever disturbs
/// it. Nothing but us did, so they begin anew, unless a signal with a handler comes as well: this the kernel decides.
pub(super) fn as_interrupted(registers: &Registers) -> Registers {
    let mut registers = *registers;
    let in_call = (registers.orig_rax as i64) >= 0;
    if in_call && registers.rax as i64 == -EINTR && ends_when_disturbed(registers.orig_rax) {
        registers.rax = -ERESTARTNOHAND as u64;
    }
    registers
}

/// Whether a system call gives up with `EINTR` although no signal was handled, and can be made again as it was.
pub(super) fn ends_when_disturbed(number: u64) -> bool {
    let calls = [
        libc::SYS_epoll_wait,
        libc::SYS_epoll_pwait,
        libc::SYS_epoll_pwait2,
        libc::SYS_rt_sigtimedwait,
        libc::SYS_semop,
        libc::SYS_semtimedop,
        libc::SYS_io_getevents,
    ];
    calls.iter().any(|&call| call as u64 == number)
}
