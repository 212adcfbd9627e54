//! Listing the objects of the namespaces, and sweeping them on the way.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use rustix::fs::Stat;

use super::contents::Contents;
use super::ledger::{self, Sleeper};
use super::namespace::{self, Directory};
use super::object::Kind;
use super::os::{files, files::OpenFor, process};
use super::presence::is_present;
use super::record::Record;
use super::sweep::sweep;
use super::timer;
use crate::layout::{book_bytes, flag, kind, Header, DATA_AT, WORD_AT};
use crate::state::{count, manual, mutex};
use crate::{Namespace, ObjectInfo, ObjectKind, ObjectState, Result, Who};

pub(crate) fn objects() -> Result<Vec<ObjectInfo>> {
    let mut objects = Vec::new();
    for namespace in [Namespace::Local, Namespace::Global] {
        let directory = namespace::directory(namespace)?;
        sweep(&directory, usize::MAX);
        let files = files::names_in(directory.fd.as_fd(), usize::MAX).unwrap_or_default();
        let slots = files.iter().filter_map(|file| ledger::slot_of(file));
        let sleepers: Vec<_> = slots.flat_map(|slot| ledger::sleepers(&directory, slot)).collect();
        let records = files.into_iter().filter(|file| file.starts_with("o-"));
        objects.extend(records.filter_map(|file| describe(&directory, file, &sleepers)));
    }
    Ok(objects)
}

/// `None` for what is no object of this user's, or is gone by now.
fn describe(directory: &Arc<Directory>, file: String, sleepers: &[Sleeper]) -> Option<ObjectInfo> {
    let record = Record::open_file(directory, file, OpenFor::Read).ok()??;
    let contents = record.read().ok()??;
    let name = contents.full_name(record.fd.as_fd()).ok()??;
    let header = contents.header;
    let (kind, state) = match header.kind {
        kind::MAPPING if header.is(flag::FILE) => (ObjectKind::Mapping, ObjectState::File),
        kind::MAPPING if header.is(flag::RESERVE) => (ObjectKind::Mapping, ObjectState::Reserved),
        kind::MAPPING => (ObjectKind::Mapping, ObjectState::Memory),
        _ => {
            let kind = Kind::of(&header)?;
            (kind.public(), state(&record, kind))
        }
    };
    let mut holders = Vec::new();
    for index in 0..header.holders {
        let holder = record.holder(&contents, index);
        if holder.process != 0 && is_present(directory, holder.process) {
            holders.push(holder.pid);
        }
    }
    if holders.is_empty() && !record.has_other_readers().unwrap_or(false) {
        return None;
    }
    holders.sort_unstable();
    holders.dedup();
    let memory = stat_of_memory(&record, &contents).filter(|_| kind == ObjectKind::Mapping);
    let size = (kind == ObjectKind::Mapping).then(|| size(&header, memory.as_ref()));
    let allocated = memory.map(|stat| allocated(&header, &stat));
    let waiters = waiters(&record, sleepers);
    let owner = match state {
        ObjectState::Owned(tid) => {
            let pid = holders.iter().copied().find(|pid| process::has_thread(*pid, tid));
            pid.map(|pid| Who { pid, tid })
        }
        _ => None,
    };
    Some(ObjectInfo { name, kind, size, allocated, holders, waiters, owner, state })
}

/// Whether an object carries such a claim of a wait-all. The claims that a ledger of `Global\` answers for are on objects
/// of either namespace.
pub(super) fn carries_claim(directory: &Directory, is: impl Fn(u32) -> bool) -> bool {
    let mut directories = vec![directory.fd.as_fd()];
    let local = namespace::directory(Namespace::Local);
    directories.extend(local.iter().filter(|_| directory.shared).map(|local| local.fd.as_fd()));
    directories.into_iter().any(|directory| {
        let files = files::names_in(directory, usize::MAX).unwrap_or_default();
        let mut records = files.iter().filter(|file| file.starts_with("o-"));
        records.any(|file| claim_in(directory, file).is_some_and(&is))
    })
}

