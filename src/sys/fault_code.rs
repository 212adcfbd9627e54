//! The machine code of `fault_copy.rs` for x86-64, Linux and Windows alike.
//!
//! The routines are leaves that keep nothing on the stack, so at any instruction of theirs going on at `given_up`, with the
//! address of the missing byte as the result, is the same as returning.
//!
//! Up to 128 bytes are moved in overlapping pieces from both ends. Above that, 128 at a time with AVX2; where there is
//! none, by `rep movsb`. What fits an integer is moved in one piece.
#![allow(unsafe_code)]

/// The symbols carry the version, because a program may hold two versions of this library.
macro_rules! name {
    ($name:literal) => {
        concat!(
            "mapview_",
            env!("CARGO_PKG_VERSION_MAJOR"),
            "_",
            env!("CARGO_PKG_VERSION_MINOR"),
            "_",
            env!("CARGO_PKG_VERSION_PATCH"),
            "_guarded_",
            $name
        )
    };
}

/// Whether copies can be guarded on this processor.
pub(super) const SUPPORTED: bool = true;

/// Whether the processor has AVX2.
pub(super) fn has_wide_moves() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

extern "C" {
    /// Copies and returns 0, or the address of the missing byte. `wide` says that there is AVX2.
    #[link_name = name!("copy")]
    pub(super) fn copy(to: *mut u8, from: *const u8, len: usize, wide: u32) -> usize;
    /// Fills, otherwise as `copy`.
    #[link_name = name!("fill")]
    pub(super) fn fill(to: *mut u8, byte: u32, len: usize, wide: u32) -> usize;
    #[link_name = name!("end")]
    static end: u8;
    #[link_name = name!("given_up")]
    static given_up: u8;
}

/// Where to go on when the instruction at this address cannot: `None` if it is not one of these.
pub(super) fn landing(instruction: usize) -> Option<usize> {
    let code = copy as *const () as usize..(&raw const end).addr();
    code.contains(&instruction).then_some((&raw const given_up).addr())
}

