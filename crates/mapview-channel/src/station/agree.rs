//! How those who create a channel at the same time agree on its header, without a lock: whoever wants the same writes the same, so
//! it matters to nobody whether one of them dies in the midst of it.

use crate::prim::{AtomicU64, Ordering};

// The words of a header: `magic | kind | claim | id | ready | what is agreed on`.
const MAGIC_AT: usize = 0;
const KIND_AT: usize = 1;
/// The sum over everything that is agreed on; who puts it here first decides.
const CLAIM_AT: usize = 2;
const ID_AT: usize = 3;
const READY_AT: usize = 4;
pub(super) const CONTENT_AT: usize = 5;

/// "mapview" and the format of all kinds.
const MAGIC: u64 = u64::from_le_bytes(*b"mapvchan");

/// What is agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub sum: u64,
    /// Version and kind.
    pub kind: u64,
    pub content: Vec<u64>,
}

/// What a header is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// All of it is there; and its id.
    Ready(Wish, u64),
    /// It is being made, or its maker ended.
    Unfinished,
    Foreign,
}

/// Writes a header, unless somebody has begun to write another: then `false`. `id` is used if none is there.
pub(super) fn write(words: &[&AtomicU64], wish: &Wish, id: u64) -> bool {
    let (claim, order) = (words[CLAIM_AT], Ordering::SeqCst);
    let found = claim.compare_exchange(0, wish.sum, order, order);
    if found.is_err_and(|found| found != wish.sum) {
        return false;
    }
    let _ = words[ID_AT].compare_exchange(0, id, order, order);
    words[KIND_AT].store(wish.kind, Ordering::Relaxed);
    for (word, content) in words[CONTENT_AT..].iter().zip(&wish.content) {
        word.store(*content, Ordering::Relaxed);
    }
    words[MAGIC_AT].store(MAGIC, Ordering::Release);
    words[READY_AT].store(1, Ordering::Release);
    true
}

/// Reads a header with so many words of content; `word` loads one, and sees what was stored before that word was.
pub(super) fn read<E>(len: usize, word: impl Fn(usize) -> Result<u64, E>) -> Result<Found, E> {
    let (ready, magic) = (word(READY_AT)?, word(MAGIC_AT)?);
    if ready != 1 {
        return Ok(if magic == 0 || magic == MAGIC { Found::Unfinished } else { Found::Foreign });
    }
    if magic != MAGIC {
        return Ok(Found::Foreign);
    }
    let content = (0..len).map(|at| word(CONTENT_AT + at)).collect::<Result<_, E>>()?;
    Ok(Found::Ready(Wish { sum: word(CLAIM_AT)?, kind: word(KIND_AT)?, content }, word(ID_AT)?))
}
