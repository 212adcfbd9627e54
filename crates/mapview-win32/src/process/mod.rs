//! Processes: starting them, what handles stand for, how they end, and what is passed from one to another.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, Weak};

use crate::code::{Code, Result};
use crate::thread::lock;

mod abi;
mod affinity;
mod attributes;
mod block;
mod command_line;
mod create;
pub(crate) mod duplicate;
mod environment;
mod exit;
mod facts;
mod handover;
mod image;
pub(crate) mod inbox;
mod list;
pub(crate) mod listing;
mod main_thread;
mod open;
mod os;
mod page;
mod parcel;
mod reaper;
mod sddl;
pub(crate) mod security;
mod start;
mod token;

pub(crate) use exit::publish as publish_exit;
pub(crate) use list::Snapshot;
pub(crate) use main_thread::main_thread;
pub(crate) use open::current;
use page::Page;
pub(crate) use token::token;

/// One process. It stays the same one although its number is given to another after its end.
#[derive(Debug)]
pub(crate) struct Process {
    pid: u32,
    /// When it started, in ticks since the machine did: with the number, which process it is.
    started: u64,
    pidfd: OwnedFd,
    /// What it shares with those who ask about it; `None` if it does not use this library.
    page: Option<Page>,
    /// Started by this process, which learns from the kernel how it ends.
    is_child: AtomicBool,
    /// What it was terminated with from here, if only the kernel can be asked how it ended.
    killed_with: OnceLock<u32>,
    /// How it ended, once that is known.
    ended: OnceLock<u32>,
    memory: OnceLock<mapview::Process>,
}

type Known = HashMap<(u32, u64), Weak<Process>>;

/// Every process that a handle stands for is one object, however often it is opened.
static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

impl Process {
    /// The process behind a descriptor of it. One that was opened before is found again.
    fn of(pidfd: OwnedFd, pid: u32, page: Option<Page>, is_child: bool) -> Result<Arc<Process>> {
        let started = match os::started(pid) {
            // Nobody else can have had the number meanwhile.
            Some(started) if os::is_there(&pidfd, pid) => started,
            // The program itself asked how its child ended, before we came here.
            _ if is_child => 0,
            _ => return Err(Code::INVALID_PARAMETER),
        };
        Ok(Process::known_as(pidfd, (pid, started), page, is_child))
    }

    fn known_as(
        pidfd: OwnedFd,
        (pid, started): (u32, u64),
        page: Option<Page>,
        is_child: bool,
    ) -> Arc<Process> {
        let mut known = lock(&KNOWN);
        if let Some(process) = known.get(&(pid, started)).and_then(Weak::upgrade) {
            // Another thread may have opened the child before its maker came here.
            process.is_child.fetch_or(is_child, Ordering::Relaxed);
            return process;
        }
        let find = || match pid == std::process::id() {
            true => Page::own().cloned(),
            false => Page::of_process(pid),
        };
        let process = Arc::new(Process {
            pid,
            started,
            pidfd,
            page: page.or_else(find),
            is_child: AtomicBool::new(is_child),
            killed_with: OnceLock::new(),
            ended: OnceLock::new(),
            memory: OnceLock::new(),
        });
        known.retain(|_, process| process.strong_count() > 0);
        known.insert((pid, started), Arc::downgrade(&process));
        process
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Readable when the process has ended: what waits wait for.
    pub(crate) fn pidfd(&self) -> &OwnedFd {
        &self.pidfd
    }

    pub(crate) fn is_current(&self) -> bool {
        self.pid == std::process::id()
    }

    pub(crate) fn is_same(&self, other: &Process) -> bool {
        (self.pid, self.started) == (other.pid, other.started)
    }

    /// Its memory, to look at and to change.
    ///
    /// # Errors
    /// 5 if it has ended.
    pub(crate) fn memory(&self) -> Result<&mapview::Process> {
        if let Some(memory) = self.memory.get() {
            return Ok(memory);
        }
        let opened = mapview::Process::open(self.pid).map_err(|_| Code::ACCESS_DENIED)?;
        if !self.is_alive() {
            return Err(Code::ACCESS_DENIED); // the number may be another's by now
        }
        Ok(self.memory.get_or_init(|| opened))
    }

    pub(crate) fn is_alive(&self) -> bool {
        !os::has_ended(&self.pidfd)
    }
}

impl Drop for Process {
    /// Whoever was started here does not stay a zombie, although nobody asks how it ended.
    fn drop(&mut self) {
        if self.is_child.load(Ordering::Relaxed)
            && self.ended.get().is_none()
            && !os::reap(&self.pidfd)
        {
            reaper::adopt(&self.pidfd);
        }
    }
}
