//! The Windows port: thin, because the kernel has all of this.
//!
//! Only `api` calls Windows. What this port adds: views at any offset (Win32 wants multiples of 64 KiB), the exact size
//! of a mapping that was opened, one security option in place of security descriptors, and errors that say which kind of
//! object has the name. Wine 8 is what the tests run on; where it differs from Windows, `docs/platforms.md` says so.

mod api;
mod by_address;
mod composite;
mod error;
mod event;
mod fault;
mod file;
mod growth;
mod handle;
mod image;
mod mapping;
mod memory;
mod mutex;
mod names;
mod objects;
mod pass;
mod prepared;
mod process;
mod residency;
mod security;
mod semaphore;
mod timer;
mod view;
mod view_advice;
mod view_guard;
mod wait;
mod waitable;
mod watch;

pub(crate) use by_address::{flush, map, unmap};
pub(crate) use event::Event;
pub(crate) use fault::{install_guard, is_guard_installed};
pub(crate) use file::{file_error, is_file_mapped, set_file_len, share_file, tune_open_options};
pub(crate) use image::{file_identity, map_image, open_program, read_at, LAYS_IMAGES_OUT};
pub(crate) use mapping::Mapping;
pub(crate) use memory::{
    allocate, discard, free, lock_pages, prefetch, protect, query, regions, reset_written,
    unlock_pages, with_pages, written, HIGHEST, LOWEST,
};
pub(crate) use mutex::Mutex;
pub(crate) use objects::objects;
pub(crate) use process::Process;
pub(crate) use residency::{file_residency, memory_residency, physical_address};
pub(crate) use semaphore::Semaphore;
pub(crate) use timer::Timer;
pub(crate) use view::View;
pub(crate) use view_advice::check_numa_node;
pub(crate) use wait::{signal_and_wait, wait_all, wait_any, Target};
pub(crate) use watch::Watch;

/// The kernel keeps what threads wait for, so there is nothing to see to.
pub(crate) fn expect_stopped_threads() {}

/// Views of files are read as they are touched, a little at a time.
pub(crate) const READS_AHEAD: bool = false;
