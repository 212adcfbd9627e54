//! Mutexes: the word's owner is a thread, its sleepers wait on a futex, and the kernel marks a dead owner.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::Duration;

use zerocopy::IntoBytes;

use super::member::{self, directory_of, expect_kind, join, Look, Member};
use super::os::{fail::fail, files, futex, futex::Woken, memory};
use super::page::Page;
use super::record::{Contents, Gate, Record};
use super::registry::{self, Object as Held};
use super::robust::{self, Thread};
use super::token::{self, Passed};
use crate::layout::{flag, kind, Header, PAGE};
use crate::state::mutex::{self as word, Step, Taken};
use crate::sys::{IfExists, LockOutcome, MutexRequest};
use crate::{Deadline, Error, ErrorKind, Name, Namespace, ObjectKind, Result};

/// How often one thread may lock a mutex.
const MOST: u32 = i32::MAX as u32;
/// Looks before a waiter goes to sleep, with pauses that double up to a limit: a short critical section ends sooner than
/// a sleep begins, and the growing pauses let the owner keep the cache line for many rounds.
const LOOKS: u32 = 40;
const LONGEST_PAUSE: u32 = 6;
/// How long a newcomer respects that the mutex is kept for a waiter who may be dead.
const RESPECT: Duration = Duration::from_micros(500);

/// What all handles of this process to one mutex share.
#[derive(Debug)]
pub(super) struct Object {
    pub name: Option<Name>,
    page: Arc<Page>,
    /// The record; for the named its file is open elsewhere too.
    pub fd: OwnedFd,
}

/// A handle.
#[derive(Debug)]
pub(crate) struct Mutex {
    object: Arc<Object>,
    passed: Option<Passed>,
    open: bool,
}

impl Mutex {
    pub(crate) fn create(request: MutexRequest) -> Result<(Mutex, bool)> {
        let (object, created) = match &request.name {
            None => (Arc::new(Object::unnamed(request.initial_owner)?), true),
            Some(name) => create_named(name, &request)?,
        };
        let mut mutex = Mutex::of(object);
        if !created && request.if_exists == IfExists::Fail {
            return Err(Error::new(ErrorKind::AlreadyExists, "a mutex has this name"));
        }
        if request.inheritable {
            mutex.make_inheritable()?;
        }
        Ok((mutex, created))
    }

    pub(crate) fn open(name: &Name, inheritable: bool) -> Result<Mutex> {
        let object = open_named(name)?
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "nobody has a mutex of this name"))?;
        let mut mutex = Mutex::of(object);
        if inheritable {
            mutex.make_inheritable()?;
        }
        Ok(mutex)
    }

    pub(crate) fn duplicate_from(pid: u32, raw: u64) -> Result<Mutex> {
        token::duplicate_mutex(pid, raw)
    }

    pub(crate) fn from_token(text: &str) -> Result<Mutex> {
        token::inherit_mutex(text)
    }

    pub(crate) fn to_token(&self) -> Result<String> {
        token::mutex_token(self.passed.as_ref())
    }

    /// A handle to an object that the caller already counts as one of its handles.
    pub(super) fn of(object: Arc<Object>) -> Mutex {
        Mutex { object, passed: None, open: true }
    }

    pub(crate) fn name(&self) -> Option<&Name> {
        self.object.name.as_ref()
    }

    pub(crate) fn try_clone(&self) -> Result<Mutex> {
        if let Some(name) = self.name() {
            registry::retain(&mut registry::lock(), name);
        }
        Ok(Mutex::of(self.object.clone()))
    }

    pub(crate) fn raw(&self) -> u64 {
        self.object.fd.as_raw_fd() as u64
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.object.fd.as_fd()
    }

    pub(crate) fn close(mut self) -> Result<()> {
        self.release()
    }

    #[inline]
    pub(crate) fn lock(&self, deadline: Deadline) -> Result<LockOutcome> {
        self.object.lock(deadline)
    }

    #[inline]
    pub(crate) fn unlock(&self) -> Result<()> {
        self.object.unlock()
    }

    fn make_inheritable(&mut self) -> Result<()> {
        self.passed = Some(Passed::new(self.name(), self.object.fd.as_fd())?);
        Ok(())
    }

    fn release(&mut self) -> Result<()> {
        if !std::mem::replace(&mut self.open, false) {
            return Ok(());
        }
        let anchor = self.passed.take().and_then(|passed| passed.anchor);
        match self.name() {
            Some(name) => registry::release(name, anchor),
            None => Ok(()),
        }
    }
}

impl Drop for Mutex {
    fn drop(&mut self) {
        // What `close` would report is trouble with the record, which the kernel's view of who lives outlasts.
        let _ = self.release();
    }
}

