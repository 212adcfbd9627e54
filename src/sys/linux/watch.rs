//! Watching objects for futures: threads that sleep for all of them, and tell, but take nothing.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::object::Object;
use super::os::futex::{self, Woken};
use super::os::{fail::fail, files, poll};
use super::robust::{self, Thread};
use super::sleeping::Sleeping;
use super::wait::{is_ready, lie_down, Item};
use super::{signal, Target};
use crate::wait::MOST;
use crate::{Deadline, Error, Result};

/// A watcher that had nothing to watch for so long ends.
const IDLE: Duration = Duration::from_secs(1);

type Call = Box<dyn FnOnce() + Send>;

/// What one future waits for. Dropping it ends the watch.
pub(crate) struct Watch {
    objects: Option<(u64, Arc<Watcher>)>,
    /// Ends the thread that polls what is no object.
    _polling: Option<OwnedFd>,
}

/// One thread, for up to [`MOST`] objects; a process has as many as it needs.
#[derive(Default)]
pub(super) struct Watcher {
    state: Mutex<State>,
    /// Counts changes of the state; the thread sleeps on it too.
    changes: AtomicU64,
}

#[derive(Default)]
struct State {
    watched: Vec<Watched>,
    /// The thread is there; one that ended takes no more.
    runs: bool,
}

struct Watched {
    number: u64,
    objects: Vec<Watching>,
    call: Call,
}

struct Watching {
    object: Arc<Object>,
    /// What an [`Item`] noted when the watch began.
    noted: u32,
}

type Watchers = Vec<Arc<Watcher>>;

static WATCHERS: Mutex<Watchers> = Mutex::new(Vec::new());
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// All watchers, locked for a fork; the child has none of their threads and forgets them.
pub(super) fn lock() -> MutexGuard<'static, Watchers> {
    WATCHERS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    pub(crate) fn new(targets: &[Target<'_>], call: Call) -> Result<Watch> {
        let call = Arc::new(Mutex::new(Some(call)));
        // Whoever is first calls; the other finds nothing to call.
        let once = |call: &Arc<Mutex<Option<Call>>>| -> Call {
            let call = call.clone();
            Box::new(move || {
                let call = call.lock().unwrap_or_else(PoisonError::into_inner).take();
                call.into_iter().for_each(|call| call());
            })
        };
        let mut objects = Vec::with_capacity(targets.len());
        let mut polled = Vec::new();
        for target in targets {
            match target.shared() {
                Some(object) => {
                    let noted = Item::new(&object).noted;
                    objects.push(Watching { object, noted });
                }
                None => polled.push(files::duplicate(target.polled()?).map_err(preparing)?),
            }
        }
        let polling = (!polled.is_empty()).then(|| poll_for(polled, once(&call))).transpose()?;
        let objects = (!objects.is_empty()).then(|| watch(objects, once(&call))).transpose()?;
        Ok(Watch { objects, _polling: polling })
    }
}

fn preparing(errno: rustix::io::Errno) -> Error {
    fail(errno, "preparing to watch")
}

/// Has a thread of its own call when one of the descriptors is readable, until the returned one is dropped.
fn poll_for(mut polled: Vec<OwnedFd>, call: Call) -> Result<OwnedFd> {
    let (stop, stopped) = poll::pipe()?;
    polled.push(stopped);
    spawn(move || {
        let fds: Vec<BorrowedFd<'_>> = polled.iter().map(OwnedFd::as_fd).collect();
        // A poll that fails now fails for the future too, which reports it.
        while let Ok(None) = poll::readable(&fds) {
            let _ = poll::until_readable(&fds, Deadline::never());
        }
        if !matches!(poll::readable(&fds[fds.len() - 1..]), Ok(Some(_))) {
            call();
        }
    })?;
    Ok(stop)
}

fn spawn(run: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = std::thread::Builder::new().name("mapview-watch".to_owned());
    thread.spawn(run).map(|_| ()).map_err(|error| super::file_error(error, None))
}

