//! Finding or making the record of a name, and being one of its holders.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{Mode, Stat};

use super::contents::Contents;
use super::namespace::{self, Directory};
use super::os::{fail::fail, files, files::OpenFor, process};
use super::presence::{is_present, Presence};
use super::record::{Gate, Record};
use crate::layout::{kind, Header, Holder};
use crate::{Error, ErrorKind, Grant, Name, ObjectKind, Result, Security};

/// What a look at an existing record came to.
pub(super) enum Look<T> {
    Found(T),
    /// Only dead processes hold it.
    Dead,
}

/// Fills a record that is empty.
pub(super) type Fill<'a, T> = &'a mut dyn FnMut(&Record, &Gate<'_>) -> Result<T>;

/// Passes the gate of a name's record and calls `existing` for an object that may be alive, or `vacant` for a record
/// that is to be filled; without `vacant`, a name that is free yields `None` and loses its leftovers. `made` is a
/// record that the caller has just made.
pub(super) fn visit<T>(
    directory: &Arc<Directory>,
    name: &Name,
    mut made: Option<Record>,
    mut existing: impl FnMut(&Record, &Gate<'_>, &mut Contents) -> Result<Look<T>>,
    mut vacant: Option<Fill<'_, T>>,
) -> Result<Option<(Record, T)>> {
    loop {
        let found = match made.take() {
            Some(record) => Some(record),
            None => Record::open(directory, name, OpenFor::ReadWrite)?,
        };
        let record = match found {
            Some(record) => record,
            None if vacant.is_none() => return Ok(None),
            None => match Record::create(directory, name)? {
                Some(record) => record,
                None => continue,
            },
        };
        let Some(gate) = record.gate()? else { continue };
        let mut leftover = true;
        match gate.read() {
            Ok(None) => leftover = false,
            // Whatever it says, a record that nobody alive is in the table of does not keep a name.
            Err(damaged) if gate.is_damaged_but_held() => return Err(damaged),
            Err(_) => {}
            Ok(Some(mut contents)) if contents.name(record.fd.as_fd())? != name.units() => {
                if gate.is_held(&mut contents)? {
                    let why = "another name with the same hash is in use";
                    return Err(Error::new(ErrorKind::InvalidData, why));
                }
            }
            Ok(Some(mut contents)) => {
                if let Look::Found(found) = existing(&record, &gate, &mut contents)? {
                    drop(gate);
                    return Ok(Some((record, found)));
                }
            }
        }
        let Some(fill) = vacant.as_mut() else {
            gate.remove();
            return Ok(None);
        };
        if leftover && gate.remove() {
            continue;
        }
        match fill(&record, &gate) {
            Ok(made) => {
                drop(gate);
                return Ok(Some((record, made)));
            }
            Err(error) => {
                gate.remove();
                return Err(error);
            }
        }
    }
}

/// Refuses a record of another kind, naming the kind.
pub(super) fn expect_kind(header: &Header, wanted: ObjectKind) -> Result<()> {
    let found = match header.kind {
        kind::MAPPING => ObjectKind::Mapping,
        kind::MUTEX => ObjectKind::Mutex,
        kind::EVENT => ObjectKind::Event,
        kind::SEMAPHORE => ObjectKind::Semaphore,
        kind::TIMER => ObjectKind::Timer,
        _ => {
            let why = "it is of a kind that this version of mapview does not know";
            return Err(Error::new(ErrorKind::WrongKind, why));
        }
    };
    if found != wanted {
        return Err(super::registry::wrong_kind(found, wanted));
    }
    Ok(())
}

/// Sets who may open a new record, whose file was like `stat`. `all_write` is for objects that every user of them writes.
pub(super) fn secure(
    fd: &OwnedFd,
    stat: &Stat,
    security: &Security,
    all_write: bool,
) -> Result<()> {
    let doing = "setting the object's permissions";
    let bits = |grant: &Grant| if *grant == Grant::Read && !all_write { 4 } else { 6 };
    let mode = match security {
        Security::OnlyMe => 0o600,
        Security::Group(group, grant) => {
            let gid = process::group(group).ok_or_else(|| {
                Error::new(ErrorKind::InvalidParameter, format!("there is no group `{group}`"))
            })?;
            files::give_to_group(fd.as_fd(), gid).map_err(|errno| fail(errno, doing))?;
            0o600 | bits(grant) << 3
        }
        Security::Everybody(grant) => 0o600 | bits(grant) << 3 | bits(grant),
    };
    // A file that another user's dead process left stays that user's: good enough only where everybody may open it.
    let mine = stat.st_uid == rustix::process::geteuid().as_raw();
    let good = mine || matches!(security, Security::Everybody(_));
    if stat.st_mode & 0o777 != mode || !good {
        files::fchmod(fd, Mode::from_raw_mode(mode)).map_err(|errno| fail(errno, doing))?;
    }
    Ok(())
}

/// This process as a holder of a record. Leaves when told, or when the process ends.
#[derive(Debug)]
pub(super) struct Member {
    pub record: Record,
    entry: Entry,
}

#[derive(Debug)]
enum Entry {
    /// In the table, for as long as this presence lasts.
    Table { index: u32, presence: Arc<Presence>, memory_fd: i32 },
    /// Only a lock, because the record cannot be written.
    Reader,
}

/// Prepares a record of which this process is the first holder.
pub(super) fn prepare(
    directory: &Directory,
    gate: &Gate<'_>,
    name: &Name,
    memory_fd: i32,
) -> Result<(u32, Arc<Presence>)> {
    let presence = directory.presence()?;
    gate.prepare(name.units(), &holder(&presence, memory_fd))?;
    Ok((0, presence))
}

/// Enters this process into the table of a record whose gate is held.
pub(super) fn join(
    directory: &Directory,
    gate: &Gate<'_>,
    contents: &mut Contents,
    memory_fd: i32,
) -> Result<(u32, Arc<Presence>)> {
    let presence = directory.presence()?;
    let index = gate.enter(contents, holder(&presence, memory_fd))?;
    Ok((index, presence))
}

fn holder(presence: &Presence, fd: i32) -> Holder {
    let (process, pid) = (presence.number, std::process::id());
    Holder { process, pid, fd, ..Holder::default() }
}

impl Member {
    pub(super) fn new(record: Record, joined: (u32, Arc<Presence>), memory_fd: i32) -> Member {
        let (index, presence) = joined;
        Member { record, entry: Entry::Table { index, presence, memory_fd } }
    }

    pub(super) fn reader(record: Record) -> Member {
        Member { record, entry: Entry::Reader }
    }

    /// Whether this process may change the record.
    pub(super) fn may_write(&self) -> bool {
        matches!(self.entry, Entry::Table { .. })
    }

    /// Gives the hold up; the last holder's leaving ends the name. Returns whether this was the last.
    pub(super) fn leave(mut self) -> Result<bool> {
        let left = self.leave_record();
        let directory = self.record.directory.clone();
        drop(self);
        directory.release_presence();
        left
    }

    /// As [`Member::leave`], at the end of the process: descriptors stay as they are.
    pub(super) fn leave_record(&mut self) -> Result<bool> {
        let record = &self.record;
        let entry = std::mem::replace(&mut self.entry, Entry::Reader);
        let Entry::Table { index, presence, .. } = entry else { return Ok(false) };
        if let Some(gate) = record.gate()? {
            // A damaged record is left to whoever damaged it.
            if let Some(mut contents) = gate.read()? {
                if record.holder(&contents, index).process == presence.number {
                    return gate.leave_last(&mut contents, index);
                }
                if !gate.may_be_held(&mut contents)? {
                    gate.remove();
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// In a forked child, which shares its parent's descriptors: takes a hold of the child's own.
    pub(super) fn renew(&mut self) -> Result<()> {
        let Entry::Table { memory_fd, .. } = self.entry else { return Ok(()) };
        let gone = || Error::new(ErrorKind::NotFound, "its record is gone");
        let record = self.record.reopen()?.ok_or_else(gone)?;
        let joined = {
            let gate = record.gate()?.ok_or_else(gone)?;
            let mut contents = record.read()?.ok_or_else(gone)?;
            join(&record.directory, &gate, &mut contents, memory_fd)?
        };
        *self = Member::new(record, joined, memory_fd);
        Ok(())
    }

    /// Makes leaving mean nothing: the entry belongs to another process.
    pub(super) fn disown(&mut self) {
        self.entry = Entry::Reader;
    }

    /// A second entry that lasts as long as anybody has the returned anchor's descriptor, for child processes.
    pub(super) fn anchor(&self, memory: BorrowedFd<'_>) -> Result<Option<Anchor>> {
        let presence = Presence::new(&self.record.directory)?;
        let Some(gate) = self.record.gate()? else { return Ok(None) };
        let Some(mut contents) = self.record.read()? else { return Ok(None) };
        let index = gate.enter(&mut contents, holder(&presence, memory.as_raw_fd()))?;
        Ok(Some(Anchor { index, presence }))
    }

    /// Lets the anchor go; its entry stays while a child has it.
    pub(super) fn weigh(&self, anchor: Anchor) -> Result<()> {
        let Anchor { index, presence } = anchor;
        let number = presence.number;
        drop(presence);
        if is_present(&self.record.directory, number) {
            return Ok(());
        }
        let Some(gate) = self.record.gate()? else { return Ok(()) };
        let Some(mut contents) = self.record.read()? else { return Ok(()) };
        if self.record.holder(&contents, index).process == number {
            gate.leave(&mut contents, index)?;
        }
        Ok(())
    }

    /// Takes an anchor's entry out, now that who was to hold by it does so by itself.
    pub(super) fn lift(&self, anchor: Anchor) -> Result<()> {
        anchor.presence.remove(&self.record.directory);
        let Some(gate) = self.record.gate()? else { return Ok(()) };
        let Some(mut contents) = self.record.read()? else { return Ok(()) };
        if self.record.holder(&contents, anchor.index).process == anchor.presence.number {
            gate.leave(&mut contents, anchor.index)?;
        }
        Ok(())
    }
}

/// An entry of its own for an inheritable handle.
#[derive(Debug)]
pub(super) struct Anchor {
    index: u32,
    presence: Presence,
}

impl Anchor {
    /// Has children that are started in the usual way get it.
    pub(super) fn make_inheritable(&self) -> Result<()> {
        files::set_inheritable(self.presence.fd.as_fd(), true)
            .map_err(|errno| fail(errno, "making the handle inheritable"))
    }

    /// Its place in the table, and its presence.
    pub(super) fn into_parts(self) -> (u32, u64, OwnedFd) {
        (self.index, self.presence.number, self.presence.fd)
    }

    pub(super) fn of_parts(index: u32, number: u64, fd: OwnedFd) -> Anchor {
        Anchor { index, presence: Presence { number, fd } }
    }
}

/// The directory of a name.
pub(super) fn directory_of(name: &Name) -> Result<Arc<Directory>> {
    namespace::directory(name.namespace())
}
