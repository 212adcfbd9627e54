//! `Mapping`: a handle to a file mapping object.

use crate::{sys, Access, Caching, MappingOptions, Name, Result, SlidingOptions, SlidingWindows};
use crate::{ToName, View, ViewAccess, ViewOptions};

/// A handle to a file mapping object: memory that processes share by name, by inheritance or by duplication.
///
/// The name exists while any process has a handle; the memory exists while any process has a handle or a view. The
/// kernel sees to both, also after `kill -9`. Follows [File mapping](https://learn.microsoft.com/windows/win32/memory/file-mapping).
///
/// ```
/// use mapview::Mapping;
/// let name = format!("doc-mapping-{}", std::process::id());
/// let mapping = Mapping::create(&name, 4096)?;
/// mapping.view()?.copy_in(0, b"shared")?;
///
/// let other = Mapping::open(&name)?; // usually in another process
/// let mut bytes = [0; 6];
/// other.view()?.copy_out(0, &mut bytes)?;
/// assert_eq!(&bytes, b"shared");
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// Windows: a section object. Linux: a memory file found through the processes that hold it, see `docs/platforms.md`.
#[derive(Debug)]
#[doc(alias = "CreateFileMapping")]
#[doc(alias = "OpenFileMapping")]
pub struct Mapping {
    pub(crate) inner: sys::Mapping,
    pub(crate) created: bool,
}

impl Mapping {
    /// Creates a read-write mapping of `size` bytes backed by the paging file, or opens the one that has this name.
    ///
    /// [`Mapping::was_created`] tells which. An existing mapping keeps its size. The empty name makes an unnamed mapping.
    ///
    /// # Errors
    /// The kinds of [`MappingOptions::create`].
    #[doc(alias = "CreateFileMappingW")]
    pub fn create(name: &(impl ToName + ?Sized), size: u64) -> Result<Mapping> {
        MappingOptions::new().name(name).size(size).create()
    }

    /// Opens the mapping with this name for reading and writing.
    ///
    /// # Errors
    /// The kinds of [`MappingOptions::open`].
    #[doc(alias = "OpenFileMappingW")]
    pub fn open(name: &(impl ToName + ?Sized)) -> Result<Mapping> {
        MappingOptions::new().name(name).open(Access::READ | Access::WRITE)
    }

    /// Opens the mapping with this name for reading; the kernel refuses writes.
    ///
    /// # Errors
    /// The kinds of [`MappingOptions::open`].
    pub fn open_read_only(name: &(impl ToName + ?Sized)) -> Result<Mapping> {
        MappingOptions::new().name(name).open(Access::READ)
    }

