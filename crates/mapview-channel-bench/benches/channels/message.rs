//! What is sent: how long it is, and what each side does with it. The first word is the number of the message.

use std::fmt;
use std::str::FromStr;

/// The last message of a slice.
pub const STOP: u64 = u64::MAX;
/// What is written and read of a message that is only passed on.
const LINE: usize = 64;

/// What both sides do with the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Handling {
    /// In place: 64 bytes at the start are written and read, however long the message.
    Start,
    /// In place: all bytes are written and read.
    Whole,
    /// All bytes are copied out of a buffer of the sender, and into one of the receiver.
    Copied,
}

/// A way, and what it carries: `ring/4096/whole`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Spec {
    pub way: String,
    pub bytes: usize,
    pub handling: Handling,
}

impl Spec {
    pub fn new(way: &str, bytes: usize, handling: Handling) -> Spec {
        Spec { way: way.to_owned(), bytes, handling }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handling = match self.handling {
            Handling::Start => "start",
            Handling::Whole => "whole",
            Handling::Copied => "copied",
        };
        write!(f, "{}/{}/{handling}", self.way, self.bytes)
    }
}

impl FromStr for Spec {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Spec, Self::Err> {
        let mut parts = text.split('/');
        let mut next = || parts.next().unwrap_or_default();
        let (way, bytes, handling) = (next(), next().parse()?, next());
        let handling = match handling {
            "start" => Handling::Start,
            "whole" => Handling::Whole,
            _ => Handling::Copied,
        };
        Ok(Spec::new(way, bytes, handling))
    }
}

/// Writes a message in place, or copies it in.
pub struct Writer {
    bytes: usize,
    handling: Handling,
    buffer: Vec<u64>,
}

impl Writer {
    pub fn new(spec: &Spec) -> Writer {
        Writer { bytes: spec.bytes, handling: spec.handling, buffer: vec![1; spec.bytes / 8] }
    }

    /// # Safety
    /// As many bytes as the message has, aligned to 8, that nobody else uses until they are handed over.
    #[inline(always)]
    pub unsafe fn write(&mut self, to: *mut u8, number: u64) {
        let words = to.cast::<u64>();
        if self.bytes == LINE || self.handling == Handling::Start {
            // SAFETY: the caller's promise; no message is shorter than a line.
            return unsafe { words.cast::<[u64; LINE / 8]>().write([number; LINE / 8]) };
        }
        if self.handling == Handling::Whole {
            for index in 0..self.bytes / 8 {
                // SAFETY: inside the message.
                unsafe { words.add(index).write(number) };
            }
        } else {
            let from = self.buffer(number).as_ptr();
            // SAFETY: both have the length of the message.
            unsafe { std::ptr::copy_nonoverlapping(from, to, self.bytes) };
        }
    }

    /// The message, for who copies it himself.
    #[inline(always)]
    pub fn buffer(&mut self, number: u64) -> &[u8] {
        self.buffer[0] = number;
        // SAFETY: a vector of words is one of eight times as many bytes.
        unsafe { std::slice::from_raw_parts(self.buffer.as_ptr().cast(), self.bytes) }
    }
}

/// Reads a message in place, or copies it out. Gives its number.
pub struct Reader {
    bytes: usize,
    handling: Handling,
    buffer: Vec<u64>,
}

impl Reader {
    pub fn new(spec: &Spec) -> Reader {
        Reader { bytes: spec.bytes, handling: spec.handling, buffer: vec![1; spec.bytes / 8] }
    }

    /// # Safety
    /// As many bytes as the message has, aligned to 8, that nobody writes meanwhile.
    #[inline(always)]
    pub unsafe fn read(&mut self, from: *const u8) -> u64 {
        let words = from.cast::<u64>();
        if self.bytes == LINE || self.handling == Handling::Start {
            // SAFETY: the caller's promise; no message is shorter than a line.
            let line = unsafe { words.cast::<[u64; LINE / 8]>().read() };
            return std::hint::black_box(line)[0];
        }
        if self.handling == Handling::Whole {
            let mut sum = 0u64;
            for index in 0..self.bytes / 8 {
                // SAFETY: inside the message.
                sum = sum.wrapping_add(unsafe { words.add(index).read() });
            }
            std::hint::black_box(sum);
            // SAFETY: as above.
            unsafe { words.read() }
        } else {
            // SAFETY: both have the length of the message.
            unsafe { std::ptr::copy_nonoverlapping(from, self.room().as_mut_ptr(), self.bytes) };
            self.number()
        }
    }

    /// Where the message goes, for who copies it himself.
    #[inline(always)]
    pub fn room(&mut self) -> &mut [u8] {
        // SAFETY: a vector of words is one of eight times as many bytes.
        unsafe { std::slice::from_raw_parts_mut(self.buffer.as_mut_ptr().cast(), self.bytes) }
    }

    /// The number of the message that came into the room.
    #[inline(always)]
    pub fn number(&self) -> u64 {
        std::hint::black_box(&self.buffer)[0]
    }
}
