//! The system calls that the Linux port makes, and the only place that makes them.
//!
//! Thin and named after the call; rustix where it has the call, libc where it has not (open-file-description locks, the
//! robust list, fork handlers, group names).

pub(super) mod fail;
pub(super) mod files;
pub(super) mod futex;
pub(super) mod locks;
pub(super) mod memory;
pub(super) mod process;
pub(super) mod robust_list;
