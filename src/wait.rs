//! Waiting for several objects at once.

use std::process::Child;

use crate::{sys, Deadline, Error, ErrorKind, Event, Mutex, Process, Result, Semaphore, Timer};

/// Something that can be waited for: a [`Mutex`], [`Event`], [`Semaphore`] or [`Timer`], or a [`Process`] or [`Child`], which
/// is signaled when it has ended, and stays so.
///
/// ```
/// use mapview::{wait_any, Deadline, Event, Process, Reset};
/// let (answer, other) = (Event::create("", Reset::Auto)?, Process::current()?); // or `Process::open(pid)`
/// answer.set()?;
/// let got = wait_any(&[&answer, &other], Deadline::never())?.expect("there was no deadline");
/// assert_eq!(got.index(), 0); // 1 would say that the other process has ended and there will be no answer
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Platform notes
/// Linux: also a `BorrowedFd` or `OwnedFd` of `std::os::fd`, signaled while it has
/// something to read or its other end is gone; nothing is read. A wait that sleeps with a process, child or descriptor beside
/// other objects runs a thread for that time, because the kernel cannot wait for both sorts in one call.
pub trait Wait {
    #[doc(hidden)]
    fn target(&self) -> Target<'_>;
}

/// What the system waits for.
#[doc(hidden)]
#[derive(Debug)]
pub struct Target<'a>(pub(crate) sys::Target<'a>);

impl Wait for Mutex {
    fn target(&self) -> Target<'_> {
        Target(sys::Target::Mutex(&self.inner))
    }
}

impl Wait for Event {
    fn target(&self) -> Target<'_> {
        Target(sys::Target::Event(&self.inner))
    }
}

impl Wait for Semaphore {
    fn target(&self) -> Target<'_> {
        Target(sys::Target::Semaphore(&self.inner))
    }
}

impl Wait for Timer {
    fn target(&self) -> Target<'_> {
        Target(sys::Target::Timer(&self.inner))
    }
}

impl Wait for Process {
    fn target(&self) -> Target<'_> {
        Target(sys::Target::Process(self.inner()))
    }
}

impl Wait for Child {
    fn target(&self) -> Target<'_> {
        Target(sys::Target::Child(self))
    }
}

/// How a wait succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signaled {
    index: usize,
    abandoned: bool,
}

impl Signaled {
    /// The place, in the slice, of the object that ended the wait; 0 after [`wait_all`].
    #[doc(alias = "WAIT_OBJECT_0")]
    pub fn index(self) -> usize {
        self.index
    }

    /// Whether the mutex at [`Signaled::index`], or after [`wait_all`] any mutex, was abandoned by an owner that ended;
    /// what it protects may be half-written. Told once.
    #[doc(alias = "WAIT_ABANDONED_0")]
    pub fn abandoned(self) -> bool {
        self.abandoned
    }
}

/// The most objects that one wait takes.
#[doc(alias = "MAXIMUM_WAIT_OBJECTS")]
pub(crate) const MOST: usize = 64;

/// Waits until one of 1 to 64 objects is signaled, and takes that one alone: the first in the slice if there are several.
/// `None` if `deadline` passed. The same object may be given more than once.
///
/// Taking a mutex means owning it, until [`Mutex::unlock`]. Follows
/// [`WaitForMultipleObjects`](https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitformultipleobjects).
///
/// ```
/// use mapview::{wait_any, Deadline, Event, Reset, Semaphore};
/// let (stop, work) = (Event::create("", Reset::Manual)?, Semaphore::create("", 0, 9)?);
/// work.release(2)?;
/// let got = wait_any(&[&stop, &work], Deadline::never())?.expect("there was no deadline");
/// assert_eq!(got.index(), 1);
/// assert_eq!(work.release(1)?, 1); // one was taken
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Errors
/// [`InvalidParameter`](ErrorKind::InvalidParameter): no object, or more than 64.
#[doc(alias = "WaitForMultipleObjects")]
pub fn wait_any(objects: &[&dyn Wait], deadline: impl Into<Deadline>) -> Result<Option<Signaled>> {
    Ok(sys::wait_any(&targets(objects)?, deadline.into())?.map(signaled))
}