/// Finds or makes a watcher that has room.
fn watch(objects: Vec<Watching>, call: Call) -> Result<(u64, Arc<Watcher>)> {
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    let mut watched = Some(Watched { number, objects, call });
    let mut watchers = lock();
    watchers.retain(|watcher| watcher.lock().runs);
    if let Some(watcher) = watchers.iter().find(|watcher| watcher.take_on(&mut watched)) {
        return Ok((number, watcher.clone()));
    }
    let watcher = Arc::new(Watcher::default());
    watcher.lock().runs = true;
    watcher.take_on(&mut watched);
    let run = watcher.clone();
    spawn(move || run.run())?;
    watchers.push(watcher.clone());
    Ok((number, watcher))
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Some((number, watcher)) = &self.objects else { return };
        let mut state = watcher.lock();
        let before = state.watched.len();
        state.watched.retain(|watched| watched.number != *number);
        let changed = state.watched.len() != before;
        drop(state);
        if changed {
            watcher.tell();
        }
    }
}

impl Watcher {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what is watched over, if there is room.
    fn take_on(&self, watched: &mut Option<Watched>) -> bool {
        let mut state = self.lock();
        let objects: usize = state.watched.iter().map(|watched| watched.objects.len()).sum();
        let more = watched.as_ref().map_or(0, |watched| watched.objects.len());
        if !state.runs || objects + more > MOST {
            return false;
        }
        state.watched.extend(watched.take());
        drop(state);
        self.tell();
        true
    }

    fn tell(&self) {
        self.changes.fetch_add(1, Ordering::Release);
        futex::wake(&self.changes, 1);
    }

    fn run(&self) {
        // It has no locks of its own; without the C library's list there are no objects to watch.
        let Ok(thread) = robust::current() else { return };
        loop {
            let changes = self.changes.load(Ordering::Acquire) as u32;
            let ready = self.take_ready(thread);
            if !ready.is_empty() {
                ready.into_iter().for_each(|call| call());
                continue;
            }
            let objects = self.objects();
            if objects.is_empty() {
                if self.idle(changes) {
                    return;
                }
                continue;
            }
            let items: Vec<Item<'_>> =
                objects.iter().map(|(object, noted)| Item { object, noted: *noted }).collect();
            self.sleep(&items, changes, thread);
            thread.done();
        }
    }

    /// Those of which an object is signaled, or cannot be looked at: the future will find out.
    fn take_ready(&self, thread: Thread) -> Vec<Call> {
        let mut ready = Vec::new();
        let is_signaled = |watching: &Watching| {
            is_ready(&watching.object, watching.noted, thread, false).unwrap_or(true)
        };
        let mut state = self.lock();
        while let Some(at) =
            state.watched.iter().position(|watched| watched.objects.iter().any(is_signaled))
        {
            ready.push(state.watched.swap_remove(at).call);
        }
        ready
    }

    fn objects(&self) -> Vec<(Arc<Object>, u32)> {
        let state = self.lock();
        let watching = state.watched.iter().flat_map(|watched| &watched.objects);
        watching.map(|watching| (watching.object.clone(), watching.noted)).collect()
    }

    /// Nothing to watch. Returns whether to end.
    fn idle(&self, changes: u32) -> bool {
        let word = [futex::while_low(&self.changes, changes)];
        let slept = futex::sleep(&word, Deadline::after(IDLE), None);
        let mut state = self.lock();
        let end =
            !matches!(slept, Ok(Woken::ByWake(_) | Woken::LookAgain)) && state.watched.is_empty();
        state.runs = !end;
        end
    }

    fn sleep(&self, items: &[Item<'_>], changes: u32, thread: Thread) {
        let mut sleeping = Sleeping::of(items, thread);
        sleeping.announce(thread);
        sleeping.clear();
        for item in items {
            let Ok(Some(_)) = lie_down(item, false, true, &mut sleeping) else { return };
        }
        sleeping.push(&self.changes, changes);
        sleeping.listen(None);
        if let Ok(Woken::ByWake(index)) = sleeping.sleep(Deadline::never(), None) {
            sleeping.answer(index);
            // The thread takes nothing: whatever it was woken for is for other sleepers, or for everybody.
            items.iter().for_each(|item| signal::pass_on(item.object));
        }
    }
}
