//! `wait_any`: channels and objects of the system in one wait.

use std::fmt;

use mapview::{Deadline, Wait};

use crate::station::Class;
use crate::wait::{announce, sooner, Announced, Awaited, Settle, Waiter, Watch, ASK};
use crate::{Error, ErrorKind, Result};

/// What can be waited for in [`wait_any`], of this library.
pub(crate) trait Source: Awaited {
    /// What it sleeps for.
    fn class(&self) -> Class;
    /// What it sleeps with; `None` while another wait has it, and then this one looks now and then.
    fn waiter(&self) -> Option<&Waiter>;
    /// The wait is over.
    fn done(&mut self) {}
}

/// One of the things that [`wait_any`] waits for: a receiver with a message ([`Receiver::waitable`](crate::Receiver::waitable)), a
/// sender with room ([`Sender::waitable`](crate::Sender::waitable)), a server with a request
/// ([`Server::waitable`](crate::Server::waitable)), a call with a reply ([`Call::waitable`](crate::Call::waitable)), or an object of the
/// system.
#[derive(Debug)]
pub struct Waitable<'a>(Sort<'a>);

enum Sort<'a> {
    Channel(&'a mut (dyn Source + 'a)),
    Object(&'a dyn Wait),
}

impl fmt::Debug for Sort<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sort::Channel(_) => f.write_str("Channel"),
            Sort::Object(_) => f.write_str("Object"),
        }
    }
}

impl<'a> Waitable<'a> {
    /// No destructor, so that the borrow ends with the last use.
    pub(crate) fn channel(source: &'a mut (dyn Source + 'a)) -> Waitable<'a> {
        Waitable(Sort::Channel(source))
    }

    fn waiter(&self) -> Option<&Waiter> {
        match &self.0 {
            Sort::Channel(source) => source.waiter(),
            Sort::Object(_) => None,
        }
    }

    fn must_ask(&self) -> bool {
        matches!(self.0, Sort::Channel(_)) && self.waiter().is_none()
    }

    /// An object of the system: an event, mutex, semaphore, timer or process of [`mapview`], a child.
    pub fn object(object: &'a dyn Wait) -> Waitable<'a> {
        Waitable(Sort::Object(object))
    }
}

/// How [`wait_any`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    index: usize,
    abandoned: bool,
}

impl Ready {
    /// The place in the slice of what is ready: the first, if several are.
    pub fn index(self) -> usize {
        self.index
    }

    /// Whether it is a mutex whose owner ended, as [`mapview::Signaled::abandoned`].
    pub fn abandoned(self) -> bool {
        self.abandoned
    }
}

/// How many at once; the system takes 64, of which some are other receivers that are watched over.
const MOST: usize = 32;
/// Looks before it sleeps: as long as a message is under way between two processors that are awake.
const LOOKS: u32 = 200;

