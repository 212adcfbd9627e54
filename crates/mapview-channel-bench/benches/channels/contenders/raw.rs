//! What the memory itself can do, without names, checks, or anybody who could die: the limit.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::{capacity, BATCH};
use crate::clock::{region_of, Shm};
use crate::message::{Reader, Spec, Writer, STOP};

/// Where things are: each word in lines of its own.
const TAIL: usize = 0;
const HEAD: usize = 256;
const DATA: usize = 4096;
/// Looks between which a receiver waits once when messages had come in a stream.
const HINTS: u32 = 16;

pub fn make(spec: &Spec, name: &str) -> Shm {
    Shm::create(&object(name), DATA + capacity(spec))
}

fn object(name: &str) -> String {
    format!("/{name}")
}

/// The shared memory that `make` made.
pub struct Region(*mut u8);

impl Region {
    pub fn open(spec: &Spec, name: &str) -> Region {
        let size = DATA + capacity(spec);
        let start = region_of(&object(name), size);
        for page in (0..size).step_by(4096) {
            // SAFETY: inside; read so that no slice meets a page for the first time.
            unsafe { start.add(page).read_volatile() };
        }
        Region(start)
    }

    fn word(&self, at: usize) -> &AtomicU64 {
        // SAFETY: in the region, which stays mapped, and aligned; all use it as an atomic.
        unsafe { &*self.0.add(at).cast() }
    }

    pub fn futex(&self) -> &AtomicU32 {
        // SAFETY: as above.
        unsafe { &*self.0.add(TAIL).cast() }
    }

    pub fn data(&self, at: usize) -> *mut u8 {
        self.0.wrapping_add(DATA + at)
    }
}

/// One line for the message, one for the word that says it is there.
pub fn line_sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    let (region, mut writer, mut count) = (Region::open(spec, name), Writer::new(spec), 0);
    move |number| {
        // SAFETY: the receiver waits for the word.
        unsafe { writer.write(region.data(0), number) };
        count += 1;
        region.word(TAIL).store(count, Ordering::Release);
        1
    }
}

pub fn line_receiver(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    let (region, mut reader, mut count) = (Region::open(spec, name), Reader::new(spec), 0);
    move || {
        count += 1;
        while region.word(TAIL).load(Ordering::Acquire) != count {
            spin_loop();
        }
        // SAFETY: the sender waits for the answer.
        unsafe { reader.read(region.data(0)) }
    }
}

/// A ring of equal messages, written in place, `COUNT` at a time.
pub fn sender<const COUNT: u64>(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    let (region, mut writer) = (Region::open(spec, name), Writer::new(spec));
    let (size, bytes) = (capacity(spec), spec.bytes);
    let (mut tail, mut head) = (0, 0);
    move |number| {
        for index in 1..=COUNT {
            while tail + bytes - head > size {
                head = region.word(HEAD).load(Ordering::Acquire) as usize;
                if tail + bytes - head > size {
                    region.word(TAIL).store(tail as u64, Ordering::Release);
                    spin_loop();
                }
            }
            let number = if number == STOP && index < COUNT { 0 } else { number };
            // SAFETY: the receiver gave this room back.
            unsafe { writer.write(region.data(tail & (size - 1)), number) };
            tail += bytes;
        }
        region.word(TAIL).store(tail as u64, Ordering::Release);
        COUNT
    }
}

pub fn receiver<const COUNT: u64>(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    let (region, mut reader) = (Region::open(spec, name), Reader::new(spec));
    let (size, bytes) = (capacity(spec), spec.bytes);
    let (mut tail, mut head, mut streak) = (0, 0, 0);
    move || {
        if head == tail {
            tail = region.word(TAIL).load(Ordering::Acquire) as usize;
            if head == tail {
                (0..if streak > 1 { HINTS } else { 0 }).for_each(|_| spin_loop());
                while head == tail {
                    tail = region.word(TAIL).load(Ordering::Acquire) as usize;
                    spin_loop();
                }
            }
            streak = 0;
        }
        streak += 1;
        let mut number = 0;
        for _ in 0..COUNT.min(((tail - head) / bytes) as u64) {
            // SAFETY: the sender has handed it over.
            number = unsafe { reader.read(region.data(head & (size - 1))) };
            head += bytes;
        }
        region.word(HEAD).store(head as u64, Ordering::Release);
        number
    }
}

const _: () = assert!(BATCH == 16, "the number of the ways that end in -16");
