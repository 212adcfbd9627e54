//! Memory by address: `VirtualAlloc` and its relatives, one to one, for code that thinks in addresses.
//!
//! [`Region`](crate::Region) is the safe type over the same calls. The rules, with their error codes, are those of Windows: addresses are rounded to
//! pages and new reservations to 64 KiB, protections of views stay within what the view was mapped for, and nothing is ever
//! placed over something else.
//!
//! ```
//! use mapview::memory::{self, Allocate, Free};
//! use mapview::{MemoryState, Protect};
//!
//! // SAFETY: fresh memory, used only here, and not after it is freed.
//! unsafe {
//!     let some = Allocate { size: 1 << 20, reserve: true, ..Allocate::default() };
//!     let base = memory::allocate(&some)?;
//!     let page = Allocate { address: base.addr(), size: 4096, commit: true, ..Allocate::default() };
//!     memory::allocate(&page)?.write(7);
//!     assert_eq!(memory::query(base.addr())?.protect, Some(Protect::READ_WRITE));
//!     assert_eq!(memory::query(base.addr() + 4096)?.state, MemoryState::Reserved);
//!     memory::free(base.addr(), 0, Free::Release)?;
//! }
//! # Ok::<(), mapview::Error>(())
//! ```
#![allow(unsafe_code)]

pub use crate::allocate::Allocate;
pub use crate::free::Free;
pub use crate::map::Map;
pub use crate::memory_views::{flush, map, unmap};
use crate::{sys, MemoryInfo, Protect, Result};

/// Reserves addresses, commits memory, or resets content; returns the first address of the range, rounded down.
///
/// Committing what is committed keeps the content and changes the protection. New memory is zero.
///
/// A placeholder keeps addresses for views ([`ViewOptions::replace_placeholder`](crate::ViewOptions::replace_placeholder)) and
/// memory ([`Allocate::replace`]) that take its place; [`free`] cuts it into parts and puts them together:
///
/// ```
/// use mapview::memory::{self, Allocate, Free};
/// use mapview::{ErrorKind, MappingOptions, ViewAccess, ViewOptions};
///
/// const HALF: usize = 1 << 16;
/// let ring = MappingOptions::new().size(HALF as u64).create()?;
/// // SAFETY: fresh addresses, used only here.
/// unsafe {
///     let wanted = Allocate { size: 2 * HALF, reserve: true, placeholder: true, ..Allocate::default() };
///     let base = match memory::allocate(&wanted) {
///         Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(()), // before Windows 10 1803
///         base => base?.addr(),
///     };
///     memory::free(base, HALF, Free::ToPlaceholder)?; // two halves
///     let show = |at| ViewOptions::new().access(ViewAccess::ReadWrite).replace_placeholder(at).map(&ring);
///     let (first, second) = (show(base)?, show(base + HALF)?);
///     first.copy_in(7, b"twice")?;
///     let mut bytes = [0; 5];
///     second.copy_out(7, &mut bytes)?;
///     assert_eq!(&bytes, b"twice");
/// }
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Safety
/// Nobody relies on what committed pages of the range permit now and will not then, nor on content that is reset; nobody else
/// uses the placeholder that is replaced.
///
/// # Errors
/// * [`InvalidParameter`](crate::ErrorKind::InvalidParameter): size 0, nothing to do, options that contradict each other, or
///   addresses outside of what programs have.
/// * [`InvalidAddress`](crate::ErrorKind::InvalidAddress): the wanted addresses are taken; or what is to be committed is not
///   reserved, or reaches past its allocation, or is a placeholder; or no placeholder has exactly the addresses to replace.
/// * [`AccessDenied`](crate::ErrorKind::AccessDenied): a view of a file is committed already.
/// * [`NotEnoughMemory`](crate::ErrorKind::NotEnoughMemory), [`CommitmentLimit`](crate::ErrorKind::CommitmentLimit): no room
///   in the address space; less memory available than is to be committed.
/// * [`PrivilegeNotHeld`](crate::ErrorKind::PrivilegeNotHeld): large pages are not to be had.
/// * [`Unsupported`](crate::ErrorKind::Unsupported): the system cannot watch writes; or it has no placeholders and no limits
///   for addresses, which Windows has from version 10 1803 on.
/// * [`InPageError`](crate::ErrorKind::InPageError): reset content is lost.
///
/// # Platform notes
/// Linux: memory comes at first touch, and only for 16 MiB and more is free memory looked at first. Large pages come from the pool that
/// `vm.nr_hugepages` sets; on Windows they need a privilege. Watching writes needs Linux 6.7.
#[doc(alias = "VirtualAlloc")]
#[doc(alias = "VirtualAlloc2")]
pub unsafe fn allocate(wanted: &Allocate) -> Result<*mut u8> {
    // SAFETY: the caller's promise.
    unsafe { sys::allocate(wanted) }
}

