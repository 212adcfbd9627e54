//! Where the bytes of a mapping live, and the descriptors this process has for them.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::OnceLock;

use rustix::io::Errno;

use super::contents::Contents;
use super::os::{fail::fail, files, files::OpenFor, free_memory, memory, private, process};
use super::record::Record;
use super::{backing, growth, share};
use crate::layout::{flag, Header, DATA_AT, MAX_PATH, PATH_AT};
use crate::{Caching, Error, ErrorKind, Result, Security};

/// From this size on, a look at how much memory is free precedes the allocation.
pub(super) const WORTH_A_LOOK: u64 = 16 << 20;

/// What new memory of the paging file is like.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// In whole pages.
    pub size: u64,
    pub reserve: bool,
    /// 0 if it shall not grow.
    pub maximum: u64,
    pub executable: bool,
    pub large_pages: bool,
    pub numa_node: Option<u32>,
}

/// The bytes of a mapping. Views keep it alive.
#[derive(Debug)]
pub(super) struct Memory {
    pub flags: u32,
    /// Identity of the file that `descriptor` yields.
    pub identity: (u64, u64),
    /// Bytes of that file when it was opened.
    len: u64,
    /// Bytes up to which it can grow; 0 if it cannot.
    pub maximum: u64,
    /// What it is mapped in multiples of.
    page: usize,
    reading: OnceLock<OwnedFd>,
    writing: OnceLock<OwnedFd>,
}

impl Memory {
    pub(super) fn new(fd: OwnedFd, mode: OpenFor, flags: u32) -> Result<Memory> {
        let stat = files::fstat(&fd).map_err(|errno| fail(errno, "looking at the memory"))?;
        let (identity, len) = (files::identity(&stat), stat.st_size as u64);
        let page = memory::page_of(fd.as_fd(), stat.st_blksize as u64);
        let (reading, writing) = match mode {
            OpenFor::Read => (OnceLock::from(fd), OnceLock::new()),
            OpenFor::ReadWrite => (OnceLock::new(), OnceLock::from(fd)),
        };
        Ok(Memory { flags, identity, len, maximum: 0, page, reading, writing })
    }

    /// New memory of the paging file.
    pub(super) fn allocate(wanted: &Wanted) -> Result<Memory> {
        let &Wanted { size, reserve, maximum, executable, large_pages, numa_node } = wanted;
        let making = "making memory for the mapping";
        let fd = match (large_pages, maximum) {
            (true, _) => memory::memfd_of_huge_pages(memory::MAPPING),
            (false, 0) => memory::memfd(memory::MAPPING, executable),
            (false, maximum) => memory::memfd(&growth::name_of_memory(maximum), executable),
        };
        let fd = fd.map_err(|errno| fail(errno, making))?;
        if let Some(node) = numa_node {
            prefer_node_of(fd.as_fd(), size.max(maximum), node)
                .map_err(|errno| fail(errno, making))?;
        }
        if large_pages {
            files::allocate(fd.as_fd(), 0, size).map_err(|errno| no_large_pages(errno, size))?;
        } else if !reserve {
            take_space(fd.as_fd(), 0, size)?;
        }
        files::ftruncate(&fd, size).map_err(|errno| too_large(fail(errno, making)))?;
        memory::seal_size(fd.as_fd(), maximum != 0).map_err(|errno| fail(errno, making))?;
        let flags = if reserve { flag::RESERVE } else { 0 };
        Ok(Memory { maximum, ..Memory::new(fd, OpenFor::ReadWrite, flags)? })
    }

    /// New memory inside a record.
    pub(super) fn allocate_in(record: &Record, wanted: &Wanted) -> Result<Memory> {
        let &Wanted { size, reserve, maximum, .. } = wanted;
        if reserve {
            files::ftruncate(&record.fd, DATA_AT + size)
                .map_err(|errno| too_large(fail(errno, "making memory for the mapping")))?;
        } else {
            take_space(record.fd.as_fd(), DATA_AT, size)?;
        }
        let flags = flag::IN_RECORD | if reserve { flag::RESERVE } else { 0 };
        let fd = own(&record.fd, OpenFor::ReadWrite)?;
        Ok(Memory { maximum, ..Memory::new(fd, OpenFor::ReadWrite, flags)? })
    }

