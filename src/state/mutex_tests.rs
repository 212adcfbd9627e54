//! The rules of a mutex's word, one by one; `tests/loom.rs` has the interleavings.

use super::mutex::*;
use crate::prim::{AtomicU32, Ordering};

#[test]
fn newcomers_leave_a_kept_mutex_alone_and_the_served_take_it() {
    let word = AtomicU32::new(7 | WAITERS);
    assert!(release(&word, 7));
    assert_eq!(try_take(&word, 8), None);
    assert_eq!(approach(&word, 8, false), Step::SleepBriefly(WAITERS));
    assert_eq!(approach(&word, 9, true), Step::Taken(Taken::Clean));
    assert_eq!(word.load(Ordering::Relaxed), 9 | WAITERS);
}

#[test]
fn a_dead_owner_is_told_once() {
    let word = AtomicU32::new(OWNER_DIED);
    assert_eq!(try_take(&word, 8), Some(Taken::Abandoned));
    assert!(!release(&word, 8));
    assert_eq!(try_take(&word, 8), Some(Taken::Clean));

    let word = AtomicU32::new(OWNER_DIED | WAITERS);
    assert_eq!(approach(&word, 9, true), Step::Taken(Taken::Abandoned));
    assert_eq!(approach(&word, 8, false), Step::Sleep(9 | WAITERS));
}

#[test]
fn a_release_that_wakes_nobody_frees_the_mutex() {
    let word = AtomicU32::new(7 | WAITERS);
    assert!(release(&word, 7));
    assert!(nobody_slept(&word));
    assert_eq!(try_take(&word, 8), Some(Taken::Clean));
    assert!(!nobody_slept(&word));
}
