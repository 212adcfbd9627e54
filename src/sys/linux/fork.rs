//! `fork` without `exec`: the child has the parent's handles and must hold the objects itself, because descriptors that
//! came through `fork` share the parent's locks. Also, none of the parent's mutexes are the child's.
//!
//! Nothing happens at `fork` in a process that has used no object, view or region, nor when a program is started in the usual way,
//! which does not run these handlers.

use std::cell::RefCell;
use std::sync::{Arc, MutexGuard, RwLockWriteGuard};

use super::bell::{self, Bells};
use super::book::{self, Book};
use super::ledger::{self, Ledger};
use super::page::{lock_pages, Pages};
use super::registry::Registry;
use super::watch::{self, Watcher};
use super::{namespace, os, registry, robust};

struct Locks {
    registry: MutexGuard<'static, Registry>,
    pages: MutexGuard<'static, Pages>,
    ledgers: MutexGuard<'static, [Option<Arc<Ledger>>; 2]>,
    bells: MutexGuard<'static, [Option<Arc<Bells>>; 2]>,
    watchers: MutexGuard<'static, Vec<Arc<Watcher>>>,
    directories: namespace::Locked,
    book: RwLockWriteGuard<'static, Book>,
}

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
    let locks = Locks {
        watchers: watch::lock(),
        registry: registry::lock(),
        pages: lock_pages(),
        ledgers: ledger::lock(),
        bells: bell::lock(),
        directories: namespace::lock_directories(),
        book: book::write(),
    };
    LOCKS.with(|slot| *slot.borrow_mut() = Some(locks));
}

extern "C" fn parent() {
    LOCKS.with(|slot| *slot.borrow_mut() = None);
}

extern "C" fn child() {
    robust::forget_current();
    let Some(mut locks) = LOCKS.with(|slot| slot.borrow_mut().take()) else { return };
    locks.pages.disown_all();
    ledger::disown(&mut locks.ledgers);
    *locks.bells = [None, None];
    std::mem::take(&mut *locks.watchers).into_iter().for_each(std::mem::forget);
    locks.directories.forget_presence();
    locks.book.disown();
    for held in locks.registry.values_mut() {
        if held.member.renew().is_err() {
            // Lost to the child alone; there is nobody to tell here. The parent's entry stays the parent's.
            held.member.disown();
        }
    }
}
