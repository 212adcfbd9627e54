//! The result in a new file, which takes the place of the old one when it is complete.

use std::fs::{self, File, OpenOptions};
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
    let failed = |error| Failure::mapped_file(&temporary.path, error);
    let len = old.size();
    // Takes the disk space now: a full disk is an error here, not a signal in the middle.
    let new = MappingOptions::new().file(&temporary.file).size(len).create().map_err(failed)?;
    thread::scope(|scope| {
        // While one window goes to the disk, the next one is filled; no third one exists.
        let (full, to_flush) = mpsc::sync_channel::<View>(0);
        let flusher = scope.spawn(move || to_flush.into_iter().try_for_each(|view| view.flush()));
        let filled = fill_windows(old, &new, window, full);
        let flushed = flusher.join().expect("flushing does not panic").map_err(failed);
        filled.and(flushed)
    })?;
    Ok(len)
}

/// Fills window after window of `new` and hands it on, until all is done or nobody takes them any more.
fn fill_windows(
    old: &Mapping,
    new: &Mapping,
    window: u64,
    full: SyncSender<View>,
) -> Result<(), Failure> {
    let len = old.size();
    let bar = progress(len);
    let mut buffer = vec![0; CHUNK];
    let mut done = 0;
    while done < len {
        interrupt::check("nothing was changed")?;
        let part = window.min(len - done);
        let bytes = usize::try_from(part).expect("a window fits into the address space");
        let from = source::window(old, len - done - part, bytes, ViewAccess::Read)?;
        let to = source::window(new, done, bytes, ViewAccess::ReadWrite)?;
        turn(&from, &to, &mut buffer)?;
        if full.send(to).is_err() {
            break; // the flusher failed and tells why
        }
        done += part;
        bar.set_position(done);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Copies `from` backwards over `to`, which is as long.
fn turn(from: &View, to: &View, buffer: &mut [u8]) -> Result<(), Failure> {
    let mut done = 0;
    while done < to.len() {
        let chunk = buffer.len().min(to.len() - done);
        let bytes = &mut buffer[..chunk];
        from.copy_out(from.len() - done - chunk, bytes)?;
        bytes.reverse();
        to.copy_in(done, bytes)?;
        done += chunk;
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
