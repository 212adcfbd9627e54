//! Allocating, freeing and protecting memory of another process: which calls it has to make.

use rustix::io::Errno;

use super::os::maps::Range;
use super::os::{free_memory, memory};
use super::process::Process;
use super::process_denied::number;
use super::remote::{with_thread, Thread};
use super::space::{HIGHEST, LOWEST};
use crate::sys::GRANULARITY;
use crate::{Error, ErrorKind, Protect, Result};

/// From this size on, a look at how much memory is free precedes a commit.
const WORTH_A_LOOK: usize = 16 << 20;

/// What was allocated in another process. The kernel's ranges of neighbours can melt together, so its extent is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allocation {
    base: usize,
    len: usize,
    /// The program that ran then.
    program: Option<Program>,
}

/// Tells programs that one process runs one after the other apart: where code and stack begin, which is random.
type Program = (u64, u64);

/// Whole pages: the first address, and the one behind the last.
type Pages = std::ops::Range<usize>;

impl Process {
    /// Reserves addresses, and with `commit` also gives them memory.
    pub(crate) fn allocate(
        &self,
        address: Option<usize>,
        size: usize,
        commit: Option<Protect>,
    ) -> Result<usize> {
        self.check_other()?;
        let protection = match commit {
            Some(protect) => private_protection(protect)?,
            None => 0,
        };
        if commit.is_some() {
            check_room(size)?;
        }
        let wanted = match address {
            Some(address) => Some(pages(address / GRANULARITY * GRANULARITY, address, size)?),
            None => None,
        };
        let size = pages(LOWEST, LOWEST, size)?.len();
        with_thread(self, |thread| {
            const TRIES: u32 = 16;
            for _ in 0..TRIES {
                let place = match &wanted {
                    Some(place) => place.clone(),
                    None => free_place(&self.ranges()?, size)?,
                };
                match map(thread, &place, protection, commit.is_none())? {
                    Ok(()) => {
                        self.remember(&place);
                        return Ok(place.start);
                    }
                    // The process took the place meanwhile.
                    Err(Errno::EXIST) if wanted.is_none() => {}
                    Err(errno) => return Err(refused(errno, &place)),
                }
            }
            Err(Error::new(ErrorKind::Busy, "its free addresses change too fast; try again"))
        })
    }

    /// Gives memory to reserved pages, and the protection to all of them.
    pub(crate) fn commit(&self, address: usize, size: usize, protect: Protect) -> Result<()> {
        self.check_other()?;
        let protection = private_protection(protect)?;
        let pages = pages(address, address, size)?;
        check_room(size)?;
        let ranges = self.ranges()?;
        for range in covering(&ranges, &pages)? {
            if !is_private(range) {
                let why = format!("a view lies at {:#x}, whose pages are committed", range.start);
                return Err(Error::new(ErrorKind::AccessDenied, why));
            }
        }
        self.protect_pages(&pages, protection)
    }

    /// Takes the memory of pages away, and keeps their addresses. Size 0 means all of the allocation at the address.
    pub(crate) fn decommit(&self, address: usize, size: usize) -> Result<()> {
        self.check_other()?;
        let ranges = self.ranges()?;
        let pages = match size {
            0 => self.allocation(&ranges, address)?,
            size => pages(address, address, size)?,
        };
        if !covering(&ranges, &pages)?.iter().all(|range| is_private(range)) {
            let why = "a view is in the range; only private memory can be decommitted";
            return Err(Error::new(ErrorKind::InvalidParameter, why));
        }
        with_thread(self, |thread| {
            let (start, len) = (pages.start as u64, pages.len() as u64);
            let dont_need = libc::MADV_DONTNEED as u64;
            let forgotten = thread.call(libc::SYS_madvise, [start, len, dont_need, 0, 0, 0])?;
            forgotten.map_err(|errno| refused(errno, &pages))?;
            let closed = thread.call(libc::SYS_mprotect, [start, len, 0, 0, 0, 0])?;
            closed.map(|_| ()).map_err(|errno| refused(errno, &pages))
        })
    }

    /// Frees a whole allocation.
    pub(crate) fn release(&self, address: usize) -> Result<()> {
        self.check_other()?;
        let ranges = self.ranges()?;
        let pages = self.allocation(&ranges, address)?;
        let inside = |range: &&Range| range.start < pages.end && pages.start < range.end;
        if !ranges.iter().filter(inside).all(is_private) {
            let why = "the process has mapped something else there since";
            return Err(Error::new(ErrorKind::InvalidAddress, why));
        }
        with_thread(self, |thread| {
            let (start, len) = (pages.start as u64, pages.len() as u64);
            let freed = thread.call(libc::SYS_munmap, [start, len, 0, 0, 0, 0])?;
            freed.map_err(|errno| refused(errno, &pages))?;
            self.books().retain(|allocation| allocation.base != pages.start);
            Ok(())
        })
    }

