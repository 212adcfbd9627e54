//! Threads: those that `CreateThread` starts, and others once they use what needs one of these.

mod about;
mod alarm;
mod apc;
mod busy;
mod call;
mod create;
mod end;
mod gate;
mod handle;
mod os;
mod schedule;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ptr::null;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

pub(crate) use alarm::{Alarm, Function as AlarmFunction};
pub(crate) use busy::{lock, Busy, Held};
pub(crate) use create::current_entry;
pub(crate) use os::{affinity, set_affinity};

use about::Description;
use apc::Apcs;
use end::{End, Life};
use gate::Gate;

/// A thread of this process.
#[derive(Debug)]
pub(crate) struct Thread {
    /// The kernel's number for it; 0 until it runs.
    id: AtomicU32,
    gate: Gate,
    end: Mutex<End>,
    /// Set when `end` has an exit code; made when somebody first waits for it.
    ending: OnceLock<mapview::Event>,
    /// The exit code it will have.
    code: AtomicU32,
    /// The thread holds a share of this, in [`CURRENT`].
    holds_itself: AtomicBool,
    pub(crate) apcs: Apcs,
    /// When it was made, in units of 100 ns since 1601.
    born: AtomicU64,
    priority: AtomicI32,
    no_boost: AtomicBool,
    ideal: AtomicU32,
    description: Description,
}

thread_local! {
    // Without a destructor, because it is used until the thread is over and by a signal handler.
    static CURRENT: Cell<*const Thread> = const { Cell::new(null()) };
}

/// Every thread that has one of these, by its number.
static KNOWN: Mutex<BTreeMap<u32, Weak<Thread>>> = Mutex::new(BTreeMap::new());

impl Thread {
    fn new(life: Life, suspended: bool) -> Thread {
        Thread {
            id: AtomicU32::new(0),
            gate: Gate::new(suspended),
            end: Mutex::new(End::new(life)),
            ending: OnceLock::new(),
            code: AtomicU32::new(0),
            holds_itself: AtomicBool::new(false),
            apcs: Apcs::default(),
            born: AtomicU64::new(about::now()),
            priority: AtomicI32::new(0),
            no_boost: AtomicBool::new(false),
            ideal: AtomicU32::new(0),
            description: Description::default(),
        }
    }

    /// A thread that runs already and that somebody else made.
    fn foreign(id: u32) -> Thread {
        let thread = Thread::new(Life::Foreign, false);
        if let Some(age) = os::age(id) {
            thread.born.fetch_sub(about::units(age), Ordering::Relaxed);
        }
        thread
    }

    /// The kernel's number; waits until the thread has one.
    pub(crate) fn id(&self) -> u32 {
        loop {
            match self.id.load(Ordering::Acquire) {
                0 => os::wait_while(&self.id, 0, None),
                id => return id,
            }
        }
    }

    /// Makes this the calling thread's own.
    fn begin(self: Arc<Thread>) {
        let id = os::own_id();
        self.holds_itself.store(true, Ordering::Relaxed);
        lock(&KNOWN).insert(id, Arc::downgrade(&self));
        CURRENT.set(Arc::into_raw(self.clone()));
        end::watch_end(CURRENT.get());
        self.id.store(id, Ordering::Release);
        os::wake_all(&self.id);
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        let mut known = lock(&KNOWN);
        let id = self.id.load(Ordering::Relaxed);
        if known.get(&id).is_some_and(|thread| thread.strong_count() == 0) {
            known.remove(&id);
        }
        drop(known);
        self.detach();
    }
}

/// The calling thread.
pub(crate) fn current() -> Arc<Thread> {
    let current = CURRENT.get();
    if current.is_null() {
        let known = lock(&KNOWN).get(&os::own_id()).and_then(Weak::upgrade);
        // Somebody may have opened the main thread before it ever came here.
        let thread = known.filter(|thread| !thread.has_ended());
        let thread = thread.unwrap_or_else(|| Arc::new(Thread::foreign(os::own_id())));
        thread.clone().begin();
        return thread;
    }
    // SAFETY: made by `begin` from a share that the thread gives back only where it ends.
    unsafe {
        Arc::increment_strong_count(current);
        Arc::from_raw(current)
    }
}

/// The thread with this number, if it is one of this process that can be waited for.
fn find(id: u32) -> Option<Arc<Thread>> {
    let mut known = lock(&KNOWN);
    let found = known.get(&id).and_then(Weak::upgrade);
    if found.is_none() && id == std::process::id() {
        let main = Arc::new(Thread::foreign(id));
        main.id.store(id, Ordering::Release);
        known.insert(id, Arc::downgrade(&main));
        return Some(main);
    }
    found
}