/// Waits until all of 1 to 64 different objects are signaled at one instant, and takes them all at that instant; takes
/// nothing before. `None` if `deadline` passed, and nothing was taken.
///
/// ```
/// use mapview::{wait_all, Deadline, Event, Mutex, Reset};
/// let (fork, knife) = (Mutex::create("")?, Event::create("", Reset::Auto)?);
/// assert!(wait_all(&[&fork, &knife], Deadline::now())?.is_none()); // and the fork is free
/// knife.set()?;
/// assert!(wait_all(&[&fork, &knife], Deadline::now())?.is_some());
/// assert!(!knife.try_wait()?);
/// fork.unlock()?;
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Errors
/// [`InvalidParameter`](ErrorKind::InvalidParameter): no object, or more than 64, or one object twice, even through
/// different handles.
#[doc(alias = "WaitForMultipleObjects")]
pub fn wait_all(objects: &[&dyn Wait], deadline: impl Into<Deadline>) -> Result<Option<Signaled>> {
    let targets = targets(objects)?;
    for (index, target) in targets.iter().enumerate() {
        if let Some(first) = targets[..index].iter().position(|other| other.is_same(target)) {
            let why = format!("objects {first} and {index} are the same; each may be there once");
            return Err(Error::new(ErrorKind::InvalidParameter, why));
        }
    }
    Ok(sys::wait_all(&targets, deadline.into())?.map(signaled))
}

/// Whether both are the same object, through whatever handles.
///
/// Follows [`CompareObjectHandles`](https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-compareobjecthandles).
///
/// ```
/// use mapview::{is_same_object, Event, Reset};
/// let (one, other) = (Event::create("", Reset::Auto)?, Event::create("", Reset::Auto)?);
/// assert!(is_same_object(&one, &one.try_clone()?));
/// assert!(!is_same_object(&one, &other));
/// # Ok::<(), mapview::Error>(())
/// ```
#[doc(alias = "CompareObjectHandles")]
pub fn is_same_object(one: &dyn Wait, other: &dyn Wait) -> bool {
    one.target().0.is_same(&other.target().0)
}

/// Signals one object and waits for another, in one go: sets an event, releases one of a semaphore, or unlocks a mutex.
/// `None` if `deadline` passed; the signal was given all the same.
///
/// ```
/// use mapview::{signal_and_wait, Deadline, Event, Reset};
/// let (ask, answer) = (Event::create("", Reset::Auto)?, Event::create("", Reset::Auto)?);
/// answer.set()?;
/// assert!(signal_and_wait(&ask, &answer, Deadline::never())?.is_some());
/// assert!(ask.try_wait()?);
/// # Ok::<(), mapview::Error>(())
/// ```
///
/// # Errors
/// [`NotOwner`](ErrorKind::NotOwner): the mutex is not this thread's; [`TooManyPosts`](ErrorKind::TooManyPosts): the
/// semaphore is full; [`WrongKind`](ErrorKind::WrongKind): what is to be signaled cannot be. Then nothing was waited for.
#[doc(alias = "SignalObjectAndWait")]
pub fn signal_and_wait(
    signal: &dyn Wait,
    wait: &dyn Wait,
    deadline: impl Into<Deadline>,
) -> Result<Option<Signaled>> {
    let (signal, wait) = (signal.target().0, wait.target().0);
    Ok(sys::signal_and_wait(&signal, &wait, deadline.into())?.map(signaled))
}

pub(crate) fn targets<'a, W: Wait + ?Sized>(objects: &[&'a W]) -> Result<Vec<sys::Target<'a>>> {
    if objects.is_empty() || objects.len() > MOST {
        let why = format!("wait for 1 to {MOST} objects, not {}", objects.len());
        return Err(Error::new(ErrorKind::InvalidParameter, why));
    }
    Ok(objects.iter().map(|object| object.target().0).collect())
}

pub(crate) fn signaled((index, abandoned): (usize, bool)) -> Signaled {
    Signaled { index, abandoned }
}
