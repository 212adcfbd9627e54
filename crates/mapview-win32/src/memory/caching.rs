//! `PAGE_NOCACHE` and `PAGE_WRITECOMBINE` of allocations and views: said once, told by `VirtualQuery` from then on. The
//! processor caches their pages as any; only drivers see a difference.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::abi::DWORD;

static SAID: Mutex<BTreeMap<usize, DWORD>> = Mutex::new(BTreeMap::new());
/// How many there are: mostly none, and then nobody has to lock.
static COUNT: AtomicUsize = AtomicUsize::new(0);

fn said() -> MutexGuard<'static, BTreeMap<usize, DWORD>> {
    SAID.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes how an allocation or view is cached; 0 forgets it. Call it before others can get the address.
pub(crate) fn set(base: usize, caching: DWORD) {
    if caching == 0 && COUNT.load(Ordering::Relaxed) == 0 {
        return;
    }
    let mut said = said();
    if caching == 0 {
        said.remove(&base);
    } else {
        said.insert(base, caching);
    }
    COUNT.store(said.len(), Ordering::Relaxed);
}

/// Where the allocation with an address begins; 0 where nobody said anything, so that it does not matter.
pub(super) fn base_of(address: usize) -> usize {
    if COUNT.load(Ordering::Relaxed) == 0 {
        return 0;
    }
    mapview::memory::query(address).map_or(0, |info| info.allocation_base)
}

/// `PAGE_NOCACHE`, `PAGE_WRITECOMBINE` or 0, of the allocation or view that begins there.
pub(crate) fn of(base: usize) -> DWORD {
    if COUNT.load(Ordering::Relaxed) == 0 {
        return 0;
    }
    said().get(&base).copied().unwrap_or(0)
}
