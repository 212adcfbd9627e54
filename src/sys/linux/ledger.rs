//! The ledger of a process: a file in the namespace directory in which it writes what its threads sleep for, so that
//! others can list the waiters of an object; and how its attempt to take several objects at once stands, so that others
//! know what a claim on an object means.
//!
//! Only its process writes there, except that another process of the same user may call an attempt off. Other users read
//! it as a file. A lock on its first byte lasts as long as the process.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::namespace::{self, Directory};
use super::os::{fail::fail, files, files::OpenFor, locks, memory, process, signals};
use crate::state::decision::{self, Decision, NUMBER_BITS};
use crate::{Error, ErrorKind, Namespace, Result};

const LOCK: i64 = 0;
const PAGE: usize = crate::layout::PAGE;
/// The first page: the decision and the process id. Then pages of entries.
const DECISION_AT: usize = 0;
const PID_AT: usize = 8;
/// How many objects without a name the attempt is for: nobody else can find those.
const UNNAMED_AT: usize = 12;
/// An entry: thread id, number of objects, and the number of each object's record.
const ENTRY: usize = 8 + 8 * crate::wait::MOST;
const ENTRIES_A_PAGE: usize = PAGE / ENTRY;
const PAGES: usize = 256;
/// Threads beyond so many sleep unseen.
const ENTRIES: usize = PAGES * ENTRIES_A_PAGE;
const LEN: usize = PAGE * (1 + PAGES);

/// Of a claim's 30 bits: one that `state/count.rs` uses, one for the namespace, then the number of the ledger and that of
/// the attempt, which is not 0.
const SLOTS: u32 = 1 << 13;
const GLOBAL: u32 = 1 << 28;

/// This process's ledger in one namespace.
#[derive(Debug)]
pub(super) struct Ledger {
    base: *mut u8,
    slot: u32,
    directory: Arc<Directory>,
    /// Which pages of entries have memory behind them.
    backed: [AtomicBool; PAGES],
    /// One attempt at a time.
    attempts: Mutex<()>,
    /// Keeps the lock.
    fd: OwnedFd,
}

// SAFETY: the mapped file is only touched through atomics.
unsafe impl Send for Ledger {}
// SAFETY: as above.
unsafe impl Sync for Ledger {}

static LEDGERS: Mutex<[Option<Arc<Ledger>>; 2]> = Mutex::new([None, None]);

/// All ledgers, locked for a fork.
pub(super) fn lock() -> MutexGuard<'static, [Option<Arc<Ledger>>; 2]> {
    LEDGERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In a forked child: the parent's ledgers are the parent's, and stay mapped for threads that are no more.
pub(super) fn disown(ledgers: &mut [Option<Arc<Ledger>>; 2]) {
    for ledger in ledgers.iter_mut().filter_map(Option::take) {
        std::mem::forget(ledger);
    }
}

/// When nothing of this process is left in the namespace: gives its ledger up, unless a thread stands in it.
pub(super) fn retire(directory: &Directory) {
    // At the end of the process another thread may be in the middle of something.
    let Ok(mut ledgers) = LEDGERS.try_lock() else { return };
    let slot = &mut ledgers[directory.namespace() as usize];
    let idle = |ledger: &mut Arc<Ledger>| {
        let decided = decision::is_over(ledger.decision().load(Ordering::Relaxed));
        decided && Arc::strong_count(ledger) == 1
    };
    if let Some(ledger) = slot.take_if(idle) {
        let _ = files::unlink_in(directory.fd.as_fd(), &file(ledger.slot));
    }
}

impl Ledger {
    /// This process's ledger, made when first needed.
    pub(super) fn of(namespace: Namespace) -> Result<Arc<Ledger>> {
        let _undisturbed = signals::hold();
        let mut ledgers = lock();
        let slot = &mut ledgers[namespace as usize];
        if let Some(ledger) = slot {
            return Ok(ledger.clone());
        }
        let ledger = Arc::new(Ledger::new(namespace)?);
        *slot = Some(ledger.clone());
        Ok(ledger)
    }

