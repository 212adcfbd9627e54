//! The namespace directories: where they are, and the checks before one is trusted.
//!
//! `Local\` is a directory of the user's own, mode 0700; `Global\` is one for the machine, mode 1777, where the records'
//! own permission bits decide. Both on tmpfs, so nothing outlives a reboot and nothing is written to a disk.
//! `MAPVIEW_DIR` overrides the place of both.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::io::Errno;

use super::os::{fail::fail, files};
use super::presence::Presence;
use crate::{Error, ErrorKind, Name, Namespace, Result};

/// One namespace directory, open.
#[derive(Debug)]
pub(super) struct Directory {
    pub fd: OwnedFd,
    /// Other users have it open too.
    pub shared: bool,
    /// This process's mark in the directory while it holds anything there.
    presence: Mutex<Option<Arc<Presence>>>,
}

/// The directories this process has opened so far; they stay open.
static DIRECTORIES: Mutex<[Option<Arc<Directory>>; 2]> = Mutex::new([None, None]);

/// The directory of a namespace, made if it is missing.
pub(super) fn directory(namespace: Namespace) -> Result<Arc<Directory>> {
    let mut directories = DIRECTORIES.lock().unwrap_or_else(PoisonError::into_inner);
    let slot = &mut directories[namespace as usize];
    // Somebody may have removed the directory, which is allowed while it is empty.
    if let Some(directory) = slot.as_ref().filter(|directory| directory.is_linked()) {
        return Ok(directory.clone());
    }
    let directory = Arc::new(Directory::open(namespace)?);
    *slot = Some(directory.clone());
    drop(directories);
    super::sweep::sweep(&directory, super::sweep::AT_START);
    Ok(directory)
}

/// All directories, locked for a fork.
pub(super) struct Locked(std::sync::MutexGuard<'static, [Option<Arc<Directory>>; 2]>);

pub(super) fn lock_directories() -> Locked {
    Locked(DIRECTORIES.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Locked {
    /// In a forked child: the marks are the parent's.
    pub(super) fn forget_presence(&self) {
        for directory in self.0.iter().flatten() {
            *directory.presence.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl Directory {
    fn open(namespace: Namespace) -> Result<Directory> {
        let uid = rustix::process::geteuid();
        let (name, mode) = match namespace {
            Namespace::Local => (format!("mapview-{}", uid.as_raw()), 0o700),
            Namespace::Global => ("mapview-global".to_owned(), 0o1777),
        };
        let path = base(namespace)?.join(name);
        match files::make_directory(&path, mode) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => {
                return Err(fail(errno, "making the namespace directory").about(path.display()))
            }
        }
        let opened = files::open_directory(&path).map_err(|errno| {
            fail(errno, "opening the namespace directory").about(path.display())
        })?;
        let stat = files::fstat(&opened)
            .map_err(|errno| fail(errno, "looking at the namespace directory"))?;
        let safe = match namespace {
            Namespace::Local => stat.st_uid == uid.as_raw() && stat.st_mode & 0o077 == 0,
            // Whoever made it, users cannot remove each other's records.
            Namespace::Global => stat.st_mode & 0o1000 != 0,
        };
        if !safe {
            let why = "the directory is not private to its user, or not sticky; remove it or set MAPVIEW_DIR";
            return Err(Error::new(ErrorKind::AccessDenied, why).about(path.display()));
        }
        let shared = namespace == Namespace::Global;
        Ok(Directory { fd: opened, shared, presence: Mutex::new(None) })
    }

    /// A directory as a process of its own would have it open.
    #[cfg(test)]
    pub(super) fn of_test(path: &Path) -> Directory {
        let fd = files::open_directory(path).unwrap();
        Directory { fd, shared: false, presence: Mutex::new(None) }
    }

    pub(super) fn namespace(&self) -> Namespace {
        if self.shared {
            Namespace::Global
        } else {
            Namespace::Local
        }
    }

    fn is_linked(&self) -> bool {
        files::fstat(&self.fd).is_ok_and(|stat| stat.st_nlink > 0)
    }

    /// This process's mark in the directory, made when first needed.
    pub(super) fn presence(&self) -> Result<Arc<Presence>> {
        let mut presence = self.presence.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(presence) = &*presence {
            return Ok(presence.clone());
        }
        let made = Arc::new(Presence::new(self)?);
        *presence = Some(made.clone());
        Ok(made)
    }

    /// Gives the mark up when nothing of this process is left in the directory.
    pub(super) fn release_presence(&self) {
        let mut presence = self.presence.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mark) = presence.take() {
            match Arc::try_unwrap(mark) {
                Ok(mark) => mark.remove(self),
                Err(shared) => *presence = Some(shared),
            }
        }
        let left = presence.is_none();
        drop(presence);
        if left {
            retire(self);
        }
    }

    /// At the end of the process.
    pub(super) fn end_presence(&self) {
        if let Some(presence) = &*self.presence.lock().unwrap_or_else(PoisonError::into_inner) {
            presence.remove(self);
        }
    }
}

/// Gives up what a process keeps in a directory besides its mark.
pub(super) fn retire(directory: &Directory) {
    super::ledger::retire(directory);
    super::bell::retire(directory);
}

/// The directories that are open; none if they are just being opened.
pub(super) fn opened() -> Vec<Arc<Directory>> {
    let directories = DIRECTORIES.try_lock();
    directories.map_or(Vec::new(), |directories| directories.iter().flatten().cloned().collect())
}

/// The directory in which a namespace's own directory lies.
fn base(namespace: Namespace) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("MAPVIEW_DIR").filter(|path| !path.is_empty()) {
        return Ok(path.into());
    }
    let writable = |path: &Path| {
        rustix::fs::access(path, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok()
    };
    let shm = PathBuf::from("/dev/shm");
    if writable(&shm) {
        return Ok(shm);
    }
    // Not for `Global\`: the run-time directory is a different one for every user.
    let run = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    if let Some(run) = run.filter(|run| namespace == Namespace::Local && writable(run)) {
        return Ok(run);
    }
    Ok(std::env::temp_dir())
}

/// The file of the record for a name: a hash, so that nothing in a name can lead out of the directory. The record holds
/// the name itself, which is compared.
pub(super) fn record_file(name: &Name) -> String {
    // FNV-1a with 128 bits. Somebody who can make names collide on purpose could as well take the names themselves.
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013B;
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for byte in name.units().iter().flat_map(|unit| unit.to_le_bytes()) {
        hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    }
    format!("o-{hash:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        // FNV-1a 128 of "foobar" is 343e1662793c64bf6f0d3597ba446f18; our units are two bytes, so fold them by hand.
        let name = Name::from_utf16(&[
            u16::from_le_bytes(*b"fo"),
            u16::from_le_bytes(*b"ob"),
            u16::from_le_bytes(*b"ar"),
        ]);
        assert_eq!(record_file(&name.unwrap()), "o-343e1662793c64bf6f0d3597ba446f18");
    }
}
