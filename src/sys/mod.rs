//! The contract that a platform supplies, and the one switch that selects it.
//!
//! A port is a module with the types and functions below, same names and same signatures; no trait, the callers check
//! them. Names, ranges and arguments that can be judged without the system arrive already checked.
//!
//! * `Mapping`: one handle to a file mapping object; `Send + Sync`.
//!   * `create(MappingRequest) -> Result<(Mapping, bool)>`: the flag says that the object is new. Must be atomic against
//!     every other create and open of the name; must not leave anything behind when it fails.
//!   * `open(&Name, Access, inheritable: bool) -> Result<Mapping>`
//!   * `size() -> u64`: bytes now, whoever made it grow; `known_size() -> u64`: what this handle knows without asking.
//!   * `grow(u64) -> Result<u64>`: to at least so many bytes, for every holder; the size afterwards. Existing views stay.
//!   * `access() -> Access`, `name() -> Option<&Name>`
//!   * `map(&MapRequest) -> Result<View>`: hides the granularity; the kernel must enforce the access.
//!   * `check_end(u64) -> Result<()>`: whether so many bytes are still there; a file may be shorter by now.
//!   * `unit() -> u64`: what is mapped for a view starts at and covers multiples of so many bytes.
//!   * `part_unit() -> u64`: parts of it in a composite view begin at multiples of so many bytes, and have such lengths but
//!     the last; a multiple of `GRANULARITY`.
//!   * `is_cached(offset, len) -> bool`: all of a file's range is in memory, as far as the system tells.
//!   * `drop_from_cache(offset, len)`: a range that nobody needs soon again may leave the system's cache.
//!   * `caching() -> Caching`, `has_large_pages() -> bool`
//!   * `try_clone()`, `raw() -> u64`, `duplicate_from(pid, raw) -> Result<Mapping>`
//!   * `try_clone_with(Access)`: of the object, so with rights that this handle may lack; `is_same(&Mapping) -> bool`
//!   * `to_token() -> Result<String>`, `from_token(&str) -> Result<Mapping>`: what an inheriting child needs to know.
//!   * `close(self) -> Result<()>`; `Drop` does the same and ignores failures.
//! * `View`: one mapped range; `Send + Sync`. Keeps the memory, not the name.
//!   * `as_ptr() -> *mut u8`, `len() -> usize`
//!   * `flush(offset, len) -> Result<()>`: starts or completes write-back of the range; the range is checked.
//!   * `sync(offset, len) -> Result<()>`: also the metadata, through to the disk.
//!   * `advise(offset, len, Advice) -> Result<bool>`, `prefetch(offset, len)`, `lock(offset, len)`, `unlock(offset, len)`:
//!     the range is checked and not empty; no advice changes what the bytes are.
//!   * `commit(offset, len) -> Result<()>`: takes what writing to the range needs now; the range is checked, not empty and writable.
//!   * `residency(offset, len) -> Result<Residency>`: where the pages are; the range is checked. Touches none of them.
//!   * `unmap(self) -> Result<()>`; `Drop` does the same. `unmap_to_placeholder(self)` leaves the placeholder whose place it
//!     took, or gives the view back with the error.
//!   * `compose(&[Part], ViewAccess) -> Result<View>`: the parts side by side in one range; all of them or nothing.
//!   * `is_guarded() -> bool`; of a guarded view `why_given_up(result) -> Error`: why a copy of `fault_copy` was,
//!     `has_lost_pages() -> bool`, `losses() -> usize` (how often until now) and `why_damaged() -> Error`: access in place met
//!     missing pages, `repair() -> Result<()>`.
//! * `map_image(&ImageRequest) -> Result<View>`: at the wanted base, else the preferred one, else anywhere if it can move;
//!   relocated, and each page with its own protection. `LAYS_IMAGES_OUT: bool`: whether the kernel does so by itself, and
//!   the parts need not be told. `file_identity(&File) -> Result<String>`: the same text for the same
//!   file unchanged, through whatever name. `open_program() -> Result<File>`: what this process runs.
//!   `read_at(&File, &mut [u8], u64) -> io::Result<usize>`, without the file's own position.
//! * `install_guard() -> Result<()>`, `is_guard_installed() -> bool`: from now on faults in guarded views end copies.
//! * `Mutex`: one handle to a named mutex; `Send + Sync`.
//!   * `create(MutexRequest) -> Result<(Mutex, bool)>`, `open(&Name, inheritable: bool)`, and the methods of `Mapping`
//!     for names, clones, duplication, tokens and closing.
//!   * `lock(Deadline) -> Result<LockOutcome>`, `unlock() -> Result<()>` by the owning thread only.
//! * `Event`, `Semaphore`, `Timer`: as `Mutex`, with
//!   * `Event::create(EventRequest)`, `set()`, `reset()`, `pulse()`, `wait(Deadline) -> Result<bool>`
//!   * `Semaphore::create(SemaphoreRequest)`, `release(u32) -> Result<u32>` (1 to 2^31 - 1; the count before),
//!     `wait(Deadline) -> Result<bool>`
//!   * `Timer::create(TimerRequest)`, `set(Due, u32) -> Result<()>` (the period in milliseconds, at most 2^31 - 1, 0 for none),
//!     `cancel()`, `wait(Deadline) -> Result<bool>`
//! * `Target<'a>`: what can be waited for, with at least the variants `Mutex(&Mutex)`, `Event(&Event)`,
//!   `Semaphore(&Semaphore)`, `Process(&Process)` and `Child(&std::process::Child)`; `is_same(&Target) -> bool`: the same object, also through
//!   another handle.
//!   * `wait_any(&[Target], Deadline) -> Result<Option<(usize, bool)>>`: index, and whether that mutex was abandoned;
//!     `None` when the deadline passed. 1 to 64 targets.
//!   * `wait_all(&[Target], Deadline) -> Result<Option<(usize, bool)>>`: index 0, and whether any was abandoned; the
//!     targets are different objects.
//!   * `signal_and_wait(&Target, &Target, Deadline) -> Result<Option<(usize, bool)>>`
//! * `Watch`: `Watch::new(&[Target], Box<dyn FnOnce() + Send>) -> Result<Watch>` calls the function once, on whatever
//!   thread, when one of the targets may be signaled, also when it is from the start; dropping the watch cancels it, and
//!   has taken nothing. For futures: they take by themselves.
//! * `Process`: `Process::open(pid)`; `pid()`, `is_alive()`, `name()`, `exe()`.
//!   * `read(address, &mut [u8]) -> Result<usize>`: up to the first page that cannot be read; `write(address, &[u8])`.
//!   * `query(address) -> Result<MemoryInfo>`, `memory_map() -> Result<Vec<MemoryInfo>>`
//!   * `allocate(Option<address>, size, Option<Protect>) -> Result<usize>`: reserves, and commits if there is a protection;
//!     `commit(address, size, Protect)`, `decommit(address, size)`, `release(address)`,
//!     `protect(address, size, Protect) -> Result<Protect>`. All of them, and `write`, refuse this process itself.
//! * The system's own traits for descriptors or handles, on the public handle types.
//! * `objects() -> Result<Vec<ObjectInfo>>`: everything in the two namespaces that this user can see.
//! * `expect_stopped_threads()`: from now on threads may be ended or stopped anywhere.
//! * `check_numa_node(u32) -> Result<()>`: whether this machine has the node.
//! * `READS_AHEAD: bool`: whether the system reads ahead by itself of whoever touches views of a file in order.
//! * `map(&Mapping, &Map, needed: Access) -> Result<*mut u8>`, `unmap(address, keep)`, `flush(address, size)`: views by address;
//!   addresses and rights arrive checked. `LOWEST` and `HIGHEST`: where programs have their memory, and behind that.
//! * `set_file_len(&File, u64) -> Result<()>`: refuses to shrink a mapped file.
//! * `share_file(&File, uses: FileUse, share: FileUse) -> Result<()>`: keeps others from what is not shared, while the file is open.
//! * `is_file_mapped(&File) -> Result<bool>`: by anybody.
//! * `file_residency(&File, start: u64, end: u64) -> Result<Residency>`: the same of a file; `end` may lie behind its end.
//! * `memory_residency(Option<u32>, address: usize, len: usize) -> Result<Residency>`: the same of any addresses, of this process or
//!   of one with this id.
//! * `physical_address(usize) -> Result<Option<u64>>`: where in the machine's memory the byte at an address is.
//! * Private memory, in the words of `memory.rs`; `unsafe` where that is: `allocate(&Allocate) -> Result<*mut u8>`,
//!   `free(address, size, Free)`, `protect(address, size, Protect) -> Result<Protect>`, `query(address) -> Result<MemoryInfo>`,
//!   `regions() -> Result<Vec<MemoryInfo>>`, `lock_pages`, `unlock_pages`, `discard`, `written`, `reset_written`, `prefetch`.
//!   * `with_pages(address, len, write: bool, act) -> Result<T>`: lets `act` use bytes of private memory, which nobody can
//!     take away or forbid meanwhile; or says why they cannot be used, of a guard page once. Never empty.
//! * `file_error(io::Error, Option<&Path>) -> Error`: the kind for a failure of std on a file.
//! * `tune_open_options(&mut OpenOptions, Protection, exclusive: bool)`: what opening a backing file by path needs besides
//!   read and write.

