//! Listing the objects of the namespaces, and sweeping them on the way.

use std::os::fd::AsFd;
use std::sync::Arc;

use super::namespace::{self, Directory};
use super::os::{files, files::OpenFor};
use super::presence::is_present;
use super::record::{Contents, Record};
use super::sweep::sweep;
use crate::layout::{book_bytes, flag, kind, MUTEX_WORD_AT};
use crate::state::mutex::{OWNER, OWNER_DIED};
use crate::{Namespace, ObjectInfo, ObjectKind, ObjectState, Result};

pub(crate) fn objects() -> Result<Vec<ObjectInfo>> {
    let mut objects = Vec::new();
    for namespace in [Namespace::Local, Namespace::Global] {
        let directory = namespace::directory(namespace)?;
        sweep(&directory, usize::MAX);
        let files = files::names_in(directory.fd.as_fd(), usize::MAX).unwrap_or_default();
        let records = files.into_iter().filter(|file| file.starts_with("o-"));
        objects.extend(records.filter_map(|file| describe(&directory, file)));
    }
    Ok(objects)
}

/// `None` for what is no object of this user's, or is gone by now.
fn describe(directory: &Arc<Directory>, file: String) -> Option<ObjectInfo> {
    let record = Record::open_file(directory, file, OpenFor::Read).ok()??;
    let contents = record.read().ok()??;
    let name = contents.full_name(record.fd.as_fd()).ok()??;
    let header = contents.header;
    let (kind, state) = match header.kind {
        kind::MAPPING if header.is(flag::FILE) => (ObjectKind::Mapping, ObjectState::File),
        kind::MAPPING if header.is(flag::RESERVE) => (ObjectKind::Mapping, ObjectState::Reserved),
        kind::MAPPING => (ObjectKind::Mapping, ObjectState::Memory),
        kind::MUTEX => (ObjectKind::Mutex, mutex_state(&record)),
        _ => return None,
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
    let size = (kind == ObjectKind::Mapping).then_some(header.size);
    let allocated = size.and_then(|_| allocated(&record, &contents));
    Some(ObjectInfo { name, kind, size, allocated, holders, state })
}

fn mutex_state(record: &Record) -> ObjectState {
    let mut word = [0; 4];
    match files::read_at(record.fd.as_fd(), &mut word, MUTEX_WORD_AT as u64) {
        Ok(4) => match u32::from_ne_bytes(word) {
            word if word & OWNER != 0 => ObjectState::Owned(word & OWNER),
            word if word & OWNER_DIED != 0 => ObjectState::Abandoned,
            _ => ObjectState::Free,
        },
        _ => ObjectState::Unknown,
    }
}

/// Bytes of memory or disk behind a mapping.
fn allocated(record: &Record, contents: &Contents) -> Option<u64> {
    let header = &contents.header;
    let blocks = |stat: rustix::fs::Stat| stat.st_blocks as u64 * 512;
    if header.is(flag::IN_RECORD) {
        return Some(blocks(record.stat().ok()?).saturating_sub(book_bytes(header)));
    }
    (0..header.holders).map(|index| record.holder(contents, index)).find_map(|holder| {
        let stat = files::stat_of_process(holder.pid, holder.fd).ok()?;
        let same = files::identity(&stat) == (header.memory_dev, header.memory_ino);
        same.then(|| blocks(stat))
    })
}
