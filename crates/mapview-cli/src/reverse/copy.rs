//! The result in a new file, which takes the place of the old one when it is complete. Read through mapped windows, from
//! the end; written in order.

use std::io::Write;
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use mapview::{Mapping, Order, Protection, SlidingWindows, View};

use super::source;
use crate::failure::Failure;
use crate::target::Target;
use crate::temporary::Temporary;
use crate::{interrupt, progress};

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
    temporary.set_len(len, false)?;
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
    let bar = progress::bar(old.size());
    let mut buffer = vec![0; CHUNK];
    let window = usize::try_from(window.min(old.size())).unwrap_or(usize::MAX);
    let memory = window.saturating_mul(2).saturating_add(1 << 20); // the next one is read meanwhile
    let mut options = SlidingWindows::options();
    options.memory(memory).window(window).order(Order::Backward).guarded(progress::can_guard());
    let mut windows = options.open(old)?;
    while let Some(from) = windows.next()? {
        interrupt::check("nothing was changed")?;
        turn(from, new, &mut buffer)?;
        if written.send(()).is_err() {
            break; // syncing failed, and that tells why
        }
        bar.inc(from.len() as u64);
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