use std::fs::File;

use crate::{Access, Caching, Machine, Name, Protect, Protection, Relocation};
use crate::{Reset, Security, ViewAccess};

#[cfg(target_arch = "x86_64")]
mod fault_code;
#[cfg(not(target_arch = "x86_64"))]
#[path = "fault_code_none.rs"]
mod fault_code;
pub(crate) mod fault_copy;
#[allow(dead_code)] // Windows cannot replace pages of a view
mod fault_table;

mod image_addresses;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;

/// What a mapping to be created is like.
pub(crate) struct MappingRequest {
    pub name: Option<Name>,
    /// Bytes; `None` means the size of the file, and a file is then given. Never zero.
    pub size: Option<u64>,
    pub protection: Protection,
    pub backing: Backing,
    pub security: Security,
    pub inheritable: bool,
    pub if_exists: IfExists,
    /// The node whose memory is preferred; one that exists.
    pub numa_node: Option<u32>,
    pub caching: Caching,
}

/// Where the bytes of a mapping live.
pub(crate) enum Backing {
    /// The paging file; `reserve` takes memory at first touch instead of at creation; `large_pages` are of `LARGE_PAGE`
    /// bytes, and the size is a multiple of that; up to `maximum` it can grow. Never large pages with one of the others.
    PagingFile { reserve: bool, large_pages: bool, maximum: Option<u64> },
    /// A file; `exclusive` keeps every other opener out, `reserve` extends it without taking disk space.
    File { file: File, exclusive: bool, reserve: bool },
}