    /// The memory of an object that others hold: in the record, or open in some holder's process, or a file at a path.
    /// `None` if no holder's can be reached.
    pub(super) fn find(
        record: &Record,
        contents: &Contents,
        mode: OpenFor,
    ) -> Result<Option<Memory>> {
        let header = &contents.header;
        if header.is(flag::IN_RECORD) {
            return Memory::checked(own(&record.fd, mode)?, mode, header);
        }
        for index in 0..header.holders {
            let holder = record.holder(contents, index);
            if holder.process == 0 || holder.fd < 0 {
                continue;
            }
            if let Ok(fd) = files::open_of_process(holder.pid, holder.fd, mode) {
                if let Some(memory) = Memory::checked(fd, mode, header)? {
                    return Ok(Some(memory));
                }
            }
        }
        match path(record, header)? {
            Some(path) => match open_path(&path, mode) {
                Ok(fd) => Memory::checked(fd, mode, header),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
            None => Ok(None),
        }
    }

    /// The memory that a parent passed, if it is the one the record describes.
    pub(super) fn passed(fd: &OwnedFd, mode: OpenFor, header: &Header) -> Result<Memory> {
        let fd = own(fd, mode)?;
        Memory::checked(fd, mode, header)?
            .ok_or_else(|| Error::new(ErrorKind::InvalidData, "the parent passed other memory"))
    }

    /// Memory that came without a record: a handle of another process, or of a parent.
    pub(super) fn foreign(fd: OwnedFd, mode: OpenFor, flags: u32, maximum: u64) -> Result<Memory> {
        let memory = Memory { maximum, ..Memory::new(fd, mode, flags)? };
        if memory.is_file() {
            let exclusive = flags & flag::EXCLUSIVE != 0;
            let fd = memory.any_descriptor().0;
            backing::announce(fd, exclusive, true)?;
            share::announce_writing(fd, mode);
        }
        Ok(memory)
    }

    /// `fd` as the memory of the object with this header; `None` if it is something else.
    fn checked(fd: OwnedFd, mode: OpenFor, header: &Header) -> Result<Option<Memory>> {
        let memory = Memory::foreign(fd, mode, header.flags, header.maximum)?;
        if memory.identity != (header.memory_dev, header.memory_ino) {
            return Ok(None);
        }
        memory.check_size(header.size)?;
        Ok(Some(memory))
    }

    /// Refuses memory that ends before the mapping does: touching what is missing would raise SIGBUS.
    pub(super) fn check_size(&self, size: u64) -> Result<()> {
        // A file was announced since, and is looked at again; with memory nothing happened since.
        let len = if self.is_file() { self.len_now()? } else { self.len };
        if len < self.start().saturating_add(size) {
            let why = "its memory or file is shorter than it should be";
            return Err(Error::new(ErrorKind::InvalidData, why));
        }
        Ok(())
    }

    /// Bytes of the file when it was opened.
    pub(super) fn len_at_open(&self) -> u64 {
        self.len
    }

    /// Bytes of the file now.
    pub(super) fn len_now(&self) -> Result<u64> {
        let stat = files::fstat(self.any_descriptor().0);
        Ok(stat.map_err(|errno| fail(errno, "looking at the memory"))?.st_size as u64)
    }

    /// The size of a mapping of this memory that began with `size` bytes, when it was opened.
    pub(super) fn size_at_open(&self, size: u64) -> u64 {
        match self.maximum {
            0 => size,
            maximum => self.len.saturating_sub(self.start()).min(maximum),
        }
    }

    /// A descriptor with these rights; opened when first needed, so that a reader's process has nothing it could write
    /// through.
    pub(super) fn descriptor(&self, mode: OpenFor) -> Result<BorrowedFd<'_>> {
        let (wanted, other) = match mode {
            OpenFor::Read => (&self.reading, &self.writing),
            OpenFor::ReadWrite => (&self.writing, &self.reading),
        };
        if let Some(fd) = wanted.get() {
            return Ok(fd.as_fd());
        }
        let other = other.get().expect("one of the two was there from the start");
        let again = files::reopen(other.as_fd(), mode)
            .map_err(|errno| fail(errno, "opening the memory with other rights"))?;
        Ok(wanted.get_or_init(|| again).as_fd())
    }

    /// Any descriptor; the one with more rights if there are two.
    pub(super) fn any_descriptor(&self) -> (BorrowedFd<'_>, OpenFor) {
        match (self.writing.get(), self.reading.get()) {
            (Some(fd), _) => (fd.as_fd(), OpenFor::ReadWrite),
            (None, Some(fd)) => (fd.as_fd(), OpenFor::Read),
            (None, None) => unreachable!("one of the two was there from the start"),
        }
    }

    pub(super) fn raw(&self) -> RawFd {
        self.any_descriptor().0.as_raw_fd()
    }

    /// Where the mapping starts in the file.
    pub(super) fn start(&self) -> u64 {
        if self.flags & flag::IN_RECORD != 0 {
            DATA_AT
        } else {
            0
        }
    }

    /// What parts of it are mapped in multiples of, in bytes.
    pub(super) fn page(&self) -> usize {
        self.page
    }

