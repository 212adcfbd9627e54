//! `fork` without `exec`: the child has the parent's handles and must hold the objects itself, because descriptors that
//! came through `fork` share the parent's locks. Also, none of the parent's mutexes are the child's.
//!
//! Nothing happens at `fork` in a process that holds no named object, nor when a program is started in the usual way,
//! which does not run these handlers.

use std::cell::RefCell;
use std::sync::MutexGuard;

use super::page::{lock_pages, Pages};
use super::registry::Registry;
use super::{namespace, os, registry, robust};

type Locks = (MutexGuard<'static, Registry>, MutexGuard<'static, Pages>, namespace::Locked);

thread_local! {
    static LOCKS: RefCell<Option<Locks>> = const { RefCell::new(None) };
}

/// Has the handlers called from now on.
pub(super) fn install() {
    // Out of memory at the first use of the library would be the only failure; objects then end with the parent.
    os::process::at_fork(prepare, parent, child);
}

/// Locks everything, so that no other thread is in the middle of a change that the child would see for ever.
extern "C" fn prepare() {
    let locks = (registry::lock(), lock_pages(), namespace::lock_directories());
    LOCKS.with(|slot| *slot.borrow_mut() = Some(locks));
}

extern "C" fn parent() {
    LOCKS.with(|slot| *slot.borrow_mut() = None);
}

extern "C" fn child() {
    robust::forget_current();
    let Some((mut registry, mut pages, directories)) = LOCKS.with(|slot| slot.borrow_mut().take())
    else {
        return;
    };
    pages.disown_all();
    directories.forget_presence();
    for held in registry.values_mut() {
        if held.member.renew().is_err() {
            // Lost to the child alone; there is nobody to tell here. The parent's entry stays the parent's.
            held.member.disown();
        }
    }
}