/// What creating does about a name that is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfExists {
    Open,
    Fail,
}

/// Which part of a mapping to map, and how.
pub(crate) struct MapRequest {
    pub access: ViewAccess,
    pub offset: u64,
    /// Bytes; never zero, and inside the mapping.
    pub len: usize,
    pub address: Option<usize>,
    /// A fault in it shall not be the end; `install_guard` was called.
    pub guarded: bool,
    /// The node whose memory is preferred; one that exists.
    pub numa_node: Option<u32>,
    /// The address is that of a placeholder of exactly the view's pages, whose place it takes.
    pub replace: bool,
}

/// One of several parts of mappings that a view shows side by side.
///
/// The offset is a multiple of the mapping's `part_unit`, and so is where it begins in the view, and the length except of the
/// last part. Never empty, and inside the mapping. All together at most `isize::MAX` bytes.
pub(crate) struct Part<'a> {
    pub mapping: &'a Mapping,
    pub offset: u64,
    pub len: usize,
}

/// An image to be mapped, all of it checked: parts and protections cover it without gaps, in whole pages.
pub(crate) struct ImageRequest<'a> {
    /// The image's bytes as the file has them.
    #[allow(dead_code)] // for a system that maps images itself
    pub file: &'a File,
    /// The file as what parts of it are mapped from.
    #[allow(dead_code)]
    pub source: &'a Mapping,
    /// Bytes of the file that are needed.
    #[allow(dead_code)]
    pub file_len: u64,
    /// Bytes, whole pages.
    pub size: usize,
    #[allow(dead_code)]
    pub machine: Machine,
    /// Where it was linked for.
    pub preferred: usize,
    /// Where it must lie, or nowhere; a multiple of [`GRANULARITY`].
    pub wanted: Option<usize>,
    pub can_move: bool,
    /// Whether it must end below 4 GiB, because its addresses have 32 bits.
    #[allow(dead_code)]
    pub low: bool,
    /// Empty where the kernel lays images out.
    #[allow(dead_code)]
    pub parts: &'a [ImagePart<'a>],
    /// What its pages permit, by distance from the base.
    pub protects: &'a [(std::ops::Range<usize>, Protect)],
    /// The places that hold addresses; inside of it, and not in shared parts.
    pub relocations: &'a [Relocation],
    /// The first relocation of a whole address, and what the file has there.
    #[allow(dead_code)] // for a kernel that may have adjusted addresses already
    pub first: Option<(Relocation, u64)>,
}

