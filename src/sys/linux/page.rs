//! The page with an object's word, mapped once per process however many handles there are.
//!
//! Once, because the owner and the depth of recursion are the process's own business and stand beside the mapping, not in
//! shared memory. And a page must stay mapped while a thread of this process has the mutex locked, or the kernel could
//! not mark its death; so a page whose last handle is closed while locked is kept until it is free.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::mem::{offset_of, ManuallyDrop};
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use super::os::{fail::fail, files, memory};
use rustix::fs::Stat;

use crate::layout::{PAGE, TIMER_AT, WORD_AT};
use crate::state::{mutex, timer};
use crate::sys::fault_table::Listed;
use crate::{Error, ErrorKind, Result};

/// A mapped record page, with the process's own knowledge of the mutex in it.
#[derive(Debug)]
pub(super) struct Page {
    base: *mut u8,
    /// With the private page behind it, which a mutex needs.
    has_tail: bool,
    /// Whoever may write a record in `Global\\` may also truncate it: with the guard, zeros take the place of the page.
    listed: ManuallyDrop<Listed>,
    identity: (u64, u64),
    /// The thread of this process that owns the mutex, or 0: its entry is in that thread's list. With `TRYING`, a thread
    /// that has its entry in the list already but the mutex perhaps not. Only the thread that is named, or the one that
    /// has got the word after it ended, stores here.
    ///
    /// Taking the word, then looking here, and announcing oneself here, then looking at the word, are sequentially
    /// consistent: one of two threads that do either sees the other.
    pub owner: AtomicU32,
    /// How often the owner has locked it. Only the owner touches it.
    pub depth: AtomicU32,
}

const MAPPING: &str = "mapping the object";

/// See [`Page::owner`].
pub(super) const TRYING: u32 = 1 << 31;

// SAFETY: the page is shared memory that is only touched through atomics and by the owning thread's list operations.
unsafe impl Send for Page {}
// SAFETY: as above.
unsafe impl Sync for Page {}

static PAGES: LazyLock<Mutex<Pages>> = LazyLock::new(Mutex::default);

/// Every mapped page, by the identity of its record.
#[derive(Default)]
pub(super) struct Pages {
    mapped: HashMap<(u64, u64), Arc<Page>>,
    /// Pages whose last handle was closed while they were locked. Opening the record again finds them.
    orphans: Vec<(u64, u64)>,
}

