//! What participants that are killed at any moment have done, written down where it survives them: which messages were committed, which
//! came, and which were given back. Messages tell who sent them, and their bytes follow from that.
#![allow(dead_code)] // each test binary uses another part of this

use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use mapview::{MappingOptions, View};

/// Messages of one sender's life; then it leaves and joins anew.
pub const MESSAGES: u32 = 4096;
/// Lives of all senders of a test.
const LIVES: usize = 60_000;
const STOP_AT: usize = 0;
const NEXT_LIFE_AT: usize = 8;
const REDELIVERED_AT: usize = 16;
const LIVES_AT: usize = 4096;
/// `begun u32 | committed u32`, and a word for each message.
const LIFE_LEN: usize = 8 + MESSAGES as usize * 4;

/// What was done with a message.
const GOT: u32 = 1;
const GIVEN_BACK: u32 = 2;
const TAKEN_BACK: u32 = 4;

/// What is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub enum Stop {
    GoOn = 0,
    /// Who sends leaves.
    Senders = 1,
    /// Everybody leaves.
    All = 2,
}

pub struct Ledger(View);

impl Ledger {
    /// Begins a ledger.
    pub fn create(path: &Path) -> Ledger {
        let file = std::fs::File::create_new(path).unwrap();
        file.set_len((LIVES_AT + LIVES * LIFE_LEN) as u64).unwrap();
        Ledger::open(path)
    }

    pub fn open(path: &Path) -> Ledger {
        let mapping = MappingOptions::new().path(path).create().unwrap();
        Ledger(mapping.view().unwrap())
    }

    fn number(&self, at: usize) -> &AtomicU64 {
        self.0.atomic(at).unwrap()
    }

    fn word(&self, life: u32, at: usize) -> &AtomicU32 {
        assert!((life as usize) < LIVES, "more lives than the ledger has pages for");
        self.0.atomic(LIVES_AT + life as usize * LIFE_LEN + at).unwrap()
    }

    fn mark(&self, message: (u32, u32)) -> &AtomicU32 {
        assert!((1..MESSAGES).contains(&message.1), "no message has this number: {message:?}");
        self.word(message.0, 8 + message.1 as usize * 4)
    }

    pub fn stop(&self, what: Stop) {
        self.number(STOP_AT).store(what as u64, Ordering::SeqCst);
    }

    pub fn is_stopped(&self, what: Stop) -> bool {
        self.number(STOP_AT).load(Ordering::Relaxed) >= what as u64
    }

    /// The number of a sender's new life.
    pub fn begin_life(&self) -> u32 {
        self.number(NEXT_LIFE_AT).fetch_add(1, Ordering::SeqCst) as u32
    }

    pub fn lives(&self) -> u32 {
        self.number(NEXT_LIFE_AT).load(Ordering::SeqCst) as u32
    }

    pub fn redelivered(&self) -> u64 {
        self.number(REDELIVERED_AT).load(Ordering::SeqCst)
    }

    /// Before the messages up to this one are committed.
    pub fn begin(&self, life: u32, last: u32) {
        self.word(life, 0).store(last, Ordering::SeqCst);
    }

    /// After the messages up to this one were committed.
    pub fn committed(&self, life: u32, last: u32) {
        self.word(life, 4).store(last, Ordering::SeqCst);
    }

    /// A message came; `redelivered` as it says itself, where it says that. Returns whether it came before.
    pub fn got(&self, message: (u32, u32), redelivered: Option<bool>) -> bool {
        assert!(message.0 < self.lives(), "nobody has this number: {message:?}");
        let begun = self.word(message.0, 0).load(Ordering::SeqCst);
        assert!(message.1 <= begun, "{message:?} was never committed");
        let before = self.mark(message).fetch_or(GOT, Ordering::SeqCst);
        assert!(before & GIVEN_BACK == 0, "{message:?} came again after it was given back");
        assert!(before & GOT == 0 || redelivered != Some(false), "{message:?} came twice");
        if redelivered == Some(true) || before & GOT != 0 {
            self.number(REDELIVERED_AT).fetch_add(1, Ordering::SeqCst);
        }
        before & GOT != 0
    }

    pub fn gave_back(&self, message: (u32, u32)) {
        self.mark(message).fetch_or(GIVEN_BACK, Ordering::SeqCst);
    }

    /// Its sender does not want it any more: it need not come.
    pub fn took_back(&self, message: (u32, u32)) {
        self.mark(message).fetch_or(TAKEN_BACK, Ordering::SeqCst);
    }

    /// The messages that were committed, and those of them that never came.
    pub fn lost(&self) -> (u64, Vec<(u32, u32)>) {
        let (mut committed, mut lost) = (0, Vec::new());
        for life in 0..self.lives() {
            let last = self.word(life, 4).load(Ordering::SeqCst);
            committed += u64::from(last);
            let mark = |number: u32| self.mark((life, number)).load(Ordering::SeqCst);
            let is_lost = |number: &u32| mark(*number) & (GOT | TAKEN_BACK) == 0;
            lost.extend((1..=last).filter(is_lost).map(|number| (life, number)));
        }
        (committed, lost)
    }
}

/// A message's length: mostly short, some so long that the lane is full of a few, none without its head.
pub fn len(message: (u32, u32)) -> usize {
    let random = mix(u64::from(message.0) << 32 | u64::from(message.1));
    let most = if random.is_multiple_of(64) { 2000 } else { 30 };
    (2 + (random >> 32) % most) as usize * 8
}

/// The words of a message: who sent it, and what follows from that.
fn words(message: (u32, u32)) -> impl Iterator<Item = u64> {
    let head = u64::from(message.0) << 32 | u64::from(message.1);
    (0..).scan(head, |word, _| Some(std::mem::replace(word, mix(*word))))
}

pub fn fill(message: (u32, u32), bytes: &mut Vec<u8>) {
    bytes.clear();
    let len = len(message);
    bytes.extend(words(message).take(len / 8).flat_map(u64::to_le_bytes));
}

/// Which message this is, all of it.
pub fn parse(bytes: &[u8]) -> (u32, u32) {
    let head = u64::from_le_bytes(bytes[..8].try_into().unwrap());
    let message = ((head >> 32) as u32, head as u32);
    assert_eq!(bytes.len(), len(message), "{message:?} has another length");
    let found = bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap()));
    assert!(found.eq(words(message).take(bytes.len() / 8)), "{message:?} is torn");
    message
}

fn mix(word: u64) -> u64 {
    let word = (word ^ word >> 31).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (word ^ word >> 29).wrapping_add(0x1234_5678_9ABC_DEF1)
}
