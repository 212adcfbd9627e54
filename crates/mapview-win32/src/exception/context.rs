//! The registers: `CONTEXT`, from what the kernel hands a signal handler and back.

use crate::abi::DWORD;

/// `CONTEXT_CONTROL | CONTEXT_INTEGER | CONTEXT_SEGMENTS | CONTEXT_FLOATING_POINT`.
const CONTEXT_ALL_BUT_DEBUG: DWORD = 0x10_000F;

/// Of x86-64. The floating-point part is what `FXSAVE` stores, on both systems.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
pub(super) struct CONTEXT {
    home: [u64; 6],
    flags: DWORD,
    mx_csr: DWORD,
    /// CS, DS, ES, FS, GS, SS.
    segments: [u16; 6],
    eflags: DWORD,
    debug: [u64; 6],
    /// RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15, RIP.
    registers: [u64; 17],
    floats: [u8; 512],
    vectors: [u128; 26],
    vector_control: u64,
    branches: [u64; 5],
}

const _: () = assert!(size_of::<CONTEXT>() == 1232);

/// Where the kernel has the registers, in the order of [`CONTEXT`].
const ORDER: [libc::c_int; 17] = [
    libc::REG_RAX,
    libc::REG_RCX,
    libc::REG_RDX,
    libc::REG_RBX,
    libc::REG_RSP,
    libc::REG_RBP,
    libc::REG_RSI,
    libc::REG_RDI,
    libc::REG_R8,
    libc::REG_R9,
    libc::REG_R10,
    libc::REG_R11,
    libc::REG_R12,
    libc::REG_R13,
    libc::REG_R14,
    libc::REG_R15,
    libc::REG_RIP,
];

/// The floating-point part, if the kernel stored it.
fn floats(machine: &libc::mcontext_t) -> Option<*mut [u8; 512]> {
    let floats = machine.fpregs.cast::<[u8; 512]>();
    (!floats.is_null()).then_some(floats)
}

impl CONTEXT {
    pub(super) fn of(machine: &libc::mcontext_t) -> CONTEXT {
        let segments = machine.gregs[libc::REG_CSGSFS as usize] as u64;
        let mut context = CONTEXT {
            home: [0; 6],
            flags: CONTEXT_ALL_BUT_DEBUG,
            mx_csr: 0,
            segments: [segments as u16, 0, 0, (segments >> 32) as u16, (segments >> 16) as u16, 0],
            eflags: machine.gregs[libc::REG_EFL as usize] as DWORD,
            debug: [0; 6],
            registers: ORDER.map(|register| machine.gregs[register as usize] as u64),
            floats: [0; 512],
            vectors: [0; 26],
            vector_control: 0,
            branches: [0; 5],
        };
        if let Some(floats) = floats(machine) {
            // SAFETY: not NULL, so where the kernel stored them, for as long as the signal is handled.
            context.floats = unsafe { *floats };
            let mx_csr = context.floats[24..28].try_into().expect("four bytes");
            context.mx_csr = DWORD::from_ne_bytes(mx_csr);
        }
        context
    }

    /// Gives the thread these registers when it goes on.
    pub(super) fn restore(&self, machine: &mut libc::mcontext_t) {
        for (register, value) in ORDER.iter().zip(self.registers) {
            machine.gregs[*register as usize] = value as i64;
        }
        machine.gregs[libc::REG_EFL as usize] = self.eflags.into();
        if let Some(floats) = floats(machine) {
            let mut new = self.floats;
            new[24..28].copy_from_slice(&self.mx_csr.to_ne_bytes());
            // SAFETY: as above. What lies behind, and says which further registers there are, is not touched.
            unsafe { std::ptr::copy(new.as_ptr(), floats.cast::<u8>(), 464) };
        }
    }
}