    fn new(namespace: Namespace) -> Result<Ledger> {
        let doing = "making the file that shows what this process waits for";
        super::registry::install();
        let directory = namespace::directory(namespace)?;
        let first = process::random() as u32;
        for slot in (0..SLOTS).map(|step| first.wrapping_add(step) % SLOTS) {
            let fd = match files::create_in(directory.fd.as_fd(), &file(slot)) {
                Err(rustix::io::Errno::EXIST) => continue,
                other => other.map_err(|errno| fail(errno, doing))?,
            };
            let locked = locks::try_lock(fd.as_fd(), locks::Kind::Exclusive, LOCK)
                .map_err(|errno| fail(errno, doing))?;
            // Between the two calls a sweep may have taken the file for a dead process's.
            if !locked || files::fstat(&fd).map_or(true, |stat| stat.st_nlink == 0) {
                continue;
            }
            let prepared = files::allocate(fd.as_fd(), 0, PAGE as u64)
                .and_then(|()| files::ftruncate(&fd, LEN as u64))
                .and_then(|()| {
                    let mode = if directory.shared { 0o644 } else { 0o600 };
                    files::fchmod(&fd, rustix::fs::Mode::from_raw_mode(mode))
                })
                .and_then(|()| memory::map_to_write(fd.as_fd(), LEN));
            let base = match prepared {
                Ok(base) => base,
                Err(errno) => {
                    let _ = files::unlink_in(directory.fd.as_fd(), &file(slot));
                    return Err(fail(errno, doing));
                }
            };
            let backed = [const { AtomicBool::new(false) }; PAGES];
            let ledger = Ledger { base, slot, directory, backed, attempts: Mutex::new(()), fd };
            // Not the numbers of the process that had this file name before.
            ledger.decision().store(process::random() & !3, Ordering::Relaxed);
            ledger.word32(PID_AT).store(std::process::id(), Ordering::Release);
            return Ok(ledger);
        }
        let why = "too many processes wait in this namespace";
        Err(Error::new(ErrorKind::NoSystemResources, why))
    }

    /// How this process's attempt stands. Begin, commit and end it inside [`Ledger::attempt`].
    pub(super) fn decision(&self) -> &AtomicU64 {
        // SAFETY: inside the mapped file and aligned.
        unsafe { &*self.base.add(DECISION_AT).cast() }
    }

    /// Waits until no other thread of this process makes an attempt.
    pub(super) fn attempt(&self, unnamed: usize) -> MutexGuard<'_, ()> {
        let attempt = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        self.word32(UNNAMED_AT).store(unnamed as u32, Ordering::Relaxed);
        attempt
    }

    /// What marks the objects of attempt `number`.
    pub(super) fn claim(&self, number: u32) -> u32 {
        let global = if self.directory.shared { GLOBAL } else { 0 };
        global | self.slot << NUMBER_BITS | number
    }

    /// Writes down that this thread sleeps for these records, until the returned entry is dropped. `None` when there is no
    /// room: then it sleeps unseen.
    pub(super) fn enter(
        self: &Arc<Ledger>,
        thread: u32,
        records: impl ExactSizeIterator<Item = u64>,
    ) -> Option<Entry> {
        for index in 0..ENTRIES {
            if !self.back(index / ENTRIES_A_PAGE) {
                return None;
            }
            let at = entry_at(index);
            let free =
                self.word32(at).compare_exchange(0, thread, Ordering::Acquire, Ordering::Relaxed);
            if free.is_err() {
                continue;
            }
            let many = records.len() as u32;
            for (place, record) in records.enumerate() {
                self.word64(at + 8 + 8 * place).store(record, Ordering::Relaxed);
            }
            self.word32(at + 4).store(many, Ordering::Release);
            return Some(Entry { ledger: self.clone(), at });
        }
        None
    }

    /// Makes sure that writing to a page of entries cannot fail.
    fn back(&self, page: usize) -> bool {
        let backed = &self.backed[page];
        if !backed.load(Ordering::Relaxed) {
            let at = (PAGE * (1 + page)) as u64;
            let done = files::allocate(self.fd.as_fd(), at, PAGE as u64).is_ok();
            backed.store(done, Ordering::Relaxed);
            return done;
        }
        true
    }

    fn word32(&self, at: usize) -> &AtomicU32 {
        // SAFETY: callers stay inside the mapped file, at multiples of 4.
        unsafe { &*self.base.add(at).cast() }
    }

    fn word64(&self, at: usize) -> &AtomicU64 {
        // SAFETY: callers stay inside the mapped file, at multiples of 8.
        unsafe { &*self.base.add(at).cast() }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // SAFETY: mapped with this length by `new`; nothing borrows from it any more.
        let _ = unsafe { memory::unmap(self.base, LEN) };
    }
}

/// A thread that sleeps.
#[derive(Debug)]
pub(super) struct Entry {
    ledger: Arc<Ledger>,
    at: usize,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.ledger.word32(self.at + 4).store(0, Ordering::Relaxed);
        self.ledger.word32(self.at).store(0, Ordering::Release);
    }
}

fn entry_at(index: usize) -> usize {
    PAGE * (1 + index / ENTRIES_A_PAGE) + ENTRY * (index % ENTRIES_A_PAGE)
}

fn file(slot: u32) -> String {
    format!("w-{slot:04x}")
}

/// The number in the name of a ledger.
pub(super) fn slot_of(file: &str) -> Option<u32> {
    u32::from_str_radix(file.strip_prefix("w-")?, 16).ok().filter(|slot| *slot < SLOTS)
}