    /// Changes the protection, and returns the one that the first page had.
    pub(crate) fn protect(&self, address: usize, size: usize, protect: Protect) -> Result<Protect> {
        self.check_other()?;
        let protection = protection(protect)?;
        let pages = pages(address, address, size)?;
        let old = self.query(pages.start)?;
        let Some(old) = old.protect else { return Err(not_committed(pages.start)) };
        let ranges = self.ranges()?;
        for range in covering(&ranges, &pages)? {
            if is_private(range) && !range.read && !range.write && !range.execute {
                return Err(not_committed(range.start.max(pages.start)));
            }
            let copies = range.inode != 0 && !range.shared;
            let copy = protect.bits() & (0x08 | 0x80) != 0;
            if protect.writable() && copies != copy {
                let why = "writable is copy-on-write in copy-on-write views and programs, and nowhere else";
                return Err(Error::new(ErrorKind::InvalidParameter, why));
            }
        }
        self.protect_pages(&pages, protection)?;
        Ok(old)
    }

    fn protect_pages(&self, pages: &Pages, protection: u64) -> Result<()> {
        with_thread(self, |thread| {
            let arguments = [pages.start as u64, pages.len() as u64, protection, 0, 0, 0];
            match thread.call(libc::SYS_mprotect, arguments)? {
                Ok(_) => Ok(()),
                Err(Errno::ACCESS) => {
                    let why = "a view there was mapped with less than this protection permits";
                    Err(Error::new(ErrorKind::InvalidParameter, why))
                }
                Err(errno) => Err(refused(errno, pages)),
            }
        })
    }

    /// Refuses what could not be done without harm.
    pub(super) fn check_callable(&self) -> Result<()> {
        let status = self.text("status");
        let features = status.lines().find_map(|line| line.strip_prefix("x86_Thread_features:"));
        if number(&status, "Seccomp:") == Some(1) {
            let why = "it runs in seccomp's strict mode and would be killed for the system call";
            return Err(Error::new(ErrorKind::Unsupported, why));
        }
        if features.is_some_and(|features| features.contains("shstk")) {
            let why = "it runs with a shadow stack, which forbids to send it elsewhere";
            return Err(Error::new(ErrorKind::Unsupported, why));
        }
        Ok(())
    }

    /// The pages of the allocation that begins with the page of an address: as we made it, or else the kernel's range.
    fn allocation(&self, ranges: &[Range], address: usize) -> Result<Pages> {
        let page = address / memory::page_size() * memory::page_size();
        let program = self.program();
        for known in self.books().iter().filter(|known| known.program == program) {
            let pages = known.base..known.base + known.len;
            if known.base == page {
                return Ok(pages);
            }
            if pages.contains(&page) {
                let why = format!("the allocation begins at {:#x}", known.base);
                return Err(Error::new(ErrorKind::InvalidAddress, why));
            }
        }
        match ranges.iter().find(|range| range.start == page) {
            Some(range) if is_private(range) => Ok(range.start..range.end),
            Some(_) => {
                let why = "a view, a program or a stack lies there, not an allocation";
                Err(Error::new(ErrorKind::InvalidParameter, why))
            }
            None => {
                let why = format!("no allocation begins at {page:#x}");
                Err(Error::new(ErrorKind::InvalidAddress, why))
            }
        }
    }

    fn remember(&self, pages: &Pages) {
        let allocation =
            Allocation { base: pages.start, len: pages.len(), program: self.program() };
        let mut books = self.books();
        books.retain(|known| known.base != allocation.base);
        books.push(allocation);
    }

    fn books(&self) -> std::sync::MutexGuard<'_, Vec<Allocation>> {
        self.allocations.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn program(&self) -> Option<Program> {
        let stat = self.text("stat");
        let mut words = stat.rsplit(')').next()?.split_whitespace();
        let code = words.nth(23)?.parse().ok()?; // field 26
        Some((code, words.nth(1)?.parse().ok()?)) // and 28
    }
}

/// Memory that is neither a view nor a program's, nor has a meaning to the system, as stacks.
fn is_private(range: &Range) -> bool {
    range.inode == 0
        && !range.shared
        && !range.path.as_encoded_bytes().starts_with(b"[stack")
        && !range.path.as_encoded_bytes().starts_with(b"[v")
}

/// The pages from `start` on that the bytes from `address` on touch.
fn pages(start: usize, address: usize, size: usize) -> Result<Pages> {
    let page = memory::page_size();
    if size == 0 {
        return Err(Error::new(ErrorKind::InvalidParameter, "the size is 0"));
    }
    let end = address.checked_add(size).and_then(|end| end.checked_next_multiple_of(page));
    match end.filter(|&end| start >= LOWEST && end <= HIGHEST) {
        Some(end) => Ok(start / page * page..end),
        None => {
            let why = format!(
                "{size} bytes at {address:#x} are not between {LOWEST:#x} and {HIGHEST:#x}"
            );
            Err(Error::new(ErrorKind::InvalidParameter, why))
        }
    }
}