    /// Whether every byte has its memory already.
    pub(super) fn is_allocated(&self) -> Result<bool> {
        let stat = files::fstat(self.any_descriptor().0)
            .map_err(|errno| fail(errno, "looking at the memory"))?;
        let missing = (stat.st_size as u64).saturating_sub(self.start());
        Ok(self.flags & flag::RESERVE == 0 && stat.st_blocks as u64 * 512 >= missing)
    }

    pub(super) fn caching(&self) -> Caching {
        match self.flags {
            flags if flags & flag::NO_CACHE != 0 => Caching::None,
            flags if flags & flag::WRITE_COMBINED != 0 => Caching::WriteCombined,
            _ => Caching::Cached,
        }
    }

    pub(super) fn is_file(&self) -> bool {
        self.flags & flag::FILE != 0
    }
}

/// Opens anew what this process has open; without /proc, shares the description.
pub(super) fn own(fd: &OwnedFd, mode: OpenFor) -> Result<OwnedFd> {
    files::reopen(fd.as_fd(), mode)
        .or_else(|_| files::duplicate(fd))
        .map_err(|errno| fail(errno, "keeping the memory open"))
}

/// Whether new memory must lie in the record, because others could not reach it through this process.
pub(super) fn must_be_in_record(security: &Security) -> bool {
    cfg!(mapview_force_in_record) || *security != Security::OnlyMe || !process::is_dumpable() || {
        // No /proc, or not this pid namespace's.
        static REACHABLE: OnceLock<bool> = OnceLock::new();
        !*REACHABLE
            .get_or_init(|| std::fs::metadata(format!("/proc/{}/fd", std::process::id())).is_ok())
    }
}

/// The path at which the backing file can be found, as bytes for the record.
pub(super) fn path_of(fd: BorrowedFd<'_>) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    let link = std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd()));
    let path = link.map_or(Vec::new(), |path| path.as_os_str().as_bytes().to_vec());
    if path.len() > MAX_PATH as usize {
        Vec::new()
    } else {
        path
    }
}

fn path(record: &Record, header: &Header) -> Result<Option<std::path::PathBuf>> {
    use std::os::unix::ffi::OsStringExt;
    if header.path_bytes == 0 {
        return Ok(None);
    }
    let mut path = vec![0; header.path_bytes as usize];
    files::read_at(record.fd.as_fd(), &mut path, PATH_AT)
        .map_err(|errno| fail(errno, "reading the object's record"))?;
    Ok(Some(std::ffi::OsString::from_vec(path).into()))
}

fn open_path(path: &std::path::Path, mode: OpenFor) -> Result<OwnedFd> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(mode == OpenFor::ReadWrite);
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path).map_err(|error| super::file_error(error, Some(path)))?;
    Ok(file.into())
}

/// Has the pages of a memory file come from a node: the preference is the file's, and a mapping is how to tell it.
fn prefer_node_of(fd: BorrowedFd<'_>, size: u64, node: u32) -> std::result::Result<(), Errno> {
    let Ok(len) = usize::try_from(size) else { return Ok(()) };
    memory::with_mapped(fd, 0, len, |start| {
        super::view_advice::prefer_node(private::pointer(start), len, Some(node));
    })
}

fn no_large_pages(errno: Errno, size: u64) -> Error {
    let pages = size / memory::HUGE_PAGE as u64;
    match errno {
        Errno::NOSPC | Errno::NOMEM => Error::from_os(
            ErrorKind::PrivilegeNotHeld,
            errno.raw_os_error(),
            format!("the system keeps fewer than {pages} large pages free; root sets how many it has in vm.nr_hugepages"),
        ),
        _ => fail(errno, "taking large pages for the mapping"),
    }
}

/// Takes memory for a range of a memory file now, so that it cannot run out later. The file reaches to the end of the
/// range then, if it did not before; when it fails or is killed, nothing has changed.
pub(super) fn take_space(fd: BorrowedFd<'_>, offset: u64, size: u64) -> Result<()> {
    if size >= WORTH_A_LOOK {
        // Allocating more than there is would not fail, it would make the kernel end some process.
        let available = free_memory::available();
        if size > available {
            let why = format!("{size} bytes are asked for, {available} are available; `reserve` takes memory at first touch");
            return Err(Error::new(ErrorKind::CommitmentLimit, why));
        }
    }
    files::allocate(fd, offset, size).map_err(|errno| {
        let error = fail(errno, "taking memory for the mapping");
        match error.kind() {
            ErrorKind::DiskFull | ErrorKind::NotEnoughMemory => Error::from_os(
                ErrorKind::CommitmentLimit,
                errno.raw_os_error(),
                "taking memory for the mapping",
            ),
            _ => too_large(error),
        }
    })
}

/// A size that the kernel calls invalid is one it cannot describe.
fn too_large(error: Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidParameter | ErrorKind::NotEnoughMemory => Error::new(
            ErrorKind::NoSystemResources,
            "the system cannot describe so large a mapping",
        ),
        _ => error,
    }
}
