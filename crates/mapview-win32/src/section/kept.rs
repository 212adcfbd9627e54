//! Names of files that are deleted when they are closed, kept by views of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::file::doomed::Doomed;
use crate::thread::{self, Held};

/// By the address where the view begins.
type Kept = BTreeMap<usize, Arc<Doomed>>;

static KEPT: Mutex<Kept> = Mutex::new(BTreeMap::new());
/// How many there are: mostly none, and then nobody has to look.
static COUNT: AtomicUsize = AtomicUsize::new(0);

fn lock() -> Held<'static, Kept> {
    thread::lock(&KEPT)
}

pub(super) fn keep(base: usize, name: Arc<Doomed>) {
    let mut kept = lock();
    kept.insert(base, name);
    COUNT.store(kept.len(), Ordering::Relaxed);
}

/// What the view with this address keeps, and where it begins.
pub(super) fn take(address: usize) -> Option<(usize, Arc<Doomed>)> {
    if COUNT.load(Ordering::Relaxed) == 0 {
        return None;
    }
    let base = mapview::memory::query(address).ok()?.allocation_base;
    let mut kept = lock();
    let name = kept.remove(&base)?;
    COUNT.store(kept.len(), Ordering::Relaxed);
    Some((base, name))
}