/// The ranges that these pages lie in, without a gap.
fn covering<'a>(ranges: &'a [Range], pages: &Pages) -> Result<Vec<&'a Range>> {
    let inside = |range: &&Range| range.start < pages.end && pages.start < range.end;
    let found: Vec<&Range> = ranges.iter().filter(inside).collect();
    let mut reached = pages.start;
    for range in &found {
        if range.start > reached {
            break;
        }
        reached = range.end;
    }
    if reached < pages.end {
        let why = format!("nothing lies at {reached:#x}");
        return Err(Error::new(ErrorKind::InvalidAddress, why));
    }
    Ok(found)
}

/// The highest free place among the libraries and mapped files, apart from its neighbours.
fn free_place(ranges: &[Range], size: usize) -> Result<Pages> {
    for index in (0..ranges.len()).rev() {
        let above = &ranges[index];
        if above.start >= HIGHEST || above.path.as_encoded_bytes().starts_with(b"[") {
            continue; // below a stack there is room for it to grow
        }
        let bottom = index.checked_sub(1).map_or(LOWEST, |below| ranges[below].end);
        let start = above.start.saturating_sub(GRANULARITY.saturating_add(size));
        let start = start / GRANULARITY * GRANULARITY;
        if start >= bottom.saturating_add(GRANULARITY) {
            return Ok(start..start + size);
        }
    }
    let why = format!("it has no {size} bytes of free addresses in a row");
    Err(Error::new(ErrorKind::NotEnoughMemory, why))
}

fn map(
    thread: &mut Thread,
    place: &Pages,
    protection: u64,
    reserve: bool,
) -> Result<std::result::Result<(), Errno>> {
    let mut flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
    if reserve {
        flags |= libc::MAP_NORESERVE;
    }
    let (start, len) = (place.start as u64, place.len() as u64);
    let arguments = [start, len, protection, flags as u64, u64::MAX, 0];
    let mapped = match thread.call(libc::SYS_mmap, arguments)? {
        Ok(mapped) => mapped,
        Err(errno) => return Ok(Err(errno)),
    };
    if mapped == start {
        return Ok(Ok(()));
    }
    // Kernels before 4.17 take the address as a mere hint.
    let _ = thread.call(libc::SYS_munmap, [mapped, len, 0, 0, 0, 0])?;
    Ok(Err(Errno::EXIST))
}

fn check_room(size: usize) -> Result<()> {
    let available = if size >= WORTH_A_LOOK { free_memory::available() } else { u64::MAX };
    if size as u64 > available {
        let why = format!(
            "{size} bytes are asked for, {available} are available; `reserve` takes addresses only"
        );
        return Err(Error::new(ErrorKind::CommitmentLimit, why));
    }
    Ok(())
}

fn private_protection(protect: Protect) -> Result<u64> {
    if protect.bits() & (0x08 | 0x80) != 0 {
        let why = "copy-on-write is for views";
        return Err(Error::new(ErrorKind::InvalidParameter, why));
    }
    protection(protect)
}

/// `PROT_*`.
fn protection(protect: Protect) -> Result<u64> {
    if protect.is_guarded() {
        let why = "the kernel has no guard pages; a process can only keep books of its own";
        return Err(Error::new(ErrorKind::Unsupported, why));
    }
    let mut bits = 0;
    if protect.readable() {
        bits |= libc::PROT_READ;
    }
    if protect.writable() {
        bits |= libc::PROT_WRITE;
    }
    if protect.executable() {
        bits |= libc::PROT_EXEC;
    }
    Ok(bits as u64)
}

fn not_committed(address: usize) -> Error {
    let why = format!("the memory at {address:#x} is not committed");
    Error::new(ErrorKind::InvalidAddress, why)
}

fn refused(errno: Errno, pages: &Pages) -> Error {
    let (kind, why) = match errno {
        Errno::EXIST => (ErrorKind::InvalidAddress, "something lies in the way"),
        Errno::NOMEM => (ErrorKind::NotEnoughMemory, "the process has reached a limit of its own"),
        Errno::ACCESS | Errno::PERM => (
            ErrorKind::AccessDenied,
            "a rule for that process forbids it such memory (seccomp, SELinux, PR_SET_MDWE)",
        ),
        _ => (ErrorKind::Other, "the process was refused the call"),
    };
    Error::from_os(kind, errno.raw_os_error(), why).about(format!("{:#x}", pages.start))
}
