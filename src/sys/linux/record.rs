//! The record of a named object: opening it, the gate, and who holds it.
//!
//! Everybody who opens, creates or closes an object first passes its *gate*, an exclusive lock on one byte of the record
//! that the kernel drops when its holder dies. Inside it is quiet: look at the record, decide, change it. A record that
//! was unlinked while somebody waited at its gate is recognised by its link count, and the way starts again.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::Stat;
use rustix::io::Errno;
use zerocopy::{FromBytes, IntoBytes};

use super::contents::Contents;
use super::namespace::{record_file, Directory};
use super::os::{self, fail::fail, files, files::OpenFor, locks, process};
use super::presence;
use crate::layout::{self, Header, Holder};
use crate::{Error, ErrorKind, Name, Result};

/// Bytes that are locked lie where no record reaches.
const GATE: i64 = 1 << 60;
/// Read-locked by handles that may only read the record and so cannot enter its table.
const READERS: i64 = GATE + 1;

const SIZE_AT: u64 = std::mem::offset_of!(Header, size) as u64;

/// How long to wait at a gate. Whoever is inside does a handful of system calls, or allocates memory.
const GATE_PATIENCE: Duration = Duration::from_secs(10);

/// A record file, open.
#[derive(Debug)]
pub(super) struct Record {
    /// Objects whose word is in the record share it.
    pub fd: Arc<OwnedFd>,
    pub directory: Arc<Directory>,
    file: String,
}

impl Record {
    /// Opens the record of a name; `None` if there is no file.
    pub(super) fn open(
        directory: &Arc<Directory>,
        name: &Name,
        mode: OpenFor,
    ) -> Result<Option<Record>> {
        Record::open_file(directory, record_file(name), mode)
    }

    pub(super) fn open_file(
        directory: &Arc<Directory>,
        file: String,
        mode: OpenFor,
    ) -> Result<Option<Record>> {
        match files::open_in(directory.fd.as_fd(), &file, mode) {
            Ok(fd) => Ok(Some(Record { fd: Arc::new(fd), directory: directory.clone(), file })),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(fail(errno, "opening the object's record")),
        }
    }

    /// Opens the same record again, with a file description of its own; `None` if its name is gone.
    pub(super) fn reopen(&self) -> Result<Option<Record>> {
        let again = Record::open_file(&self.directory, self.file.clone(), OpenFor::ReadWrite)?;
        let Some(again) = again else { return Ok(None) };
        let same = files::identity(&again.stat()?) == files::identity(&self.stat()?);
        Ok(same.then_some(again))
    }

    /// Makes a record file, empty as yet; `None` if somebody else just did.
    pub(super) fn create(directory: &Arc<Directory>, name: &Name) -> Result<Option<Record>> {
        let file = record_file(name);
        match files::create_in(directory.fd.as_fd(), &file) {
            Ok(fd) => Ok(Some(Record { fd: Arc::new(fd), directory: directory.clone(), file })),
            Err(Errno::EXIST) => Ok(None),
            Err(errno) => Err(fail(errno, "making the object's record")),
        }
    }

    /// Takes back a record that was made here, unless somebody has filled it in.
    pub(super) fn discard(&self) {
        if let Ok(Some(gate)) = self.gate() {
            if matches!(gate.read(), Ok(None)) {
                gate.remove();
            }
        }
    }

