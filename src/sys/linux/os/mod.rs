//! The system calls that the Linux port makes, and the only place that makes them.
//!
//! Thin and named after the call; rustix where it has the call, libc where it has not (open-file-description locks, the
//! robust list, fork handlers, group names).

pub(super) mod advice;
pub(super) mod clock;
pub(super) mod composite;
pub(super) mod fail;
pub(super) mod fault;
pub(super) mod files;
pub(super) mod free_memory;
pub(super) mod futex;
pub(super) mod locks;
pub(super) mod maps;
pub(super) mod memory;
pub(super) mod page_cache;
pub(super) mod pagemap;
pub(super) mod pidfd;
pub(super) mod poll;
pub(super) mod private;
pub(super) mod process;
#[cfg(target_arch = "x86_64")]
pub(super) mod ptrace;
pub(super) mod robust_list;
#[cfg(test)]
pub(super) mod schedule;
pub(in crate::sys) mod signals;
pub(super) mod userfault;
pub(super) mod written;

/// A point between two system calls, where other processes may act; the interleaving tests decide who does.
#[inline]
fn step() {
    #[cfg(test)]
    schedule::step();
}

/// Lets others go on, for about so long.
pub(super) fn pause(duration: std::time::Duration) {
    #[cfg(test)]
    if schedule::pause() {
        return;
    }
    std::thread::sleep(duration);
}