/// A stretch of an image.
#[allow(dead_code)] // for a kernel that knows nothing of images
pub(crate) struct ImagePart<'a> {
    pub start: usize,
    pub len: usize,
    pub mapping: &'a Mapping,
    pub offset: u64,
    /// Whether writes are for everybody who has the image mapped.
    pub shared: bool,
}

/// What a mutex to be created is like.
pub(crate) struct MutexRequest {
    pub name: Option<Name>,
    pub initial_owner: bool,
    pub security: Security,
    pub inheritable: bool,
    pub if_exists: IfExists,
}

/// What an event to be created is like.
pub(crate) struct EventRequest {
    pub name: Option<Name>,
    pub reset: Reset,
    pub set: bool,
    pub security: Security,
    pub inheritable: bool,
    pub if_exists: IfExists,
}

/// What a semaphore to be created is like: `initial` at most `maximum`, which is 1 to 2^31 - 1.
pub(crate) struct SemaphoreRequest {
    pub name: Option<Name>,
    pub initial: u32,
    pub maximum: u32,
    pub security: Security,
    pub inheritable: bool,
    pub if_exists: IfExists,
}

/// What a timer to be created is like.
pub(crate) struct TimerRequest {
    pub name: Option<Name>,
    pub reset: Reset,
    pub security: Security,
    pub inheritable: bool,
    pub if_exists: IfExists,
}

/// How an attempt to lock ended without failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockOutcome {
    Acquired,
    /// Acquired, and the last owner ended without unlocking.
    Abandoned,
    TimedOut,
}

/// Addresses and offsets that Windows calls aligned are multiples of this.
pub(crate) const GRANULARITY: usize = 0x1_0000;

/// Bytes of a large page, `GetLargePageMinimum`.
pub(crate) const LARGE_PAGE: u64 = 2 << 20;

/// The rights of `access` that views of a mapping with `protection` can use.
#[allow(dead_code)] // Win32 keeps this itself
pub(crate) fn usable(access: Access, protection: Protection) -> Access {
    access & protection.access()
}
