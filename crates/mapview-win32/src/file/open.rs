//! Opening and creating: the dispositions, who else has the file open, and what its attributes forbid.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use mapview::{ErrorKind, FileUse};
use rustix::fs::{Mode, OFlags, Stat};
use rustix::io::Errno;

use super::path::{self, Place};
use super::{attributes, doomed, file_right, flag, image, File, Kind, ALWAYS_GRANTED};
use crate::abi::{right, DWORD};
use crate::code::{Code, Result};
use crate::object::Rights;
use crate::table;

const CREATE_NEW: DWORD = 1;
const CREATE_ALWAYS: DWORD = 2;
const OPEN_EXISTING: DWORD = 3;
const OPEN_ALWAYS: DWORD = 4;
const TRUNCATE_EXISTING: DWORD = 5;

const READS: u32 = file_right::READ_DATA | file_right::EXECUTE;
const WRITES: u32 = file_right::WRITE_DATA | file_right::APPEND_DATA;

/// What `CreateFile` is asked for besides the path.
#[derive(Clone, Copy)]
pub(super) struct Wish {
    pub access: u32,
    pub share: DWORD,
    pub disposition: DWORD,
    /// `FILE_ATTRIBUTE_...` and `FILE_FLAG_...`
    pub flags: DWORD,
}

/// A file that is open, its rights, and whether it was there before.
pub(super) struct Opened {
    pub file: File,
    pub access: u32,
    pub existed: bool,
}

pub(super) fn open(text: Option<&[u8]>, wish: Wish) -> Result<Opened> {
    if !(CREATE_NEW..=TRUNCATE_EXISTING).contains(&wish.disposition) || wish.share > 7 {
        return Err(Code::INVALID_PARAMETER);
    }
    if wish.flags & attributes::ENCRYPTED != 0 {
        return Err(Code::NOT_SUPPORTED);
    }
    let may_write = wish.access & (right::GENERIC_WRITE | right::GENERIC_ALL) != 0
        || wish.access & file_right::WRITE_DATA != 0;
    if wish.disposition == TRUNCATE_EXISTING && !may_write {
        return Err(Code::INVALID_PARAMETER);
    }
    let deletes = wish.flags & flag::DELETE_ON_CLOSE != 0;
    let desired = wish.access | ALWAYS_GRANTED | if deletes { right::DELETE } else { 0 };
    let access = table::rights_wanted(desired, Rights::FILE)?;
    match path::place(text)? {
        Place::Path(path) => match open_path(&path, Wish { access, ..wish }) {
            // As much as there is: what only reads may be allowed where all is not.
            Err(Code::ACCESS_DENIED) if wish.access & right::MAXIMUM_ALLOWED != 0 => {
                let access = Rights::FILE.read | Rights::FILE.execute;
                open_path(&path, Wish { access, ..wish })
            }
            opened => opened,
        },
        Place::Null => device("/dev/null", access, wish.flags),
        Place::Console => device("/dev/tty", access, wish.flags).map_err(|_| Code::INVALID_HANDLE),
    }
}

