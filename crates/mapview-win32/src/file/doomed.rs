//! Files that are deleted when they are closed.

use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once, Weak};

use super::{code, os};
use crate::code::{Code, Result};
use crate::thread::lock;

/// The byte that those lock who will delete the file when they close it. Behind it lie the library's own, before it those of
/// `LockFile`.
const DELETING: i64 = i64::MAX - 40;

/// The byte that those lock who have marked the file by its handle: nobody opens it any more.
pub(super) const MARKED: i64 = DELETING + 1;

/// The first byte that `LockFile` must leave alone.
pub(super) const RESERVED: i64 = i64::MAX - 64;

/// Whose end is the end of a file's name: as soon as nobody else, in whatever process, wants to delete it as well. A handle to
/// the file has it, and each section of the file.
///
/// A process that is killed leaves the file behind.
#[derive(Debug)]
pub(crate) struct Doomed {
    /// Opened anew: who holds this keeps the name, but has nothing to do with share modes.
    file: std::fs::File,
    forgiven: AtomicBool,
    /// Whose it is: a fork has a copy of it, and of the lock, but nothing to say.
    owner: u32,
}

/// What is left to be deleted when the process exits.
static LEFT: Mutex<Vec<Weak<Doomed>>> = Mutex::new(Vec::new());

impl Doomed {
    /// `marked` says that the file cannot be opened any more.
    ///
    /// # Errors
    /// 5 if this user may not remove the file, or it has no name.
    pub(super) fn new(file: &std::fs::File, marked: bool) -> Result<Arc<Doomed>> {
        let folder = path_of(file).and_then(|path| path.parent().map(|folder| folder.to_owned()));
        let removes = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
        rustix::fs::accessat(
            rustix::fs::CWD,
            folder.ok_or(Code::ACCESS_DENIED)?,
            removes,
            rustix::fs::AtFlags::EACCESS,
        )?;
        let own = std::fs::File::open(format!("/proc/self/fd/{}", file.as_raw_fd()));
        let file = own.map_err(code::of)?;
        // Without locks everybody is the only one.
        let _ = os::lock(file.as_fd(), libc::F_RDLCK, DELETING, if marked { 2 } else { 1 });
        let doomed =
            Arc::new(Doomed { file, forgiven: AtomicBool::new(false), owner: std::process::id() });
        static AT_EXIT: Once = Once::new();
        AT_EXIT.call_once(|| os::at_exit(delete_the_rest));
        let mut left = lock(&LEFT);
        left.retain(|doomed| doomed.strong_count() > 0);
        left.push(Arc::downgrade(&doomed));
        Ok(doomed)
    }

    /// Lets the file live after all.
    pub(super) fn forgive(&self) {
        self.forgiven.store(true, Ordering::Relaxed);
    }

    /// Unlocks first and looks then: of two who do this at once, the last one sees nobody.
    fn delete(&self) {
        if self.owner != std::process::id() {
            return;
        }
        let fd = self.file.as_fd();
        let _ = os::lock(fd, libc::F_UNLCK, DELETING, 2);
        if !self.forgiven.load(Ordering::Relaxed)
            && !os::is_locked(fd, libc::F_WRLCK, DELETING, 1).unwrap_or(false)
        {
            remove_name(&self.file);
        }
    }
}

impl Drop for Doomed {
    fn drop(&mut self) {
        self.delete();
    }
}

extern "C" fn delete_the_rest() {
    let left = std::mem::take(&mut *lock(&LEFT));
    for doomed in left.iter().filter_map(Weak::upgrade) {
        doomed.delete();
    }
}

/// Whether somebody has marked the file.
pub(super) fn is_marked(file: &std::fs::File) -> bool {
    os::is_locked(file.as_fd(), libc::F_WRLCK, MARKED, 1).unwrap_or(false)
}

/// The path at which an open file can be found now, also after it was renamed; `None` if it has none any more.
pub(super) fn path_of(file: &std::fs::File) -> Option<PathBuf> {
    let path = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
    let (own, found) = (file.metadata().ok()?, std::fs::symlink_metadata(&path).ok()?);
    (own.ino() == found.ino() && own.dev() == found.dev()).then_some(path)
}

fn remove_name(file: &std::fs::File) {
    if let Some(path) = path_of(file) {
        // Nobody is left to be told of a failure.
        let _ = match path.is_dir() {
            true => std::fs::remove_dir(path),
            false => std::fs::remove_file(path),
        };
    }
}