    /// Waits for the gate. `None` if the record was unlinked meanwhile.
    pub(super) fn gate(&self) -> Result<Option<Gate<'_>>> {
        let start = Instant::now();
        let mut pause = Duration::from_micros(20);
        while !self.try_lock_gate()? {
            if start.elapsed() > GATE_PATIENCE {
                let why = "another process has been changing it for ten seconds and may be stopped";
                return Err(Error::new(ErrorKind::Busy, why));
            }
            os::pause(pause);
            pause = (pause * 2).min(Duration::from_millis(1));
        }
        self.gate_entered()
    }

    pub(super) fn try_lock_gate(&self) -> Result<bool> {
        locks::try_lock(self.fd.as_fd(), locks::Kind::Exclusive, GATE)
            .map_err(|errno| fail(errno, "locking the object's record"))
    }

    /// The gate whose lock was just taken. `None` if the record was unlinked before.
    pub(super) fn gate_entered(&self) -> Result<Option<Gate<'_>>> {
        let locked = Locked { record: self };
        let stat = self.stat()?;
        if !files::is_file(&stat) {
            return Err(Error::new(ErrorKind::InvalidData, "its record is not a plain file"));
        }
        Ok((stat.st_nlink > 0).then_some(Gate { record: self, stat, _locked: locked }))
    }

    pub(super) fn stat(&self) -> Result<rustix::fs::Stat> {
        files::fstat(self.fd.as_fd()).map_err(|errno| fail(errno, "looking at the object's record"))
    }

    /// Announces a handle that cannot enter the table. Looking at the record comes after this; see [`Gate::is_held`].
    pub(super) fn announce_reader(&self) -> Result<bool> {
        locks::try_lock(self.fd.as_fd(), locks::Kind::Shared, READERS)
            .map_err(|errno| fail(errno, "locking the object's record"))?;
        Ok(self.stat()?.st_nlink > 0)
    }

    /// Whether handles of others hold it by a lock alone.
    pub(super) fn has_other_readers(&self) -> Result<bool> {
        locks::is_locked(self.fd.as_fd(), READERS)
            .map_err(|errno| fail(errno, "looking at the locks of the object's record"))
    }

    /// Reads header, first holders and short name. `None` for a record that nobody has filled in yet.
    pub(super) fn read(&self) -> Result<Option<Contents>> {
        Contents::read(self.fd.as_fd()).map_err(|error| error.about(&self.file))
    }

    /// The size of the mapping that it describes, as it is now.
    pub(super) fn size(&self) -> Result<u64> {
        let mut size = 0_u64;
        files::read_at(self.fd.as_fd(), size.as_mut_bytes(), SIZE_AT)
            .map_err(|errno| fail(errno, "reading the object's record"))?;
        Ok(size)
    }

    /// The entry of one holder.
    pub(super) fn holder(&self, contents: &Contents, index: u32) -> Holder {
        let at = layout::holder_at(index);
        let end = at as usize + size_of::<Holder>();
        if index < layout::INLINE_HOLDERS && end <= contents.got {
            let bytes = &contents.front[at as usize..end];
            return Holder::read_from_bytes(bytes).expect("it has this size");
        }
        let mut holder = Holder::default();
        // An entry that cannot be read is as good as a free one.
        let _ = files::read_at(self.fd.as_fd(), holder.as_mut_bytes(), at);
        holder
    }

    /// Whether one of the holders is about to end: still present, but not to be looked into any more.
    pub(super) fn has_ending_holder(&self, contents: &Contents) -> bool {
        (0..contents.header.holders)
            .map(|index| self.holder(contents, index))
            .any(|holder| holder.process != 0 && process::is_ending(holder.pid))
    }

    pub(super) fn write(&self, bytes: &[u8], at: u64) -> Result<()> {
        files::write_at(self.fd.as_fd(), bytes, at)
            .map_err(|errno| fail(errno, "writing the object's record"))
    }
}

/// The right to change a record; given back on drop.
pub(super) struct Gate<'a> {
    record: &'a Record,
    /// What the record's file was like when the gate was entered.
    pub stat: Stat,
    _locked: Locked<'a>,
}

/// Gives the lock back on drop.
struct Locked<'a> {
    record: &'a Record,
}

