//! How long a waiter looks again and again before it goes to sleep: as long as that has been paying off.
//!
//! A short critical section, or an answer from a process that runs at this moment, comes sooner than a sleep begins; so
//! spinning saves two system calls and a wait for the scheduler. But where the other side sleeps too, or needs this very
//! processor, every look is lost. A thread therefore halves its patience whenever it spun in vain, doubles it whenever it
//! did not, and now and then tries again with all of it.

use std::cell::Cell;

use super::object::Kind;

/// Looks with pauses between them that double up to a limit: the growing pauses let an owner keep the cache line.
#[derive(Clone, Copy)]
struct Patience {
    looks: u32,
    /// Times in a row that it was in vain.
    vain: u32,
}

const LONGEST_PAUSE: u32 = 6;
const FEWEST: u32 = 3;
/// For mutexes, whose owners are mostly about to unlock; about 100 microseconds.
const MOST_FOR_MUTEXES: u32 = 40;
/// For everything else; about 20 microseconds, a little longer than it takes to wake a thread.
const MOST: u32 = 12;
/// One in so many waits tries again with all its patience.
const TRY_AGAIN: u32 = 64;

thread_local! {
    static FOR_MUTEXES: Cell<Patience> =
        const { Cell::new(Patience { looks: MOST_FOR_MUTEXES, vain: 0 }) };
    static FOR_OTHERS: Cell<Patience> = const { Cell::new(Patience { looks: MOST, vain: 0 }) };
}

/// Calls `look` until it yields something, or it does not pay off any longer.
pub(super) fn spin<T>(kind: Kind, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let (patience, most) = match kind {
        Kind::Mutex => (&FOR_MUTEXES, MOST_FOR_MUTEXES),
        _ => (&FOR_OTHERS, MOST),
    };
    let Patience { looks, vain } = patience.get();
    let now = if vain % TRY_AGAIN == TRY_AGAIN - 1 { most } else { looks };
    for done in 0..now {
        for _ in 0..1_u32 << done.min(LONGEST_PAUSE) {
            std::hint::spin_loop();
        }
        if let Some(found) = look() {
            patience.set(Patience { looks: (now * 2).min(most), vain: 0 });
            return Some(found);
        }
    }
    patience.set(Patience { looks: (looks / 2).max(FEWEST), vain: vain.wrapping_add(1) });
    None
}
