//! What a handle can stand for.

use std::sync::Arc;

use mapview::{Event, Mutex, Semaphore, Wait};

use crate::code::{Code, Result};
use crate::file::File;
use crate::process::{Process, Snapshot};
use crate::section::Section;
use crate::sync::Timer;
use crate::thread::Thread;

/// One object as this process has it; all handles that were duplicated from one another share it.
#[derive(Debug)]
pub(crate) enum Object {
    Event(Event),
    File(File),
    /// The first thread of another process.
    MainThread(Arc<Process>),
    Mutex(Mutex),
    Process(Arc<Process>),
    Section(Section),
    Semaphore(Semaphore),
    /// Of the processes.
    Snapshot(Snapshot),
    Thread(Arc<Thread>),
    Timer(Timer),
    /// The access token of this process.
    Token,
}

impl Object {
    /// Whether both are the same object of the system, through whatever handles.
    pub(crate) fn is_same(&self, other: &Object) -> bool {
        match (self, other) {
            (Object::Event(a), Object::Event(b)) => mapview::is_same_object(a, b),
            (Object::MainThread(a), Object::MainThread(b)) => a.is_same(b),
            (Object::File(a), Object::File(b)) => a.is_same(b),
            (Object::Mutex(a), Object::Mutex(b)) => mapview::is_same_object(a, b),
            (Object::Section(a), Object::Section(b)) => a.is_same(b),
            (Object::Semaphore(a), Object::Semaphore(b)) => mapview::is_same_object(a, b),
            (Object::Thread(a), Object::Thread(b)) => Arc::ptr_eq(a, b),
            (Object::Timer(a), Object::Timer(b)) => mapview::is_same_object(a.inner(), b.inner()),
            (Object::Process(a), Object::Process(b)) => a.is_same(b),
            (Object::Token, Object::Token) => true,
            _ => false,
        }
    }

    /// The rights that a handle to this kind can have, and those that the generic ones stand for.
    pub(crate) fn rights(&self) -> Rights {
        match self {
            Object::Event(_) => Rights::EVENT,
            Object::MainThread(_) => Rights::THREAD,
            Object::File(file) => file.rights(),
            Object::Mutex(_) => Rights::MUTEX,
            Object::Section(section) => section.rights(),
            Object::Semaphore(_) => Rights::SEMAPHORE,
            Object::Snapshot(_) => Rights::SECTION,
            Object::Token => Rights::TOKEN,
            Object::Process(_) => Rights::PROCESS,
            Object::Thread(_) => Rights::THREAD,
            Object::Timer(_) => Rights::TIMER,
        }
    }

    /// What a wait for the object waits for. What [`crate::wait`] says about threads comes on top.
    ///
    /// # Errors
    /// 6 if objects of this kind cannot be waited for.
    pub(crate) fn wait_target(&self) -> Result<&dyn Wait> {
        match self {
            Object::Event(event) => Ok(event),
            Object::File(file) => file.idle().map(|event| event as &dyn Wait),
            Object::MainThread(process) => Ok(process.pidfd()),
            Object::Mutex(mutex) => Ok(mutex),
            Object::Section(_) | Object::Snapshot(_) | Object::Token => Err(Code::INVALID_HANDLE),
            Object::Semaphore(semaphore) => Ok(semaphore),
            Object::Process(process) => Ok(process.pidfd()),
            Object::Thread(thread) => thread.ending().map(|event| event as &dyn Wait),
            Object::Timer(timer) => Ok(timer.inner()),
        }
    }
}

/// The rights of a kind: `GENERIC_MAPPING`, whose `all` is every right there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rights {
    pub read: u32,
    pub write: u32,
    pub execute: u32,
    pub all: u32,
}

impl Rights {
    pub(crate) const EVENT: Rights =
        Rights { read: 0x2_0001, write: 0x2_0002, execute: 0x12_0000, all: 0x1F_0003 };
    pub(crate) const MUTEX: Rights =
        Rights { read: 0x2_0001, write: 0x2_0000, execute: 0x12_0000, all: 0x1F_0001 };
    pub(crate) const SEMAPHORE: Rights =
        Rights { read: 0x2_0001, write: 0x2_0002, execute: 0x12_0000, all: 0x1F_0003 };
    pub(crate) const THREAD: Rights =
        Rights { read: 0x2_0048, write: 0x2_0037, execute: 0x12_0800, all: 0x1F_FFFF };
    pub(crate) const PROCESS: Rights =
        Rights { read: 0x2_0410, write: 0x2_0BEB, execute: 0x12_1001, all: 0x1F_FFFF };
    pub(crate) const TIMER: Rights =
        Rights { read: 0x2_0001, write: 0x2_0002, execute: 0x12_0000, all: 0x1F_0003 };
}
