//! `Process`: another process, and its memory.

use std::path::PathBuf;

use crate::{sys, MemoryInfo, Protect, Result};

/// One process, whose memory can be looked at and changed.
///
/// It stays the same process while this exists: if it ends and its number is given to another, every call says
/// [`AccessDenied`](crate::ErrorKind::AccessDenied). What the system forbids is told with the setting that forbids it.
///
/// It can be waited for as an object, alone or among others ([`Wait`](crate::Wait)): signaled from its end on, whoever
/// started it, also before its parent has asked how it ended.
///
/// ```
/// let text = String::from("found");
/// let me = mapview::Process::current()?;
/// let mut copy = [0; 5];
/// me.read(text.as_ptr() as usize, &mut copy)?; // of another process: whatever stands there
/// assert_eq!(&copy, b"found");
/// assert!(me.read(0, &mut copy).is_err()); // never a fault
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// Linux: as [`ptrace(2)`](https://man7.org/linux/man-pages/man2/ptrace.2.html) allows it, which is for processes of the same
/// user, or with `CAP_SYS_PTRACE`. Reading and writing does not stop the process. Allocating, freeing and protecting
/// stops one of its threads for a moment to make the system call, without any signal; x86-64 only. If the caller is killed
/// meanwhile, the process goes on as if nothing had been.
#[derive(Debug)]
#[doc(alias = "OpenProcess")]
pub struct Process {
    inner: sys::Process,
}

impl Process {
    pub(crate) fn inner(&self) -> &sys::Process {
        &self.inner
    }

    /// The process with this number.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound): there is none. What may not be done to it is told by the calls that do it.
    pub fn open(pid: u32) -> Result<Process> {
        let inner =
            sys::Process::open(pid).map_err(|error| error.about(format!("process {pid}")))?;
        Ok(Process { inner })
    }

    /// This process itself. Its memory can be read and queried so; to change it, there is [`Region`](crate::Region).
    ///
    /// # Errors
    /// [`Other`](crate::ErrorKind::Other): no descriptor is left, or there is no `/proc` (Linux).
    #[doc(alias = "GetCurrentProcess")]
    pub fn current() -> Result<Process> {
        Process::open(std::process::id())
    }

    /// Its number.
    #[doc(alias = "GetProcessId")]
    pub fn pid(&self) -> u32 {
        self.inner.pid()
    }

    /// Whether it has not ended yet.
    pub fn is_alive(&self) -> bool {
        self.inner.is_alive()
    }

