//! Another process: which one it is, and its memory to look at and to write to.

use std::ffi::OsStr;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Mutex;

use rustix::io::Errno;

use super::os::files::OpenFor;
use super::os::maps::{self, Range};
use super::os::pidfd::{process_vm_readv, PidFd};
use super::os::process;
use super::process_memory::Allocation;
use super::remote_code::Code;
use super::{process_denied, space};
use crate::{Error, ErrorKind, MemoryInfo, Result};

/// One process, as long as this exists: a number that is given to another process later does not lead there.
#[derive(Debug)]
pub(crate) struct Process {
    inner: PidFd,
    /// What was allocated through this handle.
    pub(super) allocations: Mutex<Vec<Allocation>>,
    code: Mutex<Option<Code>>,
    /// Whose turn it is to have the process make calls.
    pub(super) turn: Mutex<()>,
    #[cfg(test)]
    pub(super) steps_left: std::sync::atomic::AtomicI64,
}

impl Process {
    pub(crate) fn open(pid: u32) -> Result<Process> {
        let inner = PidFd::open(pid).map_err(|errno| match errno {
            Errno::SRCH | Errno::NOENT => no_such(),
            Errno::INVAL => {
                Error::new(ErrorKind::NotFound, "the number is a thread's, not a process's")
            }
            errno => super::os::fail::fail(errno, "opening the process"),
        })?;
        Ok(Process {
            inner,
            allocations: Mutex::default(),
            code: Mutex::default(),
            turn: Mutex::default(),
            #[cfg(test)]
            steps_left: i64::MAX.into(),
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.inner.pid()
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.inner.is_alive()
    }

    /// What becomes readable when it ends.
    pub(super) fn end(&self) -> BorrowedFd<'_> {
        self.inner.end()
    }

    pub(super) fn is_same(&self, other: &Process) -> bool {
        self.pid() == other.pid() && self.inner.is_same(&other.inner)
    }

    /// Whether it is the child of this process that has or had this number.
    pub(super) fn is_child(&self, pid: u32) -> bool {
        // Of a child that was waited for only the number is left, which another child may have by now.
        let is_left = || !self.is_alive() && matches!(process::open_child(pid), Ok(None));
        self.pid() == pid && (self.inner.is_child() || is_left())
    }

    pub(crate) fn name(&self) -> Result<String> {
        let name = self.inner.read("comm").map_err(|errno| self.denied(errno))?;
        Ok(String::from_utf8_lossy(&name).trim_end_matches('\n').to_string())
    }

    pub(crate) fn exe(&self) -> Result<PathBuf> {
        match self.inner.link("exe") {
            Ok(path) => Ok(OsStr::from_bytes(path.as_bytes()).into()),
            Err(Errno::NOENT) if self.is_alive() => {
                let why = "it is a part of the kernel and runs no program";
                Err(Error::new(ErrorKind::NotFound, why))
            }
            Err(errno) => Err(self.denied(errno)),
        }
    }

    /// Copies up to the first page that cannot be read.
    pub(crate) fn read(&self, address: usize, buffer: &mut [u8]) -> Result<usize> {
        const AT_ONCE: usize = 1 << 30; // more than 2 GiB the kernel does not do
        let mut done = 0;
        while done < buffer.len() {
            let end = buffer.len().min(done + AT_ONCE);
            let at = address.wrapping_add(done);
            let read = process_vm_readv(self.pid(), at, &mut buffer[done..end])
                .map_err(|errno| self.denied(errno))?;
            done += read;
            if read == 0 {
                // Windows reads what can be executed only, too.
                let Some(len) = self.executable_only(at)? else { break };
                let end = buffer.len().min(done + len);
                let read = self.read_as_kernel(at, &mut buffer[done..end]);
                done += read;
                if read == 0 {
                    break;
                }
            }
        }
        // The call goes by the number; if the process still lives, it was its.
        if self.is_alive() {
            Ok(done)
        } else {
            Err(self.ended())
        }
    }

    /// How many bytes from an address on can be executed, but not read.
    fn executable_only(&self, address: usize) -> Result<Option<usize>> {
        let ranges = self.ranges()?;
        let range = ranges.iter().find(|range| (range.start..range.end).contains(&address));
        Ok(range.filter(|range| range.execute && !range.read).map(|range| range.end - address))
    }

    /// Writes all, or nothing where the protections forbid it. Code is written although it is read-only.
    pub(crate) fn write(&self, address: usize, bytes: &[u8]) -> Result<()> {
        self.check_other()?;
        let ranges = self.ranges()?;
        let end = address.checked_add(bytes.len()).ok_or_else(|| partial(address))?;
        let mut reached = address;
        while reached < end {
            let range = ranges.iter().find(|range| (range.start..range.end).contains(&reached));
            let Some(range) = range else { return Err(partial(reached)) };
            if !range.write && !range.execute {
                let reserved = !range.read && !range.shared && range.inode == 0;
                if reached != address || reserved {
                    return Err(partial(reached));
                }
                return Err(Error::new(
                    ErrorKind::NoAccess,
                    format!("the memory at {reached:#x} is read-only there; change its protection first"),
                ));
            }
            reached = range.end;
        }
        match self.write_as_kernel(address, bytes) {
            Ok(written) if written == bytes.len() => Ok(()),
            Ok(written) => {
                let why = format!("only the first {written} bytes could be written");
                Err(self.ended_or(Error::new(ErrorKind::PartialCopy, why)))
            }
            Err(Errno::IO) => Err(self.ended_or(Error::new(
                ErrorKind::NoAccess,
                "the kernel does not let others write to this memory",
            ))),
            Err(errno) => Err(self.denied(errno)),
        }
    }

    pub(crate) fn query(&self, address: usize) -> Result<MemoryInfo> {
        space::at(&self.memory_map()?, address)
    }

    pub(crate) fn memory_map(&self) -> Result<Vec<MemoryInfo>> {
        if self.pid() == std::process::id() {
            return super::regions(); // of its own memory, a process knows more than the kernel
        }
        Ok(space::describe(self.pid(), &self.ranges()?))
    }

    /// The kernel's ranges.
    pub(super) fn ranges(&self) -> Result<Vec<Range>> {
        let text = self.inner.read("maps").map_err(|errno| self.denied(errno))?;
        if text.is_empty() {
            let why = "it has no memory: it ends, or is a part of the kernel";
            return Err(self.ended_or(Error::new(ErrorKind::AccessDenied, why)));
        }
        Ok(maps::parse(&text))
    }

    /// Copies whatever its protections say. How much there was.
    pub(super) fn read_as_kernel(&self, address: usize, buffer: &mut [u8]) -> usize {
        let Ok(memory) = self.inner.file("mem", OpenFor::Read) else { return 0 };
        let mut done = 0;
        while done < buffer.len() {
            match memory.read_at(&mut buffer[done..], (address + done) as u64) {
                Ok(0) | Err(_) => break,
                Ok(read) => done += read,
            }
        }
        done
    }

    /// Writes whatever its protections say, but not to others' memory that it has for reading only.
    pub(super) fn write_as_kernel(
        &self,
        address: usize,
        bytes: &[u8],
    ) -> std::result::Result<usize, Errno> {
        let memory = self.inner.file("mem", OpenFor::ReadWrite)?;
        let mut done = 0;
        while done < bytes.len() {
            match memory.write_at(&bytes[done..], (address + done) as u64) {
                Ok(0) => break,
                Ok(written) => done += written,
                Err(_) if done > 0 => break,
                Err(error) => return Err(Errno::from_io_error(&error).unwrap_or(Errno::IO)),
            }
        }
        Ok(done)
    }

    pub(super) fn word(&self, address: u64) -> Option<u64> {
        let mut bytes = [0; 8];
        let read = self.read_as_kernel(usize::try_from(address).ok()?, &mut bytes);
        (read == bytes.len()).then(|| u64::from_le_bytes(bytes))
    }

    pub(super) fn threads(&self) -> Result<Vec<u32>> {
        self.inner.threads().map_err(|errno| self.denied(errno))
    }

    pub(super) fn has_thread(&self, tid: u32) -> bool {
        self.inner.file(&format!("task/{tid}/stat"), OpenFor::Read).is_ok()
    }

    /// Whether a thread is on its way out.
    pub(super) fn is_ending(&self, tid: u32) -> bool {
        let stat = self.text(&format!("task/{tid}/stat"));
        let state = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next());
        state.is_none_or(|state| state == "Z" || state == "X")
    }

