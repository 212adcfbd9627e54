//! The object model on Linux.
//!
//! From the outside in: `mapping`, `view`, `mutex`, `event`, `semaphore`, `timer`, `target` and `watch` are what a port supplies;
//! `object` is what the waitable four share, `signal`, `wait`, `all` and `claim` what is done to them; `registry` makes one process hold each named
//! object once; `member` finds or makes the record of a name and enters this process as a holder; `record`, `presence`
//! and `namespace` are the files behind that; `memory`, `backing` and `source` are where a mapping's bytes live,
//! `growth` is how many there are; `page` and
//! `robust` carry an object's word; `ledger` and `bell` tell others who sleeps and who died. Only `os` makes system calls.

mod alarm;
mod all;
mod allowance;
mod backing;
mod bell;
mod book;
mod by_address;
mod claim;
mod composite;
mod contents;
mod event;
mod fault;
mod fork;
mod growth;
mod image;
#[cfg(test)]
mod interleavings;
mod ledger;
mod list;
mod mapping;
mod member;
mod memory;
mod mutex;
mod namespace;
mod noted;
mod object;
mod offered;
mod os;
mod page;
mod pages;
mod parts;
mod pass;
mod pinned;
mod placeholder;
mod presence;
mod private;
mod process;
mod process_denied;
mod process_memory;
mod protection;
mod query;
mod reader;
mod record;
mod registry;
#[cfg(target_arch = "x86_64")]
mod remote;
#[cfg(not(target_arch = "x86_64"))]
#[path = "remote_unsupported.rs"]
mod remote;
mod remote_code;
#[cfg(all(test, target_arch = "x86_64"))]
mod remote_deaths;
#[cfg(target_arch = "x86_64")]
mod remote_frame;
#[cfg(target_arch = "x86_64")]
mod remote_stack;
mod reserved;
mod residency;
mod residency_cache;
mod residency_memory;
mod residency_table;
mod robust;
mod room;
mod runs;
mod semaphore;
mod share;
mod signal;
mod sleeping;
mod sliding;
mod source;
mod space;
mod spin;
mod sweep;
mod target;
mod timer;
mod token;
mod view;
mod view_advice;
mod view_commit;
mod view_guard;
mod wait;
mod watch;

pub(crate) use backing::set_file_len;
pub(crate) use by_address::{flush, map, unmap};
pub(crate) use event::Event;
pub(crate) use fault::{install_guard, is_guard_installed};
pub(crate) use image::{file_identity, map_image, open_program, read_at};
pub(crate) use list::objects;
pub(crate) use mapping::Mapping;
pub(crate) use mutex::Mutex;
pub(crate) use noted::{reset_written, written};
pub(crate) use offered::discard;
pub(crate) use os::signals::expect_stopped_threads;
pub(crate) use pinned::{lock_pages, prefetch, unlock_pages, with_pages};
pub(crate) use private::{allocate, free};
pub(crate) use process::Process;
pub(crate) use protection::protect;
pub(crate) use query::{query, regions};
pub(crate) use residency::{file_residency, physical_address};
pub(crate) use residency_memory::memory_residency;
pub(crate) use semaphore::Semaphore;
pub(crate) use share::{is_file_mapped, share_file};
pub(crate) use sliding::READS_AHEAD;
pub(crate) use space::{HIGHEST, LOWEST};
pub(crate) use target::{signal_and_wait, wait_all, wait_any, Target};
pub(crate) use timer::Timer;
pub(crate) use view::View;
pub(crate) use view_advice::check_numa_node;
pub(crate) use watch::Watch;

/// This kernel knows nothing of such images.
pub(crate) const LAYS_IMAGES_OUT: bool = false;

use std::fs::OpenOptions;
use std::path::Path;

use crate::{Error, ErrorKind, Protection};

/// The kind for a failure of std on a file.
pub(crate) fn file_error(error: std::io::Error, path: Option<&Path>) -> Error {
    let error = match rustix::io::Errno::from_io_error(&error) {
        Some(errno) => os::fail::fail(errno, "opening the file"),
        None => Error::new(ErrorKind::Other, error.to_string()),
    };
    let Some(path) = path else { return error };
    // As on Windows, a missing directory is another error than a missing file.
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let missing = error.kind() == ErrorKind::NotFound && directory.is_some_and(|at| !at.is_dir());
    let error = if missing {
        Error::new(ErrorKind::PathNotFound, "opening the file: its directory does not exist")
    } else {
        error
    };
    error.about(path.display())
}

/// Opening a backing file by path needs nothing besides read and write here.
pub(crate) fn tune_open_options(_: &mut OpenOptions, _: Protection, _exclusive: bool) {}
