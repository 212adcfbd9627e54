//! What can be waited for, and waiting for it: objects, child processes and descriptors.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::process::Child;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use super::all::{self, Beside};
use super::os::poll;
use super::os::{fail::fail, futex, process};
use super::wait::{self, Got, Item};
use super::{mutex, object::Object, signal, Event, Mutex, Process, Semaphore, Timer};
use crate::wait::Wait;
use crate::{Deadline, Error, ErrorKind, Result};

/// Something to wait for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    Mutex(&'a Mutex),
    Event(&'a Event),
    Semaphore(&'a Semaphore),
    Timer(&'a Timer),
    /// Signaled when it has ended.
    Process(&'a Process),
    Child(&'a Child),
    /// Signaled while it has something to read, or its other end is gone.
    Descriptor(BorrowedFd<'a>),
}

impl Wait for BorrowedFd<'_> {
    fn target(&self) -> crate::wait::Target<'_> {
        crate::wait::Target(Target::Descriptor(*self))
    }
}

impl Wait for OwnedFd {
    fn target(&self) -> crate::wait::Target<'_> {
        crate::wait::Target(Target::Descriptor(self.as_fd()))
    }
}

impl<'a> Target<'a> {
    pub(super) fn object(&self) -> Option<&'a Object> {
        match *self {
            Target::Mutex(mutex) => Some(&mutex.0.object),
            Target::Event(event) => Some(&event.0.object),
            Target::Semaphore(semaphore) => Some(&semaphore.0.object),
            Target::Timer(timer) => Some(&timer.0.object),
            Target::Process(_) | Target::Child(_) | Target::Descriptor(_) => None,
        }
    }

    pub(super) fn shared(&self) -> Option<Arc<Object>> {
        match *self {
            Target::Mutex(mutex) => Some(mutex.0.object.clone()),
            Target::Event(event) => Some(event.0.object.clone()),
            Target::Semaphore(semaphore) => Some(semaphore.0.object.clone()),
            Target::Timer(timer) => Some(timer.0.object.clone()),
            Target::Process(_) | Target::Child(_) | Target::Descriptor(_) => None,
        }
    }

    /// What is polled for it; only for what is no object.
    pub(super) fn polled(&self) -> Result<Polled<'a>> {
        let doing = "looking at the child process";
        match *self {
            Target::Descriptor(fd) => Ok(Polled::Descriptor(fd)),
            Target::Process(process) => Ok(Polled::Descriptor(process.end())),
            Target::Child(child) => match process::open_child(child.id()) {
                Ok(Some(process)) => Ok(Polled::Process(process)),
                // A pipe without a writer stands for a process that has ended.
                Ok(None) => Ok(Polled::Process(poll::pipe()?.1)),
                Err(errno) => Err(fail(errno, doing)),
            },
            _ => Err(Error::new(ErrorKind::WrongKind, "an object is not polled")),
        }
    }

    pub(crate) fn is_same(&self, other: &Target<'_>) -> bool {
        match (self, other, self.object(), other.object()) {
            (_, _, Some(one), Some(other)) => one.page.identity() == other.page.identity(),
            (Target::Process(one), Target::Process(other), ..) => one.is_same(other),
            (Target::Child(one), Target::Child(other), ..) => one.id() == other.id(),
            (Target::Process(process), Target::Child(child), ..)
            | (Target::Child(child), Target::Process(process), ..) => process.is_child(child.id()),
            (Target::Descriptor(one), Target::Descriptor(other), ..) => {
                one.as_raw_fd() == other.as_raw_fd()
            }
            _ => false,
        }
    }
}

