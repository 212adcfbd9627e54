//! Whether a thread's stack may be used as a signal handler would use it.

use super::os::ptrace::Registers;
use super::process::Process;

/// Whether the memory from `low` up to the stack pointer is the thread's to use: it is on the stack that the kernel gave
/// the process, or on one that ends in the thread's own control block, as those of the C libraries do.
///
/// Languages with small stacks of their own have no room below the stack pointer, but other data; signals go elsewhere
/// there, where we cannot see.
pub(super) fn is_on_own_stack(
    process: &Process,
    tid: u32,
    registers: &Registers,
    low: u64,
) -> bool {
    let Ok(ranges) = process.ranges() else { return false };
    let (stack, low) = (registers.rsp as usize, low as usize);
    let Some(range) = ranges.iter().find(|range| (range.start..range.end).contains(&stack)) else {
        return false;
    };
    if !range.read || !range.write || range.shared {
        return false;
    }
    if tid == process.pid() && range.path == "[stack]" {
        return true; // it grows on demand, as far as it may
    }
    let block = registers.fs_base as usize;
    let ends_in_block = stack < block && block < range.end;
    // The first word of a control block is its own address, by the ABI.
    range.start <= low && ends_in_block && process.word(block as u64) == Some(block as u64)
}