/// Finds out how the attempt behind a claim stands, and calls it off if it is not decided. `None`: another user's process
/// is about to decide.
pub(super) fn decide(claim: u32) -> Result<Option<bool>> {
    let namespace = if claim & GLOBAL != 0 { Namespace::Global } else { Namespace::Local };
    let number = claim & ((1 << NUMBER_BITS) - 1);
    let slot = slot_in(claim);
    let directory = namespace::directory(namespace)?;
    for mode in [OpenFor::ReadWrite, OpenFor::Read] {
        let fd = match files::open_in(directory.fd.as_fd(), &file(slot), mode) {
            Ok(fd) => fd,
            // Dead and swept, which only happens to those that were not decided.
            Err(rustix::io::Errno::NOENT) => return Ok(Some(false)),
            Err(_) if mode == OpenFor::ReadWrite => continue,
            Err(errno) => return Err(fail(errno, "finding out who claimed the object")),
        };
        let mut word = [0; 8];
        let got = files::read_at(fd.as_fd(), &mut word, DECISION_AT as u64);
        if got != Ok(word.len()) {
            return Ok(Some(false));
        }
        let mut decision = decision::read(u64::from_ne_bytes(word), number);
        if decision == Decision::Undecided && mode == OpenFor::ReadWrite {
            decision = call_off(&fd, number)?;
        }
        if decision == Decision::Undecided && !locks::is_locked(fd.as_fd(), LOCK).unwrap_or(true) {
            decision = Decision::CalledOff;
        }
        return Ok(match decision {
            Decision::Committed => Some(true),
            Decision::CalledOff => Some(false),
            Decision::Undecided => None,
        });
    }
    Ok(None)
}

fn call_off(fd: &OwnedFd, number: u32) -> Result<Decision> {
    let doing = "calling an attempt on the object off";
    let base = memory::map_to_write(fd.as_fd(), PAGE).map_err(|errno| fail(errno, doing))?;
    // SAFETY: aligned, inside the page that was just mapped. Its file was never shorter, and belongs to this user.
    let decision = decision::call_off(unsafe { &*base.add(DECISION_AT).cast() }, number);
    // SAFETY: mapped above; the reference is gone.
    let _ = unsafe { memory::unmap(base, PAGE) };
    Ok(decision)
}

/// Removes the ledger of a process that is no more, unless a claim may still ask for it.
pub(super) fn sweep(directory: &Directory, slot: u32) {
    let Ok(fd) = files::open_in(directory.fd.as_fd(), &file(slot), OpenFor::Read) else { return };
    if locks::is_locked(fd.as_fd(), LOCK).unwrap_or(true) {
        return;
    }
    let mut first = [0; 16];
    let got = files::read_at(fd.as_fd(), &mut first, 0).unwrap_or(0);
    let number = |at: usize| first[at..].first_chunk().copied().map_or(0, u32::from_ne_bytes);
    let decision = first[DECISION_AT..].first_chunk().copied().map_or(0, u64::from_ne_bytes);
    let over = got < first.len() || decision::is_over(decision);
    if over
        || number(UNNAMED_AT) == 0
            && !super::list::carries_claim(directory, |claim| slot_in(claim) == slot)
    {
        let _ = files::unlink_in(directory.fd.as_fd(), &file(slot));
    }
}

fn slot_in(claim: u32) -> u32 {
    claim >> NUMBER_BITS & (SLOTS - 1)
}

/// One number for a record's device and inode.
pub(super) fn record_number((device, inode): (u64, u64)) -> u64 {
    inode ^ device.rotate_left(40)
}

/// A sleeping thread: process id, thread id, and the number of a record.
pub(super) type Sleeper = (u32, u32, u64);

/// The sleeping threads of one ledger.
pub(super) fn sleepers(directory: &Directory, slot: u32) -> Vec<Sleeper> {
    let mut found = Vec::new();
    let Ok(fd) = files::open_in(directory.fd.as_fd(), &file(slot), OpenFor::Read) else {
        return found;
    };
    let mut page = vec![0; PAGE];
    let mut read = |at: usize| -> Option<Vec<u8>> {
        let got = files::read_at(fd.as_fd(), &mut page, at as u64).ok()?;
        (got == PAGE).then(|| page.clone())
    };
    let Some(first) = read(0) else { return found };
    let number = |bytes: &[u8], at: usize| {
        u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
    };
    let pid = number(&first, PID_AT);
    for index in 0..PAGES {
        let Some(entries) = read(PAGE * (1 + index)) else { break };
        if entries.iter().all(|byte| *byte == 0) {
            break; // pages are used one after the other
        }
        for entry in entries.chunks_exact(ENTRY) {
            let (thread, many) = (number(entry, 0), number(entry, 4) as usize);
            if thread == 0 || many > crate::wait::MOST {
                continue;
            }
            let records = entry[8..].chunks_exact(8).take(many);
            found.extend(records.map(|record| {
                (pid, thread, u64::from_ne_bytes(record.try_into().expect("eight bytes")))
            }));
        }
    }
    found
}
