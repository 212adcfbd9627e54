//! What became of an attempt to take several objects at once: one word per process that attempts it.
//!
//! A wait-all marks its objects one by one with a *claim*, which names this word and the number of the attempt; then it
//! decides. The moment of `commit` is the moment at which everything is taken: whoever meets a claim looks here, and reads
//! the object as taken or as untouched. Before that moment anybody may call the attempt off, so nobody waits for one that
//! was stopped or killed in the middle.
//!
//! ```text
//!   bits 0-1 state   bits 2-16 number of the attempt
//! ```

use crate::prim::{AtomicU64, Ordering};

const STATE: u64 = 3;
const UNDECIDED: u64 = 1;
const COMMITTED: u64 = 2;
const CALLED_OFF: u64 = 3;
const NUMBER_AT: u32 = 2;
/// Attempts are counted with so many bits.
pub(crate) const NUMBER_BITS: u32 = 15;
const NUMBER: u64 = (1 << NUMBER_BITS) - 1;

/// The state of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Undecided,
    /// All its objects are taken.
    Committed,
    /// None of its objects is taken.
    CalledOff,
}

/// Begins an attempt and returns its number, which is not 0. All claims of the one before are settled.
pub(crate) fn begin(word: &AtomicU64) -> u32 {
    let number = ((word.load(Ordering::Relaxed) >> NUMBER_AT).wrapping_add(1) & NUMBER).max(1);
    word.store(number << NUMBER_AT | UNDECIDED, Ordering::Release);
    number as u32
}

/// Takes everything that the attempt has claimed, unless somebody called it off.
pub(crate) fn commit(word: &AtomicU64, number: u32) -> bool {
    turn(word, number, COMMITTED)
}

/// Calls the attempt off, unless it is decided. Returns how it stands.
pub(crate) fn call_off(word: &AtomicU64, number: u32) -> Decision {
    if turn(word, number, CALLED_OFF) {
        return Decision::CalledOff;
    }
    read(word.load(Ordering::Acquire), number)
}

fn turn(word: &AtomicU64, number: u32, state: u64) -> bool {
    let number = u64::from(number) << NUMBER_AT;
    let (from, to) = (number | UNDECIDED, number | state);
    word.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
}

/// How attempt `number` stands, for a word that was loaded with acquire. A number that is not there any more was called
/// off by whoever found its process dead.
pub(crate) fn read(word: u64, number: u32) -> Decision {
    // All of the word counts, as in `turn`: bits that nobody sets here are no number either.
    if word >> NUMBER_AT != u64::from(number) {
        return Decision::CalledOff;
    }
    match word & STATE {
        UNDECIDED => Decision::Undecided,
        COMMITTED => Decision::Committed,
        _ => Decision::CalledOff,
    }
}

/// Whether the word's process can be forgotten: no claim waits for its decision.
pub(crate) fn is_over(word: u64) -> bool {
    word & STATE != COMMITTED
}

/// Ends an attempt whose claims are all settled.
pub(crate) fn end(word: &AtomicU64) {
    let number = word.load(Ordering::Relaxed) & !STATE;
    word.store(number, Ordering::Release);
}