impl Object {
    /// The object of a record that is open and known to be a mutex's.
    pub(super) fn new(name: Option<Name>, fd: OwnedFd) -> Result<Object> {
        Ok(Object { name, page: Page::of(&fd)?, fd })
    }

    fn unnamed(owned: bool) -> Result<Object> {
        let making = "making memory for the mutex";
        let fd = memory::memfd(memory::MUTEX, false).map_err(|errno| fail(errno, making))?;
        files::allocate(fd.as_fd(), 0, PAGE as u64).map_err(|errno| fail(errno, making))?;
        let header = Header::new(kind::MUTEX, 0);
        files::write_at(fd.as_fd(), header.as_bytes(), 0).map_err(|errno| fail(errno, making))?;
        memory::seal_size(fd.as_fd()).map_err(|errno| fail(errno, making))?;
        let object = Object::new(None, fd)?;
        if owned {
            object.lock(Deadline::never())?;
        }
        Ok(object)
    }

    /// When nobody has the mutex open any more: it ends, although the calling thread may own it.
    pub(super) fn end(&self) {
        self.page.depth.store(1, Ordering::Relaxed);
        // Fails if another thread owns it: then its page stays until that thread ends.
        let _ = self.unlock();
    }

    #[inline]
    fn lock(&self, deadline: Deadline) -> Result<LockOutcome> {
        let thread = robust::current()?;
        let page = &*self.page;
        if page.owner.load(Ordering::Relaxed) == thread.tid {
            return self.lock_again();
        }
        thread.begin(page.entry());
        let taken = match word::try_take(page.word(), thread.tid) {
            Some(taken) => Some(taken),
            None => wait(page, thread, deadline),
        };
        if taken.is_some() {
            // SAFETY: the page stays mapped while its owner is recorded, which is until `unlock`; the mutex was free, so
            // its entry is in no list of this process.
            unsafe { thread.link(page.entry()) };
            page.owner.store(thread.tid, Ordering::Relaxed);
            page.depth.store(1, Ordering::Relaxed);
        }
        thread.done();
        Ok(match taken {
            Some(Taken::Clean) => LockOutcome::Acquired,
            Some(Taken::Abandoned) => LockOutcome::Abandoned,
            None => LockOutcome::TimedOut,
        })
    }

    fn lock_again(&self) -> Result<LockOutcome> {
        let depth = self.page.depth.load(Ordering::Relaxed);
        if depth == MOST {
            return Err(Error::new(
                ErrorKind::RecursionLimit,
                "unlock it as often as it was locked",
            ));
        }
        self.page.depth.store(depth + 1, Ordering::Relaxed);
        Ok(LockOutcome::Acquired)
    }

    #[inline]
    fn unlock(&self) -> Result<()> {
        let thread = robust::current()?;
        let page = &*self.page;
        if page.owner.load(Ordering::Relaxed) != thread.tid {
            return Err(Error::new(
                ErrorKind::NotOwner,
                "only the thread that locked it may unlock it",
            ));
        }
        let depth = page.depth.load(Ordering::Relaxed);
        if depth > 1 {
            page.depth.store(depth - 1, Ordering::Relaxed);
            return Ok(());
        }
        page.owner.store(0, Ordering::Relaxed);
        thread.begin(page.entry());
        // SAFETY: this thread owns the mutex, so it linked the entry.
        unsafe { thread.unlink(page.entry()) };
        if word::release(page.word(), thread.tid) {
            wake(page);
        }
        thread.done();
        Ok(())
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        Page::forget(&self.page);
    }
}

/// Waits for the mutex; `None` when the deadline passed.
#[cold]
fn wait(page: &Page, thread: Thread, deadline: Deadline) -> Option<Taken> {
    let only_a_test = deadline == Deadline::now();
    for look in 0..if only_a_test { 0 } else { LOOKS } {
        for _ in 0..1_u32 << look.min(LONGEST_PAUSE) {
            std::hint::spin_loop();
        }
        if page.word().load(Ordering::Relaxed) & !word::OWNER_DIED == 0 {
            if let Some(taken) = word::try_take(page.word(), thread.tid) {
                return Some(taken);
            }
        }
    }
    let mut served = false;
    loop {
        let left = deadline.remaining();
        let over = left.is_some_and(|left| left.is_zero());
        if over && page.word().load(Ordering::Relaxed) & word::OWNER != 0 {
            return None;
        }
        // A mutex that is kept for somebody who may be dead is worth a short wait past any deadline: it is not locked.
        let (expected, brief) = match word::approach(page.word(), thread.tid, served) {
            Step::Taken(taken) => return Some(taken),
            Step::Sleep(expected) => (expected, false),
            Step::SleepBriefly(expected) => (expected, true),
        };
        let limit = if brief { Some(RESPECT) } else { left };
        served = match futex::wait(page.word(), expected, limit) {
            Woken::ByWake => true,
            Woken::TimedOut => brief,
            Woken::LookAgain => served,
        };
    }
}

