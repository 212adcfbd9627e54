//! Files and directories: opening relative to a directory, identity, reading and writing at an offset, allocation.

use std::num::NonZeroU64;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{FallocateFlags, Mode, OFlags, Stat};
use rustix::io::Errno;

pub(in super::super) use rustix::fs::{fchmod, fstat, ftruncate};

/// What every open adds: not inherited, no link followed at the end, no waiting for the other end of a pipe.
const ALWAYS: OFlags = OFlags::CLOEXEC.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK);

/// Reading, or reading and writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum OpenFor {
    Read,
    ReadWrite,
}

impl OpenFor {
    fn flags(self) -> OFlags {
        match self {
            OpenFor::Read => OFlags::RDONLY,
            OpenFor::ReadWrite => OFlags::RDWR,
        }
    }
}

/// Opens an existing file in a directory.
pub(in super::super) fn open_in(
    directory: BorrowedFd<'_>,
    name: &str,
    mode: OpenFor,
) -> Result<OwnedFd, Errno> {
    super::step();
    rustix::fs::openat(directory, name, mode.flags() | ALWAYS, Mode::empty())
}

/// Creates a file that did not exist in a directory, for this user only.
pub(in super::super) fn create_in(directory: BorrowedFd<'_>, name: &str) -> Result<OwnedFd, Errno> {
    super::step();
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | ALWAYS;
    rustix::fs::openat(directory, name, flags, Mode::RUSR | Mode::WUSR)
}

/// Removes a file of a directory.
pub(in super::super) fn unlink_in(directory: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
    super::step();
    rustix::fs::unlinkat(directory, name, rustix::fs::AtFlags::empty())
}

/// Gives a file its final name, unless there is one of that name.
pub(in super::super) fn rename_in(
    directory: BorrowedFd<'_>,
    from: &str,
    to: &str,
) -> Result<(), Errno> {
    super::step();
    let flags = rustix::fs::RenameFlags::NOREPLACE;
    rustix::fs::renameat_with(directory, from, directory, to, flags)
}

/// Opens a directory itself, not a link to it.
pub(in super::super) fn open_directory(path: &Path) -> Result<OwnedFd, Errno> {
    rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | ALWAYS, Mode::empty())
}

/// Makes a directory with exactly these permission bits.
pub(in super::super) fn make_directory(path: &Path, mode: u32) -> Result<(), Errno> {
    rustix::fs::mkdir(path, Mode::from_raw_mode(mode))?;
    rustix::fs::chmod(path, Mode::from_raw_mode(mode)) // the umask may have taken some away
}

/// Gives a file to a group.
pub(in super::super) fn give_to_group(
    fd: BorrowedFd<'_>,
    group: rustix::process::Gid,
) -> Result<(), Errno> {
    rustix::fs::fchown(fd, None, Some(group))
}

/// Opens anew what a process has open as `fd`, with rights of its own.
pub(in super::super) fn open_of_process(
    pid: u32,
    fd: i32,
    mode: OpenFor,
) -> Result<OwnedFd, Errno> {
    let flags = mode.flags() | OFlags::CLOEXEC | OFlags::NONBLOCK;
    rustix::fs::open(format!("/proc/{pid}/fd/{fd}"), flags, Mode::empty())
}

/// Opens anew what this process has open, with a file description of its own.
pub(in super::super) fn reopen(fd: BorrowedFd<'_>, mode: OpenFor) -> Result<OwnedFd, Errno> {
    use std::os::fd::AsRawFd;
    let flags = mode.flags() | OFlags::CLOEXEC | OFlags::NONBLOCK;
    rustix::fs::open(format!("/proc/self/fd/{}", fd.as_raw_fd()), flags, Mode::empty())
}

/// Looks at what a process has open as `fd`.
pub(in super::super) fn stat_of_process(pid: u32, fd: i32) -> Result<Stat, Errno> {
    rustix::fs::stat(format!("/proc/{pid}/fd/{fd}"))
}

/// What `/proc` says that a process has open as `fd`.
pub(in super::super) fn link_of_process(pid: u32, fd: i32) -> Result<String, Errno> {
    let link = rustix::fs::readlink(format!("/proc/{pid}/fd/{fd}"), Vec::new())?;
    Ok(link.to_string_lossy().into_owned())
}

/// Whether another process has `fd` open for writing; `None` if that cannot be seen.
pub(in super::super) fn mode_of_process(pid: u32, fd: i32) -> Option<OpenFor> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).ok()?;
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"))?;
    let flags = u32::from_str_radix(flags.trim(), 8).ok()?;
    Some(if flags & OFlags::RWMODE.bits() == 0 { OpenFor::Read } else { OpenFor::ReadWrite })
}

/// Lets clean pages of a file that nobody maps leave the page cache.
pub(in super::super) fn forget(fd: BorrowedFd<'_>, offset: u64, len: u64) -> Result<(), Errno> {
    rustix::fs::fadvise(fd, offset, NonZeroU64::new(len), rustix::fs::Advice::DontNeed)
}

/// Whether a descriptor of this process is open for reading, and for writing.
pub(in super::super) fn rights(fd: BorrowedFd<'_>) -> Result<(bool, bool), Errno> {
    let mode = rustix::fs::fcntl_getfl(fd)? & OFlags::RWMODE;
    Ok((mode != OFlags::WRONLY, mode != OFlags::RDONLY))
}