fn claim_in(directory: BorrowedFd<'_>, file: &str) -> Option<u32> {
    let fd = files::open_in(directory, file, OpenFor::Read).ok()?;
    let contents = Contents::read(fd.as_fd()).ok()??;
    let word = word_in(fd.as_fd())?;
    let claim = match Kind::of(&contents.header)? {
        Kind::Mutex => mutex::claim_of(word),
        Kind::ManualEvent | Kind::ManualTimer => manual::claim_of(word),
        Kind::AutoEvent | Kind::AutoTimer | Kind::Semaphore { .. } => count::claim_of(word),
    };
    (claim != 0).then_some(claim)
}

fn word_in(fd: BorrowedFd<'_>) -> Option<u64> {
    let mut word = [0; 8];
    let got = files::read_at(fd, &mut word, WORD_AT as u64).ok()?;
    (got == word.len()).then(|| u64::from_ne_bytes(word))
}

fn state(record: &Record, kind: Kind) -> ObjectState {
    let Some(word) = word_in(record.fd.as_fd()) else { return ObjectState::Unknown };
    let set = |set| if set { ObjectState::Set } else { ObjectState::NotSet };
    match kind {
        Kind::Mutex if mutex::owner(word) != 0 => ObjectState::Owned(mutex::owner(word)),
        Kind::Mutex if word & mutex::OWNER_DIED != 0 => ObjectState::Abandoned,
        Kind::Mutex => ObjectState::Free,
        Kind::ManualEvent => set(manual::is_set(word)),
        Kind::AutoEvent => set(count::count(word) > 0),
        Kind::Semaphore { most } => ObjectState::Count { count: count::count(word), maximum: most },
        Kind::AutoTimer | Kind::ManualTimer => {
            timer::is_signaled_in(record.fd.as_fd(), kind).map_or(ObjectState::Unknown, set)
        }
    }
}

/// The threads that sleep for it.
fn waiters(record: &Record, sleepers: &[Sleeper]) -> Vec<Who> {
    let Ok(stat) = record.stat() else { return Vec::new() };
    let number = ledger::record_number(files::identity(&stat));
    let here = sleepers.iter().filter(|sleeper| sleeper.2 == number);
    let mut waiters: Vec<_> = here.map(|&(pid, tid, _)| Who { pid, tid }).collect();
    waiters.sort_unstable_by_key(|waiter| (waiter.pid, waiter.tid));
    waiters.dedup();
    waiters
}

/// What holds the bytes of a mapping: the record, or what a holder has open.
fn stat_of_memory(record: &Record, contents: &Contents) -> Option<Stat> {
    let header = &contents.header;
    if header.is(flag::IN_RECORD) {
        return record.stat().ok();
    }
    (0..header.holders).map(|index| record.holder(contents, index)).find_map(|holder| {
        let stat = files::stat_of_process(holder.pid, holder.fd).ok()?;
        let same = files::identity(&stat) == (header.memory_dev, header.memory_ino);
        same.then_some(stat)
    })
}

/// The size of a mapping; of memory that grows, its file tells.
fn size(header: &Header, memory: Option<&Stat>) -> u64 {
    let start = if header.is(flag::IN_RECORD) { DATA_AT } else { 0 };
    match memory {
        Some(stat) if header.maximum != 0 => {
            (stat.st_size as u64).saturating_sub(start).clamp(header.size, header.maximum)
        }
        _ => header.size,
    }
}

/// Bytes of memory or disk behind a mapping.
fn allocated(header: &Header, memory: &Stat) -> u64 {
    let blocks = memory.st_blocks as u64 * 512;
    if header.is(flag::IN_RECORD) {
        return blocks.saturating_sub(book_bytes(header));
    }
    blocks
}
