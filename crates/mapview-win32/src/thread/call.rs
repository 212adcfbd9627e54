//! The call of a thread's function, which `ExitThread` can come back from.
//!
//! On x86-64 the registers that a function must keep are saved and restored by hand, as `setjmp` and `longjmp` do, which
//! cannot be called from Rust. Elsewhere the C library unwinds the stack, so destructors of C++ run and `catch (...)` is in
//! its way.

use std::ffi::c_void;

use super::os::Function;

/// Calls a thread's function, and notes in `back` what [`leave`] needs to return from this call instead.
///
/// # Safety
/// `back` may be written, and is used only until this returns.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(super) unsafe extern "C-unwind" fn call(
    function: Function,
    parameter: *mut c_void,
    back: *mut usize,
) -> u32 {
    std::arch::naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_adjust_cfa_offset 8",
        "push rbx",
        ".cfi_adjust_cfa_offset 8",
        "push r12",
        ".cfi_adjust_cfa_offset 8",
        "push r13",
        ".cfi_adjust_cfa_offset 8",
        "push r14",
        ".cfi_adjust_cfa_offset 8",
        "push r15",
        ".cfi_adjust_cfa_offset 8",
        "sub rsp, 8",
        ".cfi_adjust_cfa_offset 8",
        "mov [rdx], rsp",
        "mov rax, rdi",
        "mov rdi, rsi",
        "call rax",
        "add rsp, 8",
        ".cfi_adjust_cfa_offset -8",
        "pop r15",
        ".cfi_adjust_cfa_offset -8",
        "pop r14",
        ".cfi_adjust_cfa_offset -8",
        "pop r13",
        ".cfi_adjust_cfa_offset -8",
        "pop r12",
        ".cfi_adjust_cfa_offset -8",
        "pop rbx",
        ".cfi_adjust_cfa_offset -8",
        "pop rbp",
        ".cfi_adjust_cfa_offset -8",
        "ret",
        ".cfi_endproc",
    )
}

/// Returns from [`call`] with this code: as on Windows, nothing of the frames above it is cleaned up.
///
/// # Safety
/// `back` is what a call noted that has not returned, on this thread.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(super) unsafe extern "C-unwind" fn leave(back: usize, code: u32) -> ! {
    std::arch::naked_asm!(
        "lea rsp, [rdi + 8]",
        "mov eax, esi",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) unsafe extern "C-unwind" fn call(
    function: Function,
    parameter: *mut c_void,
    _back: *mut usize,
) -> u32 {
    // SAFETY: what the caller of `CreateThread` gave for this.
    unsafe { function(parameter) }
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) unsafe extern "C-unwind" fn leave(_back: usize, _code: u32) -> ! {
    super::os::exit()
}
