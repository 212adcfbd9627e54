//! Memory by address: `VirtualAlloc` and its relatives, of this process and of others, and what is known about memory.

mod alloc;
mod awe;
mod barrier;
mod counters;
pub(crate) mod extended;
mod flags;
mod free;
mod hints;
mod os;
mod pinned;
mod probe;
mod protect;
mod query;
mod status;
pub(crate) mod target;
mod transfer;
mod watch;
mod working_set;
