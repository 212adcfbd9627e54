//! Processes that others cannot or may not change, and the reason why. Linux, x86-64.

#![allow(dead_code)] // as in `restless`

use std::ptr::null_mut;

use super::restless;

/// In seccomp's strict mode, in which any system call but reading and writing is death.
pub fn be_strict() {
    // SAFETY: takes numbers only.
    unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) };
    loop {
        std::hint::spin_loop();
    }
}

/// Computes, while this is what the kernel does about `mmap`.
pub fn filter_mmap(action: u32) {
    let operation =
        |code: u32, k: u32, jt: u8, jf: u8| libc::sock_filter { code: code as u16, jt, jf, k };
    let mut filter = [
        operation(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0), // the number of the call
        operation(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, libc::SYS_mmap as u32, 0, 1),
        operation(libc::BPF_RET | libc::BPF_K, action, 0, 0),
        operation(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW, 0, 0),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: a program that lives through the call.
    let set = unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program)
    };
    assert_eq!(set, 0);
    loop {
        restless::count_round("compute");
    }
}

/// Runs on a small stack in the midst of other data, as the coroutines of some languages do; ends if the data changes.
pub fn compute_on_the_heap() {
    const ROOM: usize = 64 << 10;
    let mut memory = vec![0x77_u8; ROOM];
    let top = memory.as_mut_ptr().wrapping_add(ROOM - 64);
    extern "C" fn run(memory: *mut u8) {
        loop {
            restless::tick();
            for at in 0..ROOM - 2048 {
                // SAFETY: inside the memory, below the stack.
                assert_eq!(unsafe { memory.add(at).read_volatile() }, 0x77, "at {at}");
            }
        }
    }
    // SAFETY: `run` does not return; it needs less stack than is kept for it; this function's own stack stays as it is.
    unsafe {
        std::arch::asm!(
            "mov rsp, {top}", "and rsp, -16", "call {run}", "ud2",
            top = in(reg) top, run = in(reg) run as extern "C" fn(*mut u8), in("rdi") memory.as_mut_ptr(),
            options(noreturn),
        )
    }
}

/// A process that traces another. Ends on drop.
pub struct Tracer(pub i32);

impl Drop for Tracer {
    fn drop(&mut self) {
        // SAFETY: a child of this process, not waited for yet.
        unsafe {
            libc::kill(self.0, libc::SIGKILL);
            libc::waitpid(self.0, null_mut(), 0);
        }
    }
}

/// Has a process of its own trace `pid`, which has one thread.
pub fn trace(pid: u32) -> Tracer {
    let child = restless::alone(move || {
        // SAFETY: takes numbers only.
        unsafe {
            let (seize, null) = (libc::PTRACE_SEIZE, null_mut::<u8>());
            assert_eq!(libc::ptrace(seize, pid as i32, null, null), 0);
            loop {
                libc::poll(null_mut(), 0, 1000);
            }
        }
    });
    let traced = || std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    while traced().contains("TracerPid:\t0\n") {
        std::thread::yield_now();
    }
    Tracer(child)
}
