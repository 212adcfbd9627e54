//! A word to sleep on beside the message: the least that a blocking hand-over can be.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, Ordering};

use super::raw::Region;
use crate::message::{Reader, Spec, Writer};

const NONE: u32 = 0;
const SIGNALED: u32 = 1;
const ASLEEP: u32 = 2;

pub fn sender(spec: &Spec, name: &str) -> impl FnMut(u64) -> u64 {
    let (region, mut writer) = (Region::open(spec, name), Writer::new(spec));
    move |number| {
        // SAFETY: the receiver waits for the word.
        unsafe { writer.write(region.data(0), number) };
        if region.futex().swap(SIGNALED, Ordering::Release) == ASLEEP {
            futex(region.futex(), libc::FUTEX_WAKE, 1);
        }
        1
    }
}

/// Looks so many times before it sleeps.
pub fn receiver<const LOOKS: u32>(spec: &Spec, name: &str) -> impl FnMut() -> u64 {
    let (region, mut reader) = (Region::open(spec, name), Reader::new(spec));
    move || {
        let word = region.futex();
        let take = || {
            let taken = word.compare_exchange(SIGNALED, NONE, Ordering::Acquire, Ordering::Relaxed);
            taken.is_ok()
        };
        for _ in 0..LOOKS {
            if word.load(Ordering::Relaxed) == SIGNALED {
                break;
            }
            spin_loop();
        }
        while !take() {
            let order = Ordering::Relaxed;
            if word.compare_exchange(NONE, ASLEEP, order, order) != Err(SIGNALED) {
                futex(word, libc::FUTEX_WAIT, ASLEEP);
            }
        }
        // SAFETY: the sender waits for the answer.
        unsafe { reader.read(region.data(0)) }
    }
}

/// `futex(2)`, shared between processes; returns for no reason as well.
fn futex(word: &AtomicU32, what: i32, value: u32) {
    let no_limit: *const libc::timespec = std::ptr::null();
    // SAFETY: the kernel reads the word, and nothing else.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), what, value, no_limit) };
}
