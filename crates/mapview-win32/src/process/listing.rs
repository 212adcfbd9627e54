//! What the handles of a process stand for, written down in its page, so that others can duplicate them without its help.
//!
//! Written by the owner of the table while it holds the table's lock. Who reads checks afterwards that nothing changed
//! meanwhile; what he then makes of descriptors that he took is checked like everything that comes from outside.

use std::sync::atomic::{fence, Ordering};

use super::page::{Page, FOREIGN};
use super::parcel;
use crate::abi::HANDLE;
use crate::table::{self, Entry, FIRST_FOREIGN};

/// Words of an entry: a change counter, flags with access, two with descriptors, and text.
pub(super) const WORDS: usize = 16;
const TEXT_BYTES: usize = (WORDS - 4) * 8;
/// Handles of its own that are written down; those above can be used, but not be duplicated from outside.
const OWN: usize = 1 << 16;
pub(super) const MOST: usize = OWN + FOREIGN;

const LISTED: u64 = 1;
const INHERIT: u64 = 2;
const PROTECT: u64 = 4;
const NO_DESCRIPTOR: u32 = u32::MAX;

fn place_of(slot: usize) -> Option<usize> {
    match slot.checked_sub(FIRST_FOREIGN) {
        None => (slot < OWN).then_some(slot),
        Some(number) => (number < FOREIGN).then_some(OWN + number),
    }
}

/// Writes down what a handle of this process stands for now.
pub(crate) fn note(slot: usize, entry: Option<&Entry>) {
    let (Some(page), Some(place)) = (Page::own(), place_of(slot)) else { return };
    let word = |index| page.listed(place, index);
    let was_listed = word(1).load(Ordering::Relaxed) & LISTED != 0;
    match (was_listed, entry.is_some()) {
        (false, true) => drop(page.handle_count().fetch_add(1, Ordering::Relaxed)),
        (true, false) => drop(page.handle_count().fetch_sub(1, Ordering::Relaxed)),
        _ => {}
    }
    let before = word(0).load(Ordering::Relaxed);
    word(0).store(before | 1, Ordering::Relaxed);
    fence(Ordering::Release);
    let Some(entry) = entry else {
        word(1).store(0, Ordering::Relaxed);
        word(0).store((before | 1) + 1, Ordering::Release);
        return;
    };
    let flag = |flag, on| if on { flag } else { 0 };
    let flags = flag(INHERIT, entry.inherit) | flag(PROTECT, entry.protect);
    word(1).store(u64::from(entry.access) << 32 | flags | LISTED, Ordering::Relaxed);
    let (text, fds) = parcel::describe(&entry.object).unwrap_or_default();
    let fd = |index: usize| fds.get(index).map_or(NO_DESCRIPTOR, |fd| *fd as u32);
    for pair in 0..2 {
        let fds = u64::from(fd(2 * pair + 1)) << 32 | u64::from(fd(2 * pair));
        word(2 + pair).store(fds, Ordering::Relaxed);
    }
    let mut bytes = [0; TEXT_BYTES];
    if let Some(start) = bytes.get_mut(..text.len()) {
        start.copy_from_slice(text.as_bytes());
    }
    for (index, chunk) in bytes.chunks_exact(8).enumerate() {
        let mut text = [0; 8];
        text.copy_from_slice(chunk);
        word(4 + index).store(u64::from_le_bytes(text), Ordering::Relaxed);
        if chunk[7] == 0 {
            break;
        }
    }
    word(0).store((before | 1) + 1, Ordering::Release);
}

/// Lets a handle that another process gave be given anew, now that it is closed.
pub(crate) fn free(handle: HANDLE) {
    let number = table::slot_of(handle).ok().and_then(|slot| slot.checked_sub(FIRST_FOREIGN));
    if let (Some(page), Some(number)) = (Page::own(), number.filter(|number| *number < FOREIGN)) {
        page.free_foreign(number);
    }
}

/// What a handle of another process stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub access: u32,
    pub inherit: bool,
    pub protect: bool,
    /// Empty for what only that process can have.
    pub text: String,
    pub fds: Vec<i32>,
    version: u64,
}

/// `None` if it stands for nothing.
pub(super) fn look(page: &Page, handle: HANDLE) -> Option<Listed> {
    const PATIENCE: usize = 1000; // who is interrupted while he writes is not waited for
    let place = place_of(table::slot_of(handle).ok()?)?;
    (0..PATIENCE).find_map(|_| read(page, place)).flatten()
}

/// `None` if it changed meanwhile.
fn read(page: &Page, place: usize) -> Option<Option<Listed>> {
    let word = |index| page.listed(place, index);
    let version = word(0).load(Ordering::Acquire);
    let words: [u64; WORDS] = std::array::from_fn(|index| word(index).load(Ordering::Relaxed));
    fence(Ordering::Acquire);
    if version & 1 != 0 || word(0).load(Ordering::Relaxed) != version {
        std::thread::yield_now();
        return None;
    }
    if words[1] & LISTED == 0 {
        return Some(None);
    }
    let fds = [words[2], words[2] >> 32, words[3], words[3] >> 32].map(|fd| fd as u32);
    let bytes: Vec<u8> = words[4..].iter().flat_map(|word| word.to_le_bytes()).collect();
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    Some(Some(Listed {
        access: (words[1] >> 32) as u32,
        inherit: words[1] & INHERIT != 0,
        protect: words[1] & PROTECT != 0,
        text: String::from_utf8_lossy(text).into_owned(),
        fds: fds.into_iter().take_while(|fd| *fd != NO_DESCRIPTOR).map(|fd| fd as i32).collect(),
        version,
    }))
}
