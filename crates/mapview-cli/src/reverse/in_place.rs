//! Swapping the bytes inside the file, so that a crash at any instant loses nothing.
//!
//! For each pair of windows, from both ends towards the middle: its original bytes go to the journal, and to the disk;
//! then the pair is swapped in the file, and goes to the disk. Whatever a crash leaves of the pair, swapping it again
//! from the journal makes it right.

use mapview::{Mapping, Protection, View, ViewAccess};

use super::journal::{Journal, Record};
use super::plan::Plan;
use super::source;
use crate::exit_codes::Exit;
use crate::failure::Failure;
use crate::target::{remove, Target};
use crate::{interrupt, progress};

/// Reverses the file, or goes on with what was interrupted; returns its length and whether it was the latter.
pub fn reverse(target: &Target, window: u64) -> Result<(u64, bool), Failure> {
    target.refuse_read_only()?;
    remove(&target.temporary())?;
    let file = source::map(target, Protection::ReadWrite, true)?;
    let len = file.as_ref().map_or(0, Mapping::size);
    let found = Journal::open(target)?;
    let resumed = found.is_some();
    if found.as_ref().is_some_and(|(journal, _)| journal.plan.len != len) {
        return Err(other_file(target));
    }
    let Some(file) = file else { return Ok((0, resumed)) };
    let (journal, record) = match found {
        Some((journal, record)) => {
            validate(target, &file, journal.plan, &record)?;
            (journal, record)
        }
        None if len < 2 => return Ok((len, false)),
        None => {
            let plan = Plan { len, window };
            let first =
                Record { number: 0, written: 0, bytes: Windows::map(&file, plan, 0)?.read()? };
            (Journal::create(target, plan, &first)?, first)
        }
    };
    swap_all(target, &file, journal, record)?;
    Ok((len, resumed))
}

/// Swaps pair after pair, beginning with `record`, which the journal holds.
fn swap_all(
    target: &Target,
    file: &Mapping,
    mut journal: Journal,
    mut record: Record,
) -> Result<(), Failure> {
    let plan = journal.plan;
    let bar = progress::bar(plan.len / 2);
    loop {
        bar.set_position(record.number * plan.window);
        interrupt::check("run the same command again to go on")?;
        turn(&mut record);
        let windows = Windows::map(file, plan, record.number)?;
        windows.write(&record.bytes).map_err(|error| Failure::mapped_file(&target.shown, error))?;
        let number = record.number + 1;
        if number == plan.pairs() {
            break;
        }
        let written = continued(record.written, &record.bytes);
        let bytes = Windows::map(file, plan, number)?.read()?;
        record = Record { number, written, bytes };
        journal.save(&record)?;
    }
    bar.finish_and_clear();
    journal.finish(target)
}

/// Is this the file the journal was made for, in the state the journal says? Known by its bytes alone, so that both may
/// be copied or restored together.
///
/// Every pair before must be what we wrote, and each byte of the present one old or new; the rest is untouched.
fn validate(target: &Target, file: &Mapping, plan: Plan, record: &Record) -> Result<(), Failure> {
    let mut written = 0;
    for number in 0..record.number {
        written = continued(written, &Windows::map(file, plan, number)?.read()?);
    }
    let old = &record.bytes;
    let now = Windows::map(file, plan, record.number)?.read()?;
    // New at any place is what was old at the mirrored one.
    let mut bytes = now.iter().zip(old).zip(old.iter().rev());
    match written == record.written && bytes.all(|((now, old), new)| now == old || now == new) {
        true => Ok(()),
        false => Err(other_file(target)),
    }
}

fn other_file(target: &Target) -> Failure {
    let why = format!(
        "changed since the run that {} is from, so it cannot be finished; restore the file from a \
         copy, then remove the journal",
        target.journal().display()
    );
    target.failed(Exit::Failed, &why)
}

/// Old bytes to new ones: the pair as one piece, backwards, has the windows swapped and each turned.
fn turn(record: &mut Record) {
    record.bytes.reverse();
}

fn continued(crc: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(crc);
    hasher.update(bytes);
    hasher.finalize()
}

/// The two views of a pair.
struct Windows {
    front: View,
    back: View,
}

impl Windows {
    fn map(file: &Mapping, plan: Plan, number: u64) -> Result<Windows, Failure> {
        let pair = plan.pair(number);
        let view = |offset| source::window(file, offset, pair.len, ViewAccess::ReadWrite);
        Ok(Windows { front: view(pair.front)?, back: view(pair.back)? })
    }

    /// The bytes of the front window, then those of the back window.
    fn read(&self) -> Result<Vec<u8>, Failure> {
        let half = self.front.len();
        let mut bytes = vec![0; 2 * half];
        self.front.copy_out(0, &mut bytes[..half])?;
        self.back.copy_out(0, &mut bytes[half..])?;
        Ok(bytes)
    }

    /// Writes what [`Windows::read`] reads, through to the disk.
    fn write(&self, bytes: &[u8]) -> mapview::Result<()> {
        let (front, back) = bytes.split_at(self.front.len());
        self.front.copy_in(0, front)?;
        self.back.copy_in(0, back)?;
        self.front.flush()?;
        self.back.sync()
    }
}
