//! Waiting until all of several objects can be taken at one instant.
//!
//! Who waits for all sleeps on *one* of them that is not signaled: before that one is, nothing can be taken. When all look
//! signaled it makes an attempt: it claims them one by one, which freezes them, and then decides; see
//! [`crate::state::decision`]. Everybody else who meets a claim calls the attempt off, so nobody waits for it.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::ledger::Ledger;
use super::mutex::{self, Trial};
use super::object::{Kind, Object};
use super::os::futex::Woken;
use super::robust::{self, Thread};
use super::sleeping::Sleeping;
use super::wait::{check_pages, is_ready, lie_down, namespace_of, unsettled, Item, RESPECT};
use super::{claim, os, signal, timer};
use crate::state::count::{self, Look};
use crate::state::decision;
use crate::state::manual;
use crate::state::mutex::{self as word, Taken};
use crate::{Deadline, Result};

/// Attempts that others called off, before the next one waits a little.
const QUICK: u32 = 20;
/// Attempts that others called off, before one that has run out of time gives up.
const MANY: u32 = 10_000;

/// Waits for all objects. `None` if the deadline passed, else whether a mutex among them was abandoned. `beside` says
/// whether everything else that is waited for is signaled, and sleeps for what is not.
pub(super) fn all(
    items: &[Item<'_>],
    beside: &dyn Beside,
    deadline: Deadline,
) -> Result<Option<bool>> {
    let thread = robust::current()?;
    let mut wait = AllOf { items, beside, thread, impatient: false, owed: None };
    let got = wait.until(deadline);
    wait.pay();
    thread.done();
    let got = got?;
    let taken = if got.is_some() { items } else { &[] };
    check_pages(items, taken).map(|()| got)
}

/// What is waited for besides objects.
pub(super) trait Beside {
    fn is_ready(&self) -> Result<bool>;
    /// Sleeps until it may be, or until the deadline.
    fn sleep(&self, deadline: Deadline) -> Result<()>;
}

struct AllOf<'a> {
    items: &'a [Item<'a>],
    beside: &'a dyn Beside,
    thread: Thread,
    /// It may take what is kept for others, who had long enough to come for it.
    impatient: bool,
    /// An object that it was woken for, or respected others at long enough: what is kept there is for it, until it sleeps
    /// at another one.
    owed: Option<&'a Object>,
}

impl<'a> AllOf<'a> {
    fn until(&mut self, deadline: Deadline) -> Result<Option<bool>> {
        let mut sleeping = None;
        let mut attempts = 0;
        let mut late = None;
        loop {
            // Before the look: what is decided between the two was not there to be had.
            let open = deadline.passed().then(|| unsettled(self.items));
            let missing = self.first_missing()?;
            if missing.is_none() && self.beside.is_ready()? {
                if let Some(abandoned) = self.attempt()? {
                    return Ok(Some(abandoned));
                }
                attempts += 1;
                if attempts >= MANY && deadline.passed() {
                    return Ok(None);
                }
                if attempts % QUICK == 0 {
                    // Others need the same objects; whoever pauses for another time gets ahead of whom.
                    os::pause(Duration::from_micros(u64::from(self.thread.tid % 7 * 10 + 1)));
                }
                continue;
            }
            match open {
                Some(Some(patience)) if !self.impatient => {
                    if late.get_or_insert_with(Instant::now).elapsed() > patience {
                        self.impatient = true;
                    } else {
                        os::pause(Duration::from_micros(20));
                    }
                    continue;
                }
                Some(_) => return Ok(None),
                None if deadline.passed() => continue,
                None => {}
            }
            let Some(missing) = missing else {
                self.beside.sleep(deadline)?;
                continue;
            };
            let sleeping = sleeping.get_or_insert_with(|| Sleeping::of(self.items, self.thread));
            self.sleep(missing, sleeping, deadline)?;
        }
    }

    /// An object that is not signaled; rather not one where something is kept for others, who would wake this thread again
    /// and again.
    fn first_missing(&self) -> Result<Option<&'a Item<'a>>> {
        let mut open = None;
        for item in self.items {
            if self.is_ready(item)? {
                continue;
            }
            if unsettled(std::slice::from_ref(item)).is_none() {
                return Ok(Some(item));
            }
            open = open.or(Some(item));
        }
        Ok(open)
    }