std::arch::global_asm!(
    ".text",
    ".p2align 5",
    concat!(".globl ", name!("copy")),
    concat!(".globl ", name!("fill")),
    concat!(".globl ", name!("end")),
    concat!(".globl ", name!("given_up")),
    ".ifeq {windows}",
    concat!(".hidden ", name!("copy")),
    concat!(".hidden ", name!("fill")),
    concat!(".hidden ", name!("end")),
    concat!(".hidden ", name!("given_up")),
    ".endif",
    // From here on: to in rdi, from in rsi, len in rdx, wide in r9d; rax, rcx and r8 are free. Windows passes them
    // elsewhere and wants rdi and rsi back.
    ".macro mapview_enter",
    ".if {windows}",
    "mov r10, rdi",
    "mov r11, rsi",
    "mov rdi, rcx",
    "mov rsi, rdx",
    "mov rdx, r8",
    ".else",
    "mov r9d, ecx",
    ".endif",
    ".endm",
    ".macro mapview_leave",
    ".if {windows}",
    "mov rdi, r10",
    "mov rsi, r11",
    ".endif",
    "ret",
    ".endm",
    concat!(name!("copy"), ":"),
    "mapview_enter",
    "cmp rdx, 16",
    "jb 30f",
    "cmp rdx, 128",
    "ja 50f",
    "movups xmm0, [rsi]",
    "movups xmm1, [rsi + rdx - 16]",
    "cmp rdx, 32",
    "jbe 20f",
    "movups xmm2, [rsi + 16]",
    "movups xmm3, [rsi + rdx - 32]",
    "cmp rdx, 64",
    "jbe 15f",
    "movups xmm4, [rsi + 32]",
    "movups xmm5, [rsi + rdx - 48]",
    "movups [rdi + 32], xmm4",
    "movups [rdi + rdx - 48], xmm5",
    "movups xmm4, [rsi + 48]",
    "movups xmm5, [rsi + rdx - 64]",
    "movups [rdi + 48], xmm4",
    "movups [rdi + rdx - 64], xmm5",
    "15: movups [rdi + 16], xmm2",
    "movups [rdi + rdx - 32], xmm3",
    "20: movups [rdi], xmm0",
    "movups [rdi + rdx - 16], xmm1",
    "xor eax, eax",
    "mapview_leave",
    "30: cmp edx, 8",
    "jb 31f",
    "mov rax, [rsi]",
    "mov rcx, [rsi + rdx - 8]",
    "mov [rdi], rax",
    "mov [rdi + rdx - 8], rcx",
    "jmp 40f",
    "31: cmp edx, 4",
    "jb 32f",
    "mov eax, [rsi]",
    "mov ecx, [rsi + rdx - 4]",
    "mov [rdi], eax",
    "mov [rdi + rdx - 4], ecx",
    "jmp 40f",
    "32: cmp edx, 2",
    "jb 33f",
    "movzx eax, word ptr [rsi]",
    "movzx ecx, word ptr [rsi + rdx - 2]",
    "mov [rdi], ax",
    "mov [rdi + rdx - 2], cx",
    "jmp 40f",
    "33: test edx, edx",
    "jz 40f",
    "movzx eax, byte ptr [rsi]",
    "mov [rdi], al",
    "40: xor eax, eax",
    "mapview_leave",
    "50: test r9d, r9d",
    "jz 70f",
    "vmovdqu ymm0, [rsi]",
    "vmovdqu [rdi], ymm0",
    "lea r8, [rdi + rdx - 128]", // the last 128 bytes, whatever was copied before
    "lea rdx, [rsi + rdx - 128]",
    "mov rax, rdi",
    "or rax, 31",
    "inc rax",
    "sub rax, rdi",
    "add rdi, rax",
    "add rsi, rax",
    ".p2align 5",
    "60: cmp rdi, r8",
    "jae 61f",
    "vmovdqu ymm0, [rsi]",
    "vmovdqu ymm1, [rsi + 32]",
    "vmovdqu ymm2, [rsi + 64]",
    "vmovdqu ymm3, [rsi + 96]",
    "vmovdqa [rdi], ymm0",
    "vmovdqa [rdi + 32], ymm1",
    "vmovdqa [rdi + 64], ymm2",
    "vmovdqa [rdi + 96], ymm3",
    "add rsi, 128",
    "add rdi, 128",
    "jmp 60b",
    "61: vmovdqu ymm0, [rdx]",
    "vmovdqu ymm1, [rdx + 32]",
    "vmovdqu ymm2, [rdx + 64]",
    "vmovdqu ymm3, [rdx + 96]",
    "vmovdqu [r8], ymm0",
    "vmovdqu [r8 + 32], ymm1",
    "vmovdqu [r8 + 64], ymm2",
    "vmovdqu [r8 + 96], ymm3",
    "vzeroupper",
    "xor eax, eax",
    "mapview_leave",
    "70: mov rcx, rdx",
    "rep movsb",
    "xor eax, eax",
    "mapview_leave",
    concat!(name!("fill"), ":"),
    "mapview_enter",
    "movzx eax, sil",
    "mov rcx, 0x0101010101010101",
    "imul rax, rcx",
    "cmp rdx, 16",
    "jb 30f",
    "movq xmm0, rax",
    "punpcklqdq xmm0, xmm0",
    "cmp rdx, 128",
    "ja 50f",
    "movups [rdi], xmm0",
    "movups [rdi + rdx - 16], xmm0",
    "cmp rdx, 32",
    "jbe 40f",
    "movups [rdi + 16], xmm0",
    "movups [rdi + rdx - 32], xmm0",
    "cmp rdx, 64",
    "jbe 40f",
    "movups [rdi + 32], xmm0",
    "movups [rdi + 48], xmm0",
    "movups [rdi + rdx - 48], xmm0",
    "movups [rdi + rdx - 64], xmm0",
    "jmp 40f",
    "30: test edx, edx",
    "jz 40f",
    "31: mov [rdi + rdx - 1], al",
    "dec edx",
    "jnz 31b",
    "40: xor eax, eax",
    "mapview_leave",
    "50: test r9d, r9d",
    "jz 70f",
    "vpbroadcastq ymm0, xmm0",
    "vmovdqu [rdi], ymm0",
    "lea r8, [rdi + rdx - 128]",
    "or rdi, 31",
    "inc rdi",
    ".p2align 5",
    "60: cmp rdi, r8",
    "jae 61f",
    "vmovdqa [rdi], ymm0",
    "vmovdqa [rdi + 32], ymm0",
    "vmovdqa [rdi + 64], ymm0",
    "vmovdqa [rdi + 96], ymm0",
    "add rdi, 128",
    "jmp 60b",
    "61: vmovdqu [r8], ymm0",
    "vmovdqu [r8 + 32], ymm0",
    "vmovdqu [r8 + 64], ymm0",
    "vmovdqu [r8 + 96], ymm0",
    "vzeroupper",
    "xor eax, eax",
    "mapview_leave",
    "70: mov rcx, rdx",
    "rep stosb",
    "xor eax, eax",
    "mapview_leave",
    concat!(name!("end"), ":"),
    // The handler has put the address into rax and left the rest as it was.
    concat!(name!("given_up"), ":"),
    "test r9d, r9d",
    "jz 80f",
    "vzeroupper",
    "80: mapview_leave",
    ".purgem mapview_enter",
    ".purgem mapview_leave",
    windows = const cfg!(windows) as usize,
);
