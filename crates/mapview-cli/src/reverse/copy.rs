//! The result in a new file, which takes the place of the old one when it is complete. Read through mapped windows, from
//! the end; written in order.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use mapview::{Mapping, MappingOptions, Protection, View, ViewAccess};

use super::target::{remove, Target};
use super::{progress, source};
use crate::failure::Failure;
use crate::{interrupt, os};

/// Fits the second-level cache, and lives there while a chunk is read, turned and written.
const CHUNK: usize = 256 << 10;

/// Writes the bytes of `file` in opposite order to `target`, which may be the same; returns how many.
pub fn reverse(file: &Target, target: &Target, window: u64) -> Result<u64, Failure> {
    let replace = file.path == target.path;
    file.refuse_journal()?;
    target.refuse_journal()?;
    if replace {
        file.refuse_read_only()?;
    }
    let old = source::map(file, Protection::ReadOnly, replace)?;
    let temporary = Temporary::create(target, if replace { file } else { target }, file)?;
    let len = match &old {
        Some(old) => fill(&temporary, old, window)?,
        None => 0,
    };
    drop(old); // Windows does not rename over a mapped file
    temporary.become_target(target)?;
    Ok(len)
}

fn fill(temporary: &Temporary, old: &Mapping, window: u64) -> Result<u64, Failure> {
    let failed = |error| Failure::file(&temporary.path, error);
    let len = old.size();
    // Takes the disk space now, so that a full disk is known before the work.
    let space = MappingOptions::new().file(&temporary.file).size(len).create();
    space.map_err(|error| Failure::mapped_file(&temporary.path, error))?.close()?;
    thread::scope(|scope| {
        // While one window goes to the disk, the next one is turned.
        let (written, to_sync) = mpsc::sync_channel(0);
        let syncer =
            scope.spawn(|| to_sync.into_iter().try_for_each(|()| temporary.file.sync_data()));
        let filled = fill_windows(old, temporary, window, written);
        let synced = syncer.join().expect("syncing does not panic").map_err(failed);
        filled.and(synced)
    })?;
    Ok(len)
}

/// Writes window after window and says so, until all is done or nobody listens any more.
///
/// The new file is written, not mapped: the system would fill each page of a mapped one with zeros first.
fn fill_windows(
    old: &Mapping,
    new: &Temporary,
    window: u64,
    written: SyncSender<()>,
) -> Result<(), Failure> {
    let bar = progress(old.size());
    let mut buffer = vec![0; CHUNK];
    let mut left = old.size();
    while left > 0 {
        interrupt::check("nothing was changed")?;
        let part = window.min(left);
        left -= part;
        let bytes = usize::try_from(part).expect("a window fits into the address space");
        let from = source::window(old, left, bytes, ViewAccess::Read)?;
        turn(&from, new, &mut buffer)?;
        if written.send(()).is_err() {
            break; // syncing failed, and that tells why
        }
        bar.inc(part);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Writes the bytes of a window, the last one first.
fn turn(from: &View, to: &Temporary, buffer: &mut [u8]) -> Result<(), Failure> {
    let mut left = from.len();
    while left > 0 {
        let chunk = buffer.len().min(left);
        left -= chunk;
        let bytes = &mut buffer[..chunk];
        from.copy_out(left, bytes)?;
        bytes.reverse();
        (&to.file).write_all(bytes).map_err(|error| Failure::file(&to.path, error))?;
    }
    Ok(())
}

/// The half-made result; removed unless it became the target.
struct Temporary {
    file: File,
    path: PathBuf,
    kept: bool,
}

impl Temporary {
    /// A new, empty file that nobody can read who could not read the one it is like.
    fn create(target: &Target, like: &Target, otherwise: &Target) -> Result<Temporary, Failure> {
        let path = target.temporary();
        let failed = |error| Failure::file(&path, error);
        remove(&path)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(failed)?;
        let temporary = Temporary { file, path: path.clone(), kept: false };
        let like = if like.path.exists() { like } else { otherwise };
        let metadata = like.metadata()?;
        if like.path == target.path {
            os::keep_owner(&temporary.file, &metadata).map_err(failed)?;
        }
        temporary.file.set_permissions(metadata.permissions()).map_err(failed)?;
        Ok(temporary)
    }

    fn become_target(mut self, target: &Target) -> Result<(), Failure> {
        self.file.sync_all().map_err(|error| Failure::file(&self.path, error))?;
        rename(&self.path, target)?;
        self.kept = true;
        target.sync_directory()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            // The failure that brought us here is the one to report; the next run removes what stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn rename(from: &Path, to: &Target) -> Result<(), Failure> {
    fs::rename(from, &to.path).map_err(|error| Failure::file(&to.shown, error))
}
