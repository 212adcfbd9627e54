//! Waiting until one of several objects can be taken: looking, spinning, sleeping, and what is owed to others afterwards.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::alarm::Moment;
use super::object::{Kind, Object};
use super::os::futex::{self, Woken};
use super::robust::{self, Thread};
use super::sleeping::Sleeping;
use super::{claim, mutex, os, signal, spin, timer};
use crate::state::count::{self, Bed, Look};
use crate::state::manual;
use crate::state::mutex::{self as word, Step as Approach, Taken};
use crate::state::timer::Step;
use crate::{Deadline, Namespace, Result};

/// More objects than this are not looked at so often.
const SPIN_FOR: usize = 8;
/// How long a newcomer who sleeps respects that an object is kept for a waiter who may be dead.
pub(super) const RESPECT: Duration = Duration::from_micros(500);
/// How long somebody who needs an answer now waits for one that depends on a woken waiter.
pub(super) const PATIENCE: Duration = Duration::from_millis(20);

/// An object that is waited for.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub object: &'a Object,
    /// What [`manual::times`] was when the wait began.
    pub noted: u32,
}

impl<'a> Item<'a> {
    pub(super) fn new(object: &'a Object) -> Item<'a> {
        let word = object.page.word().load(Ordering::Relaxed);
        let noted = if object.kind.is_manual() { manual::times(word) } else { 0 };
        Item { object, noted }
    }

    pub(super) fn word(&self) -> u64 {
        self.object.page.word().load(Ordering::Acquire)
    }
}

/// How a wait for any ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Got {
    /// Index, and whether it is a mutex that was abandoned.
    Object(usize, bool),
    /// The word beside the objects became something else than 0.
    Beside,
    Nothing,
}

/// Waits for one event or semaphore, or for a timer that was looked at.
#[inline]
pub(super) fn one(object: &Object, deadline: Deadline) -> Result<bool> {
    let page = object.page.word();
    let at_once = match object.kind {
        Kind::ManualEvent | Kind::ManualTimer => manual::is_set(page.load(Ordering::Acquire)),
        _ => count::take(page, false).0 == Look::Ready,
    };
    if at_once {
        return object.page.check().map(|()| true);
    }
    Ok(one_object(object, deadline)?.is_some())
}

/// Waits for one object. `None` if the deadline passed, else whether it is a mutex that was abandoned.
#[cold]
pub(super) fn one_object(object: &Object, deadline: Deadline) -> Result<Option<bool>> {
    match any(&[Item::new(object)], None, deadline)? {
        Got::Object(_, abandoned) => Ok(Some(abandoned)),
        _ => Ok(None),
    }
}

/// Waits until one of the objects can be taken, and takes the first that can; or until the word `beside` is not 0.
pub(super) fn any(
    items: &[Item<'_>],
    beside: Option<&AtomicU64>,
    deadline: Deadline,
) -> Result<Got> {
    let thread = robust::current()?;
    let mut wait = Wait { items, beside, thread, served: false, slept: false, announced: false };
    let got = wait.until(deadline);
    thread.done();
    let got = got?;
    let taken = if let Got::Object(index, _) = got { &items[index..=index] } else { &[] };
    check_pages(items, taken).map(|()| got)
}

/// Refuses what came of pages that are this process's own by now; mutexes that were taken are given back.
pub(super) fn check_pages(items: &[Item<'_>], taken: &[Item<'_>]) -> Result<()> {
    let whole = items.iter().try_for_each(|item| item.object.page.check());
    if whole.is_err() {
        let mutexes = taken.iter().filter(|item| item.object.kind == Kind::Mutex);
        mutexes.for_each(|item| drop(mutex::unlock(item.object)));
    }
    whole
}

struct Wait<'a> {
    items: &'a [Item<'a>],
    beside: Option<&'a AtomicU64>,
    thread: Thread,
    /// It was woken, or has respected others long enough: what is kept for sleepers is for it too.
    served: bool,
    /// It may have got wakes that others could use.
    slept: bool,
    /// It has told the kernel whose sleepers to wake if it dies, which stands until the wait is over.
    announced: bool,
}