    fn is_ready(&self, item: &Item<'_>) -> Result<bool> {
        match item.object.kind {
            Kind::ManualEvent => Ok(manual::is_set(item.word())),
            Kind::ManualTimer => {
                timer::tick(item.object)?;
                Ok(manual::is_set(item.word()))
            }
            _ => is_ready(item.object, 0, self.thread, self.is_served(item.object)),
        }
    }

    fn is_served(&self, object: &Object) -> bool {
        self.impatient || self.owed.is_some_and(|owed| std::ptr::eq(owed, object))
    }

    fn sleep(
        &mut self,
        item: &Item<'a>,
        sleeping: &mut Sleeping,
        deadline: Deadline,
    ) -> Result<()> {
        self.pay();
        // A manual-reset event that was pulsed lets through who waits for it alone.
        let item = Item::new(item.object);
        sleeping.clear();
        let Some(brief) = lie_down(&item, self.impatient, true, sleeping)? else {
            return Ok(());
        };
        sleeping.listen(None);
        sleeping.announce(self.thread);
        match sleeping.sleep(deadline, brief.then_some(RESPECT))? {
            Woken::ByWake(index) => {
                sleeping.answer(index);
                self.owed = Some(item.object);
            }
            Woken::TimedOut if brief => self.owed = Some(item.object),
            Woken::TimedOut | Woken::LookAgain => {}
            Woken::Fault => sleeping.deafen(),
        }
        Ok(())
    }

    /// Passes the wake on that it has got and does not use.
    fn pay(&mut self) {
        if let Some(object) = self.owed.take() {
            signal::pass_on(object);
        }
    }

    /// Tries to take everything. `None` if something is not signaled any more, or somebody called the attempt off.
    fn attempt(&self) -> Result<Option<bool>> {
        let namespace = namespace_of(self.items);
        // The other threads of this process wait for this one meanwhile.
        let _undisturbed = os::signals::hold();
        let ledger = Ledger::of(namespace)?;
        for item in self.items.iter().filter(|item| self.owns(item)) {
            mutex::check_depth(&item.object.page)?;
        }
        let unnamed = self.items.iter().filter(|item| item.object.name.is_none()).count();
        let _one_at_a_time = ledger.attempt(unnamed);
        let number = decision::begin(ledger.decision());
        let mark = ledger.claim(number);
        let mut outcome = Ok(None);
        claim::covered(namespace, || outcome = self.attempt_with(&ledger, number, mark))?;
        decision::end(ledger.decision());
        outcome
    }

    fn owns(&self, item: &Item<'_>) -> bool {
        let owner = item.object.page.owner.load(Ordering::Relaxed);
        item.object.kind == Kind::Mutex && owner == self.thread.tid
    }

    fn attempt_with(&self, ledger: &Ledger, number: u32, mark: u32) -> Result<Option<bool>> {
        let mut trials = Vec::new();
        let mut abandoned = false;
        let mut again = Vec::new();
        let mut claimed = true;
        // Mutexes first: the kernel itself gives back what a dead claimer has of those.
        for item in self.items.iter().filter(|item| item.object.kind == Kind::Mutex) {
            let page = &*item.object.page;
            if self.owns(item) {
                again.push(page);
                continue;
            }
            let got = Trial::new(page, self.thread).and_then(|trial| {
                let got =
                    word::claim(page.word(), self.thread.tid, mark, self.is_served(item.object))
                        .ok()?;
                Some((trial, got))
            });
            let Some((trial, got)) = got else {
                claimed = false;
                break;
            };
            abandoned |= got == Taken::Abandoned;
            trials.push(trial);
        }
        let others = self.items.iter().filter(|item| item.object.kind != Kind::Mutex);
        for item in others {
            if !claimed {
                break;
            }
            let word = item.object.page.word();
            let look = match item.object.kind {
                kind if kind.is_manual() => manual::claim(word, mark),
                _ => count::claim(word, mark, self.is_served(item.object)),
            };
            claimed = look == Look::Ready;
        }
        let beside = if claimed { self.beside.is_ready() } else { Ok(false) };
        let taken = matches!(beside, Ok(true)) && decision::commit(ledger.decision(), number);
        if !taken {
            decision::call_off(ledger.decision(), number);
        }
        for item in self.items {
            claim::settle(item.object, mark, taken);
        }
        if !taken {
            return beside.map(|_| None);
        }
        trials.into_iter().for_each(Trial::keep);
        for page in again {
            mutex::lock_again(page)?;
        }
        for item in self.items.iter().filter(|item| item.object.kind.is_manual()) {
            signal::help(item.object);
        }
        Ok(Some(abandoned))
    }
}