fn device(path: &str, access: u32, flags: DWORD) -> Result<Opened> {
    let fd =
        rustix::fs::open(path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    let file = File::adopt(fd, access, flags & !flag::DELETE_ON_CLOSE)?;
    Ok(Opened { file, access, existed: false })
}

fn open_path(path: &Path, wish: Wish) -> Result<Opened> {
    loop {
        let (fd, created) = match wish.disposition {
            CREATE_NEW => (create(path, wish)?, true),
            OPEN_EXISTING | TRUNCATE_EXISTING => (existing(path, wish)?, false),
            // Somebody may remove what was there, or create what was not, between the two.
            _ => match existing(path, wish) {
                Ok(fd) => (fd, false),
                Err(Code::FILE_NOT_FOUND) => match create(path, wish) {
                    Ok(fd) => (fd, true),
                    Err(Code::FILE_EXISTS) => continue,
                    Err(code) => return Err(code),
                },
                Err(code) => return Err(code),
            },
        };
        if let Some(opened) = settle(path, fd, created, wish)? {
            return Ok(opened);
        }
    }
}

/// Agrees with all others who have the file open; `None` if it was removed meanwhile.
fn settle(path: &Path, fd: OwnedFd, created: bool, wish: Wish) -> Result<Option<Opened>> {
    let file = std::fs::File::from(fd);
    let stat = rustix::fs::fstat(&file)?;
    let kind = Kind::of(&stat);
    if kind == Kind::Folder {
        let opens = matches!(wish.disposition, OPEN_EXISTING | OPEN_ALWAYS);
        if !opens || wish.flags & flag::BACKUP_SEMANTICS == 0 {
            return Err(Code::ACCESS_DENIED);
        }
    } else if path.as_os_str().as_bytes().ends_with(b"/") {
        return Err(Code::INVALID_NAME);
    }
    if !created {
        permitted(&file, &stat, kind, wish)?;
    }
    if matches!(kind, Kind::Disk | Kind::Folder) {
        share(&file, wish)?;
        if doomed::is_marked(&file) {
            return Err(Code::ACCESS_DENIED);
        }
        if rustix::fs::fstat(&file)?.st_nlink == 0 {
            return Ok(None);
        }
    }
    if kind == Kind::Disk {
        let replaces = matches!(wish.disposition, CREATE_ALWAYS | TRUNCATE_EXISTING) && !created;
        if replaces {
            mapview::set_file_len(&file, 0)?;
        }
        if created || replaces && wish.disposition == CREATE_ALWAYS {
            attributes::of_new_file(&file, wish.flags)?;
        }
        advise(&file, wish.flags);
    } else if kind != Kind::Folder {
        // It was opened so that nothing could make it wait.
        let mode = rustix::fs::fcntl_getfl(&file)?;
        if mode.contains(OFlags::NONBLOCK) {
            rustix::fs::fcntl_setfl(&file, mode - OFlags::NONBLOCK)?;
        }
    }
    let existed = !created && matches!(wish.disposition, CREATE_ALWAYS | OPEN_ALWAYS);
    let file = File::new(file, kind, wish.access, wish.flags & KEPT)?;
    Ok(Some(Opened { file, access: wish.access, existed }))
}

/// What of the flags matters after opening.
const KEPT: DWORD = flag::OVERLAPPED
    | flag::NO_BUFFERING
    | flag::DELETE_ON_CLOSE
    | flag::BACKUP_SEMANTICS
    | flag::WRITE_THROUGH;

fn share(file: &std::fs::File, wish: Wish) -> Result<()> {
    let uses = [(READS, FileUse::READ), (WRITES, FileUse::WRITE), (right::DELETE, FileUse::DELETE)];
    let mut used = FileUse::empty();
    for (rights, one) in uses {
        used.set(one, wish.access & rights != 0);
    }
    match mapview::share_file(file, used, FileUse::from_bits_truncate(wish.share)) {
        Err(error) if error.kind() == ErrorKind::SharingViolation => Err(Code::SHARING_VIOLATION),
        // Without locks nobody can be kept out.
        _ => Ok(()),
    }
}

/// What the attributes of a file that is already there forbid.
fn permitted(file: &std::fs::File, stat: &Stat, kind: Kind, wish: Wish) -> Result<()> {
    if kind != Kind::Disk {
        return Ok(());
    }
    let replaces = matches!(wish.disposition, CREATE_ALWAYS | TRUNCATE_EXISTING);
    let changes = wish.access & WRITES != 0 || wish.flags & flag::DELETE_ON_CLOSE != 0;
    if (replaces || changes) && attributes::is_read_only(stat) {
        return Err(Code::ACCESS_DENIED);
    }
    let writes = replaces || wish.access & file_right::WRITE_DATA != 0;
    let deletes = wish.flags & flag::DELETE_ON_CLOSE != 0;
    if (writes || deletes) && image::is_held(file) {
        return Err(if writes { Code::SHARING_VIOLATION } else { Code::ACCESS_DENIED });
    }
    // What was hidden must not become visible by being made anew.
    let special = attributes::HIDDEN | attributes::SYSTEM;
    if wish.disposition == CREATE_ALWAYS
        && attributes::stored(file.as_fd()) & special & !wish.flags != 0
    {
        return Err(Code::ACCESS_DENIED);
    }
    Ok(())
}

fn advise(file: &std::fs::File, flags: DWORD) {
    // Hints that cannot fail for a plain file.
    if flags & flag::SEQUENTIAL_SCAN != 0 {
        let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::Sequential);
    } else if flags & flag::RANDOM_ACCESS != 0 {
        let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::Random);
    }
}

/// Nothing is inherited, no terminal becomes the process's own, and no pipe makes it wait.
fn common(wish: Wish) -> OFlags {
    let mut flags = OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    if wish.flags & flag::OPEN_REPARSE_POINT != 0 {
        flags |= OFlags::NOFOLLOW;
    }
    if wish.access & WRITES == file_right::APPEND_DATA {
        flags |= OFlags::APPEND;
    }
    if wish.flags & flag::WRITE_THROUGH != 0 {
        flags |= OFlags::DSYNC;
    }
    flags
}

fn create(path: &Path, wish: Wish) -> Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | common(wish);
    match rustix::fs::open(path, flags, Mode::from_raw_mode(0o666)) {
        // It exists as a link that leads nowhere.
        Err(Errno::EXIST) if std::fs::metadata(path).is_err() => Err(Code::ACCESS_DENIED),
        Err(Errno::ISDIR) => Err(Code::INVALID_NAME),
        opened => opened.map_err(|errno| failed(errno, path)),
    }
}

fn existing(path: &Path, wish: Wish) -> Result<OwnedFd> {
    let open = |mode: OFlags| rustix::fs::open(path, mode | common(wish), Mode::empty());
    let writes =
        wish.access & WRITES != 0 || matches!(wish.disposition, CREATE_ALWAYS | TRUNCATE_EXISTING);
    let reads = wish.access & READS != 0;
    let first = open(if writes { OFlags::RDWR } else { OFlags::RDONLY });
    let opened = match first {
        // Locks need a file that is open for reading, so that is asked for first, needed or not.
        Err(Errno::ACCESS) if writes && !reads => open(OFlags::WRONLY),
        Err(Errno::ACCESS) if !writes && !reads => open(OFlags::PATH),
        Err(Errno::ISDIR)
            if wish.disposition == OPEN_EXISTING || wish.disposition == OPEN_ALWAYS =>
        {
            open(OFlags::RDONLY)
        }
        other => other,
    };
    opened.map_err(|errno| match errno {
        // A link is not opened itself.
        Errno::LOOP if wish.flags & flag::OPEN_REPARSE_POINT != 0 => Code::NOT_SUPPORTED,
        errno => failed(errno, path),
    })
}

/// Missing is the file (2) or the folder it should be in (3).
pub(super) fn failed(errno: Errno, path: &Path) -> Code {
    match errno {
        Errno::NOENT if in_folder(path) => Code::FILE_NOT_FOUND,
        Errno::NOENT => Code::PATH_NOT_FOUND,
        // A file with a separator behind its name.
        Errno::NOTDIR if path.as_os_str().as_bytes().ends_with(b"/") && in_folder(path) => {
            Code::INVALID_NAME
        }
        errno => errno.into(),
    }
}

fn in_folder(path: &Path) -> bool {
    path.parent().is_some_and(|parent| parent.as_os_str().is_empty() || parent.is_dir())
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