pub(crate) fn wait_any(
    targets: &[Target<'_>],
    deadline: Deadline,
) -> Result<Option<(usize, bool)>> {
    let set = Set::new(targets)?;
    if set.polled.is_empty() {
        return Ok(match wait::any(&set.items, None, deadline)? {
            Got::Object(index, abandoned) => Some((index, abandoned)),
            Got::Beside | Got::Nothing => None,
        });
    }
    loop {
        if let Some(got) = set.look()? {
            return Ok(Some(got));
        }
        if deadline.passed() {
            return Ok(None);
        }
        if set.items.is_empty() {
            poll::until_readable(&set.polled(), deadline)?;
            continue;
        }
        if let Some(got) = set.sleep(deadline)? {
            return Ok(Some(got));
        }
    }
}

pub(crate) fn wait_all(
    targets: &[Target<'_>],
    deadline: Deadline,
) -> Result<Option<(usize, bool)>> {
    let set = Set::new(targets)?;
    Ok(all::all(&set.items, &set, deadline)?.map(|abandoned| (0, abandoned)))
}

pub(crate) fn signal_and_wait(
    signal: &Target<'_>,
    wait: &Target<'_>,
    deadline: Deadline,
) -> Result<Option<(usize, bool)>> {
    let set = Set::new(std::slice::from_ref(wait))?;
    match signal {
        Target::Event(event) => signal::set(&event.0.object)?,
        Target::Semaphore(semaphore) => signal::release(&semaphore.0.object, 1).map(|_| ())?,
        Target::Mutex(mutex) => mutex::unlock(&mutex.0.object)?,
        Target::Timer(_) | Target::Process(_) | Target::Child(_) | Target::Descriptor(_) => {
            let why = "only a mutex, an event or a semaphore can be signaled";
            return Err(Error::new(ErrorKind::WrongKind, why));
        }
    }
    // What the waiter notes about an event, it noted before the signal.
    if set.items.is_empty() {
        return wait_any(std::slice::from_ref(wait), deadline);
    }
    Ok(match wait::any(&set.items, None, deadline)? {
        Got::Object(index, abandoned) => Some((index, abandoned)),
        Got::Beside | Got::Nothing => None,
    })
}

/// What is waited for, sorted into objects and things that are polled; with their places in the caller's slice.
struct Set<'a> {
    items: Vec<Item<'a>>,
    places: Vec<usize>,
    polled: Vec<(usize, Polled<'a>)>,
}

/// Something that is polled.
pub(super) enum Polled<'a> {
    Descriptor(BorrowedFd<'a>),
    Process(OwnedFd),
}

impl AsFd for Polled<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Polled::Descriptor(fd) => *fd,
            Polled::Process(process) => process.as_fd(),
        }
    }
}

impl<'a> Set<'a> {
    fn new(targets: &[Target<'a>]) -> Result<Set<'a>> {
        let mut set = Set {
            items: Vec::with_capacity(targets.len()),
            places: Vec::new(),
            polled: Vec::new(),
        };
        for (place, target) in targets.iter().enumerate() {
            match target.object() {
                Some(object) => {
                    set.items.push(Item::new(object));
                    set.places.push(place);
                }
                None => set.polled.push((place, target.polled()?)),
            }
        }
        Ok(set)
    }

    fn polled(&self) -> Vec<BorrowedFd<'_>> {
        self.polled.iter().map(|(_, polled)| polled.as_fd()).collect()
    }

    /// The first of all that is signaled now.
    fn look(&self) -> Result<Option<(usize, bool)>> {
        let readable = poll::readable(&self.polled())?;
        let polled = readable.map(|index| self.polled[index].0);
        let before = self.places.iter().take_while(|place| polled.is_none_or(|at| **place < at));
        if let Got::Object(index, abandoned) =
            wait::any(&self.items[..before.count()], None, Deadline::now())?
        {
            return Ok(Some((self.places[index], abandoned)));
        }
        Ok(polled.map(|place| (place, false)))
    }

    /// Sleeps for objects here, and in a thread for what must be polled. `None`: look again.
    fn sleep(&self, deadline: Deadline) -> Result<Option<(usize, bool)>> {
        let readable = AtomicU64::new(0);
        let (stop, stopped) = poll::pipe()?;
        let mut polled = self.polled();
        polled.push(stopped.as_fd());
        let got = std::thread::scope(|scope| {
            scope.spawn(|| {
                // An error is found again by the thread that waits.
                let _ = poll::until_readable(&polled, Deadline::never());
                readable.store(1, Ordering::Release);
                futex::wake(&readable, 1);
            });
            let got = wait::any(&self.items, Some(&readable), deadline);
            drop(stop);
            got
        })?;
        Ok(match got {
            Got::Object(index, abandoned) => Some((self.places[index], abandoned)),
            Got::Beside | Got::Nothing => None,
        })
    }
}

impl Beside for Set<'_> {
    fn is_ready(&self) -> Result<bool> {
        for fd in self.polled() {
            if poll::readable(&[fd])?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn sleep(&self, deadline: Deadline) -> Result<()> {
        for fd in self.polled() {
            if poll::readable(&[fd])?.is_none() {
                return poll::until_readable(&[fd], deadline);
            }
        }
        Ok(())
    }
}
