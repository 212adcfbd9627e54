//! `MappingOptions`: everything a mapping can be asked for.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::sys::{self, Backing, IfExists, MappingRequest, LARGE_PAGE};
use crate::{
    Access, Caching, Error, ErrorKind, Mapping, Name, Protection, Result, Security, ToName,
};

/// How to create or open a [`Mapping`]; like `std::fs::OpenOptions`, with the system's call as the last word.
///
/// ```
/// use mapview::{MappingOptions, Protection};
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("data");
/// std::fs::write(&path, b"0123456789")?;
///
/// let whole = MappingOptions::new().path(&path).protection(Protection::ReadOnly).create()?;
/// assert_eq!(whole.size(), 10);
/// let grown = MappingOptions::new().path(&path).size(100).create()?; // writable, so the file grows at once
/// assert_eq!(std::fs::metadata(&path)?.len(), 100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct MappingOptions {
    name: Option<Result<Option<Name>>>,
    size: Option<u64>,
    protection: Option<Protection>,
    file: Option<Source>,
    exclusive: bool,
    reserve: bool,
    maximum: Option<u64>,
    large_pages: bool,
    numa_node: Option<u32>,
    caching: Caching,
    security: Security,
    inheritable: bool,
}

/// A file is given open or as a path; either way a failure to open it surfaces, and never means "no file".
#[derive(Debug)]
enum Source {
    Open(std::io::Result<File>),
    Path(PathBuf),
}

impl MappingOptions {
    /// An unnamed, read-write mapping backed by the paging file; its size must be set.
    pub fn new() -> MappingOptions {
        MappingOptions::default()
    }

    /// The name: `Local\x` or `x`, or `Global\x`; see [`Name`]. The empty name creates an unnamed mapping.
    pub fn name(&mut self, name: &(impl ToName + ?Sized)) -> &mut MappingOptions {
        self.name = Some(name.to_name());
        self
    }

    /// The size in bytes. Needed without a file; with one, 0 or nothing means the file's size.
    pub fn size(&mut self, bytes: u64) -> &mut MappingOptions {
        self.size = Some(bytes);
        self
    }

    /// What views the mapping permits; read-write unless set.
    pub fn protection(&mut self, protection: Protection) -> &mut MappingOptions {
        self.protection = Some(protection);
        self
    }

    /// Backs the mapping by an open file, which may be closed afterwards.
    pub fn file(&mut self, file: &File) -> &mut MappingOptions {
        self.file = Some(Source::Open(file.try_clone()));
        self
    }

    /// Backs the mapping by the existing file at `path`, opened with the rights the protection needs.
    pub fn path(&mut self, path: impl AsRef<Path>) -> &mut MappingOptions {
        self.file = Some(Source::Path(path.as_ref().into()));
        self
    }

    /// Keeps every other opener of this library (on Windows: everybody) from mapping the backing file meanwhile.
    ///
    /// # Platform notes
    /// Linux: by open-file-description locks far behind the end of the file, which the kernel drops when the last
    /// holder ends. Windows: the file is opened without sharing, so it must be given as a path.
    #[doc(alias = "FILE_SHARE_NONE")]
    pub fn exclusive(&mut self, exclusive: bool) -> &mut MappingOptions {
        self.exclusive = exclusive;
        self
    }

    /// Takes memory (or disk space for a grown file) at first touch instead of at creation, for sparse use.
    ///
    /// Without it, too little memory is an error at creation. With it, memory that runs out later ends the program with a
    /// signal or exception.
    ///
    /// # Platform notes
    /// Windows: mapping a view counts its range against the commit limit, so map windows of a vast mapping, not the
    /// whole; physical memory is still taken at first touch. A grown file becomes sparse where the file system can.
    #[doc(alias = "SEC_RESERVE")]
    pub fn reserve(&mut self, reserve: bool) -> &mut MappingOptions {
        self.reserve = reserve;
        self
    }

    /// Lets a mapping of the paging file [grow](Mapping::grow) up to this size in bytes. Address space is the only cost.
    ///
    /// At least the size, and rounded up to whole pages. A mapping of a file needs none: it grows as far as the disk.
    ///
    /// # Platform notes
    /// Windows: a `SEC_RESERVE` section of the maximum, committed as it grows, also with [`reserve`](Self::reserve).
    #[doc(alias = "SEC_RESERVE")]
    pub fn maximum(&mut self, bytes: u64) -> &mut MappingOptions {
        self.maximum = Some(bytes);
        self
    }

