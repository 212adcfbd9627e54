//! The page of a process: what it shares with those who have a handle to it, also after its end.
//!
//! It is a sealed memory file that the process keeps open, or that `CreateProcess` made for it, so it is found among the
//! descriptors of the process and nothing is left of it in the end. Others of the same user can write to it; so all that
//! is read from it is only believed as far as a wrong value does no harm.

use std::fs;
use std::os::fd::OwnedFd;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::Arc;

use super::listing;
use super::os::shared::{self, Mapped};
use crate::code::Result;

/// What the descriptors of such pages are called in `/proc`.
const LINK: &str = "/memfd:mapview-process";
/// Says which version of the layout it is, too.
const MAGIC: u64 = u64::from_le_bytes(*b"mapvprc1");

/// Words of the page.
mod word {
    pub(super) const MAGIC: usize = 0;
    pub(super) const PID: usize = 1;
    /// How it ended: see `EXITED` and `TERMINATED`.
    pub(super) const EXIT: usize = 2;
    /// Counts messages that were sent to it.
    pub(super) const SENT: usize = 3;
    /// How often its first thread is suspended from outside.
    pub(super) const SUSPENDED: usize = 6;
    /// Two words that make up the name of its inbox.
    pub(super) const INBOX: usize = 4;
    /// One bit for each handle that others may give it.
    pub(super) const FOREIGN: usize = 512;
    pub(super) const FOREIGN_WORDS: usize = 512;
    /// How many handles it has.
    pub(super) const COUNT: usize = 7;
    /// What they stand for: see `listing`.
    pub(super) const HANDLES: usize = 1024;
}

/// Handles that others can give to a process.
pub(super) const FOREIGN: usize = word::FOREIGN_WORDS * 64;
const WORDS: usize = word::HANDLES + listing::MOST * listing::WORDS;

const EXITED: u64 = 1 << 32;
const TERMINATED: u64 = 1 << 33;

/// One page, mapped.
#[derive(Clone, Debug)]
pub(super) struct Page {
    mapped: Arc<Mapped>,
    fd: Arc<OwnedFd>,
}

/// This process's own; null in a child of `fork`. What it points to stays for ever.
static OWN: AtomicPtr<Page> = AtomicPtr::new(null_mut());

impl Page {
    /// A new one; whose it is, is said later.
    pub(super) fn new() -> Result<Page> {
        let fd = shared::create(c"mapview-process", WORDS * 8)?;
        let page = Page { mapped: Arc::new(Mapped::new(&fd, WORDS)?), fd: Arc::new(fd) };
        for (index, word) in shared::random().into_iter().enumerate() {
            page.word(word::INBOX + index).store(word, Ordering::Relaxed);
        }
        page.word(word::MAGIC).store(MAGIC, Ordering::Release);
        Ok(page)
    }

    /// The page behind a descriptor.
    pub(super) fn open(fd: OwnedFd) -> Option<Page> {
        shared::is_sealed(&fd, WORDS * 8).then_some(())?;
        let page = Page { mapped: Arc::new(Mapped::new(&fd, WORDS).ok()?), fd: Arc::new(fd) };
        (page.word(word::MAGIC).load(Ordering::Acquire) == MAGIC).then_some(page)
    }

    /// The page that a process has open; `None` if there is none, or none that this user may see.
    pub(super) fn of_process(pid: u32) -> Option<Page> {
        for entry in fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten() {
            let path = entry.path();
            let is_page = |link: std::path::PathBuf| link.to_string_lossy().starts_with(LINK);
            if !fs::read_link(&path).is_ok_and(is_page) {
                continue;
            }
            let fd = fs::File::options().read(true).write(true).open(&path).ok()?;
            // It may have pages of other processes open, too.
            match Page::open(fd.into()) {
                Some(page) if page.pid() == pid => return Some(page),
                _ => {}
            }
        }
        None
    }

    /// This process's own; `None` before the library started, and after `fork`, when the page is the parent's.
    #[inline]
    pub(super) fn own() -> Option<&'static Page> {
        // SAFETY: null, or what `set_own` leaked.
        unsafe { OWN.load(Ordering::Acquire).as_ref() }
    }

    /// From now on this is the page of this process.
    pub(super) fn set_own(self) {
        self.pid_word().store(std::process::id().into(), Ordering::Release);
        OWN.store(Box::into_raw(Box::new(self)), Ordering::Release);
    }

    /// In a child of `fork`.
    pub(super) fn disown() {
        OWN.store(null_mut(), Ordering::Release);
    }

    pub(super) fn word(&self, index: usize) -> &AtomicU64 {
        self.mapped.word(index)
    }

    fn pid(&self) -> u32 {
        self.word(word::PID).load(Ordering::Acquire) as u32
    }

    pub(super) fn fd(&self) -> &OwnedFd {
        &self.fd
    }

    /// Where the number of its process stands: whoever starts one writes it there before the program runs.
    pub(super) fn pid_word(&self) -> &AtomicU64 {
        self.word(word::PID)
    }

    pub(super) fn is_own(&self) -> bool {
        self.pid() == std::process::id()
    }

    /// The code that the process ended with, if it or who terminated it said one.
    pub(super) fn exit_code(&self) -> Option<u32> {
        let exit = self.word(word::EXIT).load(Ordering::Acquire);
        (exit & (EXITED | TERMINATED) != 0).then_some(exit as u32)
    }

    /// Changes how often it is suspended; `None` leaves it. Returns what it was, or `None` for that.
    pub(super) fn change_suspended(&self, change: impl Fn(u64) -> Option<u64>) -> Option<u64> {
        let word = self.word(word::SUSPENDED);
        word.fetch_update(Ordering::AcqRel, Ordering::Acquire, change).ok()
    }

    /// Says the code. Who says it first is right.
    pub(super) fn publish_exit(&self, code: u32) {
        self.publish(EXITED | u64::from(code));
    }

    pub(super) fn publish_termination(&self, code: u32) {
        self.publish(TERMINATED | u64::from(code));
    }

    fn publish(&self, exit: u64) {
        let word = self.word(word::EXIT);
        let _ = word.compare_exchange(0, exit, Ordering::AcqRel, Ordering::Relaxed);
    }

    /// Where the words of a handle's entry begin.
    pub(super) fn listed(&self, place: usize, word: usize) -> &AtomicU64 {
        self.word(word::HANDLES + place * listing::WORDS + word)
    }

    pub(super) fn handle_count(&self) -> &AtomicU64 {
        self.word(word::COUNT)
    }

    /// How many messages were sent to it.
    #[inline]
    pub(super) fn sent(&self) -> &AtomicU64 {
        self.word(word::SENT)
    }

    /// The name of its inbox.
    pub(super) fn inbox_name(&self) -> String {
        let word = |index| self.word(word::INBOX + index).load(Ordering::Relaxed);
        format!("mapview-process-{:016x}{:016x}", word(0), word(1))
    }

    /// Takes the lowest free handle of those that are given from outside; `None` if all are in use.
    pub(super) fn take_foreign(&self) -> Option<usize> {
        (0..word::FOREIGN_WORDS).find_map(|index| {
            let take = |bits: u64| (bits != u64::MAX).then(|| bits | (bits + 1));
            let word = self.word(word::FOREIGN + index);
            let before = word.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).ok()?;
            Some(index * 64 + before.trailing_ones() as usize)
        })
    }

    pub(super) fn free_foreign(&self, number: usize) {
        let word = self.word(word::FOREIGN + number / 64);
        word.fetch_and(!(1 << (number % 64)), Ordering::AcqRel);
    }
}
