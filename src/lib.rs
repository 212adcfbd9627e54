//! The shared memory of Windows on every system: named file mappings, views, copy-on-write, and named mutexes,
//! events, semaphores and timers that live exactly as long as somebody holds them. Thin over Win32 on Windows; on Linux the object
//! model itself, without a daemon and without leftovers.
//!
//! ```
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use mapview::{Mapping, Mutex};
//!
//! fn main() -> mapview::Result<()> {
//!     let frames = Mapping::create("doc-frames", 1 << 20)?; // creates it, or opens it if somebody already did
//!     let lock = Mutex::create("doc-frames-lock")?;
//!     let view = frames.view()?;
//!
//!     let guard = lock.lock()?;
//!     if guard.abandoned() {
//!         eprintln!("the last owner died; the data may be half-written");
//!     }
//!     let visits = view.atomic::<AtomicU64>(0)?.fetch_add(1, Ordering::Relaxed) + 1;
//!     view.copy_in(64, b"hello")?;
//!     println!("visit {visits}");
//!     Ok(())
//! }
//! ```
//!
//! Start with [`Mapping`], [`View`] and [`Mutex`]; then [`Event`], [`Semaphore`], [`Timer`], [`wait_any`] and [`wait_all`]. What each
//! call must do, with the Windows rule it follows and the test that shows it, stands in `docs/object-model.md`; the
//! mechanism behind it on each system in `docs/platforms.md`.

#![deny(unsafe_code)]

mod access;
mod advice;
mod allocate;
mod atomic;
mod caching;
mod composite;
mod copy;
mod deadline;
mod due;
mod error;
mod event;
mod event_options;
mod file;
mod file_use;
mod free;
mod guard;
mod heap;
mod held;
mod image;
mod inherit;
mod latest;
#[allow(dead_code)]
// this, `state` and `prim` are in part only for a port whose kernel has no such objects
mod layout;
mod map;
mod mapping;
mod mapping_options;
pub mod memory;
mod memory_info;
mod memory_views;
mod mutex;
mod mutex_options;
mod name;
mod objects;
mod once_init;
mod order;
mod page_map;
mod plain;
#[allow(unused_imports)]
mod prim;
mod process;
mod protect;
mod region;
mod region_options;
mod residency;
mod security;
mod semaphore;
mod semaphore_options;
mod shared;
mod shared_guard;
mod shared_options;
mod shared_static;
mod sliding_options;
mod sliding_plan;
mod sliding_windows;
#[allow(dead_code)]
mod state;
mod stopped_threads;
mod sys;
mod timer;
mod timer_options;
mod typed;
mod typed_header;
mod view;
mod view_advice;
mod view_options;
mod wait;
mod wait_async;
mod window;

pub use access::{Access, Protection, ViewAccess};
pub use advice::Advice;
pub use atomic::Atomic;
pub use caching::Caching;
pub use composite::Composite;
pub use deadline::Deadline;
pub use due::Due;
pub use error::{Error, ErrorKind, Result};
pub use event::{Event, Reset};
pub use event_options::EventOptions;
pub use file::{is_file_mapped, set_file_len, share_file};
pub use file_use::FileUse;
pub use guard::Guard;
pub use heap::Heap;
pub use image::{
    Export, ExportTarget, Image, ImageFormat, ImageSection, ImageView, Import, ImportedSymbol,
};
pub use image::{ImagePages, Machine, PageOwner, Relocation, RelocationKind};
pub use inherit::{CommandExt, Inherit};
pub use latest::Latest;
pub use mapping::Mapping;
pub use mapping_options::MappingOptions;
pub use memory_info::{MemoryInfo, MemoryKind, MemoryState};
pub use mutex::{Mutex, MutexGuard};
pub use mutex_options::MutexOptions;
pub use name::{Name, Namespace, ToName};
pub use objects::{objects, ObjectInfo, ObjectKind, ObjectState, Who};
pub use once_init::{Attempt, OnceInit};
pub use order::Order;
pub use page_map::{file_residency, memory_residency, physical_address, process_residency};
pub use plain::Plain;
pub use process::Process;
pub use protect::Protect;
pub use region::Region;
pub use region_options::RegionOptions;
pub use residency::{PageRun, Place, Residency, Sharing};
pub use security::{Grant, Security};
pub use semaphore::Semaphore;
pub use semaphore_options::SemaphoreOptions;
pub use shared::Shared;
pub use shared_guard::{AbandonedGuard, Locked, SharedGuard};
pub use shared_options::SharedOptions;
pub use shared_static::{Share, SharedStatic};
pub use sliding_options::SlidingOptions;
pub use sliding_windows::SlidingWindows;
pub use stopped_threads::expect_stopped_threads;
pub use timer::Timer;
pub use timer_options::TimerOptions;
pub use view::View;
pub use view_options::ViewOptions;
pub use wait::{is_same_object, signal_and_wait, wait_all, wait_any, Signaled, Wait};
pub use wait_async::wait_any_async;
pub use window::Window;
