//! Mutexes: the word's owner is a thread, its sleepers wait on a futex, and the kernel marks a dead owner.
#![allow(unsafe_code)]

use std::os::fd::BorrowedFd;
use std::sync::atomic::Ordering;

use super::object::{Handle, Kind, New, Object};
use super::os::futex;
use super::page::{Page, TRYING};
use super::robust::{self, Thread};
use super::wait;
use crate::state::mutex::{self as word, Taken};
use crate::sys::{LockOutcome, MutexRequest};
use crate::{Deadline, Error, ErrorKind, Name, ObjectKind, Result};

/// How often one thread may lock a mutex.
const MOST: u32 = i32::MAX as u32;

/// A handle.
#[derive(Debug)]
pub(crate) struct Mutex(pub(super) Handle);

impl Mutex {
    pub(crate) fn create(request: MutexRequest) -> Result<(Mutex, bool)> {
        let MutexRequest { name, initial_owner, security, inheritable, if_exists } = request;
        let (kind, owned) = (Kind::Mutex, initial_owner);
        let new = New { name, kind, initial: 0, owned, security, inheritable, if_exists };
        Handle::create(new).map(|(handle, created)| (Mutex(handle), created))
    }

    pub(crate) fn open(name: &Name, inheritable: bool) -> Result<Mutex> {
        Handle::open(name, ObjectKind::Mutex, inheritable).map(Mutex)
    }

    pub(crate) fn duplicate_from(pid: u32, raw: u64) -> Result<Mutex> {
        Handle::duplicate_from(pid, raw, ObjectKind::Mutex).map(Mutex)
    }

    pub(crate) fn from_token(text: &str) -> Result<Mutex> {
        Handle::from_token(text, ObjectKind::Mutex).map(Mutex)
    }

    pub(crate) fn to_token(&self) -> Result<String> {
        self.0.to_token()
    }

    pub(crate) fn name(&self) -> Option<&Name> {
        self.0.name()
    }

    pub(crate) fn try_clone(&self) -> Result<Mutex> {
        Ok(Mutex(self.0.clone_it()))
    }