    /// A text file of its directory in `/proc`; empty if it cannot be read.
    pub(super) fn text(&self, name: &str) -> String {
        self.inner.text(name)
    }

    pub(super) fn owner(&self) -> Option<u32> {
        self.inner.owner()
    }

    /// Who traces one of its threads, or 0.
    pub(super) fn tracer(&self, tid: u32) -> u32 {
        let status = self.text(&format!("task/{tid}/status"));
        process_denied::number(&status, "TracerPid:").unwrap_or(0)
    }

    pub(super) fn code(&self) -> Result<Code> {
        let known = *self.code.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(code) = known.filter(|code| code.is_valid(self)) {
            return Ok(code);
        }
        let code = Code::find(self)?;
        *self.code.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(code);
        Ok(code)
    }

    /// Refuses this process itself, whose memory safe code could break so.
    pub(super) fn check_other(&self) -> Result<()> {
        if self.pid() != std::process::id() {
            return Ok(());
        }
        let why = "a process does not change its own memory in this way; `Region` is for that";
        Err(Error::new(ErrorKind::AccessDenied, why))
    }

    /// Why the system refused a call, which failed with `errno`.
    pub(super) fn denied(&self, errno: Errno) -> Error {
        match errno {
            Errno::SRCH | Errno::NOENT => self.ended(),
            Errno::ACCESS | Errno::PERM if self.is_alive() => process_denied::why(self, errno),
            errno => self.ended_or(super::os::fail::fail(errno, "reaching into the process")),
        }
    }

    /// This error, unless the process has ended, which explains it.
    pub(super) fn ended_or(&self, error: Error) -> Error {
        if self.is_alive() {
            error
        } else {
            self.ended()
        }
    }

    pub(super) fn ended(&self) -> Error {
        Error::new(ErrorKind::AccessDenied, "the process has ended")
    }

    #[cfg(test)]
    pub(super) fn step(&self) -> Result<()> {
        if self.steps_left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) <= 0 {
            return Err(Error::new(ErrorKind::Other, "the test ends the thread here"));
        }
        Ok(())
    }
}

fn no_such() -> Error {
    Error::new(ErrorKind::NotFound, "there is no such process")
}

fn partial(address: usize) -> Error {
    let why = format!("nothing that can be written lies at {address:#x}; nothing was written");
    Error::new(ErrorKind::PartialCopy, why)
}