impl Gate<'_> {
    /// As [`Record::read`]; of a file that was just made without a call.
    pub(super) fn read(&self) -> Result<Option<Contents>> {
        if self.stat.st_size == 0 {
            return Ok(None);
        }
        self.record.read()
    }

    /// Fills in all but the header of a record that is empty, or that a dead process of another user left behind.
    pub(super) fn prepare(&self, name: &[u16], holder: &Holder) -> Result<()> {
        const SKIP: usize = size_of::<Header>();
        // The page is mapped by mutexes, so it must exist as a whole.
        let mut page = [0; layout::PAGE];
        let (name_at, holder_at) = (layout::name_at(name.len()), layout::holder_at(0) as usize);
        page[holder_at..holder_at + size_of::<Holder>()].copy_from_slice(holder.as_bytes());
        match page.get_mut(name_at as usize..name_at as usize + size_of_val(name)) {
            Some(place) => place.copy_from_slice(name.as_bytes()),
            None => self.record.write(name.as_bytes(), name_at)?,
        }
        self.record.write(&page[SKIP..], SKIP as u64)
    }

    /// Makes a record count that was prepared: the magic number comes last. Its table has the one holder.
    pub(super) fn publish(&self, header: &Header) -> Result<()> {
        self.record.write(Header { holders: 1, ..*header }.as_bytes(), 0)
    }

    /// Writes down that a mapping of a file became larger.
    pub(super) fn grow(&self, size: u64) -> Result<()> {
        match self.record.read()? {
            Some(contents) if contents.header.size < size => {
                self.record.write(size.as_bytes(), SIZE_AT)
            }
            _ => Ok(()),
        }
    }

    /// Enters a holder into the table. Returns its index.
    pub(super) fn enter(&self, contents: &mut Contents, holder: Holder) -> Result<u32> {
        let header = &mut contents.header;
        let index = match header.free.checked_sub(1) {
            None if header.holders == layout::MAX_HOLDERS => {
                return Err(Error::new(ErrorKind::NoSystemResources, "it has too many holders"));
            }
            None => {
                header.holders += 1;
                header.holders - 1
            }
            Some(index) => {
                let free = self.record.holder(contents, index);
                let header = &mut contents.header;
                // A damaged chain ends here; its entries are lost, nothing else.
                let sound = free.process == 0 && free.next_free <= header.holders;
                header.free = if sound { free.next_free } else { 0 };
                if free.process != 0 {
                    return self.enter(contents, holder);
                }
                index
            }
        };
        if !self.write_inline(contents, index, &holder)? {
            // A crash between the two writes loses an entry of the table, nothing else.
            self.record.write(contents.header.as_bytes(), 0)?;
            self.record.write(holder.as_bytes(), layout::holder_at(index))?;
        }
        Ok(index)
    }

    /// Takes the last holder that may be alive out of the table, or ends the name if there is no other. Returns whether
    /// it did that.
    pub(super) fn leave_last(&self, contents: &mut Contents, index: u32) -> Result<bool> {
        if index >= layout::INLINE_HOLDERS {
            self.leave(contents, index)?;
            return Ok(!self.may_be_held(contents)? && self.end());
        }
        // Written only if somebody is left to read it.
        let free = contents.free(index);
        contents.set_inline(index, &free);
        let held = self.may_be_held(contents);
        if matches!(held, Ok(false)) && self.end() {
            return Ok(true);
        }
        self.write_inline(contents, index, &free)?;
        held.map(|_| false)
    }

    /// Takes a holder out of the table.
    pub(super) fn leave(&self, contents: &mut Contents, index: u32) -> Result<()> {
        let free = contents.free(index);
        if !self.write_inline(contents, index, &free)? {
            self.record.write(free.as_bytes(), layout::holder_at(index))?;
            self.record.write(contents.header.as_bytes(), 0)?;
        }
        Ok(())
    }

    /// Writes the header and an entry in one piece with what lies between, which only changes inside the gate. Returns
    /// whether the entry lies in the first page.
    fn write_inline(&self, contents: &mut Contents, index: u32, holder: &Holder) -> Result<bool> {
        if index >= layout::INLINE_HOLDERS {
            return Ok(false);
        }
        let end = contents.set_inline(index, holder);
        self.record.write(&contents.front[..end], 0)?;
        Ok(true)
    }

    /// Whether any process still has the object open. Takes dead holders that it meets out of the table.
    pub(super) fn is_held(&self, contents: &mut Contents) -> Result<bool> {
        let record = self.record;
        for index in 0..contents.header.holders {
            let holder = record.holder(contents, index);
            if holder.process == 0 {
                continue;
            }
            if presence::is_present(&record.directory, holder.process) {
                return Ok(true);
            }
            self.leave(contents, index)?;
        }
        record.has_other_readers()
    }

    /// Whether a living process stands in the table of a record whose header makes no sense.
    pub(super) fn is_damaged_but_held(&self) -> bool {
        let record = self.record;
        let present = |index| {
            let mut holder = Holder::default();
            let at = layout::holder_at(index);
            let got = files::read_at(record.fd.as_fd(), holder.as_mut_bytes(), at).unwrap_or(0);
            got == size_of::<Holder>()
                && holder.process != 0
                && presence::is_present(&record.directory, holder.process)
        };
        (0..layout::INLINE_HOLDERS).any(present) || record.has_other_readers().unwrap_or(true)
    }

    /// As [`Gate::is_held`], but takes a pid that exists for its holder: enough, and cheaper, to decide that a name stays.
    pub(super) fn may_be_held(&self, contents: &mut Contents) -> Result<bool> {
        let first = (0..contents.header.holders)
            .map(|index| self.record.holder(contents, index))
            .find(|holder| holder.process != 0);
        if first.is_some_and(|holder| process::exists(holder.pid)) {
            return Ok(true);
        }
        self.is_held(contents)
    }

    /// Ends the name. Returns whether the file is gone; another user's can only be emptied, which frees what it holds.
    pub(super) fn remove(&self) -> bool {
        if self.unlink() {
            return true;
        }
        // If even that fails it stays a leftover: harmless, and its owner's next look removes it.
        let _ = self.empty();
        false
    }

    /// The same, and returns whether the name has ended.
    fn end(&self) -> bool {
        self.unlink() || self.empty()
    }

    fn unlink(&self) -> bool {
        let record = self.record;
        files::unlink_in(record.directory.fd.as_fd(), &record.file).is_ok()
    }

    fn empty(&self) -> bool {
        files::ftruncate(self.record.fd.as_fd(), 0).is_ok()
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // Cannot fail for a lock that is held; and closing the record would drop it anyway.
        let _ = locks::unlock(self.record.fd.as_fd(), GATE);
    }
}