pub(super) fn lock_pages() -> MutexGuard<'static, Pages> {
    PAGES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Page {
    /// The page of the record that `fd` has open, of a mutex or something else.
    pub(super) fn of(fd: &OwnedFd, of_mutex: bool) -> Result<Arc<Page>> {
        let stat = files::fstat(fd).map_err(|errno| fail(errno, MAPPING))?;
        Page::check_len(&stat)?;
        Page::of_file(fd, files::identity(&stat), of_mutex)
    }

    /// Refuses a file that does not have the whole page.
    pub(super) fn check_len(stat: &Stat) -> Result<()> {
        if (stat.st_size as u64) < PAGE as u64 {
            return Err(Error::new(ErrorKind::InvalidData, "its record is too short"));
        }
        Ok(())
    }

    /// The page of the record that `fd` has open, whose identity and length are known.
    pub(super) fn of_file(fd: &OwnedFd, identity: (u64, u64), of_mutex: bool) -> Result<Arc<Page>> {
        if memory::page_size() != PAGE {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "mutexes, events, semaphores and timers need pages of 4 KiB",
            ));
        }
        let mut pages = lock_pages();
        pages.bury_orphans();
        if let Some(page) = pages.mapped.get(&identity) {
            if of_mutex && !page.has_tail {
                let why = "its record was that of another kind of object before";
                return Err(Error::new(ErrorKind::InvalidData, why));
            }
            return Ok(page.clone());
        }
        let base = match of_mutex {
            true => memory::map_with_private_tail(fd.as_fd(), PAGE),
            false => memory::map_to_write(fd.as_fd(), PAGE),
        };
        let (base, has_tail) = (base.map_err(|errno| fail(errno, MAPPING))?, of_mutex);
        let (owner, depth) = (AtomicU32::new(0), AtomicU32::new(0));
        let listed = ManuallyDrop::new(Listed::new(base.addr()..base.addr() + PAGE, true));
        let page = Arc::new(Page { base, has_tail, listed, identity, owner, depth });
        pages.mapped.insert(identity, page.clone());
        Ok(page)
    }

    /// Before the last of this process's objects for the mutex is dropped.
    pub(super) fn forget(page: &Arc<Page>) {
        let mut pages = lock_pages();
        // The map's share and the object's.
        if Arc::strong_count(page) == 2 {
            if page.is_locked() {
                pages.orphans.push(page.identity);
            } else {
                pages.mapped.remove(&page.identity);
            }
        }
    }

    pub(super) fn word(&self) -> &AtomicU64 {
        // SAFETY: inside the mapped page, aligned, and atomics may be shared with other processes.
        unsafe { &*self.base.add(WORD_AT).cast() }
    }

    /// What a timer has besides its word.
    pub(super) fn timer(&self) -> &timer::Words {
        const { assert!(TIMER_AT + size_of::<timer::Words>() <= WORD_AT && TIMER_AT.is_multiple_of(8)) };
        // SAFETY: inside the mapped page, aligned, and atomics may be shared with other processes.
        unsafe { &*self.base.add(TIMER_AT).cast() }
    }

    /// As [`Page::entry`], for the lock of a timer's plan, which is never linked into a list.
    pub(super) fn timer_entry(&self) -> *mut usize {
        self.base.wrapping_add(TIMER_AT + offset_of!(timer::Words, changer) + 32).cast()
    }

    /// Whether the page is this process's own by now: what is done to it reaches nobody.
    #[inline]
    pub(super) fn is_lost(&self) -> bool {
        self.listed.has_lost_pages()
    }

    /// Refuses a page that is lost.
    #[inline]
    pub(super) fn check(&self) -> Result<()> {
        if self.is_lost() {
            return Err(lost());
        }
        Ok(())
    }

    /// The record's file: the same for all handles of all processes.
    pub(super) fn identity(&self) -> (u64, u64) {
        self.identity
    }

    /// Where the robust list finds the word: of a mutex, on the private page; of others only the address counts.
    pub(super) fn entry(&self) -> *mut usize {
        self.base.wrapping_add(PAGE).cast()
    }

    fn is_locked(&self) -> bool {
        let owner = self.owner.load(Ordering::Relaxed);
        // A thread that ended left its id here, but the kernel took it out of the word.
        owner != 0 && mutex::owner(self.word().load(Ordering::Relaxed)) == owner & !TRYING
    }
}

#[cold]
pub(super) fn lost() -> Error {
    let why = "somebody truncated its record in the namespace directory; close all handles to it and create it anew";
    Error::new(ErrorKind::InPageError, why)
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: not used again; before others can get the address.
        unsafe { ManuallyDrop::drop(&mut self.listed) };
        let len = if self.has_tail { 2 * PAGE } else { PAGE };
        // SAFETY: mapped with this length by `of_file`; the last share is gone, and it is not locked.
        let _ = unsafe { memory::unmap(self.base, len) };
    }
}

impl Pages {
    /// Lets the orphans go that were unlocked, or whose owners ended.
    fn bury_orphans(&mut self) {
        let Pages { mapped, orphans } = self;
        orphans.retain(|identity| {
            let Some(page) = mapped.get(identity) else { return false };
            let adopted = Arc::strong_count(page) > 1;
            if !adopted && !page.is_locked() {
                mapped.remove(identity);
                return false;
            }
            !adopted
        });
    }

    /// In a forked child: nothing that the parent's threads own is the child's.
    pub(super) fn disown_all(&mut self) {
        for page in self.mapped.values() {
            page.owner.store(0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_a_private_tail_is_never_taken_for_that_of_a_mutex() {
        let fd = memory::memfd(memory::OBJECT, false).unwrap();
        assert_eq!(Page::of(&fd, false).unwrap_err().kind(), ErrorKind::InvalidData, "too short");
        files::ftruncate(&fd, PAGE as u64).unwrap();
        let page = Page::of(&fd, false).unwrap();
        // Whoever may write a record may change what it says it is.
        assert_eq!(Page::of(&fd, true).unwrap_err().kind(), ErrorKind::InvalidData);
        assert!(Arc::ptr_eq(&page, &Page::of(&fd, false).unwrap()));
        Page::forget(&page);
        drop(page);
        let page = Page::of(&fd, true).unwrap();
        assert!(page.has_tail && Arc::ptr_eq(&page, &Page::of(&fd, false).unwrap()));
        // SAFETY: the private page behind the record's.
        unsafe { page.entry().write_volatile(1) };
        Page::forget(&page);
    }
}