impl Wait<'_> {
    fn until(&mut self, deadline: Deadline) -> Result<Got> {
        if let Some(got) = self.look()? {
            return Ok(got);
        }
        if deadline.passed() {
            return self.settle();
        }
        if let Some(got) = self.spin()? {
            return Ok(got);
        }
        let mut sleeping = Sleeping::of(self.items, self.thread);
        let got = self.sleep(&mut sleeping, deadline);
        // Not before others got what is theirs: until then the kernel passes this thread's wakes on if it dies.
        if self.slept {
            let taken = match got {
                Ok(Got::Object(index, _)) => index,
                _ => usize::MAX,
            };
            let others = self.items.iter().enumerate().filter(|(index, _)| *index != taken);
            others.for_each(|(_, item)| signal::pass_on(item.object));
        }
        got
    }

    fn sleep(&mut self, sleeping: &mut Sleeping, deadline: Deadline) -> Result<Got> {
        loop {
            if let Some(got) = self.look()? {
                return Ok(got);
            }
            if deadline.passed() {
                return self.settle();
            }
            let Some(brief) = self.lie_down(sleeping)? else { continue };
            self.announced = true;
            match self.items {
                [only] if !sleeping.listens() => self.thread.begin(only.object.page.entry()),
                // Who listens may be woken by the bell, too, and then has something to tell.
                _ => sleeping.announce(self.thread),
            }
            match sleeping.sleep(deadline, brief.then_some(RESPECT))? {
                Woken::ByWake(index) => {
                    (self.served, self.slept) = (true, true);
                    sleeping.answer(index);
                }
                Woken::TimedOut => self.served = brief,
                Woken::LookAgain => {}
                Woken::Fault => sleeping.deafen(),
            }
        }
    }

    /// Takes the first object that can be taken.
    fn look(&self) -> Result<Option<Got>> {
        loop {
            if self.beside.is_some_and(|word| word.load(Ordering::Acquire) != 0) {
                return Ok(Some(Got::Beside));
            }
            let Some(found) = self.first()? else { return Ok(None) };
            // Lower ones may have been signaled since they were looked at, before the one that was found.
            let first = if found == 0 { Some(0) } else { self.first()? };
            let Some(first) = first.filter(|first| *first <= found) else { continue };
            if let Some(abandoned) = self.take(&self.items[first])? {
                return Ok(Some(Got::Object(first, abandoned)));
            }
        }
    }

    fn first(&self) -> Result<Option<usize>> {
        for (index, item) in self.items.iter().enumerate() {
            if is_ready(item.object, item.noted, self.thread, self.served)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    /// `None` if somebody else was faster.
    fn take(&self, item: &Item<'_>) -> Result<Option<bool>> {
        let (object, page) = (item.object, &*item.object.page);
        match object.kind {
            Kind::Mutex if page.owner.load(Ordering::Relaxed) == self.thread.tid => {
                mutex::lock_again(page)?;
                Ok(Some(false))
            }
            Kind::Mutex => Ok(self.take_mutex(object)?.map(|taken| taken == Taken::Abandoned)),
            Kind::ManualEvent | Kind::ManualTimer => {
                signal::help(object);
                Ok(Some(false))
            }
            Kind::AutoEvent | Kind::AutoTimer | Kind::Semaphore { .. } => {
                let (look, wake) = count::take(page.word(), self.served);
                if wake {
                    signal::wake_one_more(object);
                }
                Ok((look == Look::Ready).then_some(false))
            }
        }
    }

    fn take_mutex(&self, object: &Object) -> Result<Option<Taken>> {
        let page = &*object.page;
        if !self.announced && self.items.len() == 1 && self.beside.is_none() {
            self.thread.begin(page.entry());
            let step = word::approach(page.word(), self.thread.tid, self.served);
            let Approach::Taken(taken) = step else { return Ok(None) };
            mutex::adopt(page, self.thread);
            return Ok(Some(taken));
        }
        let Some(trial) = mutex::Trial::new(page, self.thread) else {
            std::thread::yield_now(); // to the other thread of this process that tries
            return Ok(None);
        };
        match word::approach(page.word(), self.thread.tid, self.served) {
            Approach::Taken(taken) => {
                trial.keep();
                Ok(Some(taken))
            }
            _ => Ok(None),
        }
    }

    fn spin(&self) -> Result<Option<Got>> {
        if self.items.is_empty() || self.items.len() > SPIN_FOR {
            return Ok(None);
        }
        spin::spin(self.items[0].object.kind, || self.look().transpose()).transpose()
    }

    /// The last look of somebody who will not sleep: where it depends on a waiter who was woken and has not chosen yet, it
    /// waits for that, but not for ever.
    fn settle(&mut self) -> Result<Got> {
        let mut since = None;
        loop {
            // Before the look: what is decided between the two was not there to be had.
            let open = unsettled(self.items);
            if let Some(got) = self.look()? {
                return Ok(got);
            }
            let Some(patience) = open.filter(|_| !self.served) else { return Ok(Got::Nothing) };
            if since.get_or_insert_with(Instant::now).elapsed() > patience {
                self.served = true;
            } else {
                os::pause(Duration::from_micros(20));
            }
        }
    }

    /// Announces a sleeper at every object. `None` if there is something to look at, else whether to sleep briefly.
    fn lie_down(&self, sleeping: &mut Sleeping) -> Result<Option<bool>> {
        let many = self.items.len() > 1 || self.beside.is_some();
        let mut brief = false;
        sleeping.clear();
        for item in self.items {
            let Some(short) = lie_down(item, self.served, many, sleeping)? else { return Ok(None) };
            brief |= short;
        }
        if let Some(word) = self.beside {
            sleeping.push(word, 0);
        }
        let only = match self.items {
            [item] if !many => Some(item.object.kind),
            _ => None,
        };
        sleeping.listen(only);
        Ok(Some(brief))
    }
}

/// Whether the object can be taken. Finds out first what became of a claim on it.
pub(super) fn is_ready(object: &Object, noted: u32, thread: Thread, served: bool) -> Result<bool> {
    let page = &*object.page;
    if object.kind.is_timer() {
        timer::tick(object)?;
    }
    loop {
        let seen = page.word().load(Ordering::Acquire);
        let claimed = match object.kind {
            Kind::ManualEvent | Kind::ManualTimer => return Ok(manual::lets_through(seen, noted)),
            Kind::Mutex if page.owner.load(Ordering::Relaxed) == thread.tid => return Ok(true),
            Kind::Mutex if word::claim_of(seen) != 0 => word::claim_of(seen),
            Kind::Mutex => {
                return Ok(word::owner(seen) == 0 && (served || !word::is_kept(seen)));
            }
            Kind::AutoEvent | Kind::AutoTimer | Kind::Semaphore { .. } => {
                match count::look(seen, served) {
                    Look::Claimed(claim) => claim,
                    look => return Ok(look == Look::Ready),
                }
            }
        };
        claim::resolve(object, claimed)?;
    }
}

/// How long to wait for a woken waiter to choose, or a wait-all to decide, if there is one.
fn unsettled_for(object: &Object) -> Option<Duration> {
    let seen = object.page.word().load(Ordering::Relaxed);
    match object.kind {
        // A wait-all that claims it and gives it up again leaves it kept as it was.
        Kind::Mutex => (word::is_kept(seen) || word::claim_of(seen) != 0).then_some(RESPECT),
        Kind::ManualEvent | Kind::ManualTimer => None,
        Kind::AutoEvent | Kind::AutoTimer | Kind::Semaphore { .. } => {
            let open = matches!(count::look(seen, false), Look::Unsettled | Look::Claimed(_));
            open.then_some(PATIENCE)
        }
    }
}

/// Announces a sleeper, and adds what it sleeps on. `None` if there is something to look at; else whether to sleep briefly.
pub(super) fn lie_down(
    item: &Item<'_>,
    served: bool,
    many: bool,
    sleeping: &mut Sleeping,
) -> Result<Option<bool>> {
    let page = item.object.page.word();
    let timer = item.object.kind.is_timer().then(|| item.object.page.timer());
    // Before the look at the plan: the kernel lets nobody sleep who missed a change.
    let noted = timer.map(|timer| (&timer.changes, timer.note()));
    let bed = match item.object.kind {
        Kind::Mutex => match word::lie_down(page, served) {
            Some(Approach::Sleep(low)) => Bed::Sleep(low),
            Some(Approach::SleepBriefly(low)) => Bed::SleepBriefly(low),
            _ => Bed::LookAgain,
        },
        Kind::ManualEvent | Kind::ManualTimer => manual::lie_down(page, item.noted),
        Kind::AutoEvent | Kind::AutoTimer | Kind::Semaphore { .. } => {
            let (bed, call) = count::lie_down(page, served, many);
            if call {
                futex::wake(page, futex::ALL);
            }
            bed
        }
    };
    let (low, brief) = match bed {
        Bed::Sleep(low) => (low, false),
        Bed::SleepBriefly(low) => (low, true),
        Bed::LookAgain => return Ok(None),
    };
    sleeping.push(page, low);
    if let Some((changes, noted)) = noted {
        let moment = match timer::tick(item.object)? {
            Step::Later { due, wall } => Some(Moment { due, wall }),
            Step::Never => None,
            _ => return Ok(None),
        };
        sleeping.push_timer(changes, noted, moment);
    }
    Ok(Some(brief))
}

/// Where a wait for these objects is written down.
pub(super) fn namespace_of(items: &[Item<'_>]) -> Namespace {
    let global = |item: &Item<'_>| item.object.namespace() == Namespace::Global;
    if items.iter().any(global) {
        Namespace::Global
    } else {
        Namespace::Local
    }
}

/// Whether it depends on others, who are about to choose or to decide, if one of these objects can be taken; then how long
/// to wait for them.
pub(super) fn unsettled(items: &[Item<'_>]) -> Option<Duration> {
    items.iter().filter_map(|item| unsettled_for(item.object)).max()
}