    /// Uses large pages (2 MiB), which are never paged out; not unless set. The size must be a multiple of 2 MiB.
    ///
    /// Not for files, and not together with [`reserve`](MappingOptions::reserve).
    ///
    /// # Platform notes
    /// Windows: needs `SeLockMemoryPrivilege`, held by the user ("Lock pages in memory") and enabled by this call. Linux:
    /// needs free huge pages, which root reserves in `vm.nr_hugepages`; with security that lets others open the mapping,
    /// `Unsupported`.
    #[doc(alias = "SEC_LARGE_PAGES")]
    #[doc(alias = "MFD_HUGETLB")]
    pub fn large_pages(&mut self, large_pages: bool) -> &mut MappingOptions {
        self.large_pages = large_pages;
        self
    }

    /// The NUMA node whose memory is preferred.
    ///
    /// A hint, which the system follows where it can. Without NUMA there is node 0.
    ///
    /// # Platform notes
    /// Linux: `mbind`; without effect on files.
    #[doc(alias = "CreateFileMappingNuma")]
    #[doc(alias = "nndPreferred")]
    pub fn numa_node(&mut self, node: u32) -> &mut MappingOptions {
        self.numa_node = Some(node);
        self
    }

    /// How the processor may cache the memory; as usual unless set. Views tell it as [`MemoryInfo::caching`](crate::MemoryInfo::caching).
    ///
    /// # Platform notes
    /// Linux caches all the same; see [`Caching`].
    #[doc(alias = "SEC_NOCACHE")]
    #[doc(alias = "SEC_WRITECOMBINE")]
    pub fn caching(&mut self, caching: Caching) -> &mut MappingOptions {
        self.caching = caching;
        self
    }

    /// Who may open a new mapping by its name; only the creating user unless set.
    pub fn security(&mut self, security: Security) -> &mut MappingOptions {
        self.security = security;
        self
    }

    /// Whether child processes inherit the handle, see [`CommandExt`](crate::CommandExt); not unless set.
    #[doc(alias = "bInheritHandle")]
    pub fn inheritable(&mut self, inheritable: bool) -> &mut MappingOptions {
        self.inheritable = inheritable;
        self
    }

