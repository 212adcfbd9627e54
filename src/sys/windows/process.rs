//! Another process: passed on.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::path::PathBuf;

use super::api::{self, Code};
use super::memory::{describe, known, HIGHEST, LOWEST};
use crate::{Error, ErrorKind, MemoryInfo, Protect, Result};

/// A handle to a process.
#[derive(Debug)]
pub(crate) struct Process {
    handle: OwnedHandle,
    pid: u32,
}

impl Process {
    pub(crate) fn open(pid: u32) -> Result<Process> {
        let all = api::PROCESS_VM_OPERATION
            | api::PROCESS_VM_READ
            | api::PROCESS_VM_WRITE
            | api::PROCESS_QUERY_INFORMATION
            | api::PROCESS_SYNCHRONIZE;
        let least = api::PROCESS_QUERY_LIMITED_INFORMATION | api::PROCESS_SYNCHRONIZE;
        let opened = match api::open_process_with(all, pid) {
            // What is missing is told by the calls that need it.
            Err(Code::ACCESS_DENIED) => api::open_process_with(least, pid),
            other => other,
        };
        let handle = opened.map_err(|code| match code {
            Code::INVALID_PARAMETER => Error::new(ErrorKind::NotFound, "there is no such process"),
            code => code.error("cannot open the process"),
        })?;
        Ok(Process { handle, pid })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn is_alive(&self) -> bool {
        !api::has_ended(self.handle())
    }

    pub(crate) fn name(&self) -> Result<String> {
        let name = self.exe()?;
        Ok(name.file_name().unwrap_or_default().to_string_lossy().into_owned())
    }

    pub(crate) fn exe(&self) -> Result<PathBuf> {
        let path = self.done(api::query_full_process_image_name(self.handle()), "cannot ask it")?;
        Ok(OsString::from_wide(&path).into())
    }

    pub(crate) fn read(&self, address: usize, buffer: &mut [u8]) -> Result<usize> {
        const PAGE: usize = 4096;
        match api::read_process_memory(self.handle(), address, buffer) {
            Ok(()) => return Ok(buffer.len()),
            Err(code @ Code::ACCESS_DENIED) => return Err(self.error(code, "cannot read from it")),
            Err(_) if !self.is_alive() => return Err(ended()),
            Err(_) => {}
        }
        // How much there is, not every version tells.
        let mut done = 0;
        while done < buffer.len() {
            let at = address.wrapping_add(done);
            let end = buffer.len().min(done + PAGE - at % PAGE);
            if api::read_process_memory(self.handle(), at, &mut buffer[done..end]).is_err() {
                break;
            }
            done = end;
        }
        Ok(done)
    }

    pub(crate) fn write(&self, address: usize, bytes: &[u8]) -> Result<()> {
        self.check_other()?;
        if bytes.is_empty() {
            return if self.is_alive() { Ok(()) } else { Err(ended()) }; // Wine 8 would refuse it
        }
        self.done(api::write_process_memory(self.handle(), address, bytes), "cannot write to it")
    }

    pub(crate) fn query(&self, address: usize) -> Result<MemoryInfo> {
        let why = "it has no memory of programs there";
        let found = self.done(api::virtual_query_ex(self.handle(), address), why)?;
        Ok(describe(&found, || api::get_mapped_file_name_of(self.handle(), address)))
    }

    pub(crate) fn memory_map(&self) -> Result<Vec<MemoryInfo>> {
        let mut told = Vec::new();
        let mut at = LOWEST;
        while at < HIGHEST {
            let mut info = self.query(at)?;
            // Wine's last free range reaches into the kernel's addresses.
            info.len = info.len.min(HIGHEST - info.base);
            at = info.base + info.len;
            told.push(info);
        }
        Ok(told)
    }

    pub(crate) fn allocate(
        &self,
        address: Option<usize>,
        size: usize,
        commit: Option<Protect>,
    ) -> Result<usize> {
        self.check_other()?;
        let (kind, protect) = match commit {
            Some(protect) => (api::MEM_RESERVE | api::MEM_COMMIT, protect),
            None => (api::MEM_RESERVE, Protect::NO_ACCESS),
        };
        let (address, protect) = (address.unwrap_or(0), protect.bits());
        let allocated = api::virtual_alloc_ex(self.handle(), address, size, kind, protect);
        self.done(allocated, "cannot allocate there")
    }

    pub(crate) fn commit(&self, address: usize, size: usize, protect: Protect) -> Result<()> {
        self.check_other()?;
        let (kind, protect) = (api::MEM_COMMIT, protect.bits());
        let committed = api::virtual_alloc_ex(self.handle(), address, size, kind, protect);
        self.done(committed, "cannot commit there").map(|_| ())
    }

    pub(crate) fn decommit(&self, address: usize, size: usize) -> Result<()> {
        self.check_other()?;
        let freed = api::virtual_free_ex(self.handle(), address, size, api::MEM_DECOMMIT);
        self.done(freed, "cannot decommit there")
    }

    pub(crate) fn release(&self, address: usize) -> Result<()> {
        self.check_other()?;
        let freed = api::virtual_free_ex(self.handle(), address, 0, api::MEM_RELEASE);
        self.done(freed, "cannot free there")
    }

    pub(crate) fn protect(&self, address: usize, size: usize, new: Protect) -> Result<Protect> {
        self.check_other()?;
        let old = api::virtual_protect_ex(self.handle(), address, size, new.bits());
        let old = self.done(old, "cannot change what pages there permit")?;
        known(old)
            .ok_or_else(|| Error::new(ErrorKind::Other, format!("unknown protection {old:#x}")))
    }

    pub(super) fn handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }

    /// Refuses this process itself, whose memory safe code could break so.
    fn check_other(&self) -> Result<()> {
        if self.pid != std::process::id() {
            return Ok(());
        }
        let why = "a process does not change its own memory in this way; `Region` is for that";
        Err(Error::new(ErrorKind::AccessDenied, why))
    }

    fn done<T>(&self, outcome: api::Outcome<T>, doing: &'static str) -> Result<T> {
        outcome.map_err(|code| self.error(code, doing))
    }

    /// The error of a failed call; that the process has ended explains every one.
    fn error(&self, code: Code, doing: &'static str) -> Error {
        if self.is_alive() {
            code.error(doing)
        } else {
            ended()
        }
    }
}

fn ended() -> Error {
    Error::new(ErrorKind::AccessDenied, "the process has ended")
}