    pub(crate) fn raw(&self) -> u64 {
        self.0.raw()
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    pub(crate) fn close(self) -> Result<()> {
        self.0.close()
    }

    #[inline]
    pub(crate) fn lock(&self, deadline: Deadline) -> Result<LockOutcome> {
        lock(&self.0.object, deadline)
    }

    #[inline]
    pub(crate) fn unlock(&self) -> Result<()> {
        unlock(&self.0.object)
    }
}

#[inline]
pub(super) fn lock(object: &Object, deadline: Deadline) -> Result<LockOutcome> {
    let thread = robust::current()?;
    let page = &*object.page;
    if page.owner.load(Ordering::Relaxed) == thread.tid {
        return lock_again(page).map(|()| LockOutcome::Acquired);
    }
    thread.begin(page.entry());
    let taken = word::try_take(page.word(), thread.tid);
    if taken.is_some() {
        adopt(page, thread);
    }
    thread.done();
    let outcome = |taken| match taken {
        Taken::Clean => LockOutcome::Acquired,
        Taken::Abandoned => LockOutcome::Abandoned,
    };
    match taken {
        Some(_) if page.is_lost() => Err(give_back(object)),
        Some(taken) => Ok(outcome(taken)),
        None => Ok(match wait::one_object(object, deadline)? {
            Some(abandoned) if abandoned => LockOutcome::Abandoned,
            Some(_) => LockOutcome::Acquired,
            None => LockOutcome::TimedOut,
        }),
    }
}

/// For a mutex whose page turned out to be this process's own.
#[cold]
fn give_back(object: &Object) -> Error {
    let _ = unlock(object);
    super::page::lost()
}

/// Enters a mutex whose word was just taken into the thread's list and the process's books.
#[inline]
pub(super) fn adopt(page: &Page, thread: Thread) {
    while page.owner.load(Ordering::SeqCst) & TRYING != 0 {
        // Another thread of this process tried to take it among several objects, and is about to take its entry back.
        std::thread::yield_now();
    }
    // SAFETY: the page stays mapped while its owner is recorded, which is until `unlock`; the mutex was free and nobody
    // in this process tries to take it, so its entry is in no list of this process.
    unsafe { thread.link(page.entry()) };
    page.owner.store(thread.tid, Ordering::Relaxed);
    page.depth.store(1, Ordering::Relaxed);
}

pub(super) fn lock_again(page: &Page) -> Result<()> {
    check_depth(page)?;
    page.depth.store(page.depth.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    Ok(())
}

/// Whether the owner can lock it once more.
pub(super) fn check_depth(page: &Page) -> Result<()> {
    if page.depth.load(Ordering::Relaxed) == MOST {
        let why = "unlock it as often as it was locked";
        return Err(Error::new(ErrorKind::RecursionLimit, why));
    }
    Ok(())
}

#[inline]
pub(super) fn unlock(object: &Object) -> Result<()> {
    let thread = robust::current()?;
    let page = &*object.page;
    if page.owner.load(Ordering::Relaxed) != thread.tid {
        let why = "only the thread that locked it may unlock it";
        return Err(Error::new(ErrorKind::NotOwner, why));
    }
    let depth = page.depth.load(Ordering::Relaxed);
    if depth > 1 {
        page.depth.store(depth - 1, Ordering::Relaxed);
        return Ok(());
    }
    thread.begin(page.entry());
    // SAFETY: this thread owns the mutex, so it linked the entry.
    unsafe { thread.unlink(page.entry()) };
    page.owner.store(0, Ordering::Release);
    if word::release(page.word(), thread.tid) {
        wake(page);
    }
    thread.done();
    Ok(()) // also where the page was lost meanwhile: whoever locks it next is told
}

/// Wakes the next waiter of a free mutex that is kept for one.
#[cold]
pub(super) fn wake(page: &Page) {
    if futex::wake(page.word(), 1) == 0 && word::nobody_slept(page.word()) {
        futex::wake(page.word(), 1);
    }
}

/// When nobody has the object open any more: a mutex ends, although the calling thread may own it.
pub(super) fn end(object: &Object) {
    if object.kind == Kind::Mutex {
        object.page.depth.store(1, Ordering::Relaxed);
        // Fails if another thread owns it: then its page stays until that thread ends.
        let _ = unlock(object);
    }
}

/// An attempt to take a mutex among several objects. The thread's one announcement to the kernel is needed for the other
/// objects, so the mutex's entry goes into the thread's list before the word is taken: an entry whose word names somebody
/// else means nothing to the kernel.
pub(super) struct Trial<'a> {
    page: &'a Page,
    thread: Thread,
}

impl<'a> Trial<'a> {
    /// `None` if another thread of this process is taking it or has it.
    pub(super) fn new(page: &'a Page, thread: Thread) -> Option<Trial<'a>> {
        let seen = page.owner.load(Ordering::Relaxed);
        // The word second: were it free while a living owner stood in `seen`, the exchange below would fail.
        if seen & TRYING != 0 || word::owner(page.word().load(Ordering::SeqCst)) != 0 {
            return None;
        }
        let trying = thread.tid | TRYING;
        page.owner.compare_exchange(seen, trying, Ordering::SeqCst, Ordering::Relaxed).ok()?;
        if word::owner(page.word().load(Ordering::SeqCst)) != 0 {
            let _ = page.owner.compare_exchange(trying, seen, Ordering::SeqCst, Ordering::Relaxed);
            return None;
        }
        // SAFETY: the page stays mapped while it is borrowed, and after `keep` while its owner is recorded; no other
        // thread of this process has the entry in its list, because the mutex was free after we announced ourselves.
        unsafe { thread.link(page.entry()) };
        Some(Trial { page, thread })
    }

    /// The word was taken.
    pub(super) fn keep(self) {
        self.page.depth.store(1, Ordering::Relaxed);
        self.page.owner.store(self.thread.tid, Ordering::Release);
        std::mem::forget(self);
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        // SAFETY: linked by `new`.
        unsafe { self.thread.unlink(self.page.entry()) };
        self.page.owner.store(0, Ordering::Release);
    }
}
