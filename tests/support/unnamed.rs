//! Unnamed objects in a certain state, for tests of one process.

use mapview::{Event, EventOptions, Mutex, Reset, Signaled};

/// An auto-reset event.
pub fn auto(set: bool) -> Event {
    EventOptions::new(Reset::Auto).initially_set(set).create().unwrap()
}

/// A manual-reset event that is set.
pub fn manual_set() -> Event {
    EventOptions::new(Reset::Manual).initially_set(true).create().unwrap()
}

/// A mutex whose owner has ended.
pub fn abandoned() -> Mutex {
    let mutex = Mutex::create("").unwrap();
    std::thread::scope(|scope| {
        // Joined, because the end of the scope does not wait for the thread itself.
        scope.spawn(|| std::mem::forget(mutex.lock().unwrap())).join().unwrap();
    });
    mutex
}

/// Whether another thread could lock it now.
pub fn is_free(mutex: &Mutex) -> bool {
    std::thread::scope(|scope| scope.spawn(|| mutex.try_lock().unwrap().is_some()).join().unwrap())
}

/// Index and news.
#[track_caller]
pub fn got(signaled: mapview::Result<Option<Signaled>>) -> (usize, bool) {
    let signaled = signaled.unwrap().expect("one was signaled");
    (signaled.index(), signaled.abandoned())
}