    /// Opens a copy of a handle of another process; `raw` is what [`Mapping::raw`] returned there.
    ///
    /// The number travels by any means: an argument, a pipe, a file. The rights are those of that handle.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound): no such process or handle;
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): the system does not let this process look into that one;
    /// [`WrongKind`](crate::ErrorKind::WrongKind): the handle is something else.
    ///
    /// ```
    /// let mapping = mapview::MappingOptions::new().size(4096).create()?;
    /// let copy = mapview::Mapping::duplicate_from(std::process::id(), mapping.raw())?;
    /// mapping.view()?.copy_in(0, b"x")?;
    /// let mut byte = [0];
    /// copy.view()?.copy_out(0, &mut byte)?;
    /// assert_eq!(&byte, b"x");
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Platform notes
    /// Windows: `OpenProcess` with `PROCESS_DUP_HANDLE`. Linux: `/proc/<pid>/fd`, so the same user, and the copy holds
    /// the memory, not the name.
    #[doc(alias = "DuplicateHandle")]
    pub fn duplicate_from(pid: u32, raw: u64) -> Result<Mapping> {
        Ok(Mapping { inner: sys::Mapping::duplicate_from(pid, raw)?, created: false })
    }

    /// Whether creating this handle made the object; `false` when it existed.
    #[doc(alias = "ERROR_ALREADY_EXISTS")]
    pub fn was_created(&self) -> bool {
        self.created
    }

    /// The size in bytes: exact for a file, rounded up to whole pages for the paging file. It only ever [grows](Self::grow),
    /// and then for everybody who has the mapping.
    pub fn size(&self) -> u64 {
        self.inner.size()
    }

    /// Makes the mapping at least `size` bytes long, for everybody who has it, and returns how long it is then.
    ///
    /// Existing views stay as they are; views that are mapped from now on, in any process, can show what was added, which is
    /// zero. A size that is reached already changes nothing. When it fails, or the process is killed, nothing has changed,
    /// or all.
    ///
    /// A mapping of the paging file needs a [`MappingOptions::maximum`]; memory for what is added is taken now, unless
    /// [`reserve`](MappingOptions::reserve) was asked for. A file grows with the mapping if it is shorter. A handle that may
    /// not write can follow a file that others made longer.
    ///
    /// ```
    /// use mapview::MappingOptions;
    /// let log = MappingOptions::new().size(4096).maximum(1 << 30).create()?;
    /// let start = log.view()?;
    /// assert_eq!(log.grow(1 << 20)?, 1 << 20);
    /// log.view()?.copy_in(0, b"seen")?;
    /// assert_eq!(start.to_vec(0, 4)?, b"seen"); // the old view is valid, and as long as it was
    /// assert_eq!((start.len(), log.view()?.len()), (4096, 1 << 20));
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// * [`Unsupported`](crate::ErrorKind::Unsupported): no file, and created without a maximum.
    /// * [`InvalidParameter`](crate::ErrorKind::InvalidParameter): more than the maximum, or negative as a LONGLONG.
    /// * [`AccessDenied`](crate::ErrorKind::AccessDenied): the handle may not write.
    /// * [`CommitmentLimit`](crate::ErrorKind::CommitmentLimit): not so much memory is free;
    ///   [`DiskFull`](crate::ErrorKind::DiskFull).
    ///
    /// # Platform notes
    /// Linux: without a name, a file's mapping in *another* process (inherited, duplicated) is as long as the file. Windows:
    /// `NtExtendSection`; Wine 8 lacks it, so there only this handle sees the new size, and it needs the file.
    #[doc(alias = "NtExtendSection")]
    pub fn grow(&self, size: u64) -> Result<u64> {
        self.inner.grow(size).map_err(|error| match self.name() {
            Some(name) => error.about(name),
            None => error,
        })
    }

    /// What this handle may be used for.
    pub fn access(&self) -> Access {
        self.inner.access()
    }

    /// Whether it is made of [large pages](MappingOptions::large_pages).
    pub fn has_large_pages(&self) -> bool {
        self.inner.has_large_pages()
    }

    /// How the processor may cache the memory, as the mapping was created.
    pub fn caching(&self) -> Caching {
        self.inner.caching()
    }

    /// The name, or `None` for an unnamed mapping.
    pub fn name(&self) -> Option<&Name> {
        self.inner.name()
    }

    /// Maps all of it: read-write if the handle permits it, else read-only.
    ///
    /// # Errors
    /// The kinds of [`ViewOptions::map`].
    #[doc(alias = "MapViewOfFile")]
    pub fn view(&self) -> Result<View> {
        let write = self.access().contains(Access::WRITE);
        ViewOptions::new()
            .access(if write { ViewAccess::ReadWrite } else { ViewAccess::Read })
            .map(self)
    }

    /// Slides over all of it from front to back, reading, with at most so many bytes mapped at any moment.
    ///
    /// # Errors
    /// The kinds of [`SlidingOptions::open`].
    pub fn windows(&self, memory: usize) -> Result<SlidingWindows<'_>> {
        SlidingOptions::new().memory(memory).open(self)
    }

    /// A second handle to the same object, with the same rights; not inheritable.
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): the process has no room for another handle.
    pub fn try_clone(&self) -> Result<Mapping> {
        Ok(Mapping { inner: self.inner.try_clone()?, created: self.created })
    }

    /// A second handle to the same object, for `access`: what the object grants counts, not what this handle may do.
    ///
    /// ```
    /// use mapview::{Access, Mapping, MappingOptions};
    /// let reader = MappingOptions::new().size(4096).create()?.try_clone_with(Access::READ)?;
    /// assert_eq!(reader.view()?.copy_in(0, b"x").unwrap_err().win32_code(), 5);
    /// reader.try_clone_with(Access::READ | Access::WRITE)?.view()?.copy_in(0, b"x")?;
    /// # Ok::<(), mapview::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): its creator does not grant this user so much.
    #[doc(alias = "DuplicateHandle")]
    pub fn try_clone_with(&self, access: Access) -> Result<Mapping> {
        Ok(Mapping { inner: self.inner.try_clone_with(access)?, created: self.created })
    }

    /// Whether both are handles to the same object.
    ///
    /// # Platform notes
    /// Linux: of a *file*, copies from another process ([`Mapping::duplicate_from`]) count as objects of their own.
    #[doc(alias = "CompareObjectHandles")]
    pub fn is_same(&self, other: &Mapping) -> bool {
        self.inner.is_same(&other.inner)
    }

    /// The number that [`Mapping::duplicate_from`] takes in another process: a file descriptor or a `HANDLE`.
    ///
    /// It stays valid while this handle is open, and still belongs to this handle.
    pub fn raw(&self) -> u64 {
        self.inner.raw()
    }

    /// Closes the handle and reports what [`Drop`] would hide. Views stay.
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): the system could not take the handle out of the books.
    #[doc(alias = "CloseHandle")]
    pub fn close(self) -> Result<()> {
        self.inner.close()
    }
}