/// Whether this user owns the file or may write it, however it was opened.
pub(in super::super) fn may_write(fd: BorrowedFd<'_>, stat: &Stat) -> bool {
    use std::os::fd::AsRawFd;
    may_write_at(format!("/proc/self/fd/{}", fd.as_raw_fd()).as_ref(), stat.st_uid)
}

/// Whether this user owns the file at a path or may write it.
pub(in super::super) fn may_write_at(path: &std::ffi::OsStr, owner: u32) -> bool {
    let (write, effective) = (rustix::fs::Access::WRITE_OK, rustix::fs::AtFlags::EACCESS);
    owner == rustix::process::geteuid().as_raw()
        || rustix::fs::accessat(rustix::fs::CWD, path, write, effective).is_ok()
}

/// Opens a path for reading if it leads to this plain file.
pub(in super::super) fn open_if_it_is(
    path: &Path,
    (major, minor): (u32, u32),
    inode: u64,
) -> Option<OwnedFd> {
    let is_it = |stat: &Stat| {
        let dev = rustix::fs::makedev(major, minor);
        is_file(stat) && stat.st_ino == inode && stat.st_dev == dev
    };
    // Looked at before, because opening a device may do something; and after, because it may be another by then.
    rustix::fs::stat(path).ok().filter(is_it)?;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let fd = rustix::fs::open(path, flags, Mode::empty()).ok()?;
    fstat(&fd).ok().filter(is_it).map(|_| fd)
}

/// Device and number of the file: its identity while anybody has it open.
pub(in super::super) fn identity(stat: &Stat) -> (u64, u64) {
    (stat.st_dev, stat.st_ino)
}

/// Whether it is a plain file.
pub(in super::super) fn is_file(stat: &Stat) -> bool {
    rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file()
}

/// Reads up to `buffer.len()` bytes from `offset` on. Returns how many there were.
pub(in super::super) fn read_at(
    fd: BorrowedFd<'_>,
    buffer: &mut [u8],
    offset: u64,
) -> Result<usize, Errno> {
    super::step();
    let mut done = 0;
    while done < buffer.len() {
        match rustix::io::pread(fd, &mut buffer[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(done)
}

/// Writes all of `bytes` at `offset`.
pub(in super::super) fn write_at(
    fd: BorrowedFd<'_>,
    mut bytes: &[u8],
    mut offset: u64,
) -> Result<(), Errno> {
    super::step();
    while !bytes.is_empty() {
        match rustix::io::pwrite(fd, bytes, offset) {
            Ok(n) => (bytes, offset) = (&bytes[n..], offset + n as u64),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Takes memory or disk space for a range, growing the file if it is shorter.
pub(in super::super) fn allocate(fd: BorrowedFd<'_>, offset: u64, len: u64) -> Result<(), Errno> {
    loop {
        match rustix::fs::fallocate(fd, FallocateFlags::empty(), offset, len) {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

/// The parts of a range of a memory file that have their memory, in order. Moves the file position.
pub(in super::super) fn data_in(
    fd: BorrowedFd<'_>,
    range: std::ops::Range<u64>,
) -> Result<Vec<std::ops::Range<u64>>, Errno> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let data = match rustix::fs::seek(fd, rustix::fs::SeekFrom::Data(at)) {
            Err(Errno::NXIO) => break, // none up to the end
            data => data?,
        };
        if data >= range.end {
            break;
        }
        let hole = rustix::fs::seek(fd, rustix::fs::SeekFrom::Hole(data))?;
        found.push(data..hole.min(range.end));
        at = hole;
    }
    Ok(found)
}

/// Takes disk space for a range behind the end of a file, whose length stays.
pub(in super::super) fn allocate_behind_end(
    fd: BorrowedFd<'_>,
    offset: u64,
    len: u64,
) -> Result<(), Errno> {
    loop {
        match rustix::fs::fallocate(fd, FallocateFlags::KEEP_SIZE, offset, len) {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

/// Whether the file system has no room for more data of this user.
pub(in super::super) fn is_disk_full(fd: BorrowedFd<'_>) -> bool {
    rustix::fs::fstatvfs(fd).is_ok_and(|disk| disk.f_bavail == 0 && disk.f_blocks != 0)
}

/// Writes a file's data and metadata through to the disk.
pub(in super::super) fn fsync(fd: BorrowedFd<'_>) -> Result<(), Errno> {
    rustix::fs::fsync(fd)
}

/// The names in a directory; at most `most`, in no order.
pub(in super::super) fn names_in(
    directory: BorrowedFd<'_>,
    most: usize,
) -> Result<Vec<String>, Errno> {
    // Opened anew, because the position belongs to the file description.
    let own = rustix::fs::openat(
        directory,
        ".",
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let mut names = Vec::new();
    for entry in rustix::fs::Dir::new(own)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != "." && name != ".." {
            names.push(name);
        }
        if names.len() == most {
            break;
        }
    }
    Ok(names)
}

/// A second descriptor for the same file description; closed on exec unless `inheritable`.
pub(in super::super) fn duplicate(fd: impl AsFd) -> Result<OwnedFd, Errno> {
    rustix::io::fcntl_dupfd_cloexec(fd, 3)
}

/// Whether a descriptor stays open in programs that this process executes.
pub(in super::super) fn set_inheritable(fd: BorrowedFd<'_>, on: bool) -> Result<(), Errno> {
    let flags = if on { rustix::io::FdFlags::empty() } else { rustix::io::FdFlags::CLOEXEC };
    rustix::io::fcntl_setfd(fd, flags)
}