/// Decommits a range (`size` 0: the whole allocation) or releases an allocation (`size` is 0 then); or cuts or joins
/// placeholders.
///
/// # Safety
/// Nobody uses the memory or the addresses any more.
///
/// # Errors
/// * [`InvalidParameter`](crate::ErrorKind::InvalidParameter): a view; a size with `Release`, or none where placeholders are
///   cut or joined; a range that reaches past the allocation.
/// * [`InvalidAddress`](crate::ErrorKind::InvalidAddress): nothing was allocated there, or it begins elsewhere; what is to
///   become a placeholder is one already, or never took the place of one; what is to be joined is not two placeholders or more.
///
/// # Platform notes
/// Linux: what other code mapped without this library is not freed.
#[doc(alias = "VirtualFree")]
pub unsafe fn free(address: usize, size: usize, how: Free) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe { sys::free(address, size, how) }
}

/// Says what the pages of a range permit, and returns what the first of them did.
///
/// A view permits at most what it was mapped for. A view that was mapped to write through may become copy-on-write.
///
/// # Safety
/// Nobody relies on what the pages permit now and will not then.
///
/// # Errors
/// * [`InvalidParameter`](crate::ErrorKind::InvalidParameter): size 0, copy-on-write for private memory, or more than the
///   view was mapped for.
/// * [`InvalidAddress`](crate::ErrorKind::InvalidAddress): a page is not committed, or belongs to another allocation.
///
/// # Platform notes
/// Linux: touching a guard page through a pointer raises SIGSEGV; [`Region`](crate::Region) reports it as an error.
#[doc(alias = "VirtualProtect")]
pub unsafe fn protect(address: usize, size: usize, protect: Protect) -> Result<Protect> {
    // SAFETY: the caller's promise.
    unsafe { sys::protect(address, size, protect) }
}

/// What lies at an address of this process, from its page on.
///
/// ```
/// let local = 0;
/// let info = mapview::memory::query((&raw const local).addr())?;
/// assert!(info.protect.unwrap().writable());
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Errors
/// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): no program's memory lies there.
///
/// # Platform notes
/// Linux: of memory that other code mapped, the system keeps no first protection, and private memory that permits nothing
/// counts as reserved.
#[doc(alias = "VirtualQuery")]
pub fn query(address: usize) -> Result<MemoryInfo> {
    sys::query(address)
}

/// Everything in the address space of this process, in the order of the addresses; free memory is told, too.
///
/// ```
/// let regions = mapview::memory::regions()?;
/// assert!(regions.windows(2).all(|pair| pair[0].base + pair[0].len == pair[1].base));
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Errors
/// [`Other`](crate::ErrorKind::Other): the system does not tell.
#[doc(alias = "VirtualQuery")]
pub fn regions() -> Result<Vec<MemoryInfo>> {
    sys::regions()
}

/// Brings the pages of a range into memory and keeps them there.
///
/// # Errors
/// * [`GuardPage`](crate::ErrorKind::GuardPage): there was a guard page, which is an ordinary page now; nothing is locked.
/// * [`InvalidAddress`](crate::ErrorKind::InvalidAddress), [`NoAccess`](crate::ErrorKind::NoAccess): a page is not committed,
///   or permits nothing.
/// * [`NotEnoughMemory`](crate::ErrorKind::NotEnoughMemory): more than the process may lock.
/// * [`InvalidParameter`](crate::ErrorKind::InvalidParameter): an empty range.
#[doc(alias = "VirtualLock")]
pub fn lock(address: usize, size: usize) -> Result<()> {
    sys::lock_pages(address, size)
}

/// Lets the pages of a range leave memory again.
///
/// # Errors
/// [`NotLocked`](crate::ErrorKind::NotLocked): a page is not locked;
/// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): an empty range.
#[doc(alias = "VirtualUnlock")]
pub fn unlock(address: usize, size: usize) -> Result<()> {
    sys::unlock_pages(address, size)
}

/// Throws away what committed pages hold; they may hold anything then, and stay committed.
///
/// # Safety
/// Nobody needs the content of the range.
///
/// # Errors
/// * [`InvalidParameter`](crate::ErrorKind::InvalidParameter): not whole pages, or a view of a file.
/// * [`InvalidAddress`](crate::ErrorKind::InvalidAddress): a page is not committed.
#[doc(alias = "DiscardVirtualMemory")]
pub unsafe fn discard(address: usize, size: usize) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe { sys::discard(address, size) }
}

/// The addresses of the pages that were written since they were allocated or reset, in order, at most `most`; for
/// allocations with [`Allocate::write_watch`]. `reset` forgets those that are returned, and no write in between is lost.
///
/// # Errors
/// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): nobody watches the range, or it is empty.
///
/// # Platform notes
/// Linux: in a child by `fork` every committed page counts as written until it is reset.
#[doc(alias = "GetWriteWatch")]
pub fn written(address: usize, size: usize, reset: bool, most: usize) -> Result<Vec<usize>> {
    sys::written(address, size, reset, most)
}

/// No page of the range counts as written any more.
///
/// # Errors
/// As [`written`].
#[doc(alias = "ResetWriteWatch")]
pub fn reset_written(address: usize, size: usize) -> Result<()> {
    sys::reset_written(address, size)
}

/// Starts to bring ranges, each an address and bytes, into memory. A hint: nothing has to lie there.
///
/// # Errors
/// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): no range, or an empty one.
#[doc(alias = "PrefetchVirtualMemory")]
pub fn prefetch(ranges: &[(usize, usize)]) -> Result<()> {
    sys::prefetch(ranges)
}