#[cold]
fn wake(page: &Page) {
    if !futex::wake_one(page.word()) && word::nobody_slept(page.word()) {
        futex::wake_one(page.word());
    }
}

fn create_named(name: &Name, request: &MutexRequest) -> Result<(Arc<Object>, bool)> {
    let mut registry = registry::lock();
    if let Some(held) = registry::retain(&mut registry, name) {
        return Ok((into_mutex(&mut registry, name, held)?, false));
    }
    let directory = directory_of(name)?;
    let mut created = false;
    let visited = member::visit(
        &directory,
        name,
        |record, gate, contents| attach(name, record, gate, contents),
        Some(&mut |record, gate| {
            member::secure(&record.fd, &request.security, true)?;
            let mut header = Header::new(kind::MUTEX, name.units().len());
            if name.namespace() == Namespace::Global {
                header.flags |= flag::GLOBAL;
            }
            gate.fill(&header, name.units())?;
            let object = object_of(name, record)?;
            if request.initial_owner {
                object.lock(Deadline::never())?;
            }
            let joined = join(&record.directory, gate, &mut Contents::new(header), -1)?;
            created = true;
            Ok((Arc::new(object), joined))
        }),
    )?;
    let (record, (object, joined)) = visited.expect("a free name is taken");
    let member = Member::new(record, joined, -1);
    registry::insert(&mut registry, name, Held::Mutex(object.clone()), member);
    Ok((object, created))
}

/// Opens by name: among what this process holds, else through the record.
pub(super) fn open_named(name: &Name) -> Result<Option<Arc<Object>>> {
    let mut registry = registry::lock();
    if let Some(held) = registry::retain(&mut registry, name) {
        return into_mutex(&mut registry, name, held).map(Some);
    }
    let directory = directory_of(name)?;
    let existing = |record: &Record, gate: &Gate<'_>, contents: &mut Contents| {
        attach(name, record, gate, contents)
    };
    let Some((record, (object, joined))) = member::visit(&directory, name, existing, None)? else {
        return Ok(None);
    };
    let member = Member::new(record, joined, -1);
    registry::insert(&mut registry, name, Held::Mutex(object.clone()), member);
    Ok(Some(object))
}

type Attached = (Arc<Object>, (u32, Arc<super::presence::Presence>));

fn attach(
    name: &Name,
    record: &Record,
    gate: &Gate<'_>,
    contents: &mut Contents,
) -> Result<Look<Attached>> {
    if !gate.is_held(contents)? {
        return Ok(Look::Dead);
    }
    expect_kind(&contents.header, ObjectKind::Mutex)?;
    let object = object_of(name, record)?;
    let joined = join(&record.directory, gate, contents, -1)?;
    Ok(Look::Found((Arc::new(object), joined)))
}

fn object_of(name: &Name, record: &Record) -> Result<Object> {
    let fd = files::duplicate(&record.fd).map_err(|errno| fail(errno, "keeping the mutex open"))?;
    Object::new(Some(name.clone()), fd)
}

fn into_mutex(registry: &mut registry::Registry, name: &Name, held: Held) -> Result<Arc<Object>> {
    held.into_mutex().inspect_err(|_| registry::undo_retain(registry, name))
}

/// Opens a mutex through a descriptor for its record, which another process has or passed.
pub(super) fn of_descriptor(fd: OwnedFd) -> Result<Mutex> {
    let contents = Contents::read(fd.as_fd())?
        .ok_or_else(|| Error::new(ErrorKind::WrongKind, "the handle is not a mutex"))?;
    expect_kind(&contents.header, ObjectKind::Mutex)?;
    match contents.full_name(fd.as_fd())? {
        None => Ok(Mutex::of(Arc::new(Object::new(None, fd)?))),
        Some(name) => {
            let object = open_named(&name)?.ok_or_else(|| {
                Error::new(ErrorKind::NotFound, "nobody holds the mutex any more")
            })?;
            let mutex = Mutex::of(object);
            let same = |fd: &OwnedFd| files::fstat(fd).ok().map(|stat| files::identity(&stat));
            if same(&fd) != same(&mutex.object.fd) {
                return Err(Error::new(ErrorKind::NotFound, "another mutex has the name by now"));
            }
            Ok(mutex)
        }
    }
}
