//! Work that threads of the library do: items, timers and waits that call functions of the program.

mod calls;
mod timers;
mod waits;
mod workers;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::abi::HANDLE;
use crate::code::{Code, Result};

/// `WT_EXECUTEONLYONCE`.
const ONLY_ONCE: u32 = 8;
/// `WAITORTIMERCALLBACK`: an argument, and whether time made the call.
type Function = extern "C" fn(usize, u8);

/// What handles of this sort stand for; as on Windows they are none that `CloseHandle` knows.
struct Known<T> {
    last: usize,
    all: BTreeMap<usize, Arc<T>>,
}

impl<T> Known<T> {
    const fn new() -> Known<T> {
        Known { last: 0, all: BTreeMap::new() }
    }

    fn add(&mut self, value: Arc<T>) -> HANDLE {
        self.last += 1;
        self.all.insert(self.last, value);
        handle_of(self.last)
    }

    fn get(&self, handle: HANDLE) -> Result<Arc<T>> {
        self.all.get(&number_of(handle)).cloned().ok_or(Code::INVALID_HANDLE)
    }

    fn remove(&mut self, handle: HANDLE) -> Result<Arc<T>> {
        self.all.remove(&number_of(handle)).ok_or(Code::INVALID_HANDLE)
    }
}

/// Above all numbers that the handle table gives out.
const FIRST: usize = 1 << 32;

fn handle_of(number: usize) -> HANDLE {
    (FIRST + number * 16) as HANDLE
}

fn number_of(handle: HANDLE) -> usize {
    match (handle as usize).checked_sub(FIRST) {
        Some(number) if number.is_multiple_of(16) => number / 16,
        _ => 0,
    }
}
