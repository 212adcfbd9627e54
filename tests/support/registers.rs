//! A computation that uses every register, and the bytes below the stack pointer that belong to it, and notices when one
//! changes behind its back. For x86-64.

/// Rounds of the loop until the vector registers are looked at.
const ROUNDS: u64 = 200_000;
const VECTORS: usize = 32;

std::arch::global_asm!(
    ".globl mapview_test_registers",
    // rdi: rounds, rsi: 32 * 64 bytes to load the vectors from and store them to, rdx: 0 SSE, 1 AVX, 2 AVX-512.
    "mapview_test_registers:",
    "push rbx; push rbp; push r12; push r13; push r14; push r15; push rsi; push rdx",
    "cmp rdx, 1; jb 21f; je 22f",
    ".irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
    "vmovdqu64 zmm\\i, [rsi + \\i*64]",
    ".endr",
    "mov eax, 0x5a5a; kmovw k3, eax",
    "jmp 23f",
    "22:",
    ".irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
    "vmovdqu ymm\\i, [rsi + \\i*64]",
    ".endr",
    "jmp 23f",
    "21:",
    ".irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
    "movdqu xmm\\i, [rsi + \\i*64]",
    ".endr",
    "23:",
    "mov rax, 101; mov rbx, 102; mov rcx, 103; mov rdx, 104; mov rsi, 105; mov rbp, 106",
    "mov r8, 107; mov r9, 108; mov r10, 109; mov r11, 110; mov r12, 111; mov r13, 112; mov r14, 113; mov r15, 114",
    "mov qword ptr [rsp - 8], 115; mov qword ptr [rsp - 128], 116",
    "24:",
    "cmp rax, 101; jne 29f; cmp rbx, 102; jne 29f; cmp rcx, 103; jne 29f; cmp rdx, 104; jne 29f",
    "cmp rsi, 105; jne 29f; cmp rbp, 106; jne 29f; cmp r8, 107; jne 29f; cmp r9, 108; jne 29f",
    "cmp r10, 109; jne 29f; cmp r11, 110; jne 29f; cmp r12, 111; jne 29f; cmp r13, 112; jne 29f",
    "cmp r14, 113; jne 29f; cmp r15, 114; jne 29f",
    "cmp qword ptr [rsp - 8], 115; jne 29f; cmp qword ptr [rsp - 128], 116; jne 29f",
    "stc; adc rax, 0; sub rax, 1", // the flags count, too
    "dec rdi; jnz 24b",
    "xor eax, eax",
    "jmp 25f",
    "29: mov eax, 1",
    "25:",
    "pop rdx; pop rsi",
    "cmp rdx, 1; jb 26f; je 27f",
    "kmovw ecx, k3; cmp ecx, 0x5a5a; je 30f; mov eax, 2",
    "30:",
    ".irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
    "vmovdqu64 [rsi + \\i*64], zmm\\i",
    ".endr",
    "vzeroupper",
    "jmp 28f",
    "27:",
    ".irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
    "vmovdqu [rsi + \\i*64], ymm\\i",
    ".endr",
    "vzeroupper",
    "jmp 28f",
    "26:",
    ".irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
    "movdqu [rsi + \\i*64], xmm\\i",
    ".endr",
    "28:",
    "pop r15; pop r14; pop r13; pop r12; pop rbp; pop rbx",
    "ret",
);

extern "sysv64" {
    fn mapview_test_registers(rounds: u64, vectors: *mut u8, level: u64) -> u64;
}

/// Computes for some hundred microseconds; panics when a register has changed.
pub fn compute() {
    let mut vectors: Vec<u8> = (0..VECTORS * 64).map(|i| (i * 7 + i / 64) as u8).collect();
    let before = vectors.clone();
    let level = match () {
        () if is_x86_feature_detected!("avx512f") => 2,
        () if is_x86_feature_detected!("avx") => 1,
        () => 0,
    };
    // SAFETY: the buffer has the room, the processor has the registers, and the function keeps the calling convention.
    let changed = unsafe { mapview_test_registers(ROUNDS, vectors.as_mut_ptr(), level) };
    assert_eq!(changed, 0, "a register changed");
    assert!(vectors == before, "a vector register changed");
}
