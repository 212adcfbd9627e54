//! The journal of `--in-place`: what is needed to go on after a crash at any instant.
//!
//! A preamble and two slots. A slot holds the original bytes of one pair of windows; the pairs take turns, so while one
//! slot is written the other still holds a whole record. All numbers are little-endian.
//!
//! | preamble | `MVREVJ01`, file length u64, window u64, CRC-32 of these |
//! |---|---|
//! | slot | pair number u64, CRC-32 of all that was written to the file before, CRC-32 of number, that CRC and the bytes, then the bytes: front window, back window |

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::plan::Plan;
use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::target::{remove, Target};

const MAGIC: &[u8; 8] = b"MVREVJ01";
const PREAMBLE: usize = 28;
const HEAD: usize = 16;

/// An open journal.
pub struct Journal {
    file: File,
    path: PathBuf,
    pub plan: Plan,
}

/// One pair of windows that is about to be swapped.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    pub number: u64,
    /// CRC-32 of everything written to the file before this pair, in order.
    pub written: u32,
    /// The original bytes: front window, back window.
    pub bytes: Vec<u8>,
}

impl Journal {
    /// Makes the journal with its first record. It appears under its name complete and on disk, or not at all.
    pub fn create(target: &Target, plan: Plan, first: &Record) -> Result<Journal, Failure> {
        let (temporary, path) = (target.temporary(), target.journal());
        remove(&temporary)?;
        let written = Journal::write_new(target, &temporary, plan, first);
        if let Err(failure) = written {
            let _ = fs::remove_file(&temporary); // the reason is what matters
            return Err(failure);
        }
        fs::rename(&temporary, &path).map_err(|error| Failure::file(&path, error))?;
        target.sync_directory()?;
        let file = open(&path).map_err(|error| Failure::file(&path, error))?;
        Ok(Journal { file, path, plan })
    }

    fn write_new(target: &Target, path: &Path, plan: Plan, first: &Record) -> Result<(), Failure> {
        let failed = |error| Failure::file(path, error);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path);
        let file = file.map_err(failed)?;
        // The journal shows as much of the file as the file itself.
        file.set_permissions(target.metadata()?.permissions()).map_err(failed)?;
        let mut journal = Journal { file, path: path.into(), plan };
        let mut bytes = MAGIC.to_vec();
        bytes.extend(plan.len.to_le_bytes());
        bytes.extend(plan.window.to_le_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        journal.write(0, &[&bytes])?;
        // Both slots take their disk space now, before the file is touched.
        if plan.pairs() > 1 {
            journal.write(slot(plan, 1), &[&[0; HEAD], &first.bytes])?;
        }
        journal.save(first)
    }

    /// Opens a journal that is there, and reads its newest whole record.
    pub fn open(target: &Target) -> Result<Option<(Journal, Record)>, Failure> {
        let path = target.journal();
        let file = match open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|error| Failure::file(&path, error))?,
        };
        let mut bytes = [0; PREAMBLE];
        let mut journal = Journal { file, path, plan: Plan { len: 0, window: 1 } };
        let plan = journal.read(0, &mut bytes).and_then(|()| preamble(&bytes));
        journal.plan = plan.ok_or_else(|| journal.damaged())?;
        // Nothing is believed that the file's own length does not cover.
        let len = journal.file.metadata().map_err(|error| journal.failed(error))?.len();
        if len < slot(journal.plan, 1) {
            return Err(journal.damaged());
        }
        let records = [journal.record(0), journal.record(1)];
        let newest = records.into_iter().flatten().max_by_key(|record| record.number);
        let newest = newest.ok_or_else(|| journal.damaged())?;
        Ok(Some((journal, newest)))
    }

    /// Puts a record on disk, in the place of the one before the last.
    pub fn save(&mut self, record: &Record) -> Result<(), Failure> {
        let mut head = record.number.to_le_bytes().to_vec();
        head.extend(record.written.to_le_bytes());
        head.extend(checksum(&head, &record.bytes).to_le_bytes());
        self.write(slot(self.plan, record.number % 2), &[&head, &record.bytes])?;
        self.file.sync_data().map_err(|error| self.failed(error))
    }

    /// The file is done; the journal goes.
    pub fn finish(self, target: &Target) -> Result<(), Failure> {
        drop(self.file);
        remove(&self.path)?;
        target.sync_directory()
    }

    fn record(&mut self, parity: u64) -> Option<Record> {
        let mut head = [0; HEAD];
        let start = slot(self.plan, parity);
        self.read(start, &mut head)?;
        let number = u64::from_le_bytes(head[..8].try_into().ok()?);
        let written = u32::from_le_bytes(head[8..12].try_into().ok()?);
        if number >= self.plan.pairs() || number % 2 != parity {
            return None;
        }
        let mut bytes = vec![0; 2 * self.plan.pair(number).len];
        self.read(start + HEAD as u64, &mut bytes)?;
        let valid = checksum(&head[..12], &bytes).to_le_bytes() == head[12..];
        valid.then_some(Record { number, written, bytes })
    }

    fn read(&mut self, offset: u64, bytes: &mut [u8]) -> Option<()> {
        self.file.seek(SeekFrom::Start(offset)).ok()?;
        self.file.read_exact(bytes).ok()
    }

    fn write(&mut self, offset: u64, parts: &[&[u8]]) -> Result<(), Failure> {
        let mut write = || {
            self.file.seek(SeekFrom::Start(offset))?;
            parts.iter().try_for_each(|part| self.file.write_all(part))
        };
        write().map_err(|error| self.failed(error))
    }

    fn failed(&self, error: std::io::Error) -> Failure {
        Failure::file(&self.path, error)
    }

    fn damaged(&self) -> Failure {
        let message = format!(
            "{}: the journal is damaged, so the file cannot be finished; restore the file from a \
             copy, then remove the journal",
            self.path.display()
        );
        Failure::new(Exit::Failed, message)
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

/// Where a slot starts; slot 1 behind the longest record slot 0 can hold.
fn slot(plan: Plan, parity: u64) -> u64 {
    let stride = HEAD as u64 + 2 * plan.window.min(plan.len / 2);
    PREAMBLE as u64 + parity * stride
}

fn preamble(bytes: &[u8; PREAMBLE]) -> Option<Plan> {
    let number =
        |range: std::ops::Range<usize>| Some(u64::from_le_bytes(bytes[range].try_into().ok()?));
    let plan = Plan { len: number(8..16)?, window: number(16..24)? };
    let valid = bytes.starts_with(MAGIC)
        && crc32fast::hash(&bytes[..24]).to_le_bytes() == bytes[24..]
        && plan.len <= i64::MAX as u64
        && plan.len >= 2
        && plan.window > 0;
    valid.then_some(plan)
}

fn checksum(head: &[u8], bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(head);
    crc.update(bytes);
    crc.finalize()
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