    /// A short name: on Linux what the process calls itself, up to 15 bytes; on Windows the file name of its program.
    ///
    /// # Errors
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): it has ended.
    pub fn name(&self) -> Result<String> {
        self.told(self.inner.name())
    }

    /// The path of its program.
    ///
    /// # Errors
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): it has ended, or the system does not say;
    /// [`NotFound`](crate::ErrorKind::NotFound): it is a part of the system and runs none.
    #[doc(alias = "QueryFullProcessImageName")]
    pub fn exe(&self) -> Result<PathBuf> {
        self.told(self.inner.exe())
    }

    /// Copies memory of the process from `address` on; all of `buffer` or it is an error.
    ///
    /// Not atomic: the process runs meanwhile.
    ///
    /// # Errors
    /// [`PartialCopy`](crate::ErrorKind::PartialCopy): a part is not there or not readable; see [`Process::read_prefix`].
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): it has ended, or the system forbids it.
    #[doc(alias = "ReadProcessMemory")]
    pub fn read(&self, address: usize, buffer: &mut [u8]) -> Result<()> {
        let read = self.read_prefix(address, buffer)?;
        if read == buffer.len() {
            return Ok(());
        }
        let (kind, at) = (crate::ErrorKind::PartialCopy, address.wrapping_add(read));
        self.told(Err(crate::Error::new(kind, format!("what lies at {at:#x} cannot be read"))))
    }

    /// Copies memory of the process from `address` on, up to the first page that is not there or not readable. Returns how
    /// many bytes: 0 to all.
    ///
    /// # Errors
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): it has ended, or the system forbids it.
    pub fn read_prefix(&self, address: usize, buffer: &mut [u8]) -> Result<usize> {
        self.told(self.inner.read(address, buffer))
    }

    /// Writes `bytes` to memory of the process. Code that can be executed and read is written, too; what is read-only is
    /// not.
    ///
    /// # Errors
    /// Nothing is written. [`NoAccess`](crate::ErrorKind::NoAccess): the first page is read-only;
    /// [`PartialCopy`](crate::ErrorKind::PartialCopy): a part is not there, or a later page is read-only;
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): it has ended, or the system forbids it, or it is this process.
    ///
    /// # Platform notes
    /// Windows decides for the whole range by the protection of its first page, and Wine 8 ignores protections. In a race
    /// with changes that the process itself makes there, [`PartialCopy`](crate::ErrorKind::PartialCopy) says what was written.
    #[doc(alias = "WriteProcessMemory")]
    pub fn write(&self, address: usize, bytes: &[u8]) -> Result<()> {
        self.told(self.inner.write(address, bytes))
    }

    /// What lies at an address.
    ///
    /// # Errors
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): not an address of programs;
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): it has ended, or the system forbids it.
    ///
    /// # Platform notes
    /// Linux: told by the kernel's ranges. Private memory that permits nothing counts as reserved; neighbours that are
    /// alike are one; `allocation_protect` is not known.
    #[doc(alias = "VirtualQueryEx")]
    pub fn query(&self, address: usize) -> Result<MemoryInfo> {
        self.told(self.inner.query(address))
    }

    /// Everything from the lowest address of programs to the highest, free ranges too, without gaps.
    ///
    /// # Errors
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): it has ended, or the system forbids it.
    pub fn memory_map(&self) -> Result<impl Iterator<Item = MemoryInfo>> {
        self.told(self.inner.memory_map()).map(Vec::into_iter)
    }

    /// Keeps `size` bytes of addresses in the process, without memory: at `address` rounded down to 64 KiB, or
    /// wherever there is room. Returns the first address.
    ///
    /// The reservation is not undone when this process ends, or when `self` is dropped.
    ///
    /// # Errors
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): size 0, or not addresses of programs;
    /// [`InvalidAddress`](crate::ErrorKind::InvalidAddress): something lies there;
    /// [`NotEnoughMemory`](crate::ErrorKind::NotEnoughMemory): no room;
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): it has ended, or the system forbids it, or it is this process;
    /// [`Busy`](crate::ErrorKind::Busy): none of its threads can be had for a moment;
    /// [`Unsupported`](crate::ErrorKind::Unsupported): a program this cannot be done to.
    #[doc(alias = "VirtualAllocEx")]
    pub fn reserve(&self, address: Option<usize>, size: usize) -> Result<usize> {
        self.told(self.inner.allocate(address, size, None))
    }

    /// Reserves as [`Process::reserve`] does and commits all of it: memory of zeros with this protection.
    ///
    /// # Errors
    /// Those of [`Process::reserve`] and [`Process::commit`].
    #[doc(alias = "VirtualAllocEx")]
    pub fn allocate(&self, address: Option<usize>, size: usize, protect: Protect) -> Result<usize> {
        self.told(self.inner.allocate(address, size, Some(protect)))
    }

    /// Gives memory to the reserved pages that the range touches. Committed pages keep their content and get the protection.
    ///
    /// # Errors
    /// [`InvalidAddress`](crate::ErrorKind::InvalidAddress): not all of it is reserved;
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied): a view lies there, or as in [`Process::reserve`];
    /// [`CommitmentLimit`](crate::ErrorKind::CommitmentLimit): so much memory is not there;
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): size 0, or copy-on-write, which is for views;
    /// [`Unsupported`](crate::ErrorKind::Unsupported): guard pages on Linux.
    #[doc(alias = "VirtualAllocEx")]
    pub fn commit(&self, address: usize, size: usize, protect: Protect) -> Result<()> {
        self.told(self.inner.commit(address, size, protect))
    }

    /// Takes the memory of the pages that the range touches, and keeps their addresses reserved. Size 0 at the base of an
    /// allocation means all of it.
    ///
    /// # Errors
    /// [`InvalidAddress`](crate::ErrorKind::InvalidAddress): nothing lies there;
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): a view lies there; and those of [`Process::reserve`].
    #[doc(alias = "VirtualFreeEx")]
    pub fn decommit(&self, address: usize, size: usize) -> Result<()> {
        self.told(self.inner.decommit(address, size))
    }

    /// Frees a whole allocation, addresses and memory.
    ///
    /// # Errors
    /// [`InvalidAddress`](crate::ErrorKind::InvalidAddress): no allocation begins there;
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): a view lies there; and those of [`Process::reserve`].
    ///
    /// # Platform notes
    /// Linux: the extent of what this `Process` allocated is known. Of memory that was allocated otherwise, the kernel's
    /// range is freed that begins there: memory of one protection, perhaps with alike neighbours.
    #[doc(alias = "VirtualFreeEx")]
    pub fn release(&self, address: usize) -> Result<()> {
        self.told(self.inner.release(address))
    }

    /// Changes what may be done with the pages that the range touches. Returns the protection that the first one had.
    ///
    /// # Errors
    /// [`InvalidAddress`](crate::ErrorKind::InvalidAddress): not all of it is committed;
    /// [`InvalidParameter`](crate::ErrorKind::InvalidParameter): size 0, more than a view was mapped for, or copy-on-write
    /// where there is none; [`Unsupported`](crate::ErrorKind::Unsupported): guard pages on Linux; and those of [`Process::reserve`].
    #[doc(alias = "VirtualProtectEx")]
    pub fn protect(&self, address: usize, size: usize, protect: Protect) -> Result<Protect> {
        self.told(self.inner.protect(address, size, protect))
    }

    fn told<T>(&self, outcome: Result<T>) -> Result<T> {
        outcome.map_err(|error| error.about(format!("process {}", self.pid())))
    }
}