    /// Creates the mapping, or opens the one that has the name; [`Mapping::was_created`] tells which.
    ///
    /// An existing mapping keeps its size, protection and security; the handle gets the rights of the protection asked for.
    ///
    /// # Errors
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): no file and no size, or size 0; exclusive without a file; large
    ///   pages for a file, reserved, or with a size that is not a multiple of theirs; no such NUMA node; a maximum below
    ///   the size, with a file or large pages, or with a protection that cannot write.
    /// * [`PrivilegeNotHeld`](ErrorKind::PrivilegeNotHeld): there are no large pages for this user.
    /// * The kinds of [`Name::from_utf16`]; [`WrongKind`](ErrorKind::WrongKind): the name belongs to another kind of object.
    /// * [`EmptyFile`](ErrorKind::EmptyFile): size 0 and the file is empty.
    /// * [`NotEnoughMemory`](ErrorKind::NotEnoughMemory): larger than the file, and the protection cannot write; or the
    ///   address space cannot hold it. [`CommitmentLimit`](ErrorKind::CommitmentLimit): not so much memory is free.
    /// * [`DiskFull`](ErrorKind::DiskFull): the file cannot grow so far; it keeps its size.
    /// * [`AccessDenied`](ErrorKind::AccessDenied): the file's or the existing mapping's rights do not suffice.
    /// * [`SharingViolation`](ErrorKind::SharingViolation): the file is mapped exclusively, or exclusive is asked for and
    ///   it is mapped.
    /// * [`NotFound`](ErrorKind::NotFound): there is no file at the path.
    #[doc(alias = "CreateFileMapping")]
    pub fn create(&self) -> Result<Mapping> {
        self.create_with(IfExists::Open)
    }

    /// Creates the mapping; a taken name is an error.
    ///
    /// # Errors
    /// The kinds of [`MappingOptions::create`], and [`AlreadyExists`](ErrorKind::AlreadyExists).
    pub fn create_new(&self) -> Result<Mapping> {
        self.create_with(IfExists::Fail)
    }

    /// Opens the mapping that has the name; only the name and `inheritable` are looked at.
    ///
    /// # Errors
    /// * [`NotFound`](ErrorKind::NotFound): nobody has such a mapping open.
    /// * [`WrongKind`](ErrorKind::WrongKind): the name belongs to another kind of object, or is empty.
    /// * [`InvalidParameter`](ErrorKind::InvalidParameter): no name was set.
    /// * [`AccessDenied`](ErrorKind::AccessDenied): its creator does not grant `access`, or `access` is empty.
    /// * The kinds of [`Name::from_utf16`].
    #[doc(alias = "OpenFileMapping")]
    pub fn open(&self, access: Access) -> Result<Mapping> {
        let name = name_to_open(&self.name)?;
        if access.is_empty() {
            return Err(Error::new(ErrorKind::AccessDenied, "no access is asked for").about(name));
        }
        let inner = sys::Mapping::open(&name, access, self.inheritable)
            .map_err(|error| error.about(name))?;
        Ok(Mapping { inner, created: false })
    }

    fn create_with(&self, if_exists: IfExists) -> Result<Mapping> {
        let name = name_to_create(&self.name)?;
        let request = self.request(name.clone(), if_exists);
        let created = request.and_then(sys::Mapping::create);
        let (inner, created) = created.map_err(|error| match &name {
            Some(name) => error.about(name),
            None => error,
        })?;
        Ok(Mapping { inner, created })
    }

    fn request(&self, name: Option<Name>, if_exists: IfExists) -> Result<MappingRequest> {
        let protection = self.protection.unwrap_or(Protection::ReadWrite);
        let size = self.size.filter(|&size| size != 0);
        if self.file.is_none() && size.is_none() {
            return Err(Error::new(
                ErrorKind::InvalidParameter,
                "without a file, a size above 0 is needed",
            ));
        }
        if self.file.is_none() && self.exclusive {
            return Err(Error::new(
                ErrorKind::InvalidParameter,
                "only a file can be mapped exclusively",
            ));
        }
        if size.max(self.maximum).is_some_and(|size| size > i64::MAX as u64) {
            return Err(Error::new(
                ErrorKind::InvalidParameter,
                "the size is negative as a LONGLONG",
            ));
        }
        self.check_pages(size)?;
        self.check_maximum(size, protection)?;
        let backing = match &self.file {
            None => Backing::PagingFile {
                reserve: self.reserve,
                large_pages: self.large_pages,
                maximum: self.maximum,
            },
            Some(source) => Backing::File {
                file: self.open_source(source, protection)?,
                exclusive: self.exclusive,
                reserve: self.reserve,
            },
        };
        let security = self.security.clone();
        let inheritable = self.inheritable;
        let numa_node = self.numa_node;
        Ok(MappingRequest {
            name,
            size,
            protection,
            backing,
            security,
            inheritable,
            if_exists,
            numa_node,
            caching: self.caching,
        })
    }

    fn check_pages(&self, size: Option<u64>) -> Result<()> {
        let refuse = |why| Err(Error::new(ErrorKind::InvalidParameter, why));
        if let Some(node) = self.numa_node {
            sys::check_numa_node(node)?;
        }
        match size {
            _ if !self.large_pages => Ok(()),
            _ if self.file.is_some() => refuse("large pages are for the paging file only"),
            _ if self.reserve => refuse("large pages are taken at creation, not reserved"),
            Some(size) if !size.is_multiple_of(LARGE_PAGE) => {
                refuse("with large pages the size is a multiple of 2 MiB, 2097152 bytes")
            }
            _ => Ok(()),
        }
    }

    fn check_maximum(&self, size: Option<u64>, protection: Protection) -> Result<()> {
        let why = match self.maximum {
            Some(_) if self.file.is_some() => "a mapping of a file grows without a maximum",
            Some(_) if self.large_pages => "memory of large pages does not grow",
            Some(_) if !protection.access().contains(Access::WRITE) => {
                "a maximum is for memory that can be written"
            }
            Some(maximum) if Some(maximum) < size => "the maximum is below the size",
            _ => return Ok(()),
        };
        Err(Error::new(ErrorKind::InvalidParameter, why))
    }

    fn open_source(&self, source: &Source, protection: Protection) -> Result<File> {
        match source {
            Source::Open(Ok(file)) => {
                file.try_clone().map_err(|error| sys::file_error(error, None))
            }
            Source::Open(Err(error)) => Err(Error::new(ErrorKind::Other, error.to_string())),
            Source::Path(path) => {
                let mut options = OpenOptions::new();
                options.read(true).write(protection.access().contains(Access::WRITE));
                sys::tune_open_options(&mut options, protection, self.exclusive);
                options.open(path).map_err(|error| sys::file_error(error, Some(path)))
            }
        }
    }
}

/// The name a create was given; unnamed when none or the empty one was.
pub(crate) fn name_to_create(name: &Option<Result<Option<Name>>>) -> Result<Option<Name>> {
    name.clone().unwrap_or(Ok(None))
}

/// The name an open was given.
pub(crate) fn name_to_open(name: &Option<Result<Option<Name>>>) -> Result<Name> {
    match name.clone() {
        None => Err(Error::new(ErrorKind::InvalidParameter, "opening needs a name")),
        Some(Ok(Some(name))) => Ok(name),
        Some(Ok(None)) => Name::new(""),
        Some(Err(error)) => Err(error),
    }
}