/// Waits until one of 1 to 32 channels and objects is ready; `None` if `deadline` passed. It sleeps without any cost.
///
/// Of a channel nothing is taken: `try_recv` or `try_reserve` comes after, and finds what was there unless another receiver of the same
/// ring was faster. An object is taken, as [`mapview::wait_any`] does, and only the one whose index is returned.
///
/// ```
/// use mapview::{Event, Reset};
/// use mapview_channel::{wait_any, Receiver, Sender, Waitable};
/// let name = format!("doc-wait-any-{}", std::process::id());
/// let (mut sender, mut receiver) = (Sender::create(&name)?, Receiver::create(&name)?);
/// let stop = Event::create("", Reset::Manual)?;
/// sender.send(b"hello")?;
/// let ready = wait_any(&mut [Waitable::object(&stop), receiver.waitable()], mapview::Deadline::never())?;
/// assert_eq!(ready.map(|ready| ready.index()), Some(1));
/// assert!(receiver.try_recv()?.is_some());
/// # Ok::<(), mapview_channel::Error>(())
/// ```
///
/// # Errors
/// [`InvalidParameter`](ErrorKind::InvalidParameter): nothing to wait for, or more than 32, or so many receivers to watch over that the
/// system cannot wait for all; [`Corrupt`](ErrorKind::Corrupt) and [`Object`](ErrorKind::Object): one of them failed.
pub fn wait_any(
    waitables: &mut [Waitable<'_>],
    deadline: impl Into<Deadline>,
) -> Result<Option<Ready>> {
    let deadline = deadline.into();
    if !(1..=MOST).contains(&waitables.len()) {
        let why = format!("wait for 1 to {MOST} channels and objects, not {}", waitables.len());
        return Err(Error::new(ErrorKind::InvalidParameter, "", why));
    }
    let ended = wait(waitables, deadline);
    for waitable in waitables {
        if let Sort::Channel(source) = &mut waitable.0 {
            source.done();
        }
    }
    ended
}

fn wait(waitables: &mut [Waitable<'_>], deadline: Deadline) -> Result<Option<Ready>> {
    if let Some(ready) = look(waitables)? {
        return Ok(Some(ready));
    }
    if deadline == Deadline::now() {
        return Ok(None);
    }
    for _ in 0..LOOKS {
        // Objects are looked at by the system, which costs more; so only once more, in the sleep.
        if any_channel(waitables)? {
            if let Some(ready) = look(waitables)? {
                return Ok(Some(ready));
            }
        }
        std::hint::spin_loop();
    }
    sleep(waitables, deadline)
}

fn any_channel(waitables: &mut [Waitable<'_>]) -> Result<bool> {
    for waitable in waitables {
        if let Sort::Channel(source) = &mut waitable.0 {
            if source.ready()? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The first that is ready.
fn look(waitables: &mut [Waitable<'_>]) -> Result<Option<Ready>> {
    for (index, waitable) in waitables.iter_mut().enumerate() {
        match &mut waitable.0 {
            Sort::Channel(source) => {
                if source.ready()? {
                    return Ok(Some(Ready { index, abandoned: false }));
                }
            }
            Sort::Object(object) => {
                if let Some(signaled) = mapview::wait_any(&[*object], Deadline::now())? {
                    return Ok(Some(Ready { index, abandoned: signaled.abandoned() }));
                }
            }
        }
    }
    Ok(None)
}

#[cold]
fn sleep(waitables: &mut [Waitable<'_>], deadline: Deadline) -> Result<Option<Ready>> {
    let mut watches: Vec<Watch> = waitables.iter().map(|_| Watch::default()).collect();
    let _asleep = announce_all(waitables)?;
    let mut settle = Settle::default();
    loop {
        let mut watched = Vec::new();
        for waitable in waitables.iter_mut() {
            watched.push(match &mut waitable.0 {
                Sort::Channel(source) => source.watched()?,
                Sort::Object(_) => 0,
            });
        }
        if let Some(ready) = look(waitables)? {
            return Ok(Some(ready));
        }
        if deadline.passed() {
            return Ok(None);
        }
        if !settle.is_first() && update(waitables, &mut watches, &watched)? {
            continue; // somebody may have died after `watched` looked
        }
        let until = settle.next(deadline);
        let ask = watches.iter().any(Watch::must_ask) || waitables.iter().any(Waitable::must_ask);
        let until = if ask { sooner(until, Some(ASK)) } else { until };
        if let Some(ready) = rest(waitables, &watches, until)? {
            return Ok(Some(ready));
        }
        for (waitable, watch) in waitables.iter().zip(&mut watches) {
            if let Some(waiter) = waitable.waiter() {
                watch.refresh(waiter.member().station())?;
            }
        }
    }
}

fn announce_all(waitables: &[Waitable<'_>]) -> Result<Vec<Announced>> {
    let mut announced = Vec::new();
    for waitable in waitables {
        if let (Sort::Channel(source), Some(waiter)) = (&waitable.0, waitable.waiter()) {
            waiter.bell()?;
            announced.push(announce(waiter.member(), source.class()));
        }
    }
    Ok(announced)
}

/// Whether somebody was found dead for the first time.
fn update(waitables: &[Waitable<'_>], watches: &mut [Watch], watched: &[u64]) -> Result<bool> {
    let mut died = false;
    for ((waitable, watch), mask) in waitables.iter().zip(watches).zip(watched) {
        if let Some(waiter) = waitable.waiter() {
            died |= watch.update(waiter.member().station(), *mask)?;
        }
    }
    Ok(died)
}

/// Sleeps until something happens; tells if it was an object, which is taken by that.
fn rest(waitables: &[Waitable<'_>], watches: &[Watch], until: Deadline) -> Result<Option<Ready>> {
    let (mut objects, mut places): (Vec<&dyn Wait>, Vec<Option<usize>>) = (vec![], vec![]);
    for (index, (waitable, watch)) in waitables.iter().zip(watches).enumerate() {
        match &waitable.0 {
            Sort::Channel(source) => {
                let Some(waiter) = source.waiter() else { continue };
                objects.push(waiter.bell()?);
                objects.extend(watch.objects().map(|process| process as &dyn Wait));
                places.resize(objects.len(), None);
            }
            Sort::Object(object) => {
                objects.push(*object);
                places.push(Some(index));
            }
        }
    }
    if objects.is_empty() {
        std::thread::sleep(until.remaining().unwrap_or(ASK).min(ASK));
        return Ok(None);
    }
    let Some(signaled) = mapview::wait_any(&objects, until)? else { return Ok(None) };
    let index = places[signaled.index()];
    Ok(index.map(|index| Ready { index, abandoned: signaled.abandoned() }))
}
